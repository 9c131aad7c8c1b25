import { assertEquals } from "@std/assert";
import {
  isFieldValue,
  isToken,
  unfolded,
} from "../../src/http/field_syntax.ts";

Deno.test("isToken() takes tchar and nothing else (RFC 9110 §5.6.2)", () => {
  const allowed = /[!#$%&'*+\-.^_`|~0-9A-Za-z]/;
  for (let code = 0; code < 256; code++) {
    const character = String.fromCharCode(code);
    const expected = code < 128 && allowed.test(character);
    assertEquals(isToken(`x${character}`), expected, `code ${code}`);
  }
  assertEquals(isToken(""), false);
  assertEquals(isToken("X-Y\n"), false);
});

Deno.test("isFieldValue() refuses controls but for tabs (RFC 9110 §5.5)", () => {
  for (let code = 0; code < 256; code++) {
    const character = String.fromCharCode(code);
    const expected = code === 9 || code >= 32 && code !== 127;
    assertEquals(isFieldValue(`x${character}y`), expected, `code ${code}`);
  }
  assertEquals(isFieldValue(""), true);
  assertEquals(isFieldValue("日本"), true);
});

Deno.test("unfolded() makes one line of a folded value, and of nothing else", () => {
  const rows: readonly (readonly [value: string, line: string])[] = [
    ["a", "a"],
    ["a\n\tb", "a b"],
    ["a\r\n b\n \t c", "a b c"],
    ["a\n\tb\n\t", "a b"],
    ["\n a", "a"],
    ["\n \r\n\ta\n \n b", "a b"],
    ["a\nb", "a\nb"],
    ["a\r b", "a\r b"],
    ["a\n\n b", "a\n b"],
    ["a\0\n b", "a\0 b"],
  ];
  for (const [value, line] of rows) assertEquals(unfolded(value), line);
  // Nobody waits for long, whatever it is made of.
  const breaks = "\r\n".repeat(50_000);
  const blanks = " ".repeat(100_000);
  assertEquals(unfolded(`${breaks}\n${blanks}`), breaks);
  assertEquals(unfolded(`a${blanks}b\n c`), `a${blanks}b c`);
});
