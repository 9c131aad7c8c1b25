/** Which of an authority's chains is taken (RFC 8555 §7.4.2). */

import { X509Certificate } from "node:crypto";
import type { Account } from "./account.ts";
import type { Client } from "./client.ts";
import { Unreachable } from "./failure.ts";
import { certificatesIn } from "../../tls/pem.ts";

/** The most chains that are looked at. */
const MAX_CHAINS = 10;

/** The chain at `url`, or that beside it which leads to the root `wanted`. */
export async function chosenChain(
  url: string,
  client: Client,
  account: Account,
  wanted: string | undefined,
): Promise<string> {
  const usual = await client.post(url, account);
  const chain = checked(usual.text, url);
  if (wanted === undefined || leadsTo(chain, wanted)) return chain;
  for (const other of usual.links("alternate").slice(0, MAX_CHAINS)) {
    const { text } = await client.post(other, account);
    const alternate = checked(text, other);
    if (leadsTo(alternate, wanted)) return alternate;
  }
  return chain;
}

/** @throws {Unreachable} when it is no chain */
function checked(text: string, url: string): string {
  const chain = certificatesIn(text);
  if (chain === undefined) throw new Unreachable(`${url} is no certificate`);
  return chain;
}

/** Whether the last certificate of a chain was issued by the root `name`. */
function leadsTo(chain: string, name: string): boolean {
  const last = chain.split(/(?=-----BEGIN CERTIFICATE-----)/).at(-1)!;
  return new X509Certificate(last).issuer.split("\n").includes(`CN=${name}`);
}
