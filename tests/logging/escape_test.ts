import { assertEquals } from "@std/assert";
import { ESCAPERS, type LogEscape } from "../../src/logging/escape.ts";

Deno.test("ESCAPERS write what nginx writes, but JSON that is UTF-8", () => {
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
    // Characters of UTF-8 stay, and what is none is told by its number: RFC 3629.
    ["json", "\xff\x80", "\\u00FF\\u0080"],
    ["json", '\xc3\xa9\xc3"', '\xc3\xa9\\u00C3\\"'],
    ["json", "\xc0\xaf\xc1\xbf", "\\u00C0\\u00AF\\u00C1\\u00BF"],
    ["json", "\xdf\xbf\xe0\xa0\x80", "\xdf\xbf\xe0\xa0\x80"],
    ["json", "\xe0\x9f\xbf", "\\u00E0\\u009F\\u00BF"],
    ["json", "\xed\x9f\xbf\xee\x80\x80", "\xed\x9f\xbf\xee\x80\x80"],
    ["json", "\xed\xa0\x80", "\\u00ED\\u00A0\\u0080"],
    ["json", "\xf0\x90\x80\x80", "\xf0\x90\x80\x80"],
    ["json", "\xf0\x8f\xbf\xbf", "\\u00F0\\u008F\\u00BF\\u00BF"],
    ["json", "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"],
    ["json", "\xf4\x90\x80\x80", "\\u00F4\\u0090\\u0080\\u0080"],
    ["json", "\xf5\x80\xe2\x80", "\\u00F5\\u0080\\u00E2\\u0080"],
    ["none", '"\\\n\xc3', '"\\\n\xc3'],
  ];
  for (const [escape, bytes, expected] of rows) {
    assertEquals(ESCAPERS[escape](bytes), expected, `${escape} ${bytes}`);
  }
});
