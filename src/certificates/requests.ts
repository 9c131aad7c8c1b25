/** What an authority is sent to get a certificate, and is told of one it gave. */

import { loadX509 } from "./library.ts";
import type { SubjectName } from "./making.ts";

/** What a {@linkcode makeRequest} is made of. */
interface RequestOptions {
  /** The names it is for. */
  readonly names: readonly SubjectName[];
  /** The key of the certificate. */
  readonly keys: CryptoKeyPair;
  /** How it signs. */
  readonly algorithm: AlgorithmIdentifier | EcdsaParams;
}

/** Asks for a certificate (PKCS #10, RFC 2986), in DER. */
export async function makeRequest(
  { names, keys, algorithm }: RequestOptions,
): Promise<Uint8Array> {
  const x509 = await loadX509();
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    keys,
    signingAlgorithm: algorithm as EcdsaParams,
    extensions: [new x509.SubjectAlternativeNameExtension([...names])],
  });
  return new Uint8Array(request.rawData);
}

/**
 * What a certificate (PEM) is called when its renewal is asked about (RFC 9773
 * §4.1); `undefined` if it does not name its issuer's key.
 */
export async function renewalIdOf(pem: string): Promise<string | undefined> {
  const x509 = await loadX509();
  const certificate = new x509.X509Certificate(pem);
  const keyId = certificate.getExtension(x509.AuthorityKeyIdentifierExtension)
    ?.keyId;
  if (keyId === undefined) return undefined;
  // The bytes of the number as they are encoded: a sign bit needs a zero.
  const serial = certificate.serialNumber;
  const even = serial.length % 2 === 0 ? serial : `0${serial}`;
  const signed = Number.parseInt(even.slice(0, 2), 16) >= 0x80
    ? `00${even}`
    : even;
  const url = (bytes: Uint8Array) =>
    bytes.toBase64({ alphabet: "base64url", omitPadding: true });
  return `${url(Uint8Array.fromHex(keyId))}.${url(Uint8Array.fromHex(signed))}`;
}
