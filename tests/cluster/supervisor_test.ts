import { assert, assertEquals, assertRejects } from "@std/assert";
import { parseConfig } from "../../src/config/syntax/parser.ts";
import { readConfiguration } from "../../src/server/setup/configuration.ts";
import {
  type Holdings,
  type Proposal,
  Supervisor,
} from "../../src/cluster/supervisor.ts";
import { get } from "../support/raw_client.ts";
import { type FakeThread, fakeThreads } from "./fake_threads.ts";

const MACHINE = { processors: 2, sharesPorts: true };

function propose(count: number, more = ""): Proposal {
  const text = `worker_processes ${count}; access_log off; ` +
    `server { listen 127.0.0.1:0; return 200 ok; } ${more}`;
  const configuration = readConfiguration({
    file: "x.conf",
    prefix: "/",
    statements: parseConfig(text, "x.conf"),
  }, () => {});
  return { configuration, level: "error", warn: () => {} };
}

function supervisorOf(
  prepare?: (thread: FakeThread) => void,
  abandoned?: () => void,
  inherited?: Holdings,
) {
  const { threads, start } = fakeThreads(prepare);
  const supervisor = new Supervisor({
    startThread: start,
    machine: MACHINE,
    inherited,
    ...(abandoned === undefined ? {} : { abandoned }),
  });
  const total = () => supervisor.statistics.snapshot();
  return { supervisor, threads, total };
}

function toldOf(threads: readonly FakeThread[]): string[] {
  return threads.map(({ told }) => told.join(" "));
}

