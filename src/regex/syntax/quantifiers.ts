/** Quantifiers: `*`, `+`, `?`, `{2,5}`. */

import type { Cursor } from "./cursor.ts";
import { PatternError } from "../pattern_error.ts";
import type { Greed, Node } from "./syntax.ts";

/** Largest number in a quantifier (PCRE2's `MAX_REPEAT_COUNT`). */
const MAX_REPEAT = 65_535;

/** `{2}`, `{2,}` and `{2,5}`; anything else in braces is text. */
const COUNTS = /\{(\d+)(?:(,)(\d*))?\}/y;

/** How often something is repeated. */
interface Quantifier {
  /** At least so often. */
  readonly min: number;
  /** At most so often; `Infinity` if there is no limit. */
  readonly max: number;
  /** As it stands in the pattern, without `?` or `+` behind it. */
  readonly written: string;
}

/**
 * Reads a quantifier without what follows it, if there is one here.
 *
 * @throws {PatternError} when its numbers are too large, or out of order
 */
export function readQuantifier(cursor: Cursor): Quantifier | undefined {
  if (cursor.take("*")) return { min: 0, max: Infinity, written: "*" };
  if (cursor.take("+")) return { min: 1, max: Infinity, written: "+" };
  if (cursor.take("?")) return { min: 0, max: 1, written: "?" };
  const [written, from = "", comma, to = ""] = cursor.match(COUNTS) ?? [];
  if (written === undefined) return undefined;
  const min = Number(from);
  const max = comma === undefined ? min : to === "" ? Infinity : Number(to);
  if (min > MAX_REPEAT || (max > MAX_REPEAT && max !== Infinity)) {
    throw new PatternError(
      `a number in "${written}" is above ${MAX_REPEAT}`,
    );
  }
  if (max < min) {
    throw new PatternError(`the numbers in "${written}" are out of order`);
  }
  return { min, max, written };
}

/** `node` so often. A look around without limit is repeated once too often. */
export function repeated(
  body: Node,
  { min, max }: Quantifier,
  greed: Greed,
): Node {
  const isEndless = body.kind === "look" && max === Infinity;
  return { kind: "repeat", body, min, max: isEndless ? min + 1 : max, greed };
}
