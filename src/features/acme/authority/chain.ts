/** Which of an authority's chains is taken (RFC 8555 §7.4.2). */

import { X509Certificate } from "node:crypto";
import type { Issuer } from "../issuer.ts";
import type { Account } from "./account.ts";
import type { Client } from "./client.ts";
import { oneLine, Unreachable } from "./failure.ts";
import { certificatesIn, separately } from "../../tls/pem.ts";
import { MAX_CHAIN_BYTES } from "../room.ts";

/** The most chains that are looked at. */
const MAX_CHAINS = 10;

/** What {@linkcode chosenChain} works with. */
interface ChainOptions {
  readonly client: Client;
  readonly account: Account;
  readonly issuer: Issuer;
  /** Hears of a wish that cannot be met. */
  warn(message: string): void;
}

/**
 * The chain at `url`, or that beside it which leads to the root that the issuer
 * is to prefer.
 *
 * @throws {AuthorityError | Unreachable}
 */
export async function chosenChain(
  url: string,
  { client, account, issuer, warn }: ChainOptions,
): Promise<string> {
  const wanted = issuer.preferredChain;
  const usual = await client.post(url, account);
  const chain = checked(usual.text, url);
  if (wanted === undefined) return chain;
  const offered = [rootOf(chain)];
  if (offered.includes(wanted)) return chain;
  for (const other of usual.links("alternate").slice(0, MAX_CHAINS)) {
    const { text } = await client.post(other, account);
    const alternate = checked(text, other);
    offered.push(rootOf(alternate));
    if (offered.at(-1) === wanted) return alternate;
  }
  warn(
    `"${issuer.name}" has no chain to "${wanted}", but to ` +
      `${offered.map((name) => `"${oneLine(name)}"`).join(", ")}: ` +
      "its usual one is taken",
  );
  return chain;
}

/** @throws {Unreachable} when it is no chain, or one without end */
function checked(text: string, url: string): string {
  const chain = certificatesIn(text);
  if (chain === undefined) throw new Unreachable(`${url} is no certificate`);
  if (chain.length > MAX_CHAIN_BYTES) {
    throw new Unreachable(
      `${url} is a chain of ${chain.length} bytes, and at most ` +
        `${MAX_CHAIN_BYTES} are taken`,
    );
  }
  return chain;
}

/** The common name of who issued the last certificate of a chain. */
function rootOf(chain: string): string {
  const last = separately(chain).at(-1)!;
  const [, name = ""] = /^CN=(.*)$/m.exec(new X509Certificate(last).issuer) ??
    [];
  return name;
}
