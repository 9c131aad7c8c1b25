/** How much text parts of a pattern take. */

import { PatternError } from "../pattern_error.ts";
import type { Look, Node } from "../syntax/syntax.ts";

/** Furthest look behind (PCRE2's `LOOKBEHIND_MAX`), in bytes. */
const MAX_LOOK_BEHIND = 65_535;

/**
 * How many bytes a part always takes; `undefined` if that is not one number.
 * Back references count as unknown.
 */
function fixedLength(node: Node): number | undefined {
  switch (node.kind) {
    case "set":
      return 1;
    case "assertion":
    case "look":
    case "fail":
      return 0;
    case "reference":
      return undefined;
    case "group":
    case "atomic":
      return fixedLength(node.body);
    case "repeat": {
      const length = fixedLength(node.body);
      if (length === 0) return 0;
      return length === undefined || node.min !== node.max
        ? undefined
        : length * node.min;
    }
    case "sequence":
      return node.items.reduce<number | undefined>((sum, item) => {
        const length = sum === undefined ? undefined : fixedLength(item);
        return sum === undefined || length === undefined
          ? undefined
          : sum + length;
      }, 0);
    case "alternatives":
      return sameLength(node.items);
    case "conditional":
      return sameLength([node.yes, node.no]);
  }
}

function sameLength(nodes: readonly Node[]): number | undefined {
  const [first, ...others] = nodes.map(fixedLength);
  return others.every((length) => length === first) ? first : undefined;
}

/** The fewest bytes a part takes. */
export function minLength(node: Node): number {
  switch (node.kind) {
    case "set":
      return 1;
    case "assertion":
    case "look":
    case "reference":
    case "fail":
      return 0;
    case "group":
    case "atomic":
      return minLength(node.body);
    case "repeat":
      return node.min === 0 ? 0 : node.min * minLength(node.body);
    case "sequence":
      return node.items.reduce((sum, item) => sum + minLength(item), 0);
    case "alternatives":
      return Math.min(...node.items.map(minLength));
    case "conditional":
      return Math.min(minLength(node.yes), minLength(node.no));
  }
}

/**
 * The parts of a look behind, each with its length.
 *
 * @throws {PatternError} when one has no fixed length; `written` is the group
 */
export function lookBehindBranches(
  nodes: readonly Node[],
  written: string,
): Look["branches"] {
  return nodes.map((node) => {
    const length = fixedLength(node);
    if (length === undefined || length > MAX_LOOK_BEHIND) {
      throw new PatternError(
        `what "${written}" looks for has no fixed length`,
        "write an alternative for each length",
      );
    }
    return { node, length };
  });
}
