/**
 * Media types a client accepts (RFC 9110 §12.5.1).
 *
 *     Accept = #( media-range [ weight ] )
 *
 * A malformed member is skipped and the others count: it says nothing about
 * them. Parameters other than the weight are passed over.
 */

import { trimWhitespace } from "../text_scan.ts";

/** The most members that are looked at; browsers name eight at most. */
const MAX_MEMBERS = 64;

/** A range, parameters, and where there is one the weight among them. */
const MEMBER =
  /^([\w!#$%&'*+.^`|~/-]+)[ \t]*(?:;(?:(?!q=)[^;])*)*(?:;[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)[ \t]*)?$/i;

/** The weights of ranges, 0 to 1, lower case. */
function weightsOf(header: string): Map<string, number> {
  const weights = new Map<string, number>();
  for (const member of header.split(",", MAX_MEMBERS)) {
    const [, range, weight = "1"] = MEMBER.exec(trimWhitespace(member)) ?? [];
    if (range !== undefined) weights.set(range.toLowerCase(), Number(weight));
  }
  return weights;
}

/**
 * Whether a client would rather have `other` than `usual`, both essences in
 * lower case: it names it, and does not like `usual` better. Who takes
 * anything gets what is usual, and so does who names both alike.
 */
export function prefersType(
  header: string | undefined,
  other: string,
  usual: string,
): boolean {
  if (header === undefined) return false;
  const weights = weightsOf(header);
  const wanted = weights.get(other) ?? 0;
  if (wanted === 0) return false;
  const named = weights.get(usual);
  if (named !== undefined) return wanted > named;
  const [kind] = usual.split("/");
  return wanted >= (weights.get(`${kind}/*`) ?? weights.get("*/*") ?? 0);
}
