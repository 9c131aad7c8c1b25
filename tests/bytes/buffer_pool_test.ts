import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { BufferPool } from "../../src/bytes/buffer_pool.ts";

Deno.test("BufferPool gives back what it was given", () => {
  const pool = new BufferPool(100_000, 2);
  const piece = pool.acquire();
  assertEquals([piece.length, pool.bytes, pool.unused], [100_000, 100_000, 0]);
  pool.release(piece);
  assertEquals(pool.unused, 1);
  assertStrictEquals(pool.acquire(), piece);
  assert(pool.acquire() !== piece);
});

Deno.test("BufferPool cuts small pieces from one slab, none from another's", () => {
  const pool = new BufferPool(20_000, 2);
  const pieces = [pool.acquire(), pool.acquire(), pool.acquire()];
  assertEquals(pool.unused, 0);
  assertEquals(new Set(pieces.map(({ buffer }) => buffer)).size, 1);
  pieces.forEach((piece, i) => piece.fill(i + 1));
  pieces.forEach((piece, i) => {
    assertEquals(piece.length, 20_000);
    assert(piece.every((byte) => byte === i + 1));
  });
});

Deno.test("BufferPool keeps no more than it may, and no other size", () => {
  const pool = new BufferPool(8, 2);
  for (let i = 0; i < 5; i++) pool.release(new Uint8Array(8));
  assertEquals(pool.unused, 2);
  const other = new BufferPool(8, 2);
  other.release(new Uint8Array(16));
  assertEquals(other.unused, 0);
});
