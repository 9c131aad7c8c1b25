/**
 * Limits hold with one worker and with several, and across reloads, counted
 * under load; who waits is not lost by a reload or at the end.
 */

import { assert, assertEquals } from "@std/assert";
import { RawClient } from "../support/raw_client.ts";
import {
  eventually,
  ServerProcess,
  writeFiles,
} from "../support/server_process.ts";

const BURST = 5;

/** Requests per second. */
const RATE = 20;

function configuration(workers: number, version = 1): string {
  return `
worker_processes ${workers};
error_log logs/error.log notice;
access_log off;
http {
  limit_req_zone $arg_k zone=rate:1m rate=${RATE}r/s;
  limit_req_zone $arg_k zone=slow:1m rate=1r/s;
  limit_conn_zone $arg_k zone=conn:1m;
  limit_req_log_level info;
  limit_conn_log_level info;
  keepalive_requests 1000000;
  server {
    listen 127.0.0.1:0;
    root site;
    add_header X-Version ${version};
    location / { limit_req zone=rate burst=${BURST} nodelay; }
    location /slow/ { alias site/; limit_req zone=slow burst=9; }
    location /conn/ { alias site/; limit_conn conn 3; limit_rate 1k; }
    location /one/ { alias site/; limit_conn conn 1; }
    location /many/ { alias site/; limit_conn conn 3; }
  }
}
`;
}

const FILES = { "site/a": "a", "site/long": "a".repeat(20_000) };

/** Connections, so many that each of two workers has some. */
const CONNECTIONS = 16;

function start(workers: number): Promise<ServerProcess> {
  return ServerProcess.start({ config: configuration(workers), files: FILES });
}

async function connectAll(port: number): Promise<RawClient[]> {
  const all = Array.from(
    { length: CONNECTIONS },
    () => RawClient.connect(port),
  );
  return await Promise.all(all);
}

function closeAll(clients: readonly RawClient[]): void {
  for (const client of clients) client.close();
}

async function ask(client: RawClient, target: string): Promise<number> {
  await client.send(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
  return (await client.response())?.status ?? 0;
}

async function reload(
  server: ServerProcess,
  config: string,
): Promise<void> {
  const count = () =>
    server.read("logs/error.log").split("configuration reloaded").length;
  const before = count();
  writeFiles(server.folder, { "webserv.conf": config });
  server.signal("SIGHUP");
  await eventually(() => count() > before, "reloaded", 20_000);
}

for (const workers of [1, 2]) {
  Deno.test(`limit_req lets no more pass than it says, with ${workers} workers and over reloads`, async () => {
    await using server = await start(workers);
    const clients = await connectAll(server.port);
    const begin = Date.now();
    let goesOn = true;
    const counts = { passed: 0, refused: 0 };
    const asking = clients.map(async (client) => {
      while (goesOn) {
        const status = await ask(client, "/a?k=all");
        if (status === 200) counts.passed++;
        else {
          assertEquals(status, 503);
          counts.refused++;
        }
      }
    });
    for (let version = 2; version < 5; version++) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      await reload(server, configuration(workers, version));
    }
    goesOn = false;
    await Promise.all(asking);
    const seconds = (Date.now() - begin) / 1000;
    closeAll(clients);
    const most = RATE * seconds + BURST + 1;
    const text = `${counts.passed} passed in ${seconds} s`;
    assert(counts.passed <= most, text);
    assert(counts.passed >= 0.5 * most, text);
    assert(counts.refused > counts.passed, `${counts.refused} refused`);
  });

  Deno.test(`limit_conn counts the connections of ${workers} workers and of two configurations`, async () => {
    await using server = await start(workers);
    const clients = await connectAll(server.port);
    const sent = clients.map((client) =>
      client.send("GET /conn/long?k=1 HTTP/1.1\r\nHost: a\r\n\r\n")
    );
    await Promise.all(sent);
    const refused = new Set<RawClient>();
    for (const client of clients) {
      void client.response().then(
        (response) => response?.status === 503 && refused.add(client),
        () => {},
      );
    }
    await eventually(() => refused.size === CONNECTIONS - 3, "all but three");
    // The three go on in a configuration that has been replaced.
    await reload(server, configuration(workers, 2));
    using late = await RawClient.connect(server.port);
    assertEquals(await ask(late, "/many/a?k=1"), 503);
    assertEquals(await ask(late, "/many/a?k=2"), 200);
    assertEquals(refused.size, CONNECTIONS - 3);
    closeAll(clients);
    const until = performance.now() + 5000;
    while (await ask(late, "/many/a?k=1") !== 200) {
      assert(performance.now() < until, "what has ended is still counted");
    }
  });

  Deno.test(`limit_conn counts nothing after a load of ${workers} workers`, async () => {
    await using server = await start(workers);
    const clients = await connectAll(server.port);
    const counts = new Map<number, number>();
    await Promise.all(clients.map(async (client) => {
      for (let i = 0; i < 200; i++) {
        const status = await ask(client, "/many/a?k=1");
        counts.set(status, (counts.get(status) ?? 0) + 1);
      }
    }));
    assertEquals([...counts.keys()].filter((s) => s !== 200 && s !== 503), []);
    for (let i = 0; i < 10; i++) {
      // Another worker may end its last request a moment after its answer.
      await new Promise((resolve) => setTimeout(resolve, 5));
      assertEquals(await ask(clients[0]!, "/many/a?k=1"), 200);
    }
    closeAll(clients);
  });
}

Deno.test("who asks one after the other has one connection, whichever worker answers", async () => {
  await using server = await start(2);
  const clients = await connectAll(server.port);
  for (let i = 0; i < 1000; i++) {
    const client = clients[i % CONNECTIONS]!;
    assertEquals(await ask(client, "/one/a?k=1"), 200, `request ${i}`);
  }
  closeAll(clients);
});

Deno.test("requests that wait are answered after a reload, and at the end", async () => {
  await using server = await start(2);
  const clients = (await connectAll(server.port)).slice(0, 4);
  // The first is answered at once, the last three seconds later.
  const statuses = Promise.all(
    clients.map((client) => ask(client, "/slow/a?k=1")),
  );
  await new Promise((resolve) => setTimeout(resolve, 200));
  await reload(server, configuration(2, 2));
  // The zone knows them yet: this one comes after them all.
  using late = await RawClient.connect(server.port);
  const begin = performance.now();
  const last = ask(late, "/slow/a?k=1");
  await new Promise((resolve) => setTimeout(resolve, 100));
  server.signal("SIGQUIT");
  assertEquals(await statuses, [200, 200, 200, 200]);
  assertEquals(await last, 200);
  const ms = performance.now() - begin;
  assert(ms > 2000, `it waited ${ms} ms`);
  closeAll(clients);
  assertEquals((await server.status).code, 0);
});

Deno.test("a request that waits costs nothing when its client has left", async () => {
  await using server = await start(1);
  using first = await RawClient.connect(server.port);
  assertEquals(await ask(first, "/slow/a?k=1"), 200);
  const others = await Promise.all([1, 2, 3].map(async () => {
    const client = await RawClient.connect(server.port);
    await client.send("GET /slow/a?k=1 HTTP/1.1\r\nHost: a\r\n\r\n");
    return client;
  }));
  await new Promise((resolve) => setTimeout(resolve, 100));
  closeAll(others);
  // A quick stop has nothing to wait for.
  const begin = performance.now();
  server.signal("SIGQUIT");
  assertEquals((await server.status).code, 0);
  const ms = performance.now() - begin;
  assert(ms < 1500, `it took ${ms} ms`);
});
