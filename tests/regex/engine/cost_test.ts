import { assert, assertEquals } from "@std/assert";
import { isExponential, quickLength } from "../../../src/regex/engine/cost.ts";
import { parsePattern } from "../../../src/regex/syntax/parser.ts";

function lengthOf(pattern: string): number {
  return quickLength(parsePattern(pattern, false).node);
}

/** Longest head of a request by default, in bytes. */
const HEAD = 32_768;

Deno.test("quickLength(): ordinary patterns are quick for every head", () => {
  const patterns = [
    "\\.php$",
    "\\.(?:css|js|png|jpe?g|gif|svg|woff2?)$",
    "^/api/v[0-9]+/",
    "^/(.*)$",
    "^/a/(.*)/$",
    "^(.+)\\.html$",
    ".*\\.php$",
    "^/([^/]+)/([^/]+)/?$",
    "^(/[^/]+)+$",
    "(^|/)\\.",
    "^(www\\.)?(.+)$",
    "bot|crawl|spider|slurp",
    "/\\.(?!well-known)",
  ];
  for (const pattern of patterns) {
    assert(lengthOf(pattern) >= HEAD, `${pattern}: ${lengthOf(pattern)}`);
  }
});

Deno.test("quickLength(): the more loops, the shorter the text", () => {
  const lengths = [1, 2, 3, 4].map((loops) =>
    lengthOf(`^/${"(.*)/".repeat(loops)}\\.png$`)
  );
  assertEquals(lengths, lengths.toSorted((a, b) => b - a));
  assert(lengths[0]! >= HEAD);
  assert(lengths[1]! > 200 && lengths[1]! < 2000, `${lengths[1]}`);
  assert(lengths[3]! > 10 && lengths[3]! < 100, `${lengths[3]}`);
});

Deno.test("quickLength(): never for loops in loops that any text fits", () => {
  const patterns = [
    "^/(a+)+$",
    "(a|a)*b",
    "(a|aa)+$",
    "(a*)*$",
    "(?:a?)+b",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
    "(?:.*,)*x",
    "(.{1,100}){1,50}x",
    "(?>a)",
    "(a)\\1",
  ];
  for (const pattern of patterns) assertEquals(lengthOf(pattern), -1, pattern);
});

Deno.test("isExponential() tells loops in loops from those that are decided", () => {
  const rows: [pattern: string, expected: boolean][] = [
    ["^/(a+)+$", true],
    ["(a|a)*b", true],
    ["(a*)*$", true],
    ["^(?:\\w+\\s?)+$", true],
    ["(?:.*,)*x", true],
    ["x(?=(a+)+b)", true],
    ["(a+)+\\1", true],
    ["^(/[^/]+)+$", false],
    ["^(?:[a-z]|[0-9])+$", false],
    ["^/(.*)/(.*)/(.*)$", false],
    ["(?:a+,)*x", false],
    ["(?>a+)+b", false],
    ["(?:a+)++b", false],
    ["(.{1,100}){1,50}x", false],
    ["(a)\\1", false],
  ];
  for (const [pattern, expected] of rows) {
    const { node } = parsePattern(pattern, false);
    assertEquals(isExponential(node), expected, pattern);
  }
});
