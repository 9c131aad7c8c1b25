/** When a certificate is renewed: as the authority says (RFC 9773), or at two
 * thirds of its lifetime. */

import type { Facts } from "../stored_pair.ts";
import type { Client } from "./client.ts";

/** How long it is until the authority is asked again at most, in ms. */
export const MAX_POLL_MS = 24 * 3_600_000;

/** How long it is at least, and usually, in ms. */
const MIN_POLL_MS = 60_000;
const USUAL_POLL_MS = 6 * 3_600_000;

/** The part of a lifetime after which it is time for the next one. */
const USED_PART = 2 / 3;

/** When a certificate of which the authority says nothing is renewed, in ms. */
export function usualRenewal({ notBefore, notAfter }: Facts): number {
  return notBefore + (notAfter - notBefore) * USED_PART;
}

/** The least time between one certificate and the next one, in ms. */
const MIN_PAUSE_MS = 1000;

/**
 * When one that was issued at `issued` is renewed at the earliest, unless the
 * authority wishes it: also one that seems old when it comes is not asked for
 * again at once. In ms.
 */
export function earliestRenewal({ notAfter }: Facts, issued: number): number {
  return issued + Math.max((notAfter - issued) / 3, MIN_PAUSE_MS);
}

/** What the authority says; times in ms since 1970. */
export interface RenewalAdvice {
  readonly start: number;
  readonly end: number;
  /** Why, where people can read it; empty if it does not say. */
  readonly explanation: string;
  /** When to ask again. */
  readonly askAt: number;
}

/**
 * What the authority says of the certificate `id` at `now`; `undefined` if it
 * does not give such advice.
 *
 * @throws {AuthorityError | Unreachable} when it could not be asked
 */
export async function adviceOn(
  id: string,
  client: Client,
  now: number,
): Promise<RenewalAdvice | undefined> {
  const { renewalInfo } = await client.directory();
  if (renewalInfo === undefined) return undefined;
  const reply = await client.get(`${renewalInfo.replace(/\/$/, "")}/${id}`);
  const { suggestedWindow, explanationURL } = reply.json<{
    readonly suggestedWindow?: {
      readonly start?: string;
      readonly end?: string;
    };
    readonly explanationURL?: string;
  }>();
  const start = Date.parse(suggestedWindow?.start ?? "");
  const end = Date.parse(suggestedWindow?.end ?? "");
  const wait = reply.retryAfterMs(now) ?? USUAL_POLL_MS;
  // A window that ends before it begins is none (RFC 9773 §4.2).
  if (!(start < end)) return undefined;
  return {
    start,
    end,
    explanation: typeof explanationURL === "string" ? explanationURL : "",
    askAt: now + Math.min(Math.max(wait, MIN_POLL_MS), MAX_POLL_MS),
  };
}

/** When to ask again after a failure to ask, in ms. */
export const ASK_AGAIN_MS = 3_600_000;

/** A moment of the window; `random` is from 0 to 1. */
export function momentIn(
  { start, end }: RenewalAdvice,
  random: number,
): number {
  return start + (end - start) * random;
}
