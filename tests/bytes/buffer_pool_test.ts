import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { BufferPool } from "../../src/bytes/buffer_pool.ts";

Deno.test("BufferPool gives back what it was given", () => {
  const pool = new BufferPool(8, 2);
  const piece = pool.acquire();
  assertEquals([piece.length, pool.bytes, pool.unused], [8, 8, 0]);
  pool.release(piece);
  assertEquals(pool.unused, 1);
  assertStrictEquals(pool.acquire(), piece);
  assert(pool.acquire() !== piece);
});

Deno.test("BufferPool keeps no more than it may, and no other size", () => {
  const pool = new BufferPool(8, 2);
  for (let i = 0; i < 5; i++) pool.release(new Uint8Array(8));
  assertEquals(pool.unused, 2);
  const other = new BufferPool(8, 2);
  other.release(new Uint8Array(16));
  assertEquals(other.unused, 0);
});
