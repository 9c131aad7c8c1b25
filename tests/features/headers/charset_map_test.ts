import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError } from "../../../src/config/errors.ts";
import {
  charsetMapDirective,
  recodingKey,
} from "../../../src/features/headers/charset_map.ts";
import { read } from "../../support/module_support.ts";
import { bytesOf, textOf } from "../../support/latin1.ts";

const BROKEN: [text: string, message: string][] = [
  ["charset_map a { }", "invalid number of arguments"],
  ["charset_map a b;", 'directive "charset_map" has no opening "{"'],
  ["charset_map a A { }", 'between the same charsets "a" and "A"'],
  [
    "charset_map a b { } charset_map B a { }",
    'duplicate "charset_map" between "B" and "a"',
  ],
  ["charset_map a b { 80; }", "invalid parameters number"],
  ["charset_map a b { 80 81 82; }", "invalid parameters number"],
  ["charset_map a b { 180 81; }", 'invalid value "180"'],
  ["charset_map a b { zz 81; }", 'invalid value "zz"'],
  ["charset_map a b { 80 zz; }", 'invalid value "zz"'],
  ["charset_map a b { 80 8182; }", 'invalid value "8182"'],
  ["charset_map a utf-8 { 80 FF; }", 'invalid value "FF"'],
  ["charset_map a utf-8 { 80 E282; }", 'invalid value "E282"'],
  ["charset_map a utf-8 { 80 E282ACAA; }", 'invalid value "E282ACAA"'],
  ["charset_map a utf-8 { 80 4142; }", 'invalid value "4142"'],
  ["charset_map a utf-8 { 80 F09F9880; }", 'invalid value "F09F9880"'],
  ["charset_map UTF-8 a { }", "cannot be the first charset"],
  ["server { charset_map a b { } }", "is not allowed here"],
  ["charset_map a b { 80 { } }", 'unexpected "{"'],
];

for (const [text, message] of BROKEN) {
  Deno.test(`charset_map refuses ${text}`, () => {
    assertThrows(() => read(text), ConfigError, message);
  });
}

const MAPS = `
  charset_map one two { 80 F0; 81 f1; A E; }
  charset_map One UTF-8 { C1 D0B0; 80 E282AC; 41 C384; }
`;

/** A way, the pieces of a body, and what they become. */
const ROWS: [from: string, to: string, pieces: string[], all: string][] = [
  ["one", "two", ["a\x80\x81\x82\n"], "a\xf0\xf1?\x0e"],
  ["two", "one", ["\xf0", "\xf1\x80\x0e"], "\x80\x81?\n"],
  ["TWO", "oNE", ["\xf0"], "\x80"],
  [
    "one",
    "utf-8",
    ["x\xc1\x80", "\xff", "A"],
    "x\xd0\xb0\xe2\x82\xac?\xc3\x84",
  ],
  ["utf-8", "one", ["x\xd0", "\xb0\xe2", "\x82", "\xac"], "x\xc1\x80"],
  ["utf-8", "one", ["\xc3\x84A"], "AA"],
  ["utf-8", "one", ["\xc3\xa9\xf0\x9f\x98\x80"], "&#233;&#128512;"],
  ["utf-8", "one", ["\xff\xfe x\xd0"], "?? x?"],
  ["utf-8", "one", ["\xef\xbb\xbfx"], "&#65279;x"],
  ["utf-8", "one", [""], ""],
];

for (const [from, to, pieces, all] of ROWS) {
  Deno.test(`${from} to ${to}: ${JSON.stringify(pieces)}`, () => {
    const recodings = read(MAPS).scope.get(charsetMapDirective);
    const recoding = recodings.get(recodingKey(from, to))!;
    for (let round = 0; round < 2; round++) {
      const recoder = recoding.start();
      let text = "";
      for (const piece of pieces) text += textOf(recoder.piece(bytesOf(piece)));
      text += textOf(recoder.end());
      assertEquals(text, all);
      const length = pieces.join("").length;
      if (recoding.keepsLength) assertEquals(text.length, length);
    }
  });
}
