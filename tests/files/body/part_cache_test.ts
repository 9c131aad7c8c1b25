import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { FileEntry } from "../../../src/files/cache/file_entry.ts";
import {
  type HeldPart,
  MAX_PART_BYTES,
  PartCache,
  partCost,
} from "../../../src/files/body/part_cache.ts";
import { contained } from "../../support/contained.ts";

/** An entry for a file that was changed `ageMs` ago. */
function entryOf(ageMs = 60_000): FileEntry {
  const then = Date.now() - ageMs;
  return new FileEntry(contained("/srv/large"), "file", {
    identity: { size: 1e9, mtimeMs: then, ctimeMs: then, dev: 1, ino: 1 },
  });
}

/** Asks `times` times; what the last one gave, and how often was read. */
function ask(
  cache: PartCache,
  entry: FileEntry,
  [start, end]: readonly [number, number],
  times: number,
): { part: HeldPart | undefined; reads: number } {
  let reads = 0;
  let part: HeldPart | undefined;
  for (let i = 0; i < times; i++) {
    part = cache.get(entry, start, end, (target) => {
      reads++;
      target.forEach((_, n) => target[n] = (start + n) % 251);
      return true;
    });
  }
  return { part, reads };
}

Deno.test("PartCache.get() holds a part from the second time on", () => {
  const cache = new PartCache();
  const entry = entryOf();
  assertEquals(ask(cache, entry, [5, 9], 1), { part: undefined, reads: 0 });
  assertEquals(cache.bytes, 0);
  const { part, reads } = ask(cache, entry, [5, 9], 3);
  assertEquals([[...part!.bytes], reads], [[5, 6, 7, 8], 1]);
  assertEquals(cache.bytes, partCost(4));
  assertStrictEquals(ask(cache, entry, [5, 9], 1).part, part);
  assertEquals(ask(cache, entry, [5, 10], 1).part, undefined);
});

Deno.test("PartCache.get() tells two entries of a path apart", () => {
  const cache = new PartCache();
  const [before, after] = [entryOf(), entryOf()];
  ask(cache, before, [0, 3], 2);
  assertEquals(ask(cache, after, [0, 3], 1), { part: undefined, reads: 0 });
  assertEquals(ask(cache, after, [0, 3], 1).reads, 1);
});

Deno.test("PartCache.get() holds nothing of a file that may be changing", () => {
  const cache = new PartCache();
  assertEquals(ask(cache, entryOf(0), [0, 3], 5).reads, 0);
});

Deno.test("PartCache.get() holds nothing that is no longer the entry's", () => {
  const cache = new PartCache();
  const entry = entryOf();
  for (let i = 0; i < 3; i++) {
    assertEquals(cache.get(entry, 0, 3, () => false), undefined);
  }
  assertEquals(cache.bytes, 0);
});

Deno.test("PartCache.get() holds no large part, and none without budget", () => {
  const entry = entryOf();
  const rows: [PartCache, number, number][] = [
    [new PartCache(), MAX_PART_BYTES, 1],
    [new PartCache(), MAX_PART_BYTES + 1, 0],
    [new PartCache(partCost(100)), 100, 1],
    [new PartCache(partCost(100)), 101, 0],
    [new PartCache(0), 1, 0],
  ];
  for (const [cache, length, expected] of rows) {
    const { reads } = ask(cache, entry, [7, 7 + length], 4);
    assertEquals(reads, expected, String(length));
  }
});

Deno.test("PartCache lets go of what was used longest ago", () => {
  const cache = new PartCache(3 * partCost(10));
  const entry = entryOf();
  for (const at of [0, 10, 20]) ask(cache, entry, [at, at + 10], 2);
  ask(cache, entry, [0, 10], 1);
  ask(cache, entry, [30, 40], 2);
  assertEquals(cache.bytes, 3 * partCost(10));
  assertEquals(ask(cache, entry, [0, 10], 1).part?.bytes.length, 10);
  assertEquals(ask(cache, entry, [10, 20], 1).part, undefined);
  cache.clear();
  assertEquals(cache.bytes, 0);
  assertEquals(ask(cache, entry, [0, 10], 1).part, undefined);
});

Deno.test("PartCache: many parts of a byte cost what they take", () => {
  const budget = 1024 * 1024;
  const cache = new PartCache(budget);
  const entry = entryOf();
  for (let i = 0; i < 5000; i++) ask(cache, entry, [i, i + 1], 2);
  assert(cache.bytes <= budget);
  const held = Array.from({ length: 5000 }, (_, i) => i).filter((i) =>
    ask(cache, entry, [i, i + 1], 1).part !== undefined
  );
  assert(held.length < 400, `${held.length} parts`);
});

Deno.test("PartCache holds nothing that could not be read", () => {
  const cache = new PartCache();
  const entry = entryOf();
  ask(cache, entry, [0, 3], 1);
  const failing = () => {
    throw new Error("it changed");
  };
  assertThrows(() => cache.get(entry, 0, 3, failing), Error, "it changed");
  assertEquals(cache.bytes, 0);
  assertEquals(ask(cache, entry, [0, 3], 2).reads, 1);
});
