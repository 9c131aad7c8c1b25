/** Suites and curves by their numbers, as OpenSSL calls them. */

import { codesOf } from "./pair_choice.ts";

/** Suites (RFC 8446 §B.4, RFC 5289, RFC 7905 and older ones). */
const SUITES: Readonly<Record<number, string>> = {
  0x1301: "TLS_AES_128_GCM_SHA256",
  0x1302: "TLS_AES_256_GCM_SHA384",
  0x1303: "TLS_CHACHA20_POLY1305_SHA256",
  0x1304: "TLS_AES_128_CCM_SHA256",
  0xc02b: "ECDHE-ECDSA-AES128-GCM-SHA256",
  0xc02c: "ECDHE-ECDSA-AES256-GCM-SHA384",
  0xc02f: "ECDHE-RSA-AES128-GCM-SHA256",
  0xc030: "ECDHE-RSA-AES256-GCM-SHA384",
  0xcca8: "ECDHE-RSA-CHACHA20-POLY1305",
  0xcca9: "ECDHE-ECDSA-CHACHA20-POLY1305",
  0xccaa: "DHE-RSA-CHACHA20-POLY1305",
  0xc023: "ECDHE-ECDSA-AES128-SHA256",
  0xc024: "ECDHE-ECDSA-AES256-SHA384",
  0xc027: "ECDHE-RSA-AES128-SHA256",
  0xc028: "ECDHE-RSA-AES256-SHA384",
  0xc009: "ECDHE-ECDSA-AES128-SHA",
  0xc00a: "ECDHE-ECDSA-AES256-SHA",
  0xc013: "ECDHE-RSA-AES128-SHA",
  0xc014: "ECDHE-RSA-AES256-SHA",
  0x009e: "DHE-RSA-AES128-GCM-SHA256",
  0x009f: "DHE-RSA-AES256-GCM-SHA384",
  0x0067: "DHE-RSA-AES128-SHA256",
  0x006b: "DHE-RSA-AES256-SHA256",
  0x0033: "DHE-RSA-AES128-SHA",
  0x0039: "DHE-RSA-AES256-SHA",
  0x009c: "AES128-GCM-SHA256",
  0x009d: "AES256-GCM-SHA384",
  0x003c: "AES128-SHA256",
  0x003d: "AES256-SHA256",
  0x002f: "AES128-SHA",
  0x0035: "AES256-SHA",
  0x00ff: "TLS_EMPTY_RENEGOTIATION_INFO_SCSV",
};

/** Groups for the key exchange (RFC 8446 §4.2.7, RFC 7919). */
const CURVES: Readonly<Record<number, string>> = {
  0x0015: "secp224r1",
  0x0016: "secp256k1",
  0x0017: "prime256v1",
  0x0018: "secp384r1",
  0x0019: "secp521r1",
  0x001a: "brainpoolP256r1",
  0x001b: "brainpoolP384r1",
  0x001c: "brainpoolP512r1",
  0x001d: "X25519",
  0x001e: "X448",
  0x0100: "ffdhe2048",
  0x0101: "ffdhe3072",
  0x0102: "ffdhe4096",
  0x0103: "ffdhe6144",
  0x0104: "ffdhe8192",
};

function namesOf(
  codes: Uint8Array,
  names: Readonly<Record<number, string>>,
): string {
  return codesOf(codes).map((code) =>
    names[code] ?? `0x${code.toString(16).padStart(4, "0")}`
  ).join(":");
}

/** Suites, two bytes each, as nginx lists them. */
export function suiteNames(codes: Uint8Array): string {
  return namesOf(codes, SUITES);
}

/** Curves, likewise. */
export function curveNames(codes: Uint8Array): string {
  return namesOf(codes, CURVES);
}
