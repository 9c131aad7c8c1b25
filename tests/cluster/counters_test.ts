import { assertEquals } from "@std/assert";
import {
  emptySnapshot,
  type StatisticsSnapshot,
} from "../../src/core/statistics.ts";
import { addSnapshots, countersOf } from "../../src/cluster/counters.ts";

/** A snapshot in which every number is `n`, and a flag is set. */
function filled(n: number): StatisticsSnapshot {
  const fill = (value: unknown): unknown => {
    if (typeof value === "number") return n;
    if (typeof value === "string") return "x".repeat(n);
    if (typeof value === "boolean") return n > 1;
    if (Array.isArray(value)) return value.map(fill);
    return Object.fromEntries(
      Object.entries(value as object).map(([key, of]) => [key, fill(of)]),
    );
  };
  return fill(emptySnapshot()) as StatisticsSnapshot;
}

Deno.test("addSnapshots() adds everything but what is of the process", () => {
  const sum = addSnapshots(filled(1), filled(2));
  assertEquals(sum, {
    ...filled(3),
    startedAt: 1,
    eventLoopLag: 2,
    lastReload: filled(2).lastReload,
    openDescriptors: 2,
    memory: { ...filled(3).memory, resident: 2 },
  });
  assertEquals(addSnapshots(filled(2), filled(1)), sum);
});

Deno.test("addSnapshots() with nothing changes nothing", () => {
  assertEquals(addSnapshots(emptySnapshot(), filled(2)), filled(2));
  assertEquals(addSnapshots(filled(2), emptySnapshot()), filled(2));
});

Deno.test("countersOf() keeps what only grows", () => {
  const none = emptySnapshot();
  assertEquals(countersOf(filled(2)), {
    ...filled(2),
    draining: false,
    connections: none.connections,
    files: { ...filled(2).files, entries: 0, bytes: 0, handles: 0 },
    compressed: { ...filled(2).compressed, bytes: 0 },
    held: none.held,
    lastReload: none.lastReload,
    workers: none.workers,
    eventLoopLag: 0,
    openDescriptors: 0,
    memory: none.memory,
  });
});
