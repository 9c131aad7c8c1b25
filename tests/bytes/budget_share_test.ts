import { assert, assertEquals } from "@std/assert";
import { BudgetShare } from "../../src/bytes/budget_share.ts";
import { MemoryBudget } from "../../src/bytes/memory_budget.ts";

Deno.test("BudgetShare leaves some for whoever holds little", () => {
  const budget = new MemoryBudget(64_000);
  const greedy = Array.from({ length: 200 }, () => new BudgetShare(budget));
  for (let turn = 0; turn < 1000; turn++) {
    for (const share of greedy) share.take(100);
  }
  // A two hundred and first has as much as each of them.
  const modest = new BudgetShare(budget);
  assert(modest.take(100));
  assertEquals(greedy.some((share) => share.take(200)), false);
});

Deno.test("BudgetShare takes back what is given", () => {
  const budget = new MemoryBudget(100);
  const share = new BudgetShare(budget);
  assertEquals([share.take(26), share.take(25), share.take(1)], [
    false,
    true,
    false,
  ]);
  share.give(25);
  assertEquals([budget.bytes, share.take(20)], [0, true]);
});
