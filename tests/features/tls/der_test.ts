import { assertEquals, assertThrows } from "@std/assert";
import {
  DerError,
  DerReader,
  derTime,
  oidText,
  Tag,
} from "../../../src/features/tls/der.ts";

Deno.test("DerReader reads values one after the other", () => {
  const long = new Array<number>(200).fill(7);
  const bytes = Uint8Array.of(0x30, 3, 2, 1, 5, 4, 0x81, 200, ...long, 1, 0);
  const reader = new DerReader(bytes);
  assertEquals(
    reader.into(Tag.Sequence).next(Tag.Integer).content,
    Uint8Array.of(5),
  );
  assertEquals(reader.optional(Tag.Integer), undefined);
  assertEquals(reader.next(Tag.OctetString).content.length, 200);
  assertEquals(reader.next().whole, Uint8Array.of(1, 0));
  assertEquals(reader.isAtEnd, true);
  assertEquals(reader.tag, undefined);
});

Deno.test("DerReader refuses what is no DER", () => {
  const rows: number[][] = [
    [],
    [0x30],
    [0x30, 1],
    [0x30, 0x80], // A length that is told by an end.
    [0x30, 0x81, 1, 0], // One that could be shorter.
    [0x30, 0x82, 0, 0x80, ...new Array<number>(128).fill(0)],
    [0x30, 0x84, 0, 0, 0, 1, 0],
    [0x30, 0x82, 1],
  ];
  for (const row of rows) {
    assertThrows(() => new DerReader(Uint8Array.from(row)).next(), DerError);
  }
  assertThrows(
    () => new DerReader(Uint8Array.of(2, 1, 1)).next(Tag.Sequence),
    DerError,
  );
});

Deno.test("derTime() reads both forms, and nothing else", () => {
  const time = (tag: number, text: string) =>
    derTime({
      tag,
      content: new TextEncoder().encode(text),
      whole: new Uint8Array(),
    });
  assertEquals(
    time(Tag.UtcTime, "491231235959Z"),
    Date.UTC(2049, 11, 31, 23, 59, 59),
  );
  assertEquals(time(Tag.UtcTime, "500101000000Z"), Date.UTC(1950, 0, 1));
  assertEquals(
    time(Tag.GeneralizedTime, "20500102030405Z"),
    Date.UTC(2050, 0, 2, 3, 4, 5),
  );
  for (
    const [tag, text] of [
      [Tag.UtcTime, "4912312359Z"],
      [Tag.UtcTime, "491231235959+0100"],
      [Tag.GeneralizedTime, "491231235959Z"],
      [Tag.Integer, "491231235959Z"],
    ] as const
  ) assertThrows(() => time(tag, text), DerError);
});

Deno.test("oidText() writes object identifiers", () => {
  const rows: [number[], string][] = [
    [[0x55, 4, 3], "2.5.4.3"],
    [[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1], "1.2.840.113549.1.9.1"],
    [[0x09, 0x92, 0x26], "0.9.2342"],
    [[0x88, 0x37], "2.999"],
  ];
  for (const [bytes, text] of rows) {
    assertEquals(oidText(Uint8Array.from(bytes)), text);
  }
});
