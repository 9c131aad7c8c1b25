import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { sniffType } from "../../../src/http/semantics/content_sniffing.ts";
import { bytesOf } from "../../support/latin1.ts";

const TEXT = "text/plain";
const UTF16 = "text/plain; charset=utf-16";
const DATA = "application/octet-stream";

const utf8 = (text: string) => new TextEncoder().encode(text);

/** UTF-16 with a byte order mark. */
function utf16(text: string, littleEndian: boolean): Uint8Array<ArrayBuffer> {
  const units = `\ufeff${text}`;
  const view = new DataView(new ArrayBuffer(units.length * 2));
  for (let i = 0; i < units.length; i++) {
    view.setUint16(i * 2, units.charCodeAt(i), littleEndian);
  }
  return new Uint8Array(view.buffer);
}

Deno.test("sniffType() tells text from data", () => {
  const rows: [name: string, bytes: Uint8Array, expected: string][] = [
    ["nothing", bytesOf(""), TEXT],
    ["ASCII", bytesOf("#!/bin/sh\n\techo\r\n\f"), TEXT],
    ["markup, which is never taken for a page", utf8("<script>"), TEXT],
    ["UTF-8", utf8("grüße 日本 😀"), TEXT],
    ["UTF-8 with a byte order mark", utf8("\ufeffa"), TEXT],
    ["a terminal's escapes", bytesOf("\x1b[1mbold\x1b[0m"), TEXT],
    ["UTF-16LE", utf16("text ü\n", true), UTF16],
    ["UTF-16BE", utf16("text ü\n", false), UTF16],
    ["UTF-16 with a NUL", utf16("a\0b", true), DATA],
    ["UTF-16 with half a pair", utf16("a\ud800b", true), DATA],
    ["UTF-16 with half a unit", bytesOf("\xff\xfea\0b"), DATA],
    ["Latin-1", bytesOf("gr\xfc\xdfe"), DATA],
    ["overlong UTF-8", bytesOf("\xc0\xaf"), DATA],
    ["a cut character at the end of the file", bytesOf("a\xe2\x82"), DATA],
    ["NUL", bytesOf("text\0"), DATA],
    ["ELF", bytesOf("\x7fELF\x02\x01\x01\0\0"), DATA],
    ["gzip", bytesOf("\x1f\x8b\x08\0"), DATA],
    ["zip", bytesOf("PK\x03\x04\x14\0"), DATA],
    ["PNG", bytesOf("\x89PNG\r\n\x1a\n"), DATA],
    ["JPEG", bytesOf("\xff\xd8\xff\xe0"), DATA],
  ];
  for (const [name, bytes, expected] of rows) {
    const options = { truncated: false, utf8: true };
    assertEquals(sniffType(bytes, options), expected, name);
  }
  for (const code of Array.from({ length: 0x20 }, (_, code) => code)) {
    const bytes = Uint8Array.of(0x61, code);
    const isText = [9, 10, 12, 13, 0x1b].includes(code);
    assertEquals(
      sniffType(bytes, { truncated: false, utf8: true }),
      isText ? TEXT : DATA,
      `control character ${code}`,
    );
  }
});

Deno.test("sniffType() lets the last character be cut where there is more", () => {
  const options = { truncated: true, utf8: true };
  for (const character of ["ü", "€", "😀"]) {
    const bytes = utf8(`text ${character}`);
    for (let end = 5; end <= bytes.length; end++) {
      assertEquals(sniffType(bytes.subarray(0, end), options), TEXT);
    }
  }
  for (const littleEndian of [true, false]) {
    const bytes = utf16("ab😀", littleEndian);
    for (let end = 2; end <= bytes.length; end++) {
      assertEquals(sniffType(bytes.subarray(0, end), options), UTF16);
    }
  }
  assertEquals(sniffType(bytesOf("a\xe2("), options), DATA);
  assertEquals(sniffType(bytesOf("\xff"), options), DATA);
});

Deno.test("sniffType() takes any text where the site names its encoding", () => {
  const options = { truncated: false, utf8: false };
  assertEquals(sniffType(bytesOf("gr\xfc\xdfe\x80\x9f"), options), TEXT);
  assertEquals(sniffType(bytesOf("gr\xfc\xdfe\0"), options), DATA);
});

Deno.test("sniffType() never says more of anything", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 40 }),
      fc.boolean(),
      fc.boolean(),
      (bytes, truncated, utf8) => {
        const type = sniffType(bytes, { truncated, utf8 });
        assertEquals([TEXT, UTF16, DATA].includes(type), true);
      },
    ),
  );
});
