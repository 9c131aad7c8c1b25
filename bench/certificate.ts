/** The certificate that the servers speak TLS with. */

import { findProgram } from "./processes.ts";

/** Where a certificate and its key are, as PEM. */
export interface Certificate {
  /** The path of the certificate, which its own key has signed. */
  readonly cert: string;
  /** The path of its private key. */
  readonly key: string;
}

/** How long it is valid: no bench takes longer. */
const DAYS = 2;

/**
 * Makes a certificate for 127.0.0.1 in `folder`, with a key on P-256 as most
 * sites have it now; `undefined` when openssl is not installed.
 *
 * @throws {Error} when openssl fails
 */
export async function makeCertificate(
  folder: string,
): Promise<Certificate | undefined> {
  if (await findProgram("openssl") === undefined) return undefined;
  const cert = `${folder}/tls.crt`;
  const key = `${folder}/tls.key`;
  const { success, stderr } = await new Deno.Command("openssl", {
    args: [
      ...["req", "-x509", "-nodes", "-days", String(DAYS)],
      ...["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
      ...["-subj", "/CN=127.0.0.1"],
      ...["-addext", "subjectAltName=IP:127.0.0.1"],
      // An authority's own certificate is refused as a server's.
      ...["-addext", "basicConstraints=critical,CA:FALSE"],
      ...["-keyout", key, "-out", cert],
    ],
    stdin: "null",
    stdout: "null",
  }).output();
  if (!success) {
    throw new Error(`openssl failed: ${new TextDecoder().decode(stderr)}`);
  }
  return { cert, key };
}
