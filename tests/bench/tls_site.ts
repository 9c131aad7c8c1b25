/**
 * TLS for a server of the bench: a port of its own beside the plain one, with
 * a certificate that openssl makes. Answers are checked on the plain port: it
 * is the same server, and wrk counts what is not 2xx on the other.
 */

import { runPinned } from "./processes.ts";

/** Where a server speaks TLS. */
export interface TlsSite {
  /** The port on the loopback address. */
  readonly port: number;
  /** The path of the certificate. */
  readonly certificate: string;
  /** The path of its key. */
  readonly key: string;
}

/**
 * Makes a certificate in `folder`.
 *
 * @throws {Error} when openssl fails or is not installed
 */
export async function makeTlsSite(
  folder: string,
  port: number,
): Promise<TlsSite> {
  const site = {
    port,
    certificate: `${folder}/tls.crt`,
    key: `${folder}/tls.key`,
  };
  await runPinned({
    core: 0,
    command: [
      ...["openssl", "req", "-x509", "-nodes", "-days", "2"],
      ...["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
      ...["-subj", "/CN=localhost"],
      ...["-keyout", site.key, "-out", site.certificate],
    ],
  });
  return site;
}
