import { assertEquals } from "@std/assert";
import {
  copiesFor,
  thisMachine,
  workerCount,
} from "../../src/cluster/count.ts";
import { read } from "../support/module_support.ts";

const WARNING =
  "this system does not spread connections over workers, one is used in x.conf:1";

/** What is said, on how many processors, if ports can be shared. */
const ROWS: readonly (readonly [
  said: string,
  processors: number,
  sharesPorts: boolean,
  count: number,
  warnings: readonly string[],
])[] = [
  ["", 4, true, 1, []],
  ["worker_processes 1;", 4, true, 1, []],
  ["worker_processes 3;", 1, true, 3, []],
  ["worker_processes auto;", 4, true, 4, []],
  ["worker_processes auto;", 1, true, 1, []],
  ["worker_processes auto;", 1, false, 1, []],
  ["worker_processes 1;", 4, false, 1, []],
  ["worker_processes auto;", 4, false, 1, [WARNING]],
  ["worker_processes 2;", 1, false, 1, [WARNING]],
];

Deno.test("workerCount() is what is said, where it can be", () => {
  for (const [said, processors, sharesPorts, count, expected] of ROWS) {
    const warnings: string[] = [];
    const { scope: main } = read(said);
    assertEquals(
      workerCount(
        { main },
        { processors, sharesPorts },
        (message) => warnings.push(message),
      ),
      count,
      said,
    );
    assertEquals(warnings, expected);
  }
});

/** For how many workers, and how many sockets there are before. */
const COPIES: readonly (readonly [
  workers: number,
  before: number,
  copies: number,
])[] = [
  [1, 0, 1],
  [1, 1, 1],
  [1, 2, 2],
  [2, 1, 1],
  [2, 2, 1],
  [2, 3, 2],
  [3, 4, 2],
  [4, 6, 2],
  [1, 256, 256],
  [1, 257, 256],
  [128, 200, 2],
  [129, 200, 1],
  [300, 600, 1],
];

Deno.test("copiesFor() is as many as there were before, shared out", () => {
  for (const [workers, before, copies] of COPIES) {
    assertEquals(copiesFor(workers, before), copies, `${workers} ${before}`);
  }
});

Deno.test("copiesFor() does not grow for ever, whatever the workers", () => {
  let most = 0;
  for (let upgrade = 0, total = 0; upgrade < 10_000; upgrade++) {
    const workers = upgrade * upgrade % 23 + 1;
    total = workers * copiesFor(workers, total);
    most = Math.max(most, total);
  }
  assertEquals(most > 23 && most <= 256, true, String(most));
});

Deno.test("thisMachine() has a processor", () => {
  assertEquals(thisMachine().processors >= 1, true);
});
