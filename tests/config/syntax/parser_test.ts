import { assertEquals } from "@std/assert";
import {
  MAX_BLOCK_DEPTH,
  parseConfig,
  type Statement,
} from "../../../src/config/syntax/parser.ts";
import { failure } from "../config_support.ts";

/** Statements as nested arrays: name, arguments, and a block at the end. */
type Shape = (string | Shape[])[];

function shapes(statements: readonly Statement[]): Shape[] {
  return statements.map(({ name, args, block }) => [
    name,
    ...args,
    ...(block === undefined ? [] : [shapes(block)]),
  ]);
}

Deno.test("parseConfig() reads statements and blocks", () => {
  const rows: [text: string, expected: Shape[]][] = [
    ["", []],
    ["# nothing\n", []],
    ["daemon off;", [["daemon", "off"]]],
    ["internal;", [["internal"]]],
    ["a b c; d;", [["a", "b", "c"], ["d"]]],
    ["http {}", [["http", []]]],
    ["location = / {}", [["location", "=", "/", []]]],
    [
      "http { server { root 'a b'; } server {} }",
      [["http", [["server", [["root", "a b"]]], ["server", []]]]],
    ],
    ['"" x;', [["", "x"]]],
    ['"{" ";" "}";', [["{", ";", "}"]]],
    ['log "a" "b"\n\t"c";', [["log", "a", "b", "c"]]],
    [
      "types { text/html html htm; }",
      [["types", [["text/html", "html", "htm"]]]],
    ],
    ["return 200 ${a}{b;}", [["return", "200", "${a}", [["b"]]]]],
  ];
  for (const [text, expected] of rows) {
    assertEquals(shapes(parseConfig(text, "x.conf")), expected, text);
  }
});

Deno.test("parseConfig() places a statement where its name stands", () => {
  const [outer] = parseConfig("\n\nhttp\n{\n  root\n  /a\n;}", "x.conf");
  assertEquals(outer?.place, { file: "x.conf", line: 3 });
  assertEquals(outer?.block?.[0]?.place, { file: "x.conf", line: 5 });
});

Deno.test("parseConfig() leaves out the block of a plain statement", () => {
  assertEquals(Object.hasOwn(parseConfig("a;", "x")[0] ?? {}, "block"), false);
});

Deno.test("parseConfig() says in nginx's words what is wrong", () => {
  const rows: [text: string, message: string, hint?: string][] = [
    [";", 'unexpected ";" in x.conf:1'],
    ["a;\n;", 'unexpected ";" in x.conf:2'],
    ["http {};", 'unexpected ";" in x.conf:1'],
    [
      "{",
      'unexpected "{" in x.conf:1',
      "expected the name of a block before it",
    ],
    [
      "http { {",
      'unexpected "{" in x.conf:1',
      "expected the name of a block before it",
    ],
    ["}", 'unexpected "}" in x.conf:1'],
    ["http {}\n}", 'unexpected "}" in x.conf:2'],
    [
      "http {\nroot /a\n}",
      'unexpected "}" in x.conf:3',
      '"root" in line 2 has no ";"',
    ],
    [
      "a",
      'unexpected end of file, expecting ";" or "}" in x.conf:1',
      '"a" in line 1 has no ";"',
    ],
    [
      "a b\n",
      'unexpected end of file, expecting ";" or "}" in x.conf:2',
      '"a" in line 1 has no ";"',
    ],
    [
      "http { a",
      'unexpected end of file, expecting ";" or "}" in x.conf:1',
      '"a" in line 1 has no ";"',
    ],
    [
      "http {\nserver {\n}\n",
      'unexpected end of file, expecting "}" in x.conf:4',
      'the block of "http" in line 1 is not closed',
    ],
    [
      "http {\n  server {\n    location / {\n      root x;\n  }\n}\n",
      'unexpected end of file, expecting "}" in x.conf:7',
      'the block of "location" in line 3 seems to have no "}": ' +
      "the one in line 5 is further out",
    ],
    [
      "http {\n  server {\n    location / { }\n    }\n  }\n}\n",
      'unexpected "}" in x.conf:6',
      'the "}" in line 4 ends the block of "server" in line 2, ' +
      "and is further in",
    ],
    [
      "http {\n\tserver { location / {\n\t}\n}\n",
      'unexpected end of file, expecting "}" in x.conf:5',
      'the block of "server" in line 2 seems to have no "}": ' +
      "the one in line 4 is further out",
    ],
    [
      "http {\nlocation ~ ^/[0-9]{1,2}$ { }\n}\n",
      'unexpected end of file, expecting "}" in x.conf:4',
      '"{1,2}" in line 2 begins a block: put quotes around a regular ' +
      "expression with braces",
    ],
    [
      "http {\nserver {\n",
      'unexpected end of file, expecting "}" in x.conf:3',
      'the block of "server" in line 2 is not closed',
    ],
  ];
  for (const [text, message, hint] of rows) {
    const error = failure(() => parseConfig(text, "x.conf"));
    assertEquals([error.message, error.hint], [message, hint], text);
  }
});

Deno.test("parseConfig() takes statements but no blocks with -g", () => {
  const parse = (text: string) =>
    parseConfig(text, "command line", { commandLine: true });
  assertEquals(shapes(parse("pid /p; daemon off;")), [
    ["pid", "/p"],
    ["daemon", "off"],
  ]);
  assertEquals(
    failure(() => parse("pid /p")).message,
    'unexpected end of parameter, expecting ";" in command line:1',
  );
  assertEquals(
    failure(() => parse("events {}")).message,
    "block directives are not supported in -g option in command line:1",
  );
});

Deno.test("parseConfig() bounds the nesting of blocks", () => {
  const nested = (depth: number) => "a {".repeat(depth) + "}".repeat(depth);
  assertEquals(parseConfig(nested(MAX_BLOCK_DEPTH), "x.conf").length, 1);
  assertEquals(
    failure(() => parseConfig(nested(MAX_BLOCK_DEPTH + 1), "x.conf")).message,
    `blocks are nested deeper than ${MAX_BLOCK_DEPTH} levels in x.conf:1`,
  );
  assertEquals(
    failure(() => parseConfig("a {".repeat(1_000_000), "x.conf")).message,
    `blocks are nested deeper than ${MAX_BLOCK_DEPTH} levels in x.conf:1`,
  );
});
