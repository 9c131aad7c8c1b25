import { assertEquals } from "@std/assert";
import {
  isEntityTag,
  isWeakEtag,
  makeEtag,
  parseEntityTagList,
  strongMatch,
  weakenEtag,
  weakMatch,
} from "../../../src/http/semantics/etag.ts";

Deno.test("makeEtag() is hex(seconds)-hex(size) in quotes", () => {
  const cases: [mtimeMs: number, size: number, etag: string][] = [
    [1_700_000_000_000, 1024, '"6553f100-400"'],
    [1_700_000_000_999, 1024, '"6553f100-400"'],
    [1_700_000_001_000, 1024, '"6553f101-400"'],
    [1_700_000_000_000, 0, '"6553f100-0"'],
    [4_294_967_296_000, 2 ** 40, '"100000000-10000000000"'],
  ];
  for (const [mtimeMs, size, etag] of cases) {
    assertEquals(makeEtag(mtimeMs, size), etag);
  }
});

Deno.test("weakenEtag() marks a tag once", () => {
  assertEquals(weakenEtag('"a"'), 'W/"a"');
  assertEquals(weakenEtag('W/"a"'), 'W/"a"');
});

Deno.test("isWeakEtag() is case-sensitive and looks outside the quotes", () => {
  assertEquals(isWeakEtag('W/"a"'), true);
  assertEquals(isWeakEtag('w/"a"'), false);
  assertEquals(isWeakEtag('"W/"'), false);
});

Deno.test("strongMatch() and weakMatch() follow the table of RFC 9110", () => {
  const cases: [a: string, b: string, strong: boolean, weak: boolean][] = [
    ['W/"1"', 'W/"1"', false, true],
    ['W/"1"', 'W/"2"', false, false],
    ['W/"1"', '"1"', false, true],
    ['"1"', 'W/"1"', false, true],
    ['"1"', '"1"', true, true],
    ['"1"', '"2"', false, false],
    ['"a"', '"A"', false, false],
    ['""', '""', true, true],
  ];
  for (const [a, b, strong, weak] of cases) {
    assertEquals(strongMatch(a, b), strong, `strong ${a} ${b}`);
    assertEquals(weakMatch(a, b), weak, `weak ${a} ${b}`);
  }
});

Deno.test("parseEntityTagList() reads well-formed lists", () => {
  const cases: [string, "*" | string[]][] = [
    ["*", "*"],
    [" *\t", "*"],
    ['"a"', ['"a"']],
    ['W/"a"', ['W/"a"']],
    ['"a", "b"', ['"a"', '"b"']],
    ['"a","b"', ['"a"', '"b"']],
    ['"a"\t,\t W/"b"', ['"a"', 'W/"b"']],
    [' "a" ', ['"a"']],
    // Empty members are skipped.
    ["", []],
    [" ", []],
    [",", []],
    [',, "a",, ,"b",', ['"a"', '"b"']],
    // The inside is opaque.
    ['""', ['""']],
    ['"*"', ['"*"']],
    ['"a,b"', ['"a,b"']],
    ['"a\\"', ['"a\\"']],
    ['"!~"', ['"!~"']],
    ['"\x80\xff"', ['"\x80\xff"']],
  ];
  for (const [text, list] of cases) {
    assertEquals(parseEntityTagList(text), list, text);
  }
});

Deno.test("parseEntityTagList() rejects malformed lists as a whole", () => {
  const cases = [
    "a",
    '"',
    '"a',
    'a"',
    'W/"a',
    "W/a",
    "W/",
    'w/"a"',
    'W "a"',
    'W/ "a"',
    '"a" "b"',
    '"a""b"',
    '"a"; "b"',
    '"a"b',
    '"a", b',
    'b, "a"',
    '"a b"',
    '"a\tb"',
    '"a\x7f"',
    '"a\x00"',
    '"a\u0100"',
    "**",
    "*, *",
    '*, "a"',
    '"a", *',
    ", *",
    "'a'",
  ];
  for (const text of cases) {
    assertEquals(parseEntityTagList(text), undefined, text);
  }
});

Deno.test("isEntityTag() wants one tag and nothing around it", () => {
  const cases: [string, boolean][] = [
    ['"a"', true],
    ['W/"a"', true],
    ['""', true],
    ["", false],
    ["*", false],
    [' "a"', false],
    ['"a" ', false],
    ['"a", "b"', false],
    ['"a', false],
  ];
  for (const [text, expected] of cases) {
    assertEquals(isEntityTag(text), expected, text);
  }
});
