import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { MemoryBudget } from "../../../src/bytes/memory_budget.ts";
import { CHUNK_SIZES, ChunkPool } from "../../../src/files/body/chunk_pool.ts";

const KIB = 1024;

Deno.test("ChunkPool gives each stream its share", () => {
  const rows: [budget: number, streams: number, wanted: number, got: number][] =
    [
      [32 * 1024 * KIB, 1, Infinity, 256 * KIB],
      [32 * 1024 * KIB, 128, Infinity, 256 * KIB],
      [32 * 1024 * KIB, 129, Infinity, 64 * KIB],
      [32 * 1024 * KIB, 500, Infinity, 64 * KIB],
      [32 * 1024 * KIB, 2048, Infinity, 16 * KIB],
      [32 * 1024 * KIB, 100_000, Infinity, 4 * KIB], // never less
      [32 * 1024 * KIB, 0, Infinity, 256 * KIB],
      [32 * 1024 * KIB, 1, 1, 4 * KIB], // no more than is left to send
      [32 * 1024 * KIB, 1, 16 * KIB, 16 * KIB],
      [32 * 1024 * KIB, 1, 16 * KIB + 1, 64 * KIB],
      [32 * 1024 * KIB, 1, 256 * KIB, 256 * KIB],
      [1, 1, Infinity, 4 * KIB],
    ];
  for (const [budget, streams, wanted, got] of rows) {
    const pool = new ChunkPool(new MemoryBudget(budget));
    for (let i = 0; i < streams; i++) pool.enter();
    assertEquals(pool.acquire(wanted).length, got, `${streams} ${wanted}`);
    for (let i = 0; i < streams; i++) pool.leave();
    assertEquals(pool.streams, 0);
  }
});

Deno.test("ChunkPool uses chunks again, a few of each size", () => {
  const pool = new ChunkPool();
  const size = CHUNK_SIZES.at(-1)!;
  const chunks = Array.from({ length: 10 }, () => pool.acquire(size));
  assertEquals(new Set(chunks).size, 10);
  for (const chunk of chunks) pool.release(chunk);
  const again = Array.from({ length: 10 }, () => pool.acquire(size));
  assertEquals(again.filter((chunk) => chunks.includes(chunk)).length, 4);
  pool.release(new Uint8Array(5));
  assertStrictEquals(pool.acquire(5).length, size);
});

Deno.test("ChunkPool: all that is in use holds to the budget, whoever came first", () => {
  const memory = new MemoryBudget(1024 * KIB);
  const pool = new ChunkPool(memory);
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for (let i = 0; i < 100; i++) {
    pool.enter();
    chunks.push(pool.acquire(Infinity));
  }
  // Those who come when nothing is left have the least there is.
  const least = 100 * 4 * KIB;
  assert(memory.bytes <= memory.budget + least, `${memory.bytes}`);
  assertEquals(
    memory.bytes,
    chunks.reduce((sum, { length }) => sum + length, 0),
  );
  for (const chunk of chunks) pool.release(chunk);
  assertEquals(memory.bytes, 0);
});
