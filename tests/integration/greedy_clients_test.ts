/**
 * Clients that keep the server busy, or keep it waiting, as far as they can:
 * everybody else is served all the same, and no deadline is put off.
 */

import { assert, assertEquals } from "@std/assert";
import { freePort } from "../support/free_ports.ts";
import { bytesOf } from "../support/latin1.ts";
import { get, RawClient } from "../support/raw_client.ts";
import { eventually, ServerProcess } from "../support/server_process.ts";

/** How many of them there are at a time. */
const GREEDY = 8;

/** How long they are at it, in ms. */
const ATTACK_MS = 1500;

/** What is sent again and again is put together in pieces of this size. */
const PIECE_BYTES = 256 * 1024;

const FILES = { "site/a.txt": "a" };

function config(http: string, port = 0): string {
  return `
  error_log logs/error.log info;
  pid webserv.pid;
  http {
      keepalive_requests 1000000000;
      ${http}
      server {
          listen 127.0.0.1:${port};
          root site;
          location /small { return 200 x; }
          location /any { client_max_body_size 0; }
      }
  }
  `;
}

const CHUNKED = "Transfer-Encoding: chunked\r\n\r\n";

/** What each kind sends first, and then without end. */
const KINDS: Readonly<Record<string, readonly [first: string, unit: string]>> =
  {
    "chunks of one byte": [
      `POST /any HTTP/1.1\r\nHost: a\r\n${CHUNKED}`,
      "1\r\nx\r\n",
    ],
    "a body without end": [
      "POST /any HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n",
      "xxxxxxxx",
    ],
    "pipelined requests": ["", "GET /small HTTP/1.1\r\nHost:a\r\n\r\n"],
    "pipelined requests with bodies": [
      "",
      "POST /small HTTP/1.1\r\nHost:a\r\nContent-Length: 1\r\n\r\nx",
    ],
    "pipelined requests for nothing": [
      "",
      "GET /none HTTP/1.1\r\nHost:a\r\n\r\n",
    ],
    "what is said after an error": ["nonsense\r\n\r\n", "xxxxxxxx"],
  };

/** Sends on a connection of its own, and takes what comes, until `signal`. */
async function beGreedy(
  port: number,
  [first, unit]: readonly [string, string],
  signal: AbortSignal,
): Promise<void> {
  const piece = bytesOf(unit.repeat(Math.ceil(PIECE_BYTES / unit.length)));
  while (!signal.aborted) {
    const socket = await Deno.connect({ hostname: "127.0.0.1", port });
    const stop = () => socket.close();
    signal.addEventListener("abort", stop);
    const sink = new Uint8Array(64 * 1024);
    const reading = (async () => {
      while (await socket.read(sink) !== null);
    })().catch(() => {});
    try {
      await socket.write(bytesOf(first));
      for (;;) {
        for (let rest = piece; rest.length > 0;) {
          rest = rest.subarray(await socket.write(rest));
        }
      }
    } catch {
      // The server, or the test, has had enough.
    }
    signal.removeEventListener("abort", stop);
    if (!signal.aborted) socket.close();
    await reading;
  }
}

Deno.test("others are served beside clients that never pause", async (t) => {
  await using server = await ServerProcess.start({
    config: config("access_log off; lingering_time 2s;"),
    files: FILES,
  });
  const { port } = server;
  for (const [name, kind] of Object.entries(KINDS)) {
    await t.step(name, async () => {
      const over = new AbortController();
      const greedy = Array.from(
        { length: GREEDY },
        () => beGreedy(port, kind, over.signal),
      );
      // Until their sockets are full.
      await new Promise((resolve) => setTimeout(resolve, 300));
      const times: number[] = [];
      const until = performance.now() + ATTACK_MS;
      while (performance.now() < until) {
        const before = performance.now();
        assertEquals((await get(port, "/a.txt")).text, "a");
        times.push(performance.now() - before);
      }
      over.abort();
      await Promise.all(greedy);
      times.sort((a, b) => a - b);
      const median = times[times.length >> 1]!;
      // 300 to 500 ms when nobody gives way; the client and they are one
      // process, so this machine has much to do.
      assert(median < 150, `the median was ${Math.round(median)} ms`);
    });
  }
});

