import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError } from "../../../src/config/errors.ts";
import { parseLocation } from "../../../src/core/settings/core.ts";
import {
  configured,
  errorOf,
  serverError,
  withServer,
} from "../../support/config_support.ts";

const PLACE = { file: "x.conf", line: 1 };

Deno.test("parseLocation() reads modifiers, apart or not", () => {
  const rows: [string[], string][] = [
    [["/"], "prefix /"],
    [["/a b"], "prefix /a b"],
    [["=", "/a"], "exact /a"],
    [["=/a"], "exact /a"],
    [["^~", "/a"], "final /a"],
    [["^~/a"], "final /a"],
    [["~", "[.]php$"], "regex ~ [.]php$"],
    [["~[.]php$"], "regex ~ [.]php$"],
    [["~*", "[.]PHP$"], "regex ~* [.]PHP$"],
    [["~*x"], "regex ~* x"],
    [["~", "a\\-b"], "regex ~ a\\-b"],
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
    ["location / { location / { } location / { } }", "/"],
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

Deno.test("of two locations with one name the first is used", () => {
  const warnings: string[] = [];
  configured("server { location @a { } location @a { } }", warnings);
  assertEquals(warnings, [
    'duplicate location "@a", the first one is used in x.conf:1',
  ]);
});

Deno.test("location says which ones may be within another", () => {
  const rows: [outer: string, inner: string, message: string][] = [
    ["/a/", "/a/b", "no error"],
    ["/a/", "/a/", "no error"],
    ["/a/", "= /a/", "no error"],
    ["/a/", "^~ /a/b", "no error"],
    ["/a/", "~ ^/b", "no error"],
    ["/", "/a { location /a/b { } }", "no error"],
    ["~ /a", "/a/b", "no error"],
    ["~ ^/a", "~ b", "no error"],
    ["/a/", "/b/", 'location "/b/" is outside location "/a/"'],
    ["/a/", "/a", 'location "/a" is outside location "/a/"'],
    ["/a/", "= /a", 'location "/a" is outside location "/a/"'],
    ["/a/", "=/A/", 'location "/A/" is outside location "/a/"'],
    ["^~/a/", "^~/b/", 'location "/b/" is outside location "/a/"'],
    ["~ [.]php$", "/a", 'location "/a" is outside location "[.]php$"'],
    [
      "= /a",
      "/a/b",
      'location "/a/b" cannot be inside the exact location "/a"',
    ],
    ["= /a", "~ b", 'location "b" cannot be inside the exact location "/a"'],
    ["@n", "/a", 'location "/a" cannot be inside the named location "@n"'],
    ["@n", "@m", 'location "@m" cannot be inside the named location "@n"'],
    ["/", "@m", 'named location "@m" can be on the server level only'],
    ["~ a", "@m", 'named location "@m" can be on the server level only'],
    [
      "/",
      "/a { location /b { } }",
      'location "/b" is outside location "/a"',
    ],
  ];
  for (const [outer, inner, message] of rows) {
    const block = inner.endsWith("}") ? inner : `${inner} { }`;
    assertEquals(
      serverError(`location ${outer} { location ${block} }`)
        .replace(/ in x\.conf:1$/, ""),
      message,
      `${inner} in ${outer}`,
    );
  }
});

Deno.test("internal is also for the locations within", async () => {
  const config = `
    location /in/ {
      internal;
      location /in/deep/ { location ~ x { return 200 regex; } return 200 deep; }
      location = /in/exact { return 200 exact; }
      return 200 in;
    }
    location = /to { rewrite ^ /in/exact last; }
    location = /deep { try_files /none /in/deep/y; }
  `;
  await withServer(config, {}, async (ask) => {
    const rows: [string, number, string?][] = [
      ["/in/", 404],
      ["/in/deep/", 404],
      ["/in/deep/x", 404],
      ["/in/exact", 404],
      ["/to", 200, "exact"],
      ["/deep", 200, "deep"],
    ];
    for (const [path, status, text] of rows) {
      const answer = await ask(path);
      assertEquals(answer.status, status, path);
      if (text !== undefined) assertEquals(answer.text, text);
    }
  });
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
