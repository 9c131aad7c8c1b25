/** What is told of requests that go in circles within the server. */

import { assertEquals } from "@std/assert";
import { foldRounds } from "../../src/explain/rounds.ts";
import type { ExplainedStep } from "../../src/explain/step.ts";

/** Steps by short words: `a:1` is of line 1, `>b:2` a redirect of line 2. */
function steps(words: string): ExplainedStep[] {
  return words.split(" ").filter((word) => word !== "").map((word) => {
    const [text = "", line] = word.split(":");
    return {
      kind: text.startsWith(">") ? "redirect" : "location",
      text: text.replace(/^>/, ""),
      place: line === undefined ? null : `x.conf:${line}`,
    };
  });
}

function inShort(steps: readonly ExplainedStep[]): string {
  return steps.map(({ kind, text }) =>
    kind === "again" ? `[${text}]` : kind === "redirect" ? `>${text}` : text
  ).join(" ");
}

const again = (times: number, to: string) =>
  `[${times} more times by the same lines, at last ${to}]`;

const ROWS: readonly (readonly [words: string, told: string])[] = [
  ["", ""],
  ["a:1 b:2", "a b"],
  // Twice is no circle yet.
  ["a:1 >b:2 b:1 >c:2 c:3", "a >b b >c c"],
  ["a:1 >b:2 b:1 >c:2 c:1 >d:2 e:9", `a >b ${again(2, "d")} e`],
  [
    "a:1 >b:2 b:3 >a:4 a:1 >b:2 b:3 >a:4 a:1 >b:2 b:3 >a:4 a:1 >b:2 e:9",
    `a >b b >a ${again(2, "a")} a >b e`,
  ],
  // What leads into a circle is told as it was.
  [
    "i:9 >a:8 a:1 >a:2 a:1 >a:2 a:1 >a:2",
    `i >a a >a ${again(2, "a")}`,
  ],
  ["a:1 >b:2 b:5 >c:2 c:1 >d:2", "a >b b >c c >d"],
];

Deno.test("foldRounds() tells each round of a circle once", () => {
  for (const [words, told] of ROWS) {
    assertEquals(inShort(foldRounds(steps(words))), told, words);
  }
});
