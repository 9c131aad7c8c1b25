import { assertEquals, assertThrows } from "@std/assert";
import { compile } from "../../../src/regex/engine/compile.ts";
import { parsePattern } from "../../../src/regex/syntax/parser.ts";
import { PatternError } from "../../../src/regex/pattern_error.ts";

function programOf(pattern: string) {
  return compile(parsePattern(pattern, false));
}

Deno.test("compile() refuses what is too large when written out", () => {
  const patterns = [
    "(?:a{0,100}){0,100}b",
    "(?:(?:(?:a{100}){100}){100}){100}",
    "[ab]{65535}",
  ];
  for (const pattern of patterns) {
    const error = assertThrows(() => programOf(pattern), PatternError);
    assertEquals(
      error.message,
      "it is too large with all its repetitions written out",
    );
  }
});

Deno.test("compile() knows where a match can begin", () => {
  const rows: [
    pattern: string,
    anchored: boolean,
    first: string | undefined,
  ][] = [
    ["^a", true, "a"],
    ["\\Aa|^b", true, "ab"],
    ["^a|b", false, "ab"],
    ["(?m)^a", false, "a"],
    ["x*a", false, "ax"],
    ["x*", false, undefined],
    ["(?=b)a", false, "a"],
  ];
  for (const [pattern, anchored, first] of rows) {
    const program = programOf(pattern);
    const letters = program.first === undefined
      ? undefined
      : [..."abcx"].filter((letter) =>
        program.first![letter.charCodeAt(0)] === 1
      ).join("");
    assertEquals([program.anchored, letters], [anchored, first], pattern);
  }
});

Deno.test("compile() remembers nothing where groups matter", () => {
  assertEquals(programOf("(a|b)*c").memoSlots > 0, true);
  assertEquals(programOf("(a|b)*\\1").memoSlots, 0);
  assertEquals(programOf("(a|b)*(?(1)c)").memoSlots, 0);
});
