import { assertEquals } from "@std/assert";
import {
  InputSlices,
  RESUMED_AT_A_TIME,
} from "../../src/scheduling/input_slices.ts";
import { SLICE_MS } from "../../src/scheduling/time_slices.ts";

/** Slices whose clock and pauses the test moves. */
class Bench {
  now = 0;
  readonly #pauses: (() => void)[] = [];
  readonly slices = new InputSlices(
    () => this.now,
    (action) => void this.#pauses.push(action),
  );

  /** How many pauses are on their way. */
  get pauses(): number {
    return this.#pauses.length;
  }

  /** Ends the pauses there are. */
  async endPause(): Promise<void> {
    for (const action of this.#pauses.splice(0)) action();
    await Promise.resolve();
  }

  /** Asks `count` times; how many may go on, now and later. */
  ask(count: number): { now: number; readonly later: number } {
    const result = { now: 0, later: 0 };
    for (let i = 0; i < count; i++) {
      const turn = this.slices.take();
      if (turn === undefined) result.now++;
      else turn.then(() => result.later++);
    }
    return result;
  }
}

Deno.test("InputSlices: within a slice everybody goes on, behind it nobody", async () => {
  const bench = new Bench();
  assertEquals(bench.ask(3).now, 3);
  bench.now = SLICE_MS - 1;
  assertEquals(bench.ask(3).now, 3);
  bench.now = SLICE_MS;
  const waiting = bench.ask(3);
  assertEquals(waiting, { now: 0, later: 0 });
  assertEquals(bench.pauses, 1);
  await bench.endPause();
  assertEquals(waiting.later, 3);
});

Deno.test("InputSlices: a pause that nobody waits for begins anew", async () => {
  const bench = new Bench();
  for (let i = 0; i < 3; i++) {
    assertEquals(bench.ask(1).now, 1);
    assertEquals(bench.pauses, 1);
    await bench.endPause();
    assertEquals(bench.pauses, 0);
    bench.now += 10 * SLICE_MS;
  }
});

Deno.test("InputSlices: some go on after each pause, in the order they came", async () => {
  const bench = new Bench();
  bench.ask(1);
  bench.now = SLICE_MS;
  const waiting = bench.ask(2 * RESUMED_AT_A_TIME + 1);
  const counts: number[] = [];
  for (let i = 0; i < 3; i++) {
    bench.now += 1;
    await bench.endPause();
    counts.push(waiting.later);
  }
  assertEquals(counts, [
    RESUMED_AT_A_TIME,
    2 * RESUMED_AT_A_TIME,
    2 * RESUMED_AT_A_TIME + 1,
  ]);
});
