/** A certificate with its key, as it is stored, and what it says of itself. */

import { X509Certificate } from "node:crypto";
import { certificatesIn, privateKeyIn } from "../tls/pem.ts";
import type { Pair } from "./board.ts";
import { CERTIFICATE_SUFFIX, type State } from "./state_folder.ts";
import type { Wanted } from "./wanted.ts";

/** What a certificate says; times in ms since 1970. */
export interface Facts {
  readonly notBefore: number;
  readonly notAfter: number;
  /** The names and addresses it is for. */
  readonly names: readonly string[];
}

/** A certificate that can be served. */
export interface StoredPair {
  readonly pair: Pair;
  readonly facts: Facts;
}

/** What the first certificate of `pem` says. @throws {Error} if it is none */
export function factsOf(pem: string): Facts {
  const certificate = new X509Certificate(pem);
  return {
    notBefore: Date.parse(certificate.validFrom),
    notAfter: Date.parse(certificate.validTo),
    names: (certificate.subjectAltName ?? "").split(/,\s*/)
      .map((text) => text.slice(text.indexOf(":") + 1).toLowerCase()),
  };
}

/** The text of a file as a pair; `undefined` if it is none. */
function parsePair(text: string): StoredPair | undefined {
  const cert = certificatesIn(text);
  const key = privateKeyIn(text);
  if (cert === undefined || key.kind !== "key") return undefined;
  try {
    return { pair: { cert, key: key.pem }, facts: factsOf(cert) };
  } catch {
    return undefined;
  }
}

/** A pair as the text of a file. */
export function pairText({ cert, key }: Pair): string {
  return `${key.trimEnd()}\n${cert.trimEnd()}\n`;
}

/** The certificate that was stored for `wanted`. */
export function storedFor(
  { fileName }: Wanted,
  folder: State,
): StoredPair | undefined {
  const text = folder.read(`${fileName}${CERTIFICATE_SUFFIX}`);
  return text === undefined ? undefined : parsePair(text);
}

/**
 * Another certificate of the folder that is good for most of what is wanted,
 * and may be served until there is the right one; `now` in ms.
 */
export function standInFor(
  { identifiers }: Wanted,
  folder: State,
  now: number,
): StoredPair | undefined {
  let best: StoredPair | undefined;
  let most = 0;
  for (const name of folder.certificates()) {
    const found = parsePair(folder.read(name) ?? "");
    if (found === undefined || found.facts.notAfter <= now) continue;
    const count = identifiers
      .filter(({ value }) => found.facts.names.includes(value)).length;
    if (count > most) [best, most] = [found, count];
  }
  return best;
}
