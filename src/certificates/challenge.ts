/** The certificate that TLS-ALPN-01 asks for (RFC 8737 §3). */

import { loadX509 } from "./library.ts";

/** The extension with the answer, id-pe-acmeIdentifier. */
const ACME_IDENTIFIER = "1.3.6.1.5.5.7.1.31";

/** The head of an octet string of 32 bytes in DER. */
const OCTETS_32 = [4, 32] as const;

const KEY = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" } as const;

/** How long it is good for, in ms: the authority comes at once. */
const VALID_MS = 24 * 3_600_000;

/** Makes one, with its key, in PEM. */
export async function makeChallengeCertificate(
  name: { readonly type: "dns" | "ip"; readonly value: string },
  keyAuthorization: string,
): Promise<{ readonly cert: string; readonly key: string }> {
  const x509 = await loadX509();
  const keys = await crypto.subtle.generateKey(KEY, true, ["sign", "verify"]);
  const hash = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode(keyAuthorization),
  );
  const now = Date.now();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=ACME challenge",
    notBefore: new Date(now - VALID_MS),
    notAfter: new Date(now + VALID_MS),
    signingAlgorithm: SIGNATURE,
    keys,
    extensions: [
      new x509.SubjectAlternativeNameExtension([name]),
      new x509.Extension(
        ACME_IDENTIFIER,
        true,
        Uint8Array.of(...OCTETS_32, ...new Uint8Array(hash)),
      ),
    ],
  });
  const key = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    cert: `${certificate.toString("pem")}\n`,
    key: `${x509.PemConverter.encode(key, "PRIVATE KEY")}\n`,
  };
}
