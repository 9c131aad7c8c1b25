/** Certificates (RFC 5280) that are made here, and their keys. */

import type { Extension, JsonName } from "@peculiar/x509";
import { loadX509 } from "./library.ts";

/** How what is made is signed, whatever the key's curve. */
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" } as const;

/** The key of everything that is made here, of the curve that all clients know. */
const KEY = { name: "ECDSA", namedCurve: "P-256" } as const;

/** Clocks of clients may be behind ours, by this many milliseconds. */
const SKEW_MS = 3_600_000;

const DAY_MS = 86_400_000;

/** A name that a certificate is for. */
export interface SubjectName {
  /** What it is. */
  readonly type: "dns" | "ip";
  /** The name or the address, as text. */
  readonly value: string;
}

/** A certificate and its key, as PEM. */
export interface KeyedCertificate {
  /** The certificate. */
  readonly cert: string;
  /** Its private key (PKCS #8), not encrypted. */
  readonly key: string;
}

/** What {@linkcode makeSelfSigned} makes. */
export interface SelfSignedOptions {
  /** The name by which people tell it from others. */
  readonly commonName: string;
  /** The names it is for. */
  readonly names: readonly SubjectName[];
  /** How long it is valid from now on, in days. */
  readonly days: number;
}

/** A certificate of a web server that no authority stands behind. */
export async function makeSelfSigned(
  { commonName, names, days }: SelfSignedOptions,
): Promise<KeyedCertificate> {
  const x509 = await loadX509();
  const now = Date.now();
  return await signedByItself({
    name: [{ CN: [commonName] }],
    notBefore: now - SKEW_MS,
    notAfter: now + days * DAY_MS,
    extensions: async ({ publicKey }) => [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([...names]),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
    ],
  });
}

/** What {@linkcode signedByItself} makes. */
interface OwnOptions {
  /** Whose it is. */
  readonly name: string | JsonName;
  /** When it begins to be valid, in ms since the epoch. */
  readonly notBefore: number;
  /** When it ends to be valid, in ms since the epoch. */
  readonly notAfter: number;
  /** What else it says; `keys` are its own. */
  extensions(keys: CryptoKeyPair): Extension[] | Promise<Extension[]>;
}

/** A certificate that its own new key has signed. */
export async function signedByItself(
  { name, notBefore, notAfter, extensions }: OwnOptions,
): Promise<KeyedCertificate> {
  const x509 = await loadX509();
  const keys = await crypto.subtle.generateKey(KEY, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name,
    notBefore: new Date(notBefore),
    notAfter: new Date(notAfter),
    signingAlgorithm: SIGNATURE,
    keys,
    extensions: await extensions(keys),
  });
  const key = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    cert: `${certificate.toString("pem")}\n`,
    key: `${x509.PemConverter.encode(key, "PRIVATE KEY")}\n`,
  };
}
