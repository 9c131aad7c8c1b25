import {
  assertEquals,
  assertNotStrictEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { ConfigError } from "../../src/config/errors.ts";
import { compileRegex } from "../../src/config/regex.ts";

const PLACE = { file: "x.conf", line: 7 };

Deno.test("compileRegex() says where a pattern is wrong, once", () => {
  const error = assertThrows(
    () =>
      compileRegex("^/adm[[:digits:]]", { ignoreCase: false, place: PLACE }),
    ConfigError,
  );
  assertEquals(
    error.message,
    'invalid regular expression "^/adm[[:digits:]]": unknown POSIX class ' +
      '"[:digits:]" in x.conf:7',
  );
  assertEquals(error.hint?.startsWith("known are alpha, "), true);
});

Deno.test("compileRegex() shows what is beyond ASCII as it was written", () => {
  const error = assertThrows(
    () => compileRegex("(?<é>x)", { ignoreCase: false, place: PLACE }),
    ConfigError,
  );
  assertEquals(
    error.message,
    'invalid regular expression "(?<é>x)": "é" is no name for a group in x.conf:7',
  );
});

Deno.test("compileRegex() compiles what stands in many servers once", () => {
  const compile = (source: string, ignoreCase = false) =>
    compileRegex(source, { ignoreCase, place: PLACE });
  assertStrictEquals(compile("\\.php$"), compile("\\.php$"));
  assertNotStrictEquals(compile("\\.php$"), compile("\\.php$", true));
  for (let i = 0; i < 1000; i++) {
    assertEquals(compile(`a${i}$`).test("a7"), i === 7);
  }
});

Deno.test("compileRegex() compiles with and without case", () => {
  const options = { place: PLACE };
  assertEquals(
    compileRegex("^/A", { ...options, ignoreCase: true }).test("/a"),
    true,
  );
  assertEquals(
    compileRegex("^/A", { ...options, ignoreCase: false }).test("/a"),
    false,
  );
});