/** What comes of a client that sends `unit` every 100 ms. */
async function dribble(
  client: RawClient,
  unit: string,
): Promise<[outcome: string, ms: number]> {
  const before = performance.now();
  let over = false;
  const sending = (async () => {
    while (!over) {
      await client.send(unit).catch(() => over = true);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  const response = await client.response();
  const outcome = response === undefined
    ? "closed"
    : `${response.status} ${response.field("connection")}`;
  over = true;
  await sending;
  return [outcome, performance.now() - before];
}

Deno.test("no deadline is put off by sending a little now and then", async () => {
  await using server = await ServerProcess.start({
    config: config(`
      access_log off;
      client_header_timeout 1s;
      client_body_timeout 1s;
      keepalive_timeout 1s;
      lingering_time 1s;
      lingering_timeout 1s;
    `),
    files: FILES,
  });
  const { port } = server;
  const request = "GET /small HTTP/1.1\r\nHost: a\r\n\r\n";
  const post = "POST /small HTTP/1.1\r\nHost: a\r\n";
  // What is sent first, how many answers that has, what is sent from then on,
  // and what comes of it after a second.
  const rows: [string, number, string, string][] = [
    ["", 0, "a", "408 close"],
    ["", 0, "\r\n", "closed"],
    [request, 1, "a", "408 close"],
    [request, 1, "\r\n", "closed"],
    [`${post}Content-Length: 1000\r\n\r\n`, 1, "a", "closed"],
    [`${post}${CHUNKED}1;`, 1, "a", "closed"],
    [`${post}${CHUNKED}`, 1, "1\r\na\r\n", "closed"],
    [`${post}${CHUNKED}0\r\nA: `, 1, "a", "closed"],
  ];
  await Promise.all(rows.map(async ([first, answers, unit, expected]) => {
    using client = await RawClient.connect(port);
    await client.send(first);
    for (let i = 0; i < answers; i++) {
      assertEquals((await client.response())?.status, 200);
    }
    const [outcome, took] = await dribble(client, unit);
    const name = JSON.stringify([first, unit]);
    // A first head of which too many empty lines come is an error.
    assert([expected, "400 close"].includes(outcome), `${name}: ${outcome}`);
    assert(took > 700 && took < 3000, `${name}: ${took} ms`);
  }));
});

Deno.test("a reload to larger heads is one for open connections too", async () => {
  const large = "large_client_header_buffers 8 64k;";
  const fields = `A: ${"b".repeat(60_000)}\r\n`.repeat(6);
  const request = `GET /small HTTP/1.1\r\nHost: a\r\n${fields}\r\n`;
  const port = freePort();
  await using server = await ServerProcess.start({
    config: config("", port),
    files: FILES,
  });
  using used = await RawClient.connect(port);
  using fresh = await RawClient.connect(port);
  using begun = await RawClient.connect(port);
  await used.send("GET /small HTTP/1.1\r\nHost: a\r\n\r\n\r\n");
  assertEquals((await used.response())?.status, 200);
  await begun.send("GET /small HTTP/1.1\r\nHost: a\r\nB: ");
  await new Promise((resolve) => setTimeout(resolve, 100));
  Deno.writeTextFileSync(
    server.path("webserv.conf"),
    config(large, port),
  );
  server.signal("SIGHUP");
  await eventually(
    () => server.read("logs/error.log").includes("configuration reloaded"),
    "the configuration is reloaded",
  );
  for (const client of [used, fresh]) {
    await client.send(request);
    assertEquals((await client.response())?.status, 200);
  }
  // What has begun is held to what was in force when it began.
  await begun.send(fields);
  assertEquals((await begun.response())?.status, 431);
});
