import { assertEquals } from "@std/assert";
import {
  isCallbackName,
  renderJson,
  renderJsonp,
  renderXml,
} from "../../../src/features/autoindex/listing_data.ts";
import type { ListingEntry } from "../../../src/features/autoindex/listing_entry.ts";

/** 2026-11-23T19:04:13.500Z */
const MTIME_MS = 1_795_460_653_500;

/** Names and kinds of what nginx 1.22.1 listed as below. */
const ENTRIES: readonly ListingEntry[] = [
  { name: 'd<&>"x', kind: "directory", size: 4096, mtimeMs: MTIME_MS },
  { name: "a.txt", kind: "file", size: 0, mtimeMs: 981_173_106_000 },
  { name: "pipe", kind: "other", size: 0, mtimeMs: MTIME_MS },
  {
    name: "q\"u\\o\te\n\x01\x7f<&>'/.txt",
    kind: "file",
    size: 12_345_678_901,
    mtimeMs: MTIME_MS,
  },
  { name: "esc\x1f\b\f\v\\u001f", kind: "file", size: 1, mtimeMs: MTIME_MS },
  { name: "ü€😀\u2028", kind: "file", size: 1, mtimeMs: MTIME_MS },
];

const DATE = "Mon, 23 Nov 2026 19:04:13 GMT";

const JSON_TEXT = [
  "[",
  `{ "name":"d<&>\\"x", "type":"directory", "mtime":"${DATE}" },`,
  '{ "name":"a.txt", "type":"file", "mtime":"Sat, 03 Feb 2001 04:05:06 GMT", "size":0 },',
  `{ "name":"pipe", "type":"other", "mtime":"${DATE}" },`,
  `{ "name":"q\\"u\\\\o\\te\\n\\u0001\x7f<&>'/.txt", "type":"file", "mtime":"${DATE}", "size":12345678901 },`,
  `{ "name":"esc\\u001F\\b\\f\\u000B\\\\u001f", "type":"file", "mtime":"${DATE}", "size":1 },`,
  `{ "name":"ü€😀\u2028", "type":"file", "mtime":"${DATE}", "size":1 }`,
  "]",
].join("\r\n");

Deno.test("renderJson() writes what nginx writes", () => {
  assertEquals([...renderJson(ENTRIES)].join(""), JSON_TEXT);
  assertEquals([...renderJson([])].join(""), "[\r\n]");
});

Deno.test("renderJson() is JSON", () => {
  const parsed = JSON.parse([...renderJson(ENTRIES)].join(""));
  assertEquals(
    parsed.map((entry: { name: string }) => entry.name),
    ENTRIES.map(({ name }) => name),
  );
});

Deno.test("renderJsonp() writes what nginx writes", () => {
  assertEquals(
    [...renderJsonp(ENTRIES, "a.b_1")].join(""),
    `/* callback */\r\na.b_1(${JSON_TEXT});`,
  );
  assertEquals(
    [...renderJsonp([], "f")].join(""),
    "/* callback */\r\nf([\r\n]);",
  );
});

Deno.test("renderXml() writes what nginx writes", () => {
  const time = "2026-11-23T19:04:13Z";
  assertEquals(
    [...renderXml(ENTRIES)].join(""),
    [
      '<?xml version="1.0"?>',
      "<list>",
      `<directory mtime="${time}">d&lt;&amp;&gt;&quot;x</directory>`,
      '<file mtime="2001-02-03T04:05:06Z" size="0">a.txt</file>',
      `<other mtime="${time}">pipe</other>`,
      `<file mtime="${time}" size="12345678901">q&quot;u\\o\te\n\x01\x7f&lt;&amp;&gt;'/.txt</file>`,
      `<file mtime="${time}" size="1">esc\x1f\b\f\v\\u001f</file>`,
      `<file mtime="${time}" size="1">ü€😀\u2028</file>`,
      "</list>",
      "",
    ].join("\r\n"),
  );
  assertEquals(
    [...renderXml([])].join(""),
    '<?xml version="1.0"?>\r\n<list>\r\n</list>\r\n',
  );
});

const STRANGE_TIMES = [NaN, Infinity, 8.64e15, -8.64e15, 253_402_300_800_000];

for (const mtimeMs of STRANGE_TIMES) {
  Deno.test(`listings survive the time ${mtimeMs}`, () => {
    const entries: ListingEntry[] = [
      { name: "a", kind: "file", size: 1, mtimeMs },
    ];
    assertEquals(
      [...renderJson(entries)].join(""),
      '[\r\n{ "name":"a", "type":"file", "mtime":"Thu, 01 Jan 1970 00:00:00 GMT", "size":1 }\r\n]',
    );
    assertEquals(
      [...renderXml(entries)][1],
      '<file mtime="1970-01-01T00:00:00Z" size="1">a</file>\r\n',
    );
  });
}

const CALLBACKS: [name: string, valid: boolean][] = [
  ["f", true],
  ["a.b_C9", true],
  ["", false],
  ["f(", false],
  ["a$", false],
  ["a%20", false],
  ["a-b", false],
  ["é", false],
  ["f\n", false],
];

for (const [name, valid] of CALLBACKS) {
  Deno.test(`isCallbackName() of ${JSON.stringify(name)}`, () => {
    assertEquals(isCallbackName(name), valid);
  });
}
