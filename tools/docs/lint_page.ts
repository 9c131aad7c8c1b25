/** The table of the lint's rules in `docs/lint.md`, from what they say. */

import type { Rule } from "../../src/lint/rule.ts";

/** Around the table. */
const MARKS = ["<!-- rules -->", "<!-- end of rules -->"] as const;

/** The rules as a list. */
function listOf(rules: readonly Rule[]): string {
  return rules.map(({ name, finds, why }) => `- \`${name}\`: ${finds} ${why}`)
    .join("\n");
}

/**
 * The page with the rules in it anew.
 *
 * @throws {Error} when it has no place for them
 */
export function lintPage(page: string, rules: readonly Rule[]): string {
  const [start, end] = MARKS.map((mark) => page.indexOf(mark));
  if (start! < 0 || end! < start!) {
    throw new Error(`docs/lint.md has no ${MARKS.join(" and ")}`);
  }
  return `${page.slice(0, start! + MARKS[0].length)}\n\n${listOf(rules)}\n\n` +
    page.slice(end);
}
