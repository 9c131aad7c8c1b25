import { assertAlmostEquals, assertEquals } from "@std/assert";
import {
  busyShare,
  type CoreSpan,
  strangersShare,
} from "../../bench/measure.ts";

/** A core that was in processes and busy for so many of 10 seconds. */
function span(inProcesses: number, busy = inProcesses): CoreSpan {
  return [
    { busy: 3, inProcesses: 2, total: 7 },
    { busy: 3 + busy, inProcesses: 2 + inProcesses, total: 17 },
  ];
}

Deno.test("strangersShare() is what is left on the cores, of one core's time", () => {
  const cases: [spans: CoreSpan[], ours: number, share: number][] = [
    [[span(8)], 8, 0],
    [[span(8)], 6, 0.2],
    [[span(8)], 9, 0],
    [[span(8), span(6)], 14, 0],
    // It does not matter which of the cores ours were on.
    [[span(10), span(2)], 11, 0.1],
    [[span(2), span(10)], 11, 0.1],
  ];
  for (const [spans, ours, share] of cases) {
    assertAlmostEquals(strangersShare(spans, ours), share);
  }
});

Deno.test("busyShare() is the mean of the cores, interrupts included", () => {
  assertEquals(busyShare([span(5, 6)]), 0.6);
  assertEquals(busyShare([span(5, 10), span(2, 5)]), 0.75);
});
