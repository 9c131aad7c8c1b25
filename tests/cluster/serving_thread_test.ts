import { assert, assertEquals, assertMatch } from "@std/assert";
import { parseConfig } from "../../src/config/syntax/parser.ts";
import type { FromWorker, Order } from "../../src/cluster/messages.ts";
import { ServingThread } from "../../src/cluster/serving_thread.ts";
import { emptySnapshot } from "../../src/core/statistics.ts";
import { disposeDiagnostics } from "../../src/logging/diagnostics.ts";
import { freePort } from "../support/free_ports.ts";
import { get } from "../support/raw_client.ts";

function orderOf(port: number, text: string): Order {
  const config = `access_log off; server { listen 127.0.0.1:${port}; ${text} }`;
  return {
    source: {
      file: "x.conf",
      prefix: "/",
      statements: parseConfig(config, "x.conf"),
    },
    ports: undefined,
    sockets: undefined,
    copies: 1,
    events: "deno" as const,
    hostname: "machine",
    zones: new Map(),
    level: "error",
  };
}

/** A thread whose master is the test. */
function threadOf() {
  const said: FromWorker[] = [];
  let closed = false;
  let wake = () => {};
  const thread = new ServingThread({
    post: (message) => {
      said.push(message);
      wake();
    },
    close: () => closed = true,
  }, 3);
  /** The next message of one kind. */
  async function hear<K extends FromWorker["kind"]>(kind: K) {
    for (;;) {
      const at = said.findIndex((message) => message.kind === kind);
      if (at >= 0) {
        return said.splice(at, 1)[0] as Extract<FromWorker, { kind: K }>;
      }
      await new Promise<void>((resolve) => wake = resolve);
    }
  }
  return { thread, said, hear, isClosed: () => closed };
}

Deno.test("a thread stages, commits, counts and drains", async () => {
  const { thread, hear, isClosed } = threadOf();
  const port = freePort();
  thread.heard({ kind: "stage", order: orderOf(port, "return 200 one;") });
  await hear("staged");
  thread.heard({ kind: "commit" });
  await hear("committed");
  assertEquals((await get(port, "/")).text, "one");
  thread.heard({ kind: "count", id: 8 });
  const { id, snapshot } = await hear("counted");
  assertEquals([id, snapshot.requests], [8, 1]);

  thread.heard({ kind: "stage", order: orderOf(port, "return 200 two;") });
  await hear("staged");
  thread.heard({ kind: "abort" });
  thread.heard({ kind: "commit" }); // of nothing
  assertEquals((await get(port, "/")).text, "one");

  thread.heard({ kind: "drain", program: true });
  assertEquals((await hear("ended")).snapshot.requests, 2);
  assert(isClosed());
  await disposeDiagnostics();
});

Deno.test("a thread refuses what cannot be served, and says why", async () => {
  const { thread, hear } = threadOf();
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const rows: [order: Order, reason: RegExp][] = [
    [orderOf(taken.addr.port, ""), /bind\(\) to 127\.0\.0\.1:\d+ failed/],
    [orderOf(freePort(), "retrun 200;"), /unknown directive "retrun"/],
  ];
  for (const [order, reason] of rows) {
    thread.heard({ kind: "stage", order });
    assertMatch((await hear("refused")).reason, reason);
  }
  thread.heard({ kind: "stop" });
  await hear("ended");
});

Deno.test("a client of a thread gets the counters of all of them", async () => {
  const { thread, hear } = threadOf();
  const port = freePort();
  const order = orderOf(port, "location = /metrics { metrics; }");
  thread.heard({ kind: "stage", order });
  await hear("staged");
  thread.heard({ kind: "commit" });
  const answer = get(port, "/metrics");
  const { id } = await hear("ask");
  const total = { ...emptySnapshot(), accepted: 77 };
  thread.heard({ kind: "total", id, total });
  assertMatch((await answer).text, /^webserv_connections_accepted_total 77$/m);
  thread.heard({ kind: "stop" });
  await hear("ended");
  await disposeDiagnostics();
});

Deno.test("an error that nobody caught ends the thread, once", () => {
  const { thread, said, isClosed } = threadOf();
  thread.failed(new TypeError("a mistake"));
  thread.failed(new TypeError("another"));
  const [failed, ...more] = said;
  const reason = failed?.kind === "failed" ? failed.reason : "";
  assertMatch(reason, /TypeError: a mistake at /);
  assert(isClosed());
  assertEquals(more, []);
});
