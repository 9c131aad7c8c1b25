import { assertEquals } from "@std/assert";
import { compile } from "../../../src/regex/engine/compile.ts";
import { run } from "../../../src/regex/engine/machine.ts";
import { parsePattern } from "../../../src/regex/syntax/parser.ts";

function outcome(pattern: string, text: string, rememberAfter?: number) {
  const program = compile(parsePattern(pattern, false));
  const result = run(program, text, rememberAfter);
  return typeof result === "string" ? result : [...result];
}

Deno.test("run() tells where the match and its groups are", () => {
  const rows: [pattern: string, text: string, expected: number[] | "none"][] = [
    ["b", "abc", [1, 2]],
    ["", "abc", [0, 0]],
    ["x", "abc", "none"],
    ["(b)(x)?", "abc", [1, 2, 1, 2, -1, -1]],
    ["(?:(a)|b)*", "ab", [0, 2, 0, 1]],
    ["$", "a\n", [1, 1]],
    ["^", "", [0, 0]],
  ];
  for (const [pattern, text, expected] of rows) {
    assertEquals(outcome(pattern, text), expected, pattern);
  }
});

Deno.test("run() remembers what failed, and the result is the same", () => {
  const text = "a".repeat(24);
  const rows: [pattern: string, expected: "none" | "limit"][] = [
    ["^(a+)+$", "none"],
    ["^(a|a)*!", "none"],
    ["(a*)*!", "none"],
    ["^(?:a(?=(?:a|a)*b)|a)*!", "none"],
    ["^(?>(?:a|a)*!)", "none"],
    // What a back reference needs is more than a position.
    ["^(a|a)*!|\\1b", "limit"],
  ];
  for (const [pattern, expected] of rows) {
    assertEquals(outcome(pattern, `${text}!!`.slice(0, 24) + "?"), expected);
    assertEquals(outcome(pattern, `${text}?`, 0), expected, pattern);
  }
});

Deno.test("run() gives up without remembering", () => {
  const text = `${"a".repeat(40)}?`;
  assertEquals(outcome("^(a+)+$", text, Infinity), "limit");
  assertEquals(outcome("^(a+)+$", text), "none");
});

Deno.test("run() can be used again after it has given up", () => {
  assertEquals(outcome("(a*)*\\1!", "a".repeat(9000)), "limit");
  assertEquals(outcome("a(b)", "xab"), [1, 3, 2, 3]);
});
