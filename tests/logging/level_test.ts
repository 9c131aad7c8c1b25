import { assertEquals } from "@std/assert";
import {
  fromLogTapeLevel,
  isLevel,
  leastSevere,
  type Level,
  LEVELS,
  rankOf,
  toLogTapeLevel,
} from "../../src/logging/level.ts";

const ROWS: [level: Level, logTape: string, back: Level][] = [
  ["debug", "debug", "debug"],
  ["info", "info", "info"],
  ["notice", "info", "info"],
  ["warn", "warning", "warn"],
  ["error", "error", "error"],
  ["crit", "fatal", "crit"],
  ["alert", "fatal", "crit"],
  ["emerg", "fatal", "crit"],
];

Deno.test("rankOf counts the levels of error_log upwards", () => {
  assertEquals(ROWS.map(([level]) => level), [...LEVELS]);
  assertEquals(LEVELS.map(rankOf), [0, 1, 2, 3, 4, 5, 6, 7]);
});

for (const [level, logTape, back] of ROWS) {
  Deno.test(`toLogTapeLevel makes ${logTape} of ${level}`, () => {
    assertEquals<string>(toLogTapeLevel(level), logTape);
    assertEquals(fromLogTapeLevel(toLogTapeLevel(level)), back);
  });
}

Deno.test("isLevel knows nothing but the levels of error_log", () => {
  for (const level of LEVELS) assertEquals(isLevel(level), true);
  for (const other of ["warning", "ERROR", "", "toString", 3, undefined]) {
    assertEquals(isLevel(other), false);
  }
});

Deno.test("leastSevere is the one that lets most through", () => {
  assertEquals(leastSevere(["error", "notice", "alert"]), "notice");
  assertEquals(leastSevere(["debug"]), "debug");
  assertEquals(leastSevere([]), "emerg");
});
