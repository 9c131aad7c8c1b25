import { assertEquals } from "@std/assert";
import { skipWhitespace, trimWhitespace } from "../../src/http/text_scan.ts";

const BLANKS = " \t".repeat(2 ** 21);

Deno.test("skipWhitespace() skips SP and HTAB and nothing else", () => {
  const cases: [text: string, at: number, end: number, expected: number][] = [
    ["", 0, 0, 0],
    ["a", 0, 1, 0],
    [" \t a", 0, 4, 3],
    ["a  b", 1, 4, 3],
    ["   ", 0, 3, 3],
    ["   ", 0, 2, 2],
    ["\r\n", 0, 2, 0],
    ["\u00a0", 0, 1, 0],
    ["\x0b", 0, 1, 0],
  ];
  for (const [text, at, end, expected] of cases) {
    assertEquals(skipWhitespace(text, at, end), expected, JSON.stringify(text));
  }
  assertEquals(skipWhitespace("a  b", 1), 3);
});

Deno.test("trimWhitespace() takes off SP and HTAB alone", () => {
  const cases: [string, string][] = [
    ["", ""],
    [" \t ", ""],
    ["a", "a"],
    [" \ta b\t ", "a b"],
    ["\xa0a\xa0", "\xa0a\xa0"],
    ["\na\n", "\na\n"],
    ["  a", "a"],
    ["a\t\t", "a"],
    // Who looks at each blank for each other one never comes to an end.
    [` a${BLANKS}b `, `a${BLANKS}b`],
    [`${BLANKS}a${BLANKS}`, "a"],
    [BLANKS, ""],
  ];
  for (const [text, expected] of cases) {
    assertEquals(trimWhitespace(text), expected);
  }
});
