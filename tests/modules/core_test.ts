import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError } from "../../src/config/errors.ts";
import { parseLocation } from "../../src/modules/core.ts";
import { configured, errorOf, serverError } from "./config_support.ts";

const PLACE = { file: "x.conf", line: 1 };

Deno.test("parseLocation() reads modifiers, apart or not", () => {
  const rows: [string[], string][] = [
    [["/"], "prefix /"],
    [["/a b"], "prefix /a b"],
    [["=", "/a"], "exact /a"],
    [["=/a"], "exact /a"],
    [["^~", "/a"], "final /a"],
    [["^~/a"], "final /a"],
    [["~", "[.]php$"], "regex /[.]php$/u"],
    [["~[.]php$"], "regex /[.]php$/u"],
    [["~*", "[.]PHP$"], "regex /[.]PHP$/iu"],
    [["~*x"], "regex /x/iu"],
    [["~", "a\\-b"], "regex /a\\-b/"], // as PCRE has it
    [["@name"], "named @name"],
  ];
  for (const [args, expected] of rows) {
    const pattern = parseLocation(args, PLACE);
    const text = pattern.kind === "regex"
      ? `regex ${pattern.regex}`
      : pattern.kind === "named"
      ? `named ${pattern.name}`
      : pattern.kind === "prefix" && pattern.final
      ? `final ${pattern.path}`
      : `${pattern.kind} ${pattern.path}`;
    assertEquals(text, expected, args.join(" "));
  }
});

Deno.test("parseLocation() refuses what is none", () => {
  const rows: [string[], string][] = [
    [["a"], 'invalid location "a", it must begin with "/" in x.conf:1'],
    [["=", "a"], 'invalid location "a", it must begin with "/" in x.conf:1'],
    [["="], 'invalid location "", it must begin with "/" in x.conf:1'],
    [["==", "/a"], 'invalid location modifier "==" in x.conf:1'],
    [["/a", "/b"], 'invalid location modifier "/a" in x.conf:1'],
    [["@"], "empty location name in x.conf:1"],
  ];
  for (const [args, message] of rows) {
    const error = assertThrows(() => parseLocation(args, PLACE), ConfigError);
    assertEquals(error.message, message);
  }
  assertThrows(
    () => parseLocation(["~", "["], PLACE),
    ConfigError,
    'invalid regular expression "["',
  );
});

Deno.test("location refuses duplicates", () => {
  const rows: [string, string][] = [
    ["location /a { } location /a { }", "/a"],
    ["location = /a { } location =/a { }", "/a"],
    ["location /a { } location ^~ /a { }", "/a"],
    ["location @a { } location @a { }", "@a"],
  ];
  for (const [text, name] of rows) {
    assertEquals(
      serverError(text).replace("=", ""),
      `duplicate location "${name}" in x.conf:1`,
      text,
    );
  }
  assertEquals(serverError("location /a { } location = /a { }"), "no error");
  assertEquals(serverError("location ~ a { } location ~ a { }"), "no error");
});

Deno.test("blocks and process directives are where they belong", () => {
  const rows: [string, string][] = [
    ["events { worker_connections 5; } server { }", "no error"],
    ["worker_processes auto; daemon off; pid x; server { }", "no error"],
    ["http { server { location / { internal; } } }", "no error"],
    ["server { internal; }", '"internal" directive is not allowed here'],
    ["location / { }", '"location" directive is not allowed here'],
    ["events { server { } }", '"server" directive is not allowed here'],
    [
      "events { worker_connections 0; } server { }",
      "value must be equal to or greater than 1",
    ],
  ];
  for (const [text, expected] of rows) {
    const actual = errorOf(text).replace(/ in x\.conf:1$/, "");
    assertEquals(actual.startsWith(expected), true, `${text}: ${actual}`);
  }
  assertEquals(configured("server { }").context, "main");
});
