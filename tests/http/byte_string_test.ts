import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  bytesOf,
  byteString,
  hasStrayBytes,
  textOf,
  writeByteString,
} from "../../src/http/byte_string.ts";

Deno.test("byteString() and textOf() lead to each other", () => {
  const rows: [text: string, bytes: string][] = [
    ["", ""],
    ["plain\x7f\0", "plain\x7f\0"],
    ["\x80", "\xc2\x80"],
    ["é", "\xc3\xa9"],
    ["a€b", "a\xe2\x82\xacb"],
    ["\ufffd\ufeff", "\xef\xbf\xbd\xef\xbb\xbf"],
    ["😀💀", "\xf0\x9f\x98\x80\xf0\x9f\x92\x80"],
    ["\u{10ffff}", "\xf4\x8f\xbf\xbf"],
    // not UTF-8
    ["\udc80\udcff", "\x80\xff"],
    ["é\udca9", "\xc3\xa9\xa9"],
    ["\udce2\udc82", "\xe2\x82"],
    ["\udcc3(", "\xc3("],
    // overlong, surrogates, beyond U+10FFFF
    ["\udcc0\udcaf", "\xc0\xaf"],
    ["\udce0\udc80\udcaf", "\xe0\x80\xaf"],
    ["\udced\udca0\udc80", "\xed\xa0\x80"],
    ["\udcf4\udc90\udc80\udc80", "\xf4\x90\x80\x80"],
  ];
  for (const [text, bytes] of rows) {
    assertEquals(byteString(text), bytes, text);
    assertEquals(textOf(bytes), text, text);
    const isUtf8 = text === text.toWellFormed();
    assertEquals(hasStrayBytes(text), !isUtf8, text);
  }
  // What no byte string leads to.
  assertEquals(byteString("\ud800"), "\xef\xbf\xbd");
});

Deno.test("every byte string has a text that leads back to it", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const string = String.fromCharCode(...bytes);
      assertEquals(byteString(textOf(string)), string);
    }),
    { numRuns: 5000 },
  );
});

Deno.test("textOf() is UTF-8 where there is UTF-8", () => {
  const encoder = new TextEncoder();
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 20 }), (text) => {
      const string = String.fromCharCode(...encoder.encode(text));
      assertEquals(textOf(string), text);
      assertEquals(byteString(text), string);
      assertEquals(hasStrayBytes(text), false);
    }),
    { numRuns: 5000 },
  );
});

Deno.test("bytesOf() and writeByteString() write one byte per character", () => {
  assertEquals([...bytesOf("a\x7f\x80\xff")], [0x61, 0x7f, 0x80, 0xff]);
  assertEquals([...bytesOf("")], []);
  const target = new Uint8Array(6).fill(1);
  assertEquals(writeByteString(target, "ab\xfc"), 3);
  assertEquals([...target.subarray(0, 3)], [0x61, 0x62, 0xfc]);
  assertEquals(writeByteString(target, "xy"), 2);
  assertEquals([...target.subarray(0, 3)], [0x78, 0x79, 0xfc]);
  // It must not be mistaken for ASCII because UTF-8 did not fit either.
  const tight = new Uint8Array(2);
  assertEquals(writeByteString(tight, "\xfca"), 2);
  assertEquals([...tight], [0xfc, 0x61]);
  assertThrows(() => bytesOf("€"), RangeError, "8364");
});
