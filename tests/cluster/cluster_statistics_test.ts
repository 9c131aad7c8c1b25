import { assert, assertEquals } from "@std/assert";
import { ClusterStatistics } from "../../src/cluster/cluster_statistics.ts";
import type { Worker, WorkerKind } from "../../src/cluster/worker.ts";
import { emptySnapshot } from "../../src/core/statistics.ts";

function workerOf(kind: WorkerKind, requests: number, isSlow = false): Worker {
  const snapshot = {
    ...emptySnapshot(),
    requests,
    workers: { running: 1, restarts: 0 },
    memory: { resident: 0, heap: 10, heapUsed: 5, external: 1 },
  };
  return {
    kind,
    snapshot: () => isSlow ? Promise.resolve(snapshot) : snapshot,
  } as Worker;
}

Deno.test("a local worker is asked without waiting, and its heap counts once", () => {
  const statistics = new ClusterStatistics(new Set([workerOf("local", 3)]));
  statistics.reloaded();
  statistics.reloaded();
  statistics.restarts = 1;
  const now = statistics.snapshot();
  if (now instanceof Promise) throw new Error("it had to wait");
  assertEquals(now.requests, 3);
  assertEquals(now.memory.heap, 10);
  assert(now.memory.resident > 0);
  assertEquals(now.reloads, { done: 2, refused: 0 });
  assertEquals(now.workers, { running: 1, restarts: 1 });
});

Deno.test("workers on threads are added to the heap of the master", async () => {
  const workers = new Set([
    workerOf("thread", 3, true),
    workerOf("thread", 4, true),
  ]);
  const now = await new ClusterStatistics(workers).snapshot();
  assertEquals([now.requests, now.workers.running], [7, 2]);
  assert(now.memory.heap > 20);
});

Deno.test("what an ended worker has counted stays, what it held goes", async () => {
  const [one, two] = [workerOf("thread", 3, true), workerOf("thread", 4, true)];
  const workers = new Set([one, two]);
  const statistics = new ClusterStatistics(workers);
  const before = statistics.snapshot();
  // It ends while it is asked: it must not be counted twice.
  workers.delete(one);
  statistics.close({ ...await one.snapshot(), draining: true });
  for (const now of [await before, await statistics.snapshot()]) {
    assertEquals([now.requests, now.workers.running], [7, 1]);
    assertEquals(now.draining, false);
  }
  statistics.draining = true;
  assertEquals((await statistics.snapshot()).draining, true);
});
