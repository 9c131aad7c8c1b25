/** What certificates say. */

import { createPrivateKey, X509Certificate } from "node:crypto";
import type { SubjectName } from "./making.ts";

/** What a certificate says. */
export interface CertificateFacts {
  /** The names it is for. */
  readonly names: readonly SubjectName[];
  /** When it begins to be valid, in ms since the epoch. */
  readonly notBefore: number;
  /** When it ends to be valid, in ms since the epoch. */
  readonly notAfter: number;
  /** Its SHA-256 as browsers show it, `AB:CD:...`. */
  readonly fingerprint: string;
}

/**
 * Whether the first certificate of `pem` is for the private key in `key`.
 *
 * @throws {Error} when one of them is none
 */
export function isKeyOf(pem: string, key: string): boolean {
  return new X509Certificate(pem).checkPrivateKey(createPrivateKey(key));
}

const KINDS: readonly (readonly [prefix: string, type: SubjectName["type"]])[] =
  [["DNS:", "dns"], ["IP Address:", "ip"]];

/** What the first certificate of `pem` says. @throws {Error} if it is none */
export function factsIn(pem: string): CertificateFacts {
  const certificate = new X509Certificate(pem);
  return {
    names: namesOf(certificate.subjectAltName ?? ""),
    notBefore: Date.parse(certificate.validFrom),
    notAfter: Date.parse(certificate.validTo),
    fingerprint: certificate.fingerprint256,
  };
}

/** What the first certificate of a PEM file says; `undefined` if it is none. */
export function readFacts(pem: string): CertificateFacts | undefined {
  try {
    return factsIn(pem);
  } catch {
    return undefined;
  }
}

/**
 * Whether a name of a certificate is for `host`, both in lower case (RFC 9525
 * §6.3).
 */
export function covers(name: string, host: string): boolean {
  if (name === host) return true;
  if (!name.startsWith("*.")) return false;
  const dot = host.indexOf(".");
  return dot > 0 && host.slice(dot) === name.slice(1);
}

function namesOf(text: string): SubjectName[] {
  return text.split(", ").flatMap((part) => {
    const kind = KINDS.find(([prefix]) => part.startsWith(prefix));
    if (kind === undefined) return [];
    const [prefix, type] = kind;
    return [{ type, value: part.slice(prefix.length) }];
  });
}
