import { assert, assertEquals } from "@std/assert";
import {
  MemoryBudget,
  stringBytes,
  sumOfUses,
} from "../../src/bytes/memory_budget.ts";

Deno.test("MemoryBudget gives what there is and no more", () => {
  const budget = new MemoryBudget(100);
  assert(budget.take(60));
  assert(!budget.take(41));
  assert(budget.take(40));
  assert(!budget.take(1));
  assert(budget.take(0));
  assertEquals([budget.bytes, budget.budget, budget.refusals], [100, 100, 2]);
  budget.give(60);
  assertEquals(budget.bytes, 40);
  budget.budget = 30;
  assert(!budget.take(1), "a smaller budget is full");
  assertEquals(budget.bytes, 40);
});

Deno.test("MemoryBudget gives what cannot be done without", () => {
  const budget = new MemoryBudget(10);
  budget.takeAnyway(25);
  assertEquals([budget.bytes, budget.refusals], [25, 0]);
  assert(!budget.take(1));
  budget.give(25);
  assert(budget.take(1));
});

Deno.test("sumOfUses() adds", () => {
  const uses = [{ bytes: 1, budget: 10 }, { bytes: 2, budget: 20 }];
  assertEquals(sumOfUses(uses), { bytes: 3, budget: 30 });
  assertEquals(sumOfUses([]), { bytes: 0, budget: 0 });
});

Deno.test("stringBytes() counts two bytes for each character if one needs it", () => {
  const empty = stringBytes("");
  const rows: [text: string, bytes: number][] = [
    ["a".repeat(1000), 1000],
    ["ÿ".repeat(1000), 1000],
    ["a".repeat(999) + "€", 2000],
    ["😀".repeat(500), 2000],
  ];
  for (const [text, bytes] of rows) {
    assertEquals(stringBytes(text) - empty, bytes, text.slice(-2));
  }
});
