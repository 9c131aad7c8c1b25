import { assert, assertEquals, assertThrows } from "@std/assert";
import { HttpError } from "../../src/http/errors.ts";
import { byteString } from "../../src/http/byte_string.ts";
import { compile } from "../../src/regex/engine/compile.ts";
import { run } from "../../src/regex/engine/machine.ts";
import { parsePattern } from "../../src/regex/syntax/parser.ts";
import { type Captures, Pattern } from "../../src/regex/pattern.ts";
import { PatternError } from "../../src/regex/pattern_error.ts";
import table from "../fixtures/pcre_table.json" with { type: "json" };

/** What PCRE2 10.42 says of a pattern; `fuzz/pcre/table.ts` has asked it. */
interface Entry {
  readonly pattern: string;
  readonly flags: string;
  /**
   * Texts, one character for each byte, and what is taken of them; none if
   * PCRE refuses the pattern.
   */
  readonly texts?: readonly [text: string, taken: (string | null)[] | null][];
}

const TABLE = table as unknown as readonly Entry[];

function listed(captures: Captures | null): (string | null)[] | null {
  return captures && Array.from(captures, (part) => part ?? null);
}

/** What the machine takes that remembers from the start what has failed. */
function byMachine(
  { pattern, flags }: Entry,
  text: string,
): (string | null)[] | null | "limit" {
  const program = compile(parsePattern(byteString(pattern), flags === "i"));
  const outcome = run(program, text, 0);
  if (outcome === "limit") return outcome;
  if (outcome === "none") return null;
  return Array.from({ length: outcome.length / 2 }, (_, group) => {
    const end = outcome[2 * group + 1]!;
    return end < 0 ? null : text.slice(outcome[2 * group], end);
  });
}

Deno.test("Pattern takes what PCRE takes", () => {
  let compared = 0;
  for (const entry of TABLE) {
    if (entry.texts === undefined) continue;
    const ignoreCase = entry.flags === "i";
    const pattern = new Pattern(entry.pattern, { ignoreCase });
    for (const [text, expected] of entry.texts) {
      const message = JSON.stringify([entry.pattern, entry.flags, text]);
      assertEquals(listed(pattern.execBytes(text)), expected, message);
      assertEquals(byMachine(entry, text), expected, `${message}, machine`);
      compared++;
    }
  }
  assert(compared > 4000, `${compared} texts`);
});

Deno.test("Pattern refuses what PCRE refuses", () => {
  const refused = TABLE.filter(({ texts }) => texts === undefined);
  assert(refused.length > 100);
  for (const { pattern, flags } of refused) {
    assertThrows(
      () => new Pattern(pattern, { ignoreCase: flags === "i" }),
      PatternError,
      undefined,
      pattern,
    );
  }
});

Deno.test("Pattern.exec(): text beyond ASCII is matched as UTF-8", () => {
  const rows: [pattern: string, text: string, taken: string[] | null][] = [
    ["^/(.*)/x$", "/é€/x", ["/é€/x", "é€"]],
    ["^/([^/]+)$", "/日本", ["/日本", "日本"]],
    ["^.$", "é", null],
    ["^..$", "é", ["é"]],
    ["^/é$", "/é", ["/é"]],
    ["^é+$", "éé", null],
    ["^(?:é)+$", "éé", ["éé"]],
    ["\\xc3\\xa9", "é", ["é"]],
    ["[\\x80-\\xff]+", "a€b", ["€"]],
    ["\\w+", "é", null],
    ["[[:alpha:]]+", "éa", ["a"]],
    // A group that ends within a character has a byte of it.
    ["^(.)(.)$", "é", ["é", "\udcc3", "\udca9"]],
    ["^\\s$", "\u00a0", null],
  ];
  for (const [pattern, text, expected] of rows) {
    assertEquals(listed(new Pattern(pattern).exec(text)), expected, pattern);
    assertEquals(new Pattern(pattern).test(text), expected !== null);
  }
  const ignoreCase = new Pattern("^É$", { ignoreCase: true });
  assertEquals(ignoreCase.test("É"), true);
  assertEquals(ignoreCase.test("é"), false);
});

