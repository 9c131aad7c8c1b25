import { assert, assertEquals, assertRejects } from "@std/assert";
import { LogFiles } from "../../src/logging/log_files.ts";
import { emptySnapshot } from "../../src/core/statistics.ts";
import type { Order } from "../../src/cluster/messages.ts";
import { ThreadWorker } from "../../src/cluster/thread_worker.ts";
import { WorkerLogs } from "../../src/cluster/worker_logs.ts";
import { type FakeThread, fakeThreads } from "./fake_threads.ts";

const ORDER: Order = {
  source: { file: "x.conf", prefix: "/", statements: [] },
  ports: undefined,
  sockets: undefined,
  copies: 1,
  hostname: undefined,
  events: "deno",
  zones: new Map(),
  level: "error",
};

/** A worker, its thread, and what it tells whoever made it. */
function workerOf(prepare?: (thread: FakeThread) => void) {
  const { threads, start } = fakeThreads(prepare);
  const told: string[] = [];
  const worker = new ThreadWorker({
    id: 7,
    start,
    logs: new WorkerLogs(new LogFiles(), (path) => void told.push(path)),
    diagnostic: (level, line) => void told.push(`${level} ${line}`),
    total: () => ({ ...emptySnapshot(), requests: 42 }),
    ended: (_, { last, reason, served }) =>
      void told.push(`${last.requests} ${reason} ${served}`),
  });
  return { worker, thread: threads[0]!, told };
}

Deno.test("a worker serves what was staged, and ends as it is told", async () => {
  const { worker, thread, told } = workerOf();
  assertEquals([worker.id, worker.kind, thread.id], [7, "thread", 7]);
  await worker.stage(ORDER);
  await worker.commit();
  thread.requests = 3;
  assertEquals((await worker.snapshot()).requests, 3);
  worker.drain(true);
  await worker.ended;
  assertEquals(thread.told, ["stage", "commit", "count", "drain"]);
  assertEquals(told, ["3 undefined true"]);
  assert(thread.terminated);
});

Deno.test("an order that is refused can be followed by another", async () => {
  const { worker, thread } = workerOf((thread) => thread.refuses = "no");
  await assertRejects(() => worker.stage(ORDER), Error, "no");
  worker.abort();
  thread.refuses = undefined;
  await worker.stage(ORDER);
  worker.stop();
  await worker.ended;
});

Deno.test("a thread that breaks fails what it was asked for", async () => {
  const { worker, thread, told } = workerOf((thread) =>
    thread.hangsAt = "stage"
  );
  const staged = assertRejects(() => worker.stage(ORDER), Error, "broken");
  thread.break("broken");
  await staged;
  await worker.ended;
  assertEquals(told, ["0 broken false"]);
});

Deno.test("a worker that died in service tells its last counters", async () => {
  const { worker, thread, told } = workerOf();
  await worker.stage(ORDER);
  await worker.commit();
  thread.hangsAt = "count";
  const counting = worker.snapshot();
  const snapshot = { ...emptySnapshot(), requests: 5 };
  thread.say({ kind: "failed", reason: "bug", snapshot });
  assertEquals((await counting).requests, 5);
  assertEquals(told, ["5 bug true"]);
});

Deno.test("nothing throws or is said once a worker has ended", async () => {
  const { worker, thread, told } = workerOf();
  worker.stop();
  await worker.ended;
  const before = thread.told.length;
  await assertRejects(() => worker.stage(ORDER), Error, "has ended");
  await worker.commit();
  worker.abort();
  worker.drain(false);
  worker.stop();
  assertEquals((await worker.snapshot()).requests, 0);
  thread.say({ kind: "ask", id: 1 });
  thread.break("late");
  assertEquals([thread.told.length, told.length], [before, 1]);
});

Deno.test("a worker that does not count in time has its last numbers told", async () => {
  const { worker, thread } = workerOf();
  await worker.stage(ORDER);
  await worker.commit();
  thread.requests = 2;
  await worker.snapshot();
  thread.requests = 9;
  thread.hangsAt = "count";
  assertEquals((await worker.snapshot()).requests, 2);
  worker.stop();
  await worker.ended;
});

Deno.test("a thread's questions, logs and lines are seen to", async () => {
  const { worker, thread, told } = workerOf();
  await worker.stage(ORDER);
  thread.say({ kind: "ask", id: 4 });
  await Promise.resolve();
  await Promise.resolve();
  assertEquals(
    thread.last?.kind === "total" && thread.last.total.requests,
    42,
  );
  const path = Deno.makeTempFileSync();
  const lines = new TextEncoder().encode("a line\n");
  thread.say({ kind: "open_log", path });
  thread.say({ kind: "log", path, lines });
  assertEquals(thread.told.at(-1), "log_taken");
  thread.say({ kind: "close_log", path });
  thread.say({ kind: "open_log", path: `${path}/none` });
  assertEquals(told, [`${path}/none`]);
  thread.say({
    kind: "diagnostics",
    lines: [{ level: "warn", line: "w\n" }],
    dropped: 0,
  });
  assertEquals(told.at(-1), "warn w\n");
  assertEquals(thread.told.at(-1), "diagnostics_taken");
  worker.stop();
  await worker.ended;
  await new Promise((resolve) => setTimeout(resolve, 20));
  assertEquals(Deno.readTextFileSync(path), "a line\n");
  Deno.removeSync(path);
});
