import { assertEquals } from "@std/assert";
import { EventLoopLag } from "../../src/server/event_loop_lag.ts";

/** When the timer fires, in ms, and the lag that is told then, in ms. */
const ROWS: readonly (readonly [firedAt: number, lagMs: number])[] = [
  [500, 0],
  [1000, 0],
  [1700, 200],
  [2200, 200],
  [2650, 200], // early again
  [3250, 200],
  // The window of 15 s ends, the longest one is still told.
  ...Array.from(
    { length: 60 },
    (_, i) => [3750 + i * 500, i < 54 ? 200 : 0] as const,
  ),
];

Deno.test("EventLoopLag tells the longest delay of two windows", () => {
  const lag = new EventLoopLag();
  for (const [firedAt, lagMs] of ROWS) {
    lag.observe(firedAt);
    assertEquals(Math.round(lag.seconds * 1000), lagMs, `at ${firedAt}`);
  }
});

Deno.test("EventLoopLag sees a loop that is blocked", async () => {
  const lag = new EventLoopLag();
  lag.start();
  lag.start();
  const until = performance.now() + 700;
  while (performance.now() < until);
  await new Promise((resolve) => setTimeout(resolve, 20));
  lag.stop();
  assertEquals(lag.seconds >= 0.15, true, String(lag.seconds));
});
