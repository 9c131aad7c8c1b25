import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import {
  CompressedCache,
  formCost,
  originalCost,
} from "../../../src/files/coding/compressed_cache.ts";
import { Representation } from "../../../src/http/representation.ts";
import { HttpResponse } from "../../../src/http/response.ts";

/** What an original of 100 bytes and a form of 50 take. */
const PAIR = originalCost(response(100)) + formCost(response(50));

function response(bytes: number): Representation {
  const body = new Uint8Array(bytes);
  return new Representation(new HttpResponse(200, { body }));
}

Deno.test("CompressedCache: each response has its own forms", () => {
  const cache = new CompressedCache();
  const [a, b, gzipped, brotli] = [10, 10, 5, 4].map(response);
  cache.put(a!, "gzip", gzipped!);
  cache.put(a!, "br", brotli!);
  assertStrictEquals(cache.get(a!, "gzip"), gzipped);
  assertStrictEquals(cache.get(a!, "br"), brotli);
  assertEquals(cache.get(a!, "zstd"), undefined);
  assertEquals(cache.get(b!, "gzip"), undefined);
  const cost = originalCost(a!) + formCost(gzipped!) + formCost(brotli!);
  assertEquals(cache.bytes, cost);
  assert(cost > 5000, "what the engine needs counts too");
  assertEquals(cache.counters, { hits: 2, misses: 2 });
  cache.put(a!, "gzip", response(5));
  assertStrictEquals(cache.get(a!, "gzip"), gzipped);
  assertEquals(cache.bytes, cost);
  cache.clear();
  assertEquals([cache.bytes, cache.get(a!, "gzip")], [0, undefined]);
});

Deno.test("CompressedCache: holds to its budget, the original included", () => {
  const budget = 6.5 * PAIR;
  const cache = new CompressedCache(budget);
  const all = Array.from({ length: 20 }, () => response(100));
  for (const original of all) {
    cache.put(original, "gzip", response(50));
    assert(cache.bytes <= budget);
  }
  const kept = all.filter((one) => cache.get(one, "gzip") !== undefined);
  assertEquals(kept.length, 6);
  cache.put(response(budget), "gzip", response(200));
  assert(cache.bytes <= budget);
});

Deno.test("CompressedCache: what was asked for stays longer", () => {
  const cache = new CompressedCache(6.5 * PAIR);
  const hot = response(100);
  cache.put(hot, "gzip", response(50));
  for (let i = 0; i < 50; i++) {
    cache.put(response(100), "gzip", response(50));
    assert(cache.get(hot, "gzip") !== undefined, `after ${i}`);
  }
});

Deno.test("CompressedCache: a budget of 0 keeps nothing", () => {
  const cache = new CompressedCache(0);
  const original = response(10);
  cache.put(original, "gzip", response(5));
  assertEquals(cache.get(original, "gzip"), undefined);
  assertEquals(cache.bytes, 0);
});
