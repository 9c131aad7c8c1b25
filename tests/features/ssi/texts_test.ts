import { assertEquals, assertThrows } from "@std/assert";
import {
  type Encoding,
  evaluated,
  holds,
  SsiError,
  written,
} from "../../../src/features/ssi/texts.ts";

const VALUES: Readonly<Record<string, string>> = { a: "x", b_1: "y", e: "" };
const lookup = (name: string) => VALUES[name];

const EVALUATED: [value: string, result: string][] = [
  ["", ""],
  ["plain", "plain"],
  ["$a", "x"],
  ["${a}b$A-$b_1", "xbx-y"],
  ["$nosuch.", "."],
  ["\\$a\\\\\\'\\\"\\x", "$a\\'\"\\x"],
  ["a\\", "a\\"],
  ["$a\\$a", "x$a"],
];

for (const [value, result] of EVALUATED) {
  Deno.test(`evaluated() of ${value}`, () => {
    assertEquals(evaluated(value, lookup), result);
  });
}

const MISSPELT: [value: string, message: string][] = [
  ["$", 'invalid variable name in "$"'],
  ["a$-", 'invalid variable name in "a$-"'],
  ["${}", 'invalid variable name in "${}"'],
  ["${", 'invalid variable name in "${"'],
  ["${a", 'the closing bracket in "a" variable is missing'],
  ["${a-}", 'the closing bracket in "a" variable is missing'],
];

for (const [value, message] of MISSPELT) {
  Deno.test(`evaluated() refuses ${value}`, () => {
    assertThrows(() => evaluated(value, lookup), SsiError, message);
  });
}

Deno.test("values cannot be doubled for ever", () => {
  const long = () => "x".repeat(40_000);
  assertEquals(evaluated("$v", long).length, 40_000);
  assertThrows(() => evaluated("$v$v", long), SsiError, "is too long");
});

const EXPRESSIONS: [expression: string, result: boolean | string][] = [
  ["$a", true],
  ["$e", false],
  ["", false],
  ["$a = x", true],
  ["$a=x", true],
  ["$a != x", false],
  ["$a = $a", true],
  ["$a = y", false],
  ["$a = /^X/", false],
  ["$a = /^(x)()/", true],
  // As in nginx a variable is looked for in a pattern, too.
  ["$a = /x$/", "invalid variable name"],
  ["$a = /x\\$/", true],
  ["$a != /y/", true],
  ["$a = \\/x", false],
  ["$a < x", "invalid expression"],
  ["$a = /x", "invalid expression"],
  ["$a = /(/", "invalid regular expression"],
  ["$ = x", "invalid variable name"],
];

for (const [expression, result] of EXPRESSIONS) {
  Deno.test(`holds() of ${expression}`, () => {
    const test = () => holds(expression, lookup, () => {});
    if (typeof result === "string") assertThrows(test, SsiError, result);
    else assertEquals(test(), result);
  });
}

Deno.test("what a pattern takes is told, what has no part as nothing", () => {
  const told: unknown[] = [];
  holds(
    "$a = /(?<n>x)(y)?/",
    lookup,
    (pattern, captures) => told.push([...pattern.names.keys()], captures),
  );
  assertEquals(told, [["n"], ["x", "x", ""]]);
});

const WRITTEN: [value: string, encoding: Encoding, result: string][] = [
  ["a<b>&\"'", "none", "a<b>&\"'"],
  ["a<b>&\"'", "entity", "a&lt;b&gt;&amp;&quot;'"],
  ["a b&<\"'%#?\xe9\0\n", "url", "a%20b&%3C%22%27%25%23?%E9%00%0A"],
];

for (const [value, encoding, result] of WRITTEN) {
  Deno.test(`written() as ${encoding}`, () => {
    assertEquals(written(value, encoding), result);
  });
}
