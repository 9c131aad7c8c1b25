import { assertEquals } from "@std/assert";
import { thisMachine, workerCount } from "../../src/cluster/count.ts";
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

Deno.test("thisMachine() has a processor", () => {
  assertEquals(thisMachine().processors >= 1, true);
});
