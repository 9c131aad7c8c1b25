import { assertEquals } from "@std/assert";
import { nativeRegex } from "../../../src/regex/engine/native.ts";
import { parsePattern } from "../../../src/regex/syntax/parser.ts";

function sourceOf(pattern: string, ignoreCase = false): string | undefined {
  return nativeRegex(parsePattern(pattern, ignoreCase))?.source;
}

Deno.test("nativeRegex(): what V8 can do as PCRE does it", () => {
  const rows: [pattern: string, source: string][] = [
    ["ab", "ab"],
    ["\\.", "\\x2e"],
    [".", "[^\\x0a]"],
    ["(?s).", "[^]"],
    ["\\s", "[\\x09-\\x0d\\x20]"],
    ["[]x]", "[\\x5dx]"],
    ["^a$", "^a$"],
    ["\\Aa\\z", "^a$"],
    ["a|b", "a|b"],
    ["a(?:b|c)d", "a(?:b|c)d"],
    ["(a)+?", "(a)+?"],
    ["(?:ab){2,}", "(?:ab){2,}"],
    ["(a*)?", "(?:(a*)|)"],
    ["(?=a)b", "(?=a)b"],
    ["(?<!a|bc)d", "(?<!a|bc)d"],
    [".*x", "^(?:[^\\x0a]*x)"],
    ["a+?\\A", "^(?:a+?^)"],
  ];
  for (const [pattern, source] of rows) {
    assertEquals(sourceOf(pattern), source, pattern);
  }
  // No flag is needed, so the case of other letters stays what it is.
  assertEquals(sourceOf("k1", true), "[Kk]1");
  assertEquals(nativeRegex(parsePattern("k", true))?.flags, "");
});

Deno.test("nativeRegex(): not what JavaScript does otherwise", () => {
  const patterns = [
    "(?:(a)|b)*", // it forgets the group at each iteration
    "(a*)*", // it takes back what is empty
    "(?:a?)+",
    "(a)?\\1", // a group without part in it fits there
    "(?>a)",
    "a++",
    "(?|(a)|(b))",
    "(a)?(?(1)b)",
    "(?=(a))",
    "\\R",
  ];
  for (const pattern of patterns) {
    assertEquals(sourceOf(pattern), undefined, pattern);
  }
});
