import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { MemoryBudget } from "../../../src/bytes/memory_budget.ts";
import { AbsentPaths } from "../../../src/files/cache/absent_paths.ts";
import { FileEntry } from "../../../src/files/cache/file_entry.ts";
import { contained } from "../../support/contained.ts";

function missing(path: string, validUntil = 100): FileEntry {
  const entry = new FileEntry(contained(path), "missing");
  entry.validUntil = validUntil;
  return entry;
}

Deno.test("AbsentPaths keeps what is asked for again", () => {
  const paths = new AbsentPaths(new MemoryBudget(1e6), false);
  paths.set("/a", missing("/a"));
  assertEquals([paths.get("/a"), paths.size], [undefined, 0]);
  const entry = missing("/a");
  paths.set("/a", entry);
  assertStrictEquals(paths.get("/a"), entry);
  const newer = missing("/a");
  paths.set("/a", newer);
  assertStrictEquals(paths.get("/a"), newer);
  assertEquals(paths.size, 1);
});

Deno.test("AbsentPaths keeps everything at once where that is wanted", () => {
  const budget = new MemoryBudget(1e6);
  const paths = new AbsentPaths(budget, true);
  paths.set("/a", missing("/a"));
  assertEquals(paths.size, 1);
  paths.set(`/${"x".repeat(300)}`, missing("/long"));
  assertEquals(paths.size, 1, "but for long ones");
  paths.delete("/a");
  paths.delete("/none");
  assertEquals([paths.size, budget.bytes], [0, 0]);
});

Deno.test("AbsentPaths begins anew when there is no room", () => {
  const budget = new MemoryBudget(10_000);
  const paths = new AbsentPaths(budget, true);
  const others = new AbsentPaths(budget, true);
  others.set("/other", missing("/other"));
  for (let i = 0; i < 100; i++) {
    paths.set(`/${i}`, missing(`/${i}`));
    assert(budget.bytes <= budget.budget);
    assert(paths.get(`/${i}`) !== undefined);
  }
  assert(paths.size < 10);
  assertEquals(others.size, 1);
});

Deno.test("AbsentPaths.sweep() forgets what is not valid any more", () => {
  const budget = new MemoryBudget(1e6);
  const paths = new AbsentPaths(budget, true);
  paths.set("/a", missing("/a", 100));
  paths.set("/b", missing("/b", 200));
  paths.sweep(150);
  assertEquals(paths.size, 2, "as long as one is");
  paths.sweep(201);
  assertEquals([paths.size, budget.bytes], [0, 0]);
});
