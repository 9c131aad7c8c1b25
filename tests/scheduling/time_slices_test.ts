import { assert, assertEquals } from "@std/assert";
import {
  SLICE_MS,
  sortInSlices,
  TimeSlices,
} from "../../src/scheduling/time_slices.ts";

for (const length of [0, 1, 2, 1023, 1024, 1025, 2048, 5000, 20_001]) {
  Deno.test(`sortInSlices() sorts ${length} items, stably`, async () => {
    let seed = 42;
    const items = Array.from({ length }, (_, index) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return { key: seed % 97, index };
    });
    const expected = items.toSorted((a, b) => a.key - b.key);
    await sortInSlices(items, (a, b) => a.key - b.key, new TimeSlices());
    assertEquals(items, expected);
  });
}

Deno.test("sortInSlices() sorts what is sorted already, either way", async () => {
  const up = Array.from({ length: 3000 }, (_, i) => i);
  const items = up.toReversed();
  await sortInSlices(items, (a, b) => a - b, new TimeSlices());
  assertEquals(items, up);
  await sortInSlices(items, (a, b) => a - b, new TimeSlices());
  assertEquals(items, up);
});

Deno.test("TimeSlices lets others run when its time is over", async () => {
  const slices = new TimeSlices();
  let others = 0;
  const timer = setInterval(() => others++, 0);
  const start = performance.now();
  while (!slices.over);
  assert(performance.now() - start < SLICE_MS * 20);
  for (let i = 0; i < 5; i++) await slices.next();
  clearInterval(timer);
  assert(others > 0);
  assertEquals(slices.over, false);
});
