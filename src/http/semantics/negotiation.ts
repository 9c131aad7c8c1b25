/**
 * Content codings a client accepts (RFC 9110 §12.5.3).
 *
 *     Accept-Encoding = #( codings [ weight ] )
 *     weight          = OWS ";" OWS "q=" qvalue
 *
 * Weights are kept in thousandths, 0 to 1000, exactly as fine as the grammar.
 * A malformed member is skipped and the others count: it says nothing about
 * them. A coding named twice has the lower weight, since refusing one too many
 * costs bytes and sending one too many breaks the answer.
 */

import { skipWhitespace } from "../text_scan.ts";

/** The coding that leaves content as it is. */
const IDENTITY = "identity";

/**
 * The most members that are looked at; later ones are as if not sent. There
 * are about a dozen registered codings, and browsers name four.
 */
export const MAX_ACCEPTED_CODINGS = 64;

/** Not named in the header. */
const UNNAMED = -1;

/** The weights a header gives, in thousandths, {@linkcode UNNAMED} if none. */
interface Weights {
  /** Per available coding, in their order. */
  readonly codings: number[];
  identity: number;
  /** Of `*`, which stands for every coding not named. */
  wildcard: number;
}

/**
 * The coding to answer with: the one of highest weight, among equals the first
 * in `available`, which lists lower-case codings other than `identity` in the
 * server's order of preference. `identity` when none is accepted or the client
 * ranks it higher by name. Without a header (`undefined`) it is `identity`
 * too: a client that does not say that it can decode is not tried.
 *
 * `not_acceptable` when the client refuses even `identity`, by `identity;q=0`
 * or `*;q=0`: a 406, or `identity` nevertheless, both allowed (§12.5.3).
 *
 * Linear in the header; the caller may remember the answer per header text, of
 * which a few make up nearly all requests.
 */
export function chooseEncoding<T extends string>(
  header: string | undefined,
  available: readonly T[],
): T | typeof IDENTITY | "not_acceptable" {
  if (header === undefined) return IDENTITY;
  const { codings, identity, wildcard } = parseWeights(header, available);
  let chosen: T | undefined;
  let highest = 0;
  for (let i = 0; i < available.length; i++) {
    const named = codings[i] ?? UNNAMED;
    const weight = named === UNNAMED ? wildcard : named;
    if (weight > highest) {
      highest = weight;
      chosen = available[i];
    }
  }
  if (chosen !== undefined && highest >= identity) return chosen;
  const refused = identity === 0 || (identity === UNNAMED && wildcard === 0);
  return refused ? "not_acceptable" : IDENTITY;
}

/**
 * Whether an answer in `coding` (lower case, may be `identity`) is acceptable
 * at all, whatever the client likes better.
 */
export function acceptsEncoding(
  header: string | undefined,
  coding: string,
): boolean {
  if (coding === IDENTITY) {
    return chooseEncoding(header, []) === IDENTITY;
  }
  if (header === undefined) return false;
  const { codings, wildcard } = parseWeights(header, [coding]);
  const named = codings[0] ?? UNNAMED;
  return (named === UNNAMED ? wildcard : named) > 0;
}

/** Reads the members of a header once. */
function parseWeights(header: string, available: readonly string[]): Weights {
  const codings = available.map(() => UNNAMED);
  const weights: Weights = { codings, identity: UNNAMED, wildcard: UNNAMED };
  let start = 0;
  for (let count = 0; count < MAX_ACCEPTED_CODINGS; count++) {
    let end = header.indexOf(",", start);
    if (end < 0) end = header.length;
    applyMember(weights, header, start, end, available);
    if (end === header.length) break;
    start = end + 1;
  }
  return weights;
}

/** Takes the member in `[start, end)` of the header into account. */
function applyMember(
  weights: Weights,
  header: string,
  start: number,
  end: number,
  available: readonly string[],
): void {
  const nameStart = skipWhitespace(header, start, end);
  const nameEnd = codingEnd(header, nameStart, end);
  const weight = parseWeight(header, nameEnd, end);
  if (weight === undefined) return;
  const coding = canonicalCoding(header.slice(nameStart, nameEnd));
  if (coding === "*") {
    weights.wildcard = lower(weights.wildcard, weight);
  } else if (coding === IDENTITY) {
    weights.identity = lower(weights.identity, weight);
  } else {
    const index = available.indexOf(coding);
    if (index < 0) return;
    weights.codings[index] = lower(weights.codings[index] ?? UNNAMED, weight);
  }
}

/** The lower of a weight so far, perhaps none, and a new one. */
function lower(soFar: number, weight: number): number {
  return soFar === UNNAMED ? weight : Math.min(soFar, weight);
}

/**
 * Codings are case-insensitive (§8.4.1), and two have an old name (§8.4.1.1,
 * §8.4.1.3).
 */
function canonicalCoding(token: string): string {
  const coding = token.toLowerCase();
  if (coding === "x-gzip") return "gzip";
  if (coding === "x-compress") return "compress";
  return coding;
}

/**
 * The weight in `[start, end)`, what follows a coding: 1000 when there is
 * none, `undefined` when it is malformed (§12.4.2).
 */
function parseWeight(
  text: string,
  start: number,
  end: number,
): number | undefined {
  let at = skipWhitespace(text, start, end);
  if (at === end) return 1000;
  if (text.charCodeAt(at) !== 0x3b) return undefined;
  at = skipWhitespace(text, at + 1, end);
  const isQ = at + 2 < end && (text.charCodeAt(at) | 0x20) === 0x71 &&
    text.charCodeAt(at + 1) === 0x3d;
  if (!isQ) return undefined;
  at += 2;
  const whole = text.charCodeAt(at) - 0x30;
  if (whole !== 0 && whole !== 1) return undefined;
  at++;
  let weight = whole * 1000;
  if (at < end && text.charCodeAt(at) === 0x2e) {
    at++;
    for (let unit = 100; unit >= 1 && at < end; unit /= 10) {
      const digit = text.charCodeAt(at) - 0x30;
      if (digit < 0 || digit > 9) break;
      weight += digit * unit;
      at++;
    }
  }
  if (weight > 1000) return undefined;
  return skipWhitespace(text, at, end) === end ? weight : undefined;
}

/**
 * The position after the coding that begins at `at`: where a `;`, SP or HTAB
 * stands. What is no token before it is the name of no coding.
 */
function codingEnd(text: string, at: number, end: number): number {
  let i = at;
  for (; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x3b || code === 0x20 || code === 0x09) break;
  }
  return i;
}
