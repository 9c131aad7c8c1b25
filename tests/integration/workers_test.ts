/** Several workers in the real program: what is shared stays right. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Load } from "../support/load.ts";
import { get, RawClient } from "../support/raw_client.ts";
import {
  eventually,
  runProgram,
  ServerProcess,
  writeFiles,
} from "../support/server_process.ts";

const SKIPPED = Deno.build.os !== "linux";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `workers: ${name}`, ignore: SKIPPED, fn });
}

/** A configuration for `count` workers that says which version it is. */
function configuration(count: number | "auto", version = 1): string {
  return `
worker_processes ${count};
error_log logs/error.log debug;
keepalive_requests 1000000;
server {
    listen 127.0.0.1:0;
    root site;
    access_log logs/access.log;
    location = /version { return 200 "${version}"; access_log off; }
    location = /metrics { metrics; access_log off; }
    location = /status { stub_status; access_log off; }
    location = /health { health; access_log off; }
}
`;
}

const FILES = { "site/a.txt": "content" };

/** More connections than one worker would ever get by chance alone. */
const CONNECTIONS = 32;

function start(count: number): Promise<ServerProcess> {
  return ServerProcess.start({ config: configuration(count), files: FILES });
}

async function connectAll(port: number): Promise<RawClient[]> {
  return await Promise.all(
    Array.from({ length: CONNECTIONS }, () => RawClient.connect(port)),
  );
}

async function ask(client: RawClient, path: string): Promise<string> {
  await client.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
  const response = await client.response();
  if (response === undefined) throw new Error("the connection was closed");
  return response.text;
}

function closeAll(clients: readonly RawClient[]): void {
  for (const client of clients) client.close();
}

/** The value of a sample of the metrics page. */
function sample(page: string, name: string): number {
  const line = page.split("\n").find((each) => each.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1));
}

/** The threads that have logged the end of a connection. */
function threadsIn(log: string): string[] {
  const lines = log.matchAll(/\[debug\] \d+#(\d+): connection ended/g);
  return [...new Set(Array.from(lines, ([, thread]) => thread!))].sort();
}

async function reload(
  server: ServerProcess,
  config: string,
  expected = "configuration reloaded",
): Promise<void> {
  const count = () => server.read("logs/error.log").split(expected).length;
  const before = count();
  writeFiles(server.folder, { "webserv.conf": config });
  server.signal("SIGHUP");
  await eventually(() => count() > before, expected, 10_000);
}

test("both serve, and any of them knows what all have counted", async () => {
  await using server = await start(2);
  const { port } = server;
  const clients = await connectAll(port);
  for (let round = 0; round < 4; round++) {
    await Promise.all(clients.map((client) => ask(client, "/a.txt")));
  }
  const requests = 4 * CONNECTIONS;
  const connections = CONNECTIONS;
  // Each client asks its own worker, which has to know of the other one.
  for (const [asked, client] of clients.entries()) {
    const page = await ask(client, "/metrics");
    assertEquals([
      sample(page, 'webserv_http_requests_total{status="2xx"}'),
      sample(page, "webserv_http_request_duration_seconds_count"),
      sample(page, 'webserv_http_request_duration_seconds_bucket{le="+Inf"}'),
      sample(page, "webserv_connections_accepted_total"),
      sample(page, 'webserv_connections{state="waiting"}'),
      sample(page, 'webserv_connections{state="writing"}'),
      sample(page, "webserv_workers"),
      sample(page, "webserv_draining"),
    ], [
      requests + asked,
      requests + asked,
      requests + asked,
      connections,
      connections - 1,
      1,
      2,
      0,
    ]);
    const lookups = ["hit", "revalidated", "miss"].map((result) =>
      sample(page, `webserv_file_cache_lookups_total{result="${result}"}`)
    );
    assertEquals(lookups.reduce((a, b) => a + b), requests);
    assertEquals(lookups[2], 2, "each worker opened the file once");
    const resident = sample(page, "process_resident_memory_bytes");
    assert(resident > 2 ** 20 && resident < 2 ** 30, `${resident} bytes`);
  }
  const all = requests + CONNECTIONS + 1;
  assertEquals(
    await ask(clients[0]!, "/status"),
    `Active connections: ${CONNECTIONS} \nserver accepts handled requests\n` +
      ` ${CONNECTIONS} ${CONNECTIONS} ${all} \n` +
      `Reading: 0 Writing: 1 Waiting: ${CONNECTIONS - 1} \n`,
  );
  closeAll(clients);
  await eventually(
    () => threadsIn(server.read("logs/error.log")).join() === "1,2",
    "both had connections",
  );
});

test("the access log has one whole line for each request", async () => {
  await using server = await start(2);
  const { port } = server;
  let sent = 0;
  let running = true;
  const load = async () => {
    using client = await RawClient.connect(port);
    while (running) await ask(client, `/a.txt?n=${sent++}`);
  };
  const loads = Array.from({ length: 12 }, load);
  const rotations = 4;
  for (let i = 0; i < rotations; i++) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    const path = server.path("logs/access.log");
    await eventually(() => server.read("logs/access.log") !== "", "lines");
    Deno.renameSync(path, server.path(`logs/access.${i}`));
    server.signal("SIGUSR1");
    await eventually(
      () => {
        try {
          return Deno.statSync(path).isFile;
        } catch {
          return false;
        }
      },
      "the log is made anew",
    );
  }
  running = false;
  await Promise.all(loads);
  await server.stop();
  const parts = Array.from(
    { length: rotations },
    (_, i) => server.read(`logs/access.${i}`),
  );
  const all = [...parts, server.read("logs/access.log")];
  const line =
    /^127\.0\.0\.1 - - \[[^\]]+\] "GET \/a\.txt\?n=(\d+) HTTP\/1\.1" 200 7 "-" "-"$/;
  const seen = all.flatMap((text) => text.split("\n").slice(0, -1))
    .map((text) => Number(line.exec(text)?.[1] ?? `0 in ${text}`));
  assert(sent > 100, `there was load: ${sent} requests`);
  assertEquals(seen.length, sent);
  assertEquals(
    seen.sort((a, b) => a - b),
    Array.from({ length: sent }, (_, n) => n),
  );
});

