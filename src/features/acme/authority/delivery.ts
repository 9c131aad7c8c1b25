/** Whether what an authority has issued is what it was asked for. */

import { X509Certificate } from "node:crypto";
import { covers, isKeyOf } from "../../../certificates/reading.ts";
import { separately } from "../../tls/pem.ts";
import type { Identifier } from "../identifiers.ts";
import { factsOf } from "../stored_pair.ts";
import { Unreachable } from "./failure.ts";

/** How far this machine's clock may be behind, in ms: others accept it. */
const MAX_SKEW_MS = 24 * 3_600_000;

/** What {@linkcode checkDelivery} compares with. */
interface Expectation {
  /** Where the chain came from. */
  readonly url: string;
  /** The private key, in PEM. */
  readonly key: string;
  readonly identifiers: readonly Identifier[];
  /** In ms since 1970. */
  readonly now: number;
}

/**
 * Does nothing if `chain` can be served: an old certificate must not be given
 * up for one that no client would accept.
 *
 * @throws {Unreachable} when it cannot, and why
 */
export function checkDelivery(
  chain: string,
  { url, key, identifiers, now }: Expectation,
): void {
  for (const pem of separately(chain)) {
    try {
      new X509Certificate(pem);
    } catch {
      throw new Unreachable(`${url} has a certificate that cannot be read`);
    }
  }
  if (!isKeyOf(chain, key)) throw new Unreachable(`${url} is for another key`);
  const { names, notBefore, notAfter } = factsOf(chain);
  const missing = identifiers.map(({ value }) => value)
    .filter((value) => !names.some((name) => covers(name, value)));
  if (missing.length > 0) {
    throw new Unreachable(`${url} is not for ${missing.join(", ")}`);
  }
  if (notAfter <= now || notBefore > now + MAX_SKEW_MS) {
    throw new Unreachable(
      `${url} is valid from ${new Date(notBefore).toISOString()} to ` +
        `${new Date(notAfter).toISOString()}, and not now: is the clock of ` +
        "this machine right?",
    );
  }
}
