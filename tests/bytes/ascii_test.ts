import { assertEquals } from "@std/assert";
import {
  byteTable,
  FIELD_VALUE,
  isAlpha,
  isDigit,
  latin1,
  PLAIN_NAME,
  TARGET,
  TOKEN,
} from "../../src/bytes/ascii.ts";
import { bytesOf } from "../support/latin1.ts";

const ALL = Array.from({ length: 256 }, (_, byte) => byte);

/** The bytes a table accepts, as a text. */
function members(table: Uint8Array): string {
  return ALL.filter((byte) => table[byte] === 1)
    .map((byte) => String.fromCharCode(byte)).join("");
}

Deno.test("byte tables hold what their grammar says", () => {
  const alphanumeric = /[0-9A-Za-z]/;
  const rows: [Uint8Array, (char: string, byte: number) => boolean][] = [
    [
      TOKEN,
      (char) => alphanumeric.test(char) || "!#$%&'*+-.^_`|~".includes(char),
    ],
    [PLAIN_NAME, (char) => alphanumeric.test(char) || char === "-"],
    [TARGET, (_, byte) => byte > 0x20 && byte !== 0x7f],
    [FIELD_VALUE, (_, byte) => byte === 9 || (byte >= 32 && byte !== 0x7f)],
  ];
  for (const [table, accepts] of rows) {
    assertEquals(table.length, 256);
    const expected = ALL.map((byte) => String.fromCharCode(byte))
      .filter((char) => accepts(char, char.charCodeAt(0))).join("");
    assertEquals(members(table), expected);
  }
});

Deno.test("byteTable() makes a flag of each answer", () => {
  assertEquals(members(byteTable((byte) => byte === 0 || byte === 255)), "\0ÿ");
});

Deno.test("isDigit() and isAlpha() know ASCII alone", () => {
  for (const byte of ALL) {
    const char = String.fromCharCode(byte);
    assertEquals(isDigit(byte), /^[0-9]$/.test(char), char);
    assertEquals(isAlpha(byte), /^[A-Za-z]$/.test(char), char);
  }
});

Deno.test("latin1() gives one character per byte", () => {
  const rows = [
    "",
    "a",
    "\x00\x7f\x80\x9f\xa0\xff",
    "a".repeat(127),
    "a".repeat(128),
    "a".repeat(129),
    "a".repeat(1000),
    // These differ in windows-1252, which decoders call latin1.
    "\x80".repeat(1000),
    `${"a".repeat(500)}\x93${"b".repeat(500)}`,
    `${"a".repeat(300)}\xe9`,
    `\xef\xbb\xbf${"a".repeat(300)}`,
  ];
  for (const text of rows) {
    const bytes = bytesOf(`<${text}>`);
    assertEquals(latin1(bytes, 1, bytes.length - 1), text);
  }
});