test("a wrong configuration is refused by all", async () => {
  await using server = await start(2);
  const clients = await connectAll(server.port);
  const versions = async () =>
    new Set(
      await Promise.all(clients.map((client) => ask(client, "/version"))),
    );
  await reload(server, configuration(2, 2) + "rot;", "was not reloaded");
  assertMatch(server.read("logs/error.log"), /\[emerg\] \d+#0: unknown dir/);
  assertEquals(await versions(), new Set(["1"]));
  const busy = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const second = `server { listen 127.0.0.1:${busy.addr.port}; }`;
  await reload(server, configuration(2, 2) + second, "was not reloaded");
  assertMatch(
    server.read("logs/error.log"),
    /bind\(\) to 127\.0\.0\.1:\d+ failed \(98: Address already in use\)/,
  );
  assertEquals(await versions(), new Set(["1"]));
  busy.close();
  await reload(server, configuration(2, 2) + second);
  assertEquals(await versions(), new Set(["2"]));
  assertEquals((await get(busy.addr.port, "/a.txt")).status, 404);
  const page = await ask(clients[0]!, "/metrics");
  assertEquals([
    sample(page, 'webserv_reloads_total{result="success"}'),
    sample(page, 'webserv_reloads_total{result="failure"}'),
  ], [1, 2]);
  closeAll(clients);
});

test("their number changes by a reload, and counters stay", async () => {
  await using server = await start(1);
  const { port } = server;
  let requests = 0;
  let ended = 0;
  // How many there are, and how many others have to end for that.
  const rows = [[1, 0], [3, 1], [2, 1], [1, 2], [2, 1]] as const;
  for (const [version, [count, end]] of rows.entries()) {
    if (version > 0) await reload(server, configuration(count, version));
    ended += end;
    await eventually(
      () => server.read("logs/error.log").split(" has ended").length > ended,
      "those that are too many end",
    );
    for (let i = 0; i < 10; i++) {
      assertEquals((await get(port, "/a.txt")).status, 200);
      requests++;
    }
    const page = (await get(port, "/metrics")).text;
    assertEquals([
      sample(page, "webserv_workers"),
      sample(page, 'webserv_http_requests_total{status="2xx"}'),
      sample(page, "webserv_connections_accepted_total"),
    ], [count, requests, requests + 1]);
    requests++;
  }
  assertEquals((await get(port, "/version")).text, "4");
});

test("more of them lose no request", async () => {
  await using server = await start(2);
  const { port } = server;
  const load = new Load(async () =>
    assertEquals((await get(port, "/a.txt")).text, "content")
  );
  for (const count of [3, 4, 6]) await reload(server, configuration(count));
  await load.end();
  assert(load.answers > 0);
});

test("one that is too many answers once more", async () => {
  await using server = await start(2);
  const clients = await connectAll(server.port);
  for (const client of clients) await ask(client, "/version");
  await reload(server, configuration(1, 2));
  let closed = 0;
  for (const client of clients) {
    await client.send("GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n");
    const response = await client.response();
    assertEquals(response?.text, "content");
    if (response?.field("connection") !== "close") continue;
    closed++;
    assertEquals(await client.end(), "closed");
  }
  assertEquals(closed, clients.length);
  await eventually(
    () => server.read("logs/error.log").split(" has ended").length === 3,
    "both threads end",
  );
  assertEquals((await get(server.port, "/version")).text, "2");
  closeAll(clients);
});

test("QUIT finishes what is in flight, and health says so", async () => {
  const size = 16 * 1024 * 1024;
  await using server = await start(2);
  writeFiles(server.folder, { "site/big.bin": new Uint8Array(size).fill(98) });
  const clients = await connectAll(server.port);
  const big = "GET /big.bin HTTP/1.1\r\nHost: a\r\n\r\n";
  const health = "GET /health HTTP/1.1\r\nHost: a\r\n\r\n";
  for (const client of clients) {
    assertEquals(await ask(client, "/health"), "ok\n");
  }
  const busy = clients.slice(0, 8);
  for (const client of busy) await client.send(big + health);
  const busyNow = async () =>
    sample(
      await ask(clients.at(-1)!, "/metrics"),
      'webserv_connections{state="writing"}',
    );
  while (await busyNow() !== busy.length + 1);
  server.signal("SIGQUIT");
  await eventually(
    () => server.read("logs/error.log").includes("SIGQUIT received"),
    "it drains",
  );
  for (const client of clients.slice(8)) {
    assertEquals(await client.end(), "closed", "idle ones end");
  }
  for (const client of busy) {
    const response = await client.response();
    assertEquals([response?.status, response?.body.length], [200, size]);
    const next = await client.response();
    assertEquals([next?.status, next?.text], [503, "draining\n"]);
  }
  closeAll(clients);
  assertEquals((await server.status).code, 0);
  assertEquals(server.read("logs/webserv.pid"), "");
  const lines = server.read("logs/access.log").trimEnd().split("\n");
  assertEquals(lines.length, busy.length);
});

test("TERM stops at once", async () => {
  await using server = await start(2);
  writeFiles(server.folder, { "site/big.bin": new Uint8Array(32 * 1024 ** 2) });
  const clients = await connectAll(server.port);
  for (const client of clients) {
    await client.send("GET /big.bin HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  await clients[0]!.readSome(1000);
  const { code } = await server.stop("SIGTERM");
  assertEquals(code, 0);
  closeAll(clients);
});

test("a second start on the same address is refused", async () => {
  await using first = await start(2);
  for (const count of [1, 2]) {
    writeFiles(first.folder, {
      "second.conf": configuration(count)
        .replace("127.0.0.1:0", `127.0.0.1:${first.port}`)
        .replaceAll("logs/", "second/"),
    });
    const { code, stderr } = await runProgram([
      "-c",
      first.path("second.conf"),
    ]);
    assertEquals(code, 1);
    assertMatch(
      stderr,
      /\[emerg\] bind\(\) to 127\.0\.0\.1:\d+ failed \(98: Address already in use\)/,
    );
  }
  assertEquals((await get(first.port, "/a.txt")).text, "content");
});
