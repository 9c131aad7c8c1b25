import { assertEquals } from "@std/assert";
import { Patterns } from "../../../src/features/sub_filter/patterns.ts";
import { substituted } from "../../../src/features/sub_filter/substitution.ts";
import { lowerCase } from "../../../src/http/byte_string.ts";
import type { Pieces } from "../../../src/files/body/made_body.ts";
import { bytesOf, textOf } from "../../support/latin1.ts";

/** Pairs of what is looked for and what takes its place. */
type Pairs = readonly (readonly [string: string, replacement: string])[];

/** The text in pieces that end at `cuts`; their memory is used again. */
async function* piecesOf(text: string, cuts: readonly number[]): Pieces {
  const memory = new Uint8Array(text.length);
  let from = 0;
  for (const to of [...cuts, text.length]) {
    const bytes = bytesOf(text.slice(from, to));
    memory.fill(0x2a);
    memory.set(bytes);
    yield memory.subarray(0, bytes.length);
    from = to;
  }
}

async function replaced(
  text: string,
  pairs: Pairs,
  { once = false, cuts = [] }: { once?: boolean; cuts?: number[] } = {},
): Promise<string> {
  const pieces = substituted(piecesOf(text, cuts), {
    patterns: new Patterns(pairs.map(([string]) => bytesOf(string))),
    count: pairs.length,
    once,
    replacement: (index) => bytesOf(pairs[index]![1]),
  });
  let result = "";
  for await (const piece of pieces) result += textOf(piece);
  return result;
}

/** Replaced with a regular expression: slow, and plain to see. */
function expected(text: string, pairs: Pairs, once: boolean): string {
  const left = new Set(pairs.keys());
  let result = "";
  for (let at = 0; at < text.length;) {
    const index = [...left].find((i) => {
      const [string] = pairs[i]!;
      return lowerCase(text.slice(at, at + string.length)) ===
        lowerCase(string);
    });
    if (index === undefined) {
      result += text[at++];
      continue;
    }
    result += pairs[index]![1];
    at += pairs[index]![0].length;
    if (once) left.delete(index);
  }
  return result;
}

const ROWS: [text: string, pairs: Pairs, once: boolean, result: string][] = [
  ["", [["a", "b"]], false, ""],
  ["a", [["a", "b"]], false, "b"],
  ["aaa", [["a", "bb"]], false, "bbbbbb"],
  ["aaa", [["a", "bb"]], true, "bbaa"],
  ["aaa", [["a", ""]], false, ""],
  ["fOo FOO", [["Foo", "x"]], false, "x x"],
  ["foobar", [["foo", "1"], ["foobar", "2"]], false, "1bar"],
  ["foobar", [["foobar", "2"], ["foo", "1"]], false, "2"],
  ["foobaz", [["foobar", "2"], ["foo", "1"]], false, "1baz"],
  ["foob", [["foobar", "2"], ["foo", "1"]], false, "1b"],
  ["xfoo", [["foo", "1"], ["xf", "2"]], false, "2oo"],
  ["aaab", [["aab", "x"]], false, "ax"],
  ["abab", [["ab", "ba"]], false, "baba"],
  ["a b a b", [["a", "1"], ["b", "2"]], true, "1 2 a b"],
  ["\xc9\xe9[{@`", [["\xe9", "e"], ["[", "("]], false, "\xc9e({@`"],
  ["\0\xff\0", [["\xff\0", "!"]], false, "\0!"],
];

for (const [text, pairs, once, result] of ROWS) {
  const name = `${text.slice(0, 20)} with ${JSON.stringify(pairs)}`;
  Deno.test(`${once ? "once " : ""}replaced in ${name}`, async () => {
    assertEquals(expected(text, pairs, once), result);
    assertEquals(await replaced(text, pairs, { once }), result);
    const cuts = [...text].map((_, i) => i);
    assertEquals(await replaced(text, pairs, { once, cuts }), result);
  });
}

Deno.test("a body that is cut anywhere has the same strings replaced", async () => {
  let seed = 7;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 8) % below;
  };
  const word = (longest: number) =>
    Array.from({ length: 1 + random(longest) }, () => "abAB-"[random(5)])
      .join("");
  for (let round = 0; round < 400; round++) {
    const pairs = Array.from(
      { length: 1 + random(4) },
      () => [word(6), word(9)] as const,
    );
    const text = word(80);
    const once = random(2) === 0;
    const cuts = Array.from({ length: random(6) }, () => random(text.length))
      .sort((a, b) => a - b);
    assertEquals(
      await replaced(text, pairs, { once, cuts }),
      expected(text, pairs, once),
      JSON.stringify({ text, pairs, once, cuts }),
    );
  }
});

Deno.test("a replacement is made once, and only if it is needed", async () => {
  const asked: number[] = [];
  const pieces = substituted(piecesOf("b b b", [1, 2]), {
    patterns: new Patterns(["a", "b"].map(bytesOf)),
    count: 2,
    once: false,
    replacement(index) {
      asked.push(index);
      return bytesOf("x");
    },
  });
  for await (const _piece of pieces);
  assertEquals(asked, [1]);
});

Deno.test("pieces stay small when replacements are large", async () => {
  const text = "a".repeat(3000);
  const sizes: number[] = [];
  const pieces = substituted(piecesOf(text, []), {
    patterns: new Patterns([bytesOf("a")]),
    count: 1,
    once: false,
    replacement: () => bytesOf("b".repeat(1000)),
  });
  for await (const { length } of pieces) sizes.push(length);
  assertEquals(sizes.reduce((sum, size) => sum + size), 3_000_000);
  assertEquals(Math.max(...sizes), 16 * 1024);
});
