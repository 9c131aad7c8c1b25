import { assertEquals } from "@std/assert";
import { SendTurns } from "../../src/net/send_turns.ts";

/** Turns that come when the test says so. */
function manualTurns(budget: number) {
  let next: (() => void) | undefined;
  const turns = new SendTurns(budget, (action) => next = action);
  return {
    turns,
    turn() {
      const action = next;
      next = undefined;
      action?.();
    },
    get scheduled() {
      return next !== undefined;
    },
  };
}

Deno.test("SendTurns lets through what fits and makes the rest wait in order", async () => {
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
  manual.turn();
  await Promise.resolve();
  assertEquals(order, ["a", "b"]);
  manual.turn();
  await Promise.resolve();
  assertEquals(order, ["a", "b", "c"]);
});

Deno.test("SendTurns does not let a small one overtake those that wait", () => {
  const { turns } = manualTurns(10);
  assertEquals(turns.take(10), undefined);
  assertEquals(turns.take(10) instanceof Promise, true);
  assertEquals(turns.take(0) instanceof Promise, true);
});

Deno.test("SendTurns gives what is larger than a turn one of its own", () => {
  const manual = manualTurns(10);
  assertEquals(manual.turns.take(50), undefined);
  assertEquals(manual.turns.take(1) instanceof Promise, true);
});

Deno.test("SendTurns does nothing when nobody sends", () => {
  const manual = manualTurns(10);
  manual.turns.take(1);
  manual.turn();
  assertEquals(manual.scheduled, false);
});
