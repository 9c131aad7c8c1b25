import { assertEquals } from "@std/assert";
import { isFieldValue, isToken } from "../../src/http/field_syntax.ts";

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
