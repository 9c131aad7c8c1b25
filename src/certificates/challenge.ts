/** The certificate that TLS-ALPN-01 asks for (RFC 8737 §3). */

import { loadX509 } from "./library.ts";
import {
  type KeyedCertificate,
  signedByItself,
  type SubjectName,
} from "./making.ts";

/** The extension with the answer, id-pe-acmeIdentifier. */
const ACME_IDENTIFIER = "1.3.6.1.5.5.7.1.31";

/** The head of an octet string of 32 bytes in DER. */
const OCTETS_32 = [4, 32] as const;

/** How long it is good for, in ms: the authority comes at once. */
const VALID_MS = 24 * 3_600_000;

/** Makes one, with its key, in PEM. */
export async function makeChallengeCertificate(
  name: SubjectName,
  keyAuthorization: string,
): Promise<KeyedCertificate> {
  const x509 = await loadX509();
  const hash = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode(keyAuthorization),
  );
  const now = Date.now();
  return await signedByItself({
    name: "CN=ACME challenge",
    notBefore: now - VALID_MS,
    notAfter: now + VALID_MS,
    extensions: () => [
      new x509.SubjectAlternativeNameExtension([name]),
      new x509.Extension(
        ACME_IDENTIFIER,
        true,
        Uint8Array.of(...OCTETS_32, ...new Uint8Array(hash)),
      ),
    ],
  });
}
