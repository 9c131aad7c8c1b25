import { assert, assertEquals } from "@std/assert";
import { pauseThread } from "../../../src/files/cache/thread_pause.ts";

Deno.test("pauses of a thread take a tenth of its time at most, however short they are", () => {
  const wait = Atomics.wait;
  const [PERIODS, PERIOD_MS, MOST_MS] = [3, 100, 10];
  for (const ms of [1, 3, 10]) {
    let paused = 0;
    Atomics.wait = (_array, _index, _value, timeout = 0) => {
      paused += timeout;
      return "timed-out";
    };
    try {
      const end = performance.now() + PERIODS * PERIOD_MS;
      let refused = 0;
      while (performance.now() < end) if (!pauseThread(ms)) refused++;
      assert(refused > 0);
    } finally {
      Atomics.wait = wait;
    }
    assert(paused >= ms && paused <= (PERIODS + 1) * MOST_MS, `${paused}`);
  }
});

Deno.test("a pause that would take more than there is for pauses is none", () => {
  assertEquals(pauseThread(11), false);
});
