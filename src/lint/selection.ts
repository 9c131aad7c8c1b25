/**
 * Which rules are followed: `--lint=` on the command line, and comments in the
 * configuration that are for their own line and the next one.
 */

import { nearestName } from "../config/nearest.ts";

/** Which rules are meant. */
export interface Selection {
  /** Whether the rule of this name is followed. */
  has(name: string): boolean;
}

/**
 * Reads `off`, `on`, or names with commas: with a `-` before each all other
 * rules are followed, without one only these.
 *
 * @throws {SyntaxError} when there is no such rule; says which is meant
 */
export function parseSelection(
  text: string,
  names: readonly string[],
): Selection {
  if (text === "off") return { has: () => false };
  if (text === "on") return { has: () => true };
  const words = text.split(/[\s,]+/).filter((word) => word !== "");
  const left = words.filter((word) => word.startsWith("-"))
    .map((word) => word.slice(1));
  const only = words.filter((word) => !word.startsWith("-"));
  for (const name of [...left, ...only]) {
    if (names.includes(name)) continue;
    const near = nearestName(name, names);
    throw new SyntaxError(
      `no rule is called "${name}"` +
        (near === undefined ? "" : `, did you mean "${near}"?`),
    );
  }
  if (words.length === 0) throw new SyntaxError("no rule is named");
  return {
    has: (name) =>
      !left.includes(name) && (only.length === 0 || only.includes(name)),
  };
}

/** `# lint: off` or `# lint: -rule`, at the end of a line or on its own. */
const COMMENT = /(^|\s)#\s*lint:\s*([^#]*)$/;

/**
 * What a comment for `line` (counted from 1) says; `undefined` if there is
 * none. One that cannot be understood is none.
 */
export function commentFor(
  lines: readonly string[],
  line: number,
  names: readonly string[],
): Selection | undefined {
  const before = lines[line - 2] ?? "";
  const said = [lines[line - 1] ?? "", /^\s*#/.test(before) ? before : ""]
    .map((text) => COMMENT.exec(text)?.[2]?.trim())
    .filter((text) => text !== undefined && text !== "");
  const selections = said.flatMap((text) => {
    try {
      return [parseSelection(text!, names)];
    } catch {
      return [];
    }
  });
  return selections.length === 0
    ? undefined
    : { has: (name) => selections.every((selection) => selection.has(name)) };
}
