import { assertEquals, assertStrictEquals } from "@std/assert";
import { ByteSource, sourceOf } from "../../src/http/byte_source.ts";

const ROWS: [length: number, limit: number | undefined, pieces: number[]][] = [
  [0, undefined, []],
  [5, undefined, [5]],
  [5, 2, [2, 2, 1]],
  [4, 2, [2, 2]],
  [3, 0, [1, 1, 1]],
  [3, Infinity, [3]],
  [65_536 * 2 + 1, undefined, [65_536, 65_536, 1]],
  [65_536 + 1, 1_000_000, [65_536, 1]],
];

for (const [length, limit, pieces] of ROWS) {
  Deno.test(`ByteSource gives ${length} bytes by ${limit}`, () => {
    const bytes = Uint8Array.from({ length }, (_, i) => i % 251);
    const source = new ByteSource(bytes);
    assertEquals(source.length, length);
    const given: Uint8Array[] = [];
    for (let piece; (piece = source.pull(limit)) !== undefined;) {
      given.push(piece);
    }
    assertEquals(given.map((piece) => piece.length), pieces);
    assertEquals(given.flatMap((piece) => [...piece]), [...bytes]);
    assertEquals(source.pull(), undefined);
    source.close();
  });
}

Deno.test("sourceOf() makes a source of every body", () => {
  assertEquals(sourceOf(undefined).length, 0);
  assertEquals(sourceOf(undefined).pull(), undefined);
  assertEquals(sourceOf(new Uint8Array(3)).length, 3);
  const source = new ByteSource(new Uint8Array(3));
  assertStrictEquals(sourceOf(source), source);
});
