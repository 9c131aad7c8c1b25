/**
 * A whole server, fuzzed by sessions of HTTP/2: many at once on sockets of
 * their own, some of which leave without a word. Whatever they send, an
 * ordinary request beside them is answered, and when they are gone nothing of
 * them is left.
 */

import { assertEquals } from "@std/assert";
import { DEFAULT_HEAD_LIMITS } from "../src/http/limits.ts";
import { get, Http2Client, request } from "../tests/support/http2_client.ts";
import { metric } from "../soak/samples.ts";
import { freePorts } from "../tests/support/free_ports.ts";
import { ServerProcess } from "../tests/support/server_process.ts";
import {
  mutatedSession,
  randomSession,
  type SessionOptions,
} from "./http2_sessions.ts";
import { Random, randomPieces } from "./random.ts";

/** How many sessions are under way at once. */
const AT_ONCE = 16;

/** How long the server is listened to, in ms, when it does not end. */
const PATIENCE_MS = 60;

/** How long what is left may take to go, in ms. */
const SETTLE_MS = 10_000;

const CONFIG = `
error_log error.log error;
http {
  access_log access.log; root www;
  keepalive_timeout 1s; client_header_timeout 1s; client_body_timeout 1s;
  send_timeout 1s; lingering_time 1s; lingering_timeout 1s;
  limit_conn_zone $binary_remote_addr zone=open:1m;
  limit_req_zone $arg_k zone=asked:1m rate=100000r/s;
  server {
    listen 127.0.0.1:PORT; http2 on; server_name a.example;
    gzip on; gzip_min_length 0; gzip_types text/plain;
    location /made.html { ssi on; sub_filter a b; sub_filter_once off; }
    location /closed { auth_basic a; auth_basic_user_file users; }
    location /limited/ { alias www/; limit_conn open 8; limit_req zone=asked; limit_rate 100k; }
    location /up { client_max_body_size 1k; return 200 "$content_length"; }
    location /many { client_max_body_size 0; return 200 "$request_length"; }
    location /gone { return 444; }
    location /there { return 301 /a.txt; }
    location /tried { try_files $uri /made.html; }
    error_page 404 /made.html;
  }
  server { listen 127.0.0.1:STATUS; access_log off; location = /metrics { metrics; } }
}`;

/** What no client can be the reason of. */
const COMPLAINTS =
  /\[(alert|crit|emerg)\]|could not be|(Type|Range|Reference)Error|uncaught/i;

const SESSIONS: SessionOptions = {
  paths: [
    ...["/a.txt", "/large", "/made.html", "/closed", "/limited/a.txt"],
    ...["/limited/large", "/up", "/many", "/gone", "/there", "/tried/x", "/x"],
  ],
  authority: "a.example",
  fields: [
    ["range", "bytes=1-3,5-"],
    ["if-none-match", "*"],
    ["accept-encoding", "gzip"],
    ["authorization", `Basic ${btoa("bob:secret")}`],
    ["expect", "100-continue"],
    ["priority", "u=1, i"],
    ["cookie", "a=b"],
    ["te", "trailers"],
    ["content-length", "3"],
    ["x", "y".repeat(DEFAULT_HEAD_LIMITS.lineBytes)],
  ],
  requests: 20,
  bodyBytes: 3000,
};

/** Sends one session, listens for a while, and goes. */
async function visit(port: number, random: Random): Promise<void> {
  const session = randomSession(random, SESSIONS);
  const bytes = mutatedSession(random, session);
  const pieces = random.below(3) === 0 ? randomPieces(bytes, random) : [bytes];
  using socket = await Deno.connect({ hostname: "127.0.0.1", port });
  const timer = setTimeout(() => {
    try {
      socket.close();
    } catch {
      // It is closed.
    }
  }, PATIENCE_MS);
  try {
    for (const piece of pieces) {
      for (let rest = piece; rest.length > 0;) {
        rest = rest.subarray(await socket.write(rest));
      }
    }
    if (random.below(6) === 0) return;
    if (random.below(6) === 0) await socket.closeWrite();
    const buffer = new Uint8Array(16_384);
    while (await socket.read(buffer) !== null);
  } catch {
    // The server has ended the connection, or its patience has come to an end.
  } finally {
    clearTimeout(timer);
  }
}

/** An ordinary request is answered, whoever else is there. */
async function ordinary(port: number): Promise<void> {
  using client = await Http2Client.connect(port);
  await client.send(request(1, get("/a.txt")));
  const { status, body } = await client.response(1);
  assertEquals([status, body], [200, "a file"]);
}

/** What the server has said that is no fault of a client. */
function complaints({ folder, stderr }: ServerProcess): string[] {
  return [...readIfThere(`${folder}/error.log`).split("\n"), stderr]
    .filter((text) => COMPLAINTS.test(text));
}

function readIfThere(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

/** Waits until all connections have ended but the one that asks. */
async function settled(statusPort: number): Promise<void> {
  const until = performance.now() + SETTLE_MS;
  for (;;) {
    const page = await fetch(`http://127.0.0.1:${statusPort}/metrics`, {
      headers: { connection: "close" },
    });
    const connections = metric(await page.text(), "webserv_connections{") - 1;
    if (connections === 0) return;
    if (performance.now() > until) {
      throw new Error(`${connections} connections are left`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/**
 * Fuzzes a server with the sessions of `seed` and those behind it, until
 * `goesOn` says no.
 *
 * @returns how many there were
 * @throws {Error} when something does not hold; its message says the seeds
 */
export async function fuzzServer(
  seed: number,
  goesOn: (runs: number) => boolean,
): Promise<number> {
  const [port, statusPort] = freePorts(2) as [number, number];
  await using server = await ServerProcess.start({
    config: CONFIG.replaceAll("STATUS", String(statusPort))
      .replaceAll("PORT", String(port)),
    files: {
      "users": "bob:{PLAIN}secret\n",
      "www/a.txt": "a file",
      "www/closed": "for some",
      "www/large": "x".repeat(200_000),
      "www/made.html": '<!--# include virtual="/a.txt" --> and a',
    },
  });
  let runs = 0;
  while (goesOn(runs)) {
    const first = (seed + runs) >>> 0;
    try {
      const visits = Array.from(
        { length: AT_ONCE },
        (_, n) => visit(port, new Random((first + n) >>> 0)),
      );
      await ordinary(port);
      await Promise.all(visits);
      assertEquals(complaints(server), []);
    } catch (error) {
      throw new Error(`sessions of ${first} and the ${AT_ONCE - 1} behind it`, {
        cause: error,
      });
    }
    runs += AT_ONCE;
  }
  await settled(statusPort);
  await ordinary(port);
  return runs;
}

if (import.meta.main) {
  const [seconds = "60", seed] = Deno.args;
  const until = performance.now() + Number(seconds) * 1000;
  const first = seed === undefined
    ? crypto.getRandomValues(new Uint32Array(1))[0]!
    : Number(seed);
  console.log(`first seed ${first}`);
  const runs = await fuzzServer(first, () => performance.now() < until);
  console.log(`${runs} sessions, the server holds`);
}
