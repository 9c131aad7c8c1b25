import { assert, assertEquals } from "@std/assert";
import { sortInTurns, TURN_MS, Turns } from "../../src/modules/turns.ts";

for (const length of [0, 1, 2, 1023, 1024, 1025, 2048, 5000, 20_001]) {
  Deno.test(`sortInTurns() sorts ${length} items, stably`, async () => {
    let seed = 42;
    const items = Array.from({ length }, (_, index) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return { key: seed % 97, index };
    });
    const expected = items.toSorted((a, b) => a.key - b.key);
    await sortInTurns(items, (a, b) => a.key - b.key, new Turns());
    assertEquals(items, expected);
  });
}

Deno.test("sortInTurns() sorts what is sorted already, either way", async () => {
  const up = Array.from({ length: 3000 }, (_, i) => i);
  const items = up.toReversed();
  await sortInTurns(items, (a, b) => a - b, new Turns());
  assertEquals(items, up);
  await sortInTurns(items, (a, b) => a - b, new Turns());
  assertEquals(items, up);
});

Deno.test("Turns lets others run when its time is over", async () => {
  const turns = new Turns();
  let others = 0;
  const timer = setInterval(() => others++, 0);
  const start = performance.now();
  while (!turns.over);
  assert(performance.now() - start < TURN_MS * 20);
  for (let i = 0; i < 5; i++) await turns.next();
  clearInterval(timer);
  assert(others > 0);
  assertEquals(turns.over, false);
});
