/**
 * Which of several certificates a client is answered with: the first of those
 * whose signatures it can check, as it prefers them (RFC 8446 §4.4.2.2), so
 * that old clients have RSA and all others ECDSA.
 */

import type { Certificate, ClientOffer } from "../../core/server_tls.ts";

/** The kinds of keys that make signatures of different kinds. */
export type KeyKind = "rsa" | "ec" | "ed25519";

/** The signatures of each kind of key (RFC 8446 §4.2.3), by their code. */
const SIGNATURES: Readonly<Record<KeyKind, readonly number[]>> = {
  rsa: [0x0401, 0x0501, 0x0601, 0x0804, 0x0805, 0x0806],
  ec: [0x0403, 0x0503, 0x0603],
  ed25519: [0x0807],
};

/** The suites of TLS 1.2 that go with each kind, by their code. */
const SUITES: Readonly<Record<KeyKind, readonly number[]>> = {
  rsa: [0xc02f, 0xc030, 0xcca8],
  ec: [0xc02b, 0xc02c, 0xcca9],
  ed25519: [0xc02b, 0xc02c, 0xcca9],
};

const TLS13 = 0x0304;

/** The signatures of TLS 1.2 clients that do not say which they can check. */
const UNSAID = Uint8Array.of(0x04, 0x01, 0x04, 0x03);

/** A certificate, and the kind of its key. */
export interface KindOfPair {
  readonly kind: KeyKind;
  readonly certificate: Certificate;
}

/** The one of `pairs` for a client: the first one if none of them fits. */
export function chosenPair(
  pairs: readonly KindOfPair[],
  offer: ClientOffer | undefined,
): Certificate | undefined {
  const [first] = pairs;
  if (pairs.length < 2 || offer === undefined) return first?.certificate;
  const signatures = offer.signatures.length > 0 ? offer.signatures : UNSAID;
  for (const code of codesOf(signatures)) {
    const pair = pairs.find(({ kind }) =>
      SIGNATURES[kind].includes(code) && hasSuite(kind, offer)
    );
    if (pair !== undefined) return pair.certificate;
  }
  return first?.certificate;
}

/** Whether it offers a suite for keys of a kind; those of TLS 1.3 are for all. */
function hasSuite(kind: KeyKind, { version, suites }: ClientOffer): boolean {
  return version >= TLS13 ||
    codesOf(suites).some((code) => SUITES[kind].includes(code));
}

/** Numbers of two bytes. */
export function codesOf(bytes: Uint8Array): number[] {
  const codes: number[] = [];
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    codes.push(bytes[at]! * 256 + bytes[at + 1]!);
  }
  return codes;
}
