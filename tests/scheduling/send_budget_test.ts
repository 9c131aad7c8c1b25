import { assertEquals } from "@std/assert";
import { SendBudget, SLOW_READ_MS } from "../../src/scheduling/send_budget.ts";

/** Turns whose pauses end when the test says so. */
function manualTurns(bytesPerPause: number, freeBodies = 0) {
  let pauses = 0;
  let next: (() => void) | undefined;
  const turns = new SendBudget({
    bytesPerPause,
    freeBodies,
    pause(action) {
      pauses++;
      next = action;
    },
  });
  turns.enter();
  return {
    turns,
    async resume() {
      const action = next;
      next = undefined;
      action?.();
      await Promise.resolve();
    },
    get pauses() {
      return pauses;
    },
  };
}

Deno.test("SendBudget lets through what fits and makes the rest wait in order", async () => {
  const manual = manualTurns(10);
  const { turns } = manual;
  const order: string[] = [];
  assertEquals(turns.take(6), undefined);
  assertEquals(turns.take(4), undefined);
  turns.take(5)!.then(() => order.push("a"));
  turns.take(1)!.then(() => order.push("b"));
  turns.take(9)!.then(() => order.push("c"));
  await Promise.resolve();
  assertEquals(order, []);
  await manual.resume();
  assertEquals(order, ["a", "b"]);
  await manual.resume();
  assertEquals(order, ["a", "b", "c"]);
  assertEquals(manual.pauses, 2);
});

Deno.test("SendBudget does not let a small one overtake those that wait", () => {
  const { turns } = manualTurns(10);
  assertEquals(turns.take(10), undefined);
  assertEquals(turns.take(10) instanceof Promise, true);
  assertEquals(turns.take(0) instanceof Promise, true);
});

Deno.test("SendBudget gives what is larger than the budget one of its own", async () => {
  const manual = manualTurns(10);
  assertEquals(manual.turns.take(50), undefined);
  let resumed = false;
  manual.turns.take(50)!.then(() => resumed = true);
  await manual.resume();
  assertEquals(resumed, true);
});

Deno.test("SendBudget leaves a few bodies alone", () => {
  const manual = manualTurns(10, 1);
  for (let n = 0; n < 5; n++) assertEquals(manual.turns.take(10), undefined);
  manual.turns.enter();
  assertEquals(manual.turns.take(10), undefined);
  assertEquals(manual.turns.take(10) instanceof Promise, true);
  assertEquals(manual.pauses, 1);
});

Deno.test("SendBudget pauses after each slow read, also for a body that is alone", async () => {
  const manual = manualTurns(10, 100);
  assertEquals(manual.turns.take(5, SLOW_READ_MS - 1), undefined);
  let turns = 0;
  for (let i = 1; i <= 3; i++) {
    manual.turns.take(50, SLOW_READ_MS)!.then(() => turns++);
    await Promise.resolve();
    assertEquals(turns, i - 1);
    await manual.resume();
    assertEquals([turns, manual.pauses], [i, i]);
  }
  assertEquals(manual.turns.take(50), undefined);
});
