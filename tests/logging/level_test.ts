import { assertEquals } from "@std/assert";
import {
  isLevel,
  leastSevere,
  LEVELS,
  rankOf,
} from "../../src/logging/level.ts";

Deno.test("rankOf counts the levels of error_log upwards", () => {
  assertEquals(LEVELS.map(rankOf), [0, 1, 2, 3, 4, 5, 6, 7]);
});

Deno.test("isLevel knows nothing but the levels of error_log", () => {
  for (const level of LEVELS) assertEquals(isLevel(level), true);
  for (const other of ["warning", "ERROR", "", "toString"]) {
    assertEquals(isLevel(other), false);
  }
});

Deno.test("leastSevere is the one that lets most through", () => {
  assertEquals(leastSevere(["error", "notice", "alert"]), "notice");
  assertEquals(leastSevere(["debug"]), "debug");
  assertEquals(leastSevere([]), "emerg");
});
