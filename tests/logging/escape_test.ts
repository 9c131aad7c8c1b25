import { assertEquals } from "@std/assert";
import { ESCAPERS, type LogEscape } from "../../src/logging/escape.ts";

Deno.test("ESCAPERS write what nginx writes", () => {
  const rows: [LogEscape, string, string][] = [
    ["default", "plain text", "plain text"],
    ["default", "", ""],
    ["default", 'a"b\\c', "a\\x22b\\x5Cc"],
    ["default", "\0\t\n\r\x1f\x7f", "\\x00\\x09\\x0A\\x0D\\x1F\\x7F"],
    ["default", "\xc3\xa9\xff", "\\xC3\\xA9\\xFF"],
    ["default", " ~", " ~"],
    ["json", 'a"b\\c', 'a\\"b\\\\c'],
    ["json", "\b\t\n\f\r", "\\b\\t\\n\\f\\r"],
    ["json", "\0\x0b\x1f\x7f", "\\u0000\\u000B\\u001F\x7f"],
    ["json", "\xc3\xa9/'", "\xc3\xa9/'"],
    ["none", '"\\\n\xc3', '"\\\n\xc3'],
  ];
  for (const [escape, bytes, expected] of rows) {
    assertEquals(ESCAPERS[escape](bytes), expected, `${escape} ${bytes}`);
  }
});
