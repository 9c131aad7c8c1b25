import { assertEquals } from "@std/assert";
import {
  FIRST_DELAY_MS,
  LONGEST_DELAY_MS,
  RestartDelay,
  WELL_AFTER_MS,
} from "../../src/cluster/restart_delay.ts";

Deno.test("RestartDelay doubles up to the longest", () => {
  const delay = new RestartDelay();
  const waits = Array.from({ length: 11 }, () => delay.next(0));
  assertEquals(waits, [
    ...[100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600],
    LONGEST_DELAY_MS,
    LONGEST_DELAY_MS,
  ]);
});

Deno.test("RestartDelay begins anew after a long life", () => {
  const delay = new RestartDelay();
  const lives = [0, WELL_AFTER_MS - 1, WELL_AFTER_MS, 0];
  assertEquals(
    lives.map((livedMs) => delay.next(livedMs)),
    [FIRST_DELAY_MS, 2 * FIRST_DELAY_MS, FIRST_DELAY_MS, 2 * FIRST_DELAY_MS],
  );
});
