/** Deadlines of the running program; each case is a server of its own. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { get, RawClient } from "../support/raw_client.ts";
import { ServerProcess } from "../support/server_process.ts";

const LARGE_BYTES = 30 * 1024 * 1024;

const CONFIG = `
error_log logs/error.log notice;
client_header_timeout 900ms;
keepalive_timeout 700ms;
lingering_timeout 300ms;
lingering_time 600ms;
server {
    listen 127.0.0.1:0;
    root site;
    location /slow/ { send_timeout 600ms; }
}
`;

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** How long `run` takes, in ms. */
async function duration(run: () => Promise<unknown>): Promise<number> {
  const before = performance.now();
  await run();
  return performance.now() - before;
}

/** The deadline, the sweep's precision, and time for a busy machine. */
function assertAbout(took: number, deadline: number, label: string): void {
  assert(took > deadline - 50, `${label}: only ${took} ms`);
  assert(took < deadline + 3000, `${label}: ${took} ms`);
}

Deno.test("deadlines of the server", async () => {
  await using server = await ServerProcess.start({
    config: CONFIG,
    files: {
      "site/a.txt": "a",
      "site/slow/large.bin": new Uint8Array(LARGE_BYTES),
    },
  });
  const { port } = server;

  async function slowHead(): Promise<void> {
    using client = await RawClient.connect(port);
    const head = `GET / HTTP/1.1\r\nHost: a\r\nA: ${"b".repeat(500)}`;
    let cut = false;
    const dribble = (async () => {
      for (const character of head) {
        if (cut) return;
        await client.send(character).catch(() => cut = true);
        await pause(20);
      }
    })();
    const took = await duration(async () => {
      const response = await client.response();
      assertEquals(response?.status, 408);
      assertEquals(response?.field("connection"), "close");
      assertMatch(response?.text ?? "", /408 Request Timeout/);
    });
    cut = true;
    await dribble;
    assertAbout(took, 900, "a slow head");
  }

  async function othersMeanwhile(): Promise<void> {
    for (let i = 0; i < 15; i++) {
      const took = await duration(async () => {
        assertEquals((await get(port, "/a.txt")).text, "a");
      });
      assert(took < 800, `another client waited ${took} ms`);
      await pause(40);
    }
  }

  async function slowBody(): Promise<void> {
    using client = await RawClient.connect(port);
    await client.send(
      "POST /a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc",
    );
    assertEquals((await client.response())?.status, 405);
    await pause(100);
    await client.send("def");
    const took = await duration(async () => {
      assertEquals(await client.end(), "closed");
    });
    assertAbout(took, 300, "a body that pauses behind its answer");
  }

  async function silentClient(): Promise<void> {
    using client = await RawClient.connect(port);
    const took = await duration(async () => {
      assertEquals(await client.end(), "closed");
    });
    assertAbout(took, 900, "a client that says nothing");
  }

  async function idleConnection(): Promise<void> {
    using client = await RawClient.connect(port);
    await client.send("GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n");
    assertEquals((await client.response())?.status, 200);
    const took = await duration(async () => {
      assertEquals(await client.end(), "closed");
    });
    assertAbout(took, 700, "an idle connection");
  }

  async function laterHead(): Promise<void> {
    using client = await RawClient.connect(port);
    await client.send("GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\nGET /");
    assertEquals((await client.response())?.status, 200);
    assertEquals((await client.response())?.status, 408);
  }

  async function slowReader(): Promise<void> {
    using client = await RawClient.connect(port);
    await client.send("GET /slow/large.bin HTTP/1.1\r\nHost: a\r\n\r\n");
    await pause(2500);
    // What the kernel has taken still comes; then the connection is over.
    const rest = await client.rest().catch(() => new Uint8Array(0));
    assert(rest.length < LARGE_BYTES, "the server gave up");
  }

  async function lingering(): Promise<void> {
    using client = await RawClient.connect(port);
    await client.send("nonsense\r\n\r\n");
    assertEquals((await client.response())?.status, 400);
    assertEquals(await client.end(), "closed");
  }

  await Promise.all([
    slowHead(),
    othersMeanwhile(),
    slowBody(),
    silentClient(),
    idleConnection(),
    laterHead(),
    slowReader(),
    lingering(),
  ]);
  assertEquals((await get(port, "/a.txt")).text, "a");
  await server.stop();
  const log = server.read("logs/error.log");
  // One summary, not a line each.
  assertEquals(log.match(/timed out/g)?.length, 1, log);
  assertMatch(log, /\[notice\] .* 5 connections timed out/);
  const access = server.read("logs/access.log");
  assertEquals(access.match(/" 408 \d+ /g)?.length, 2, access);
});
