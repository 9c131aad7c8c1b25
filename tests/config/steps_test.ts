import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  finish,
  finishInSlices,
  isSteps,
  SLICE_MS,
  sortInSteps,
  type Steps,
} from "../../src/config/steps.ts";

/** Steps of one millisecond each; notes what has been done. */
function* busy(count: number, done: string[]): Steps<string> {
  try {
    for (let i = 0; i < count; i++) {
      const until = performance.now() + 1;
      while (performance.now() < until);
      done.push("step");
      yield;
    }
    return "result";
  } finally {
    done.push("closed");
  }
}

Deno.test("finish() does all of it", () => {
  const done: string[] = [];
  assertEquals(finish(busy(3, done)), "result");
  assertEquals(done, ["step", "step", "step", "closed"]);
  assertThrows(
    () =>
      // deno-lint-ignore require-yield -- it fails before it could
      finish(function* (): Steps<void> {
        throw new RangeError("broken");
      }()),
    RangeError,
  );
});

Deno.test("finishInSlices() leaves time for others, in fair parts", async () => {
  const done: string[] = [];
  const lags: number[] = [];
  let last = performance.now();
  let isRunning = true;
  const others = (async () => {
    while (isRunning) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      lags.push(performance.now() - last);
      last = performance.now();
    }
  })();
  assertEquals(await finishInSlices(busy(60, done)), "result");
  isRunning = false;
  await others;
  assertEquals(done.length, 61);
  // Much more often than once, also where the machine is busy.
  assert(lags.length >= 60 / SLICE_MS / 2, `${lags.length} turns`);
});

Deno.test("finishInSlices() ends early and closes what it has opened", async () => {
  const done: string[] = [];
  let checks = 0;
  await assertRejects(
    () =>
      finishInSlices(busy(1000, done), () => {
        if (++checks === 2) throw new RangeError("not wanted any more");
      }),
    RangeError,
    "not wanted any more",
  );
  assert(done.length < 500, `${done.length} steps`);
  assertEquals(done.at(-1), "closed");
});

Deno.test("isSteps() knows work from values", () => {
  assertEquals(isSteps(busy(0, [])), true);
  for (const value of [undefined, null, 1, "", [], new Map(), () => {}, {}]) {
    assertEquals(isSteps(value), false);
  }
});

Deno.test("sortInSteps() sorts as toSorted() does, a part at a time", () => {
  for (const count of [0, 1, 511, 512, 513, 5000]) {
    const items = Array.from({ length: count }, (_, i) => ({
      key: i * 7919 % 101,
      i,
    }));
    const byKey = (a: { key: number }, b: { key: number }) => a.key - b.key;
    const steps = sortInSteps(items, byKey);
    let turns = 0;
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) turns++;
    assertEquals(step.value, items.toSorted(byKey), String(count));
    assert(turns >= count / 512, `${turns} steps for ${count}`);
    // Already in order, and the other way round.
    assertEquals(finish(sortInSteps(step.value, byKey)), step.value);
    assertEquals(
      finish(sortInSteps(items, (a, b) => b.i - a.i)),
      items.toReversed(),
    );
  }
});