Deno.test("Pattern.exec(): the same in short, long and broken texts", () => {
  const pattern = new Pattern("^/img/(.*)/(.*)/(.*)\\.(png|jpg)$");
  for (const length of [1, 50, 500, 5000]) {
    const name = "n".repeat(length);
    const path = `/img/a/b/${name}.jpg`;
    const expected = [path, "a", "b", name, "jpg"];
    assertEquals(listed(pattern.exec(path)), expected);
    assertEquals(listed(pattern.exec(`${path}\n`)), expected);
    assertEquals(pattern.exec(`${path}\n\n`), null);
    assertEquals(pattern.exec(`/img/a/b/${name}.gif`), null);
  }
});

/** 8 KiB that end otherwise than they begin. */
function hardText(unit: string, end: string): string {
  return unit.repeat(8192).slice(0, 8192 - end.length) + end;
}

Deno.test("Pattern.exec(): what doubles with each letter in PCRE does not", () => {
  const rows: [pattern: string, text: string][] = [
    ["^/(a+)+$", `/${"a".repeat(44)}!`],
    ["^/(a+)+$", hardText("/a", "!")],
    ["^(a+)+$", hardText("a", "!")],
    ["^(a|a)+$", hardText("a", "!")],
    ["^(a|aa)+$", hardText("a", "!")],
    ["(a*)*!", hardText("a", "")],
    ["((a*)*)*!", hardText("a", "")],
    ["(?:a?){9}a{9}!", hardText("a", "")],
    ["^(([a-z])+.)+[0-9]([a-z])+$", hardText("a", "")],
    ["(x+x+)+y", hardText("x", "")],
    ["(.*)(.*)(.*)(.*)!", hardText("x", "")],
    ["^/img/(.*)/(.*)/(.*)\\.(png|jpg)$", `/img${hardText("/", "")}`],
    ["^(?!.*!)(.*)/(.*)/(.*)\\.png$", hardText("/", "")],
    ["(?:(?!b).)*!", hardText("a", "b")],
    ["(?<=a)(a+)+!", hardText("a", "")],
  ];
  for (const [pattern, text] of rows) {
    for (const ignoreCase of [false, true]) {
      const compiled = new Pattern(pattern, { ignoreCase });
      assertEquals(compiled.test(text), false, pattern);
    }
  }
});

Deno.test("Pattern.exec(): what takes too long is an error", () => {
  const error = assertThrows(
    () => new Pattern("^(a*)*(a*)*\\1x$").exec(hardText("a", "b")),
    HttpError,
  );
  assertEquals(error.status, 500);
  assertEquals(
    error.message,
    'the regular expression "^(a*)*(a*)*\\1x$" takes too long',
  );
});

/** Most time for one text, in ms, on a machine that does nothing else. */
const MOST_MS = 50;

Deno.test("Pattern.exec(): nothing takes long", () => {
  const rows: [pattern: string, unit: string][] = [
    ["(a+)\\1+$", "a"],
    ["(\\w+)\\s\\1", "a"],
    ["(?>a+)b", "a"],
    ["a++b", "a"],
    ["^(?:(?=.*x)a)*$", "a"],
    ["(?=(a+))a*b\\1", "a"],
    ["((a|b)*?){3}c", "ab"],
    ["(.{1,100}){1,50}x", "c"],
    ["[ab]{1,200}[bc]{1,200}x", "b"],
    ["(?:(?!b.*c).)*d", "b"],
    ["(a?)(?(1)(a*)*|b)+c\\2", "a"],
  ];
  for (const [source, unit] of rows) {
    const pattern = new Pattern(source);
    let best = Infinity;
    // The shortest of some tries says least about what else is going on.
    for (let tries = 0; tries < 10 && best > MOST_MS; tries++) {
      const start = performance.now();
      try {
        pattern.exec(hardText(unit, "!"));
      } catch (error) {
        assert(error instanceof HttpError);
      }
      best = Math.min(best, performance.now() - start);
    }
    assert(best < MOST_MS, `${source}: ${best} ms`);
  }
});

Deno.test("Pattern.names: the numbers of named groups", () => {
  const pattern = new Pattern("(?<a>x)(y)(?P<b>z)(?|(?<c>1)|(?<c>2))(?'d'3)");
  assertEquals([...pattern.names], [["a", [1]], ["b", [3]], ["c", [4]], [
    "d",
    [5],
  ]]);
});

Deno.test("Pattern.toString(): as a location has it", () => {
  assertEquals(String(new Pattern("^/a")), "~ ^/a");
  assertEquals(String(new Pattern("^/a", { ignoreCase: true })), "~* ^/a");
});
