/** The name that somebody may have meant. */

import { closestString } from "@std/text/closest-string";
import { levenshteinDistance } from "@std/text/levenshtein-distance";

/**
 * How many letters of a name must agree for each one that does not, and how
 * many may disagree at most: `rot` is near `root`, `sub` is not near `sum_up`.
 */
const LETTERS_PER_SLIP = 3;
const MAX_SLIPS = 3;

/** The one of `candidates` that `name` is a slip of the pen for, if any. */
export function nearestName(
  name: string,
  candidates: readonly string[],
): string | undefined {
  if (candidates.length === 0) return undefined;
  const nearest: string = closestString(name, candidates);
  const slips: number = levenshteinDistance(name, nearest);
  const allowed = Math.min(
    MAX_SLIPS,
    Math.floor(name.length / LETTERS_PER_SLIP),
  );
  return slips <= allowed ? nearest : undefined;
}