async function until(test: () => boolean, what: string): Promise<void> {
  const end = performance.now() + 5000;
  while (!test()) {
    assert(performance.now() < end, `timed out: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test("starts as many threads as are asked for, on the same ports", async () => {
  const { supervisor, threads } = supervisorOf();
  const { addresses, workers } = await supervisor.start(propose(3));
  assertEquals(workers, 3);
  assert(addresses[0]!.port > 0);
  assertEquals(toldOf(threads), Array(3).fill("stage commit"));
  assertEquals(threads.map(({ id }) => id), [1, 2, 3]);
  await supervisor.stop();
  assertEquals(toldOf(threads), Array(3).fill("stage commit stop"));
  assert(threads.every(({ terminated }) => terminated));
});

test("serves with one worker on its own thread, without waiting", async () => {
  const { supervisor, threads, total } = supervisorOf();
  const { addresses } = await supervisor.start(propose(1));
  assertEquals((await get(addresses[0]!.port, "/")).text, "ok");
  assertEquals(threads, []);
  const now = total();
  if (now instanceof Promise) throw new Error("it had to wait");
  assertEquals([now.requests, now.workers.running], [1, 1]);
  await supervisor.drain();
});

test("does not start when one refuses", async () => {
  const { supervisor, threads } = supervisorOf((thread) => {
    if (thread.id === 2) thread.refuses = "no";
  });
  await assertRejects(() => supervisor.start(propose(3)), Error, "no");
  await supervisor.stop();
  assertEquals(toldOf(threads), Array(3).fill("stage abort stop"));
});

test("does not start when a thread cannot be loaded", async () => {
  const { supervisor, threads } = supervisorOf((thread) =>
    queueMicrotask(() => thread.break("no such module"))
  );
  await assertRejects(
    () => supervisor.start(propose(2)),
    Error,
    "no such module",
  );
  await supervisor.stop();
  assert(threads.every(({ terminated }) => terminated));
});

test("reloads all, or none when one refuses", async () => {
  const { supervisor, threads, total } = supervisorOf();
  await supervisor.start(propose(2));
  await supervisor.reload(() => propose(2));
  threads[1]!.refuses = "not that";
  await assertRejects(
    () => supervisor.reload(() => propose(2)),
    Error,
    "not that",
  );
  threads[1]!.refuses = undefined;
  await assertRejects(
    () =>
      supervisor.reload(() => {
        throw new Error("wrong file");
      }),
    Error,
    "wrong file",
  );
  const late = {
    ...propose(2),
    beforeCommit: () => {
      throw new Error("no error log");
    },
  };
  await assertRejects(() => supervisor.reload(() => late), Error, "no error");
  await supervisor.reload(() => propose(2));
  const told = "stage commit stage commit stage abort stage abort stage commit";
  assertEquals(toldOf(threads), [told, told]);
  assertEquals((await total()).reloads, { done: 2, refused: 3 });
  await supervisor.stop();
});

test("adds workers, and drains those that are too many", async () => {
  const { supervisor, threads, total } = supervisorOf();
  await supervisor.start(propose(2));
  await supervisor.reload(() => propose(3));
  assertEquals(toldOf(threads), [
    "stage commit stage commit",
    "stage commit stage commit",
    "stage commit",
  ]);
  threads[0]!.hangsAt = "drain";
  threads[0]!.requests = 5;
  threads[1]!.requests = 7;
  await supervisor.reload(() => propose(1));
  assertEquals(threads.map(({ told }) => told.at(-1)), Array(3).fill("drain"));
  // The first still drains; the others have handed in what they counted.
  const draining = await total();
  assertEquals([draining.requests, draining.workers.running], [12, 2]);
  assertEquals(draining.draining, false);
  threads[0]!.say({ kind: "ended", snapshot: threads[0]!.snapshot });
  const alone = await total();
  assertEquals([alone.requests, alone.workers.running], [12, 1]);
  await supervisor.stop();
});

test("has no fewer sockets than the program whose place it takes", async () => {
  const usual = Deno.listen;
  let shared = 0;
  Deno.listen = ((options: Deno.TcpListenOptions) => {
    if (options.reusePort) shared++;
    return usual(options);
  }) as typeof Deno.listen;
  try {
    for (const [before, copies] of [[3, 3], [1, 1]] as const) {
      const { supervisor } = supervisorOf(undefined, undefined, {
        ports: new Map(),
        sockets: new Set(),
        copies: before,
      });
      shared = 0;
      await supervisor.start(propose(1));
      assertEquals([shared, supervisor.holdings.copies], [copies, copies]);
      // What is kept has them already.
      await supervisor.reload(() => propose(1));
      assertEquals([shared, supervisor.holdings.copies], [copies, copies]);
      await supervisor.stop();
    }
  } finally {
    Deno.listen = usual;
  }
});

test("tells when it listens beside another program, and that it does not", async () => {
  for (const refuses of [undefined, "no"]) {
    const events: string[] = [];
    const { threads, start } = fakeThreads((thread) => {
      if (thread.id === 2) thread.refuses = refuses;
    });
    const note = (event: string) => () => {
      events.push(`${event}: ${toldOf(threads)}`);
    };
    const supervisor = new Supervisor({
      startThread: start,
      machine: MACHINE,
      inherited: { ports: new Map(), sockets: new Set(), copies: 2 },
      arrival: { listens: note("listens"), alone: note("alone") },
    });
    if (refuses === undefined) {
      await supervisor.start(propose(2));
      const before = events.length;
      assertEquals(events[0], "listens: stage,stage", "nobody serves yet");
      await supervisor.reload(() => propose(2));
      assertEquals(events.length, before, "it is no matter of reloads");
    } else {
      await assertRejects(() => supervisor.start(propose(2)), Error, "no");
      assertEquals(events.at(-1), "alone: stage,stage", "nothing is closed");
    }
    await supervisor.stop();
  }
});

test("knows how many sockets it has after reloads", async () => {
  const { supervisor, threads } = supervisorOf(undefined, undefined, {
    ports: new Map(),
    sockets: new Set(),
    copies: 5,
  });
  await supervisor.start(propose(2));
  assertEquals(supervisor.holdings.copies, 6, "3 of each worker");
  await supervisor.reload(() => propose(3));
  assertEquals(supervisor.holdings.copies, 9);
  threads[2]!.hangsAt = "drain";
  await supervisor.reload(() => propose(2));
  assertEquals(supervisor.holdings.copies, 9, "one still listens");
  threads[2]!.say({ kind: "unbound" });
  await until(() => supervisor.holdings.copies === 6, "it does no more");
  threads[2]!.hangsAt = "";
  await supervisor.stop();
});

test("sums what all count, also of one that does not answer", async () => {
  const { supervisor, threads, total } = supervisorOf();
  await supervisor.start(propose(2));
  threads[0]!.requests = 1;
  threads[1]!.requests = 10;
  assertEquals((await total()).requests, 11);
  threads[1]!.hangsAt = "count";
  threads[0]!.requests = 2;
  threads[1]!.requests = 20;
  assertEquals((await total()).requests, 12, "the last known");
  threads[0]!.say({ kind: "ask", id: 9 });
  threads[1]!.hangsAt = "";
  await until(() => threads[0]!.told.includes("total"), "an answer");
  const { last } = threads[0]!;
  assert(last?.kind === "total" && last.id === 9);
  await supervisor.stop();
});

test("starts one again that died, and keeps its counters", async () => {
  const { supervisor, threads, total } = supervisorOf();
  await supervisor.start(propose(2));
  threads[0]!.requests = 3;
  threads[0]!.say({
    kind: "failed",
    reason: "TypeError: boom",
    snapshot: threads[0]!.snapshot,
  });
  assert(threads[0]!.terminated);
  assertEquals((await total()).requests, 3);
  await until(() => threads.length === 3, "another one");
  await until(() => toldOf(threads)[2] === "stage commit", "it serves");
  threads[1]!.requests = 4;
  threads[2]!.requests = 5;
  const now = await total();
  assertEquals(now.requests, 12);
  assertEquals(now.workers, { running: 2, restarts: 1 });
  // What is said by one that is gone means nothing.
  threads[0]!.say({ kind: "failed", reason: "", snapshot: now });
  assertEquals((await total()).requests, 12);
  await supervisor.stop();
});

test("without the right to bind the workers stay as they are", async () => {
  let abandoned = 0;
  const { supervisor, threads } = supervisorOf(undefined, () => abandoned++);
  const start = propose(2);
  await supervisor.start({
    ...start,
    beforeCommit: () => supervisor.fixWorkers("a reason"),
  });
  const warnings: string[] = [];
  for (const count of [1, 3]) {
    await supervisor.reload(() => ({
      ...propose(count),
      warn: (message) => warnings.push(message),
    }));
  }
  assertEquals(
    toldOf(threads),
    Array(2).fill("stage commit stage commit stage commit"),
  );
  assertEquals(
    warnings,
    Array(2).fill(
      "another number of workers takes a restart, ignored in x.conf:1",
    ),
  );
  threads[0]!.break("boom");
  await supervisor.reload(() => propose(2));
  assertEquals([threads.length, abandoned], [2, 0]);
  threads[1]!.break("boom");
  assertEquals([threads.length, abandoned], [2, 1]);
  await supervisor.stop();
});

test("tries again when one cannot be started again", async () => {
  const { supervisor, threads } = supervisorOf((thread) => {
    if (thread.id === 3) thread.refuses = "no room";
  });
  await supervisor.start(propose(2));
  threads[1]!.break("boom");
  await until(() => toldOf(threads)[3] === "stage commit", "the second try");
  assertEquals(toldOf(threads)[2], "stage stop");
  await supervisor.stop();
});

test("a reload takes the place of a restart", async () => {
  const { supervisor, threads, total } = supervisorOf();
  await supervisor.start(propose(2));
  threads[1]!.break("boom");
  await supervisor.reload(() => propose(2));
  assertEquals(toldOf(threads).slice(1), ["stage commit", "stage commit"]);
  await new Promise((resolve) => setTimeout(resolve, 150));
  assertEquals(threads.length, 3);
  assertEquals((await total()).workers, { running: 2, restarts: 0 });
  await supervisor.stop();
});

test("drains all, and ends before one is started again", async () => {
  const { supervisor, threads } = supervisorOf();
  await supervisor.start(propose(2));
  threads[0]!.break("boom");
  const drained = supervisor.drain();
  assertEquals(supervisor.statistics.draining, true);
  await drained;
  assertEquals(toldOf(threads), ["stage commit", "stage commit drain"]);
  await new Promise((resolve) => setTimeout(resolve, 150));
  assertEquals(threads.length, 2);
  await assertRejects(() => supervisor.reload(() => propose(2)), Error, "ends");
});

test("stops while it drains, and while a worker starts", async () => {
  const { supervisor, threads } = supervisorOf((thread) => {
    thread.hangsAt = thread.id === 3 ? "stage" : "drain";
  });
  await supervisor.start(propose(2));
  const grown = supervisor.reload(() => propose(3));
  await until(() => threads.length === 3, "a third one");
  const drained = supervisor.drain();
  await supervisor.stop();
  await Promise.all([drained, grown]);
  assert(threads.every(({ terminated }) => terminated));
});

test("ends a worker that hangs when it should stop", async () => {
  const { supervisor, threads } = supervisorOf((thread) => {
    if (thread.id === 2) thread.hangsAt = "stop";
  });
  await supervisor.start(propose(2));
  await supervisor.stop();
  assertEquals(toldOf(threads), Array(2).fill("stage commit stop"));
  assert(threads[1]!.terminated);
});

test("goes from its own thread to others and back", async () => {
  const { supervisor, threads, total } = supervisorOf();
  const { addresses } = await supervisor.start(propose(1));
  await get(addresses[0]!.port, "/");
  await supervisor.reload(() => propose(2));
  threads[0]!.requests = 10;
  await until(() => threads.length === 2, "threads");
  let now = await total();
  while (now.workers.running !== 2) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    now = await total();
  }
  assertEquals(now.requests, 11);
  await supervisor.reload(() => propose(1));
  const back = await total();
  assertEquals([back.requests, back.workers.running], [11, 1]);
  assertEquals((await get(addresses[0]!.port, "/")).text, "ok");
  await supervisor.stop();
});

function test(name: string, fn: () => Promise<void>): void {
  const ignore = Deno.build.os !== "linux";
  Deno.test({ name: `Supervisor ${name}`, ignore, fn });
}
