import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { SharedZone } from "../../../src/core/zones.ts";
import { Board } from "../../../src/features/acme/board.ts";

const NOTHING = { tokens: {}, hosts: {}, pairs: {}, progress: {} };

/** The boards of several threads in one memory of this size. */
function boards(count: number, bytes = 4096): Board[] {
  const memory = new SharedArrayBuffer(bytes);
  return Array.from(
    { length: count },
    (_, thread) => new Board(new SharedZone(memory, thread)),
  );
}

Deno.test("what one thread writes all read", () => {
  const [writer, ...readers] = boards(3);
  assertEquals(writer!.read(), NOTHING);
  const pair = { cert: "chain ü", key: "key" };
  writer!.write({ ...NOTHING, pairs: { a: pair } });
  for (const board of [writer!, ...readers]) {
    assertEquals(board.read().pairs, { a: pair });
  }
});

Deno.test("a pair that has not changed is the same object: contexts are kept by it", () => {
  const [writer, reader] = boards(2);
  const a = { cert: "a", key: "a" };
  writer!.write({ ...NOTHING, pairs: { a, b: { cert: "1", key: "1" } } });
  const before = reader!.read();
  assertStrictEquals(reader!.read(), before);
  writer!.write({ ...NOTHING, pairs: { a, b: { cert: "2", key: "2" } } });
  const after = reader!.read();
  assertStrictEquals(after.pairs.a, before.pairs.a);
  assertEquals(after.pairs.b, { cert: "2", key: "2" });
});

Deno.test("what has no room is refused, and what was there stays", () => {
  const [writer, reader] = boards(2, 256);
  writer!.write({ ...NOTHING, pairs: { a: { cert: "1", key: "1" } } });
  const large = { cert: "x".repeat(300), key: "" };
  assertThrows(
    () => writer!.write({ ...NOTHING, pairs: { a: large } }),
    RangeError,
    "acme_shared_zone",
  );
  assertEquals(reader!.read().pairs.a?.cert, "1");
});
