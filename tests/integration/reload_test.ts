/**
 * Reloads under load: no connection is refused, no request is lost, and no
 * connection that was promised to stay is closed.
 */

import { assert, assertEquals } from "@std/assert";
import { freePort } from "../support/free_ports.ts";
import { get, RawClient } from "../support/raw_client.ts";
import { eventually, ServerProcess } from "../support/server_process.ts";

/** How often the configuration is replaced. */
const RELOADS = 100;

/** How long one may take on a busy machine, in ms. */
const RELOAD_TIMEOUT_MS = 20_000;

/** Every so many reloads the configuration is wrong. */
const WRONG_EVERY = 10;

/** A configuration that says which one it is. */
function configuration(version: number, workers = 1): string {
  return `
worker_processes ${workers};
error_log logs/error.log notice;
access_log logs/access.log;
keepalive_requests 1000000;
server {
    listen 127.0.0.1:0;
    root site;
    location = /version { return 200 "${version}"; }
    location = /metrics { metrics; access_log off; }
}
`;
}

const VERSION_REQUEST = "GET /version HTTP/1.1\r\nHost: a\r\n\r\n";

/** What a client has seen. */
interface Seen {
  requests: number;
  connections: number;
  lastVersion: number;
}

/** Asks on one connection; it must stay, and versions must never go back. */
async function persistentClient(
  port: number,
  seen: Seen,
  goesOn: () => boolean,
): Promise<void> {
  using client = await RawClient.connect(port);
  seen.connections++;
  while (goesOn()) {
    await client.send(VERSION_REQUEST);
    const response = await client.response();
    if (response === undefined) throw new Error("the connection was closed");
    assertEquals(response.status, 200);
    assert(response.field("connection") !== "close", "the connection ends");
    const version = Number(response.text);
    assert(version >= seen.lastVersion, "an older configuration answered");
    seen.lastVersion = version;
    seen.requests++;
  }
}

/** Asks for a file on one connection after the other. */
async function shortClient(
  port: number,
  seen: Seen,
  goesOn: () => boolean,
): Promise<void> {
  while (goesOn()) {
    using client = await RawClient.connect(port);
    seen.connections++;
    await client.send(
      "GET /a.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    );
    const response = await client.response();
    assertEquals(response?.text, "content");
    seen.requests++;
  }
}

/** How many lines of the error log speak of the end of a reload. */
function reloadsIn(log: string): number {
  return log.match(/configuration reloaded|was not reloaded/g)?.length ?? 0;
}

async function reload(
  server: ServerProcess,
  config: string,
  count: number,
): Promise<void> {
  Deno.writeTextFileSync(server.path("webserv.conf"), config);
  server.signal("SIGHUP");
  await eventually(
    () => reloadsIn(server.read("logs/error.log")) >= count,
    `reload ${count}`,
    RELOAD_TIMEOUT_MS,
  );
}

/** The value of a sample of the metrics page. */
function sample(page: string, name: string): number {
  const line = page.split("\n").find((each) => each.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1));
}

async function reloadUnderLoad(workers: number): Promise<void> {
  await using server = await ServerProcess.start({
    config: configuration(0, workers),
    files: { "site/a.txt": "content" },
  });
  const { port } = server;
  let running = true;
  const seen: Seen[] = [];
  const clients = Array.from({ length: 12 }, (_, i) => {
    const own: Seen = { requests: 0, connections: 0, lastVersion: 0 };
    seen.push(own);
    const client = i % 3 === 0 ? shortClient : persistentClient;
    return client(port, own, () => running);
  });
  const failure = Promise.all(clients).then(() => {});
  failure.catch(() => running = false);
  for (let count = 1; count <= RELOADS && running; count++) {
    const isWrong = count % WRONG_EVERY === 0;
    const config = configuration(count, workers) + (isWrong ? "rot;" : "");
    await reload(server, config, count);
  }
  running = false;
  await failure;

  assertEquals((await get(port, "/version")).text, String(RELOADS - 1));
  const page = (await get(port, "/metrics")).text;
  const requests = seen.reduce((sum, each) => sum + each.requests, 0);
  const connections = seen.reduce((sum, each) => sum + each.connections, 0);
  assert(requests > RELOADS * 5, `there was load: ${requests} requests`);
  assertEquals(
    [
      sample(page, 'webserv_http_requests_total{status="2xx"}'),
      sample(page, 'webserv_http_requests_total{status="4xx"}'),
      sample(page, "webserv_connections_accepted_total"),
      sample(page, 'webserv_reloads_total{result="success"}'),
      sample(page, 'webserv_reloads_total{result="failure"}'),
    ],
    [
      requests + 1,
      0,
      connections + 2,
      RELOADS - RELOADS / WRONG_EVERY,
      RELOADS / WRONG_EVERY,
    ],
  );
  await server.stop("SIGQUIT");
  const logged = server.read("logs/access.log").trimEnd().split("\n");
  assertEquals(logged.length, requests + 1, "every request is logged once");
}

for (const workers of Deno.build.os === "linux" ? [1, 2] : [1]) {
  const name = workers === 1 ? "one worker" : `${workers} workers`;
  Deno.test(`a hundred reloads under load lose no request: ${name}`, () =>
    reloadUnderLoad(workers));
}

Deno.test("a response in flight is finished, then the new one answers", async () => {
  const size = 16 * 1024 * 1024;
  await using server = await ServerProcess.start({
    config: configuration(1),
    files: { "site/big.bin": new Uint8Array(size).fill(0x62) },
  });
  const { port } = server;
  using client = await RawClient.connect(port);
  // More than the buffers of both sockets hold, so the server has to wait.
  await client.send("GET /big.bin HTTP/1.1\r\nHost: a\r\n\r\n");
  assertEquals((await get(port, "/version")).text, "1");
  const config = configuration(2).replace("root site", "root other");
  await reload(server, config, 1);
  assertEquals((await get(port, "/big.bin")).status, 404);
  await client.send(VERSION_REQUEST);
  const big = await client.response();
  assertEquals([big?.status, big?.body.length], [200, size]);
  assert(big!.body.every((byte) => byte === 0x62));
  assertEquals((await client.response())?.text, "2");
});

Deno.test("worker_shutdown_timeout ends what a reload or drain waits for", async () => {
  const timeout = "worker_shutdown_timeout 300ms;\n";
  await using server = await ServerProcess.start({
    config: timeout + configuration(1),
    files: { "site/big.bin": new Uint8Array(32 * 1024 * 1024) },
  });
  const request = "GET /big.bin HTTP/1.1\r\nHost: a\r\n\r\n";
  using first = await RawClient.connect(server.port);
  await first.send(request);
  await first.readSome(1000);
  await reload(server, timeout + configuration(2), 1);
  await eventually(
    () => server.read("logs/error.log").includes("ended after 300 ms"),
    "the old response ends",
  );
  using second = await RawClient.connect(server.port);
  await second.send(request);
  await second.readSome(1000);
  server.signal("SIGQUIT");
  assertEquals((await server.status).code, 0);
});

Deno.test("a reload that cannot bind leaves nothing open", async () => {
  await using server = await ServerProcess.start({
    config: configuration(0),
    files: { "site/a.txt": "content" },
  });
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const wrong = configuration(1) +
    `server { listen 127.0.0.1:${taken.addr.port}; }`;
  await reload(server, wrong, 1);
  const before = openFiles(server);
  for (let count = 2; count <= 5; count++) await reload(server, wrong, count);
  await eventually(() => openFiles(server) <= before, "the logs are closed");
  assertEquals((await get(server.port, "/version")).text, "0");
});

Deno.test("a reload with an error log that cannot be opened changes nothing", async () => {
  await using server = await ServerProcess.start({
    config: configuration(0),
    files: { "site/a.txt": "content" },
  });
  const wrong = configuration(1).replace("logs/error.log", "site/a.txt/x.log");
  await reload(server, wrong, 1);
  assertEquals((await get(server.port, "/version")).text, "0");
  // An address that is taken is found later: the error log goes back.
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const late = configuration(2).replace("logs/error.log", "logs/other.log") +
    `server { listen 127.0.0.1:${taken.addr.port}; }`;
  await reload(server, late, 2);
  await reload(server, configuration(3), 3);
  assertEquals((await get(server.port, "/version")).text, "3");
});

/**
 * What a request may wait for a reload at most, in ms: a few slices, and where
 * there is much to read the collector too.
 */
const LONGEST_WAIT_MS = { servers: 50, entries: 150 } as const;

/** How many descriptors its process has; 0 where the system does not tell. */
function openFiles({ pid }: ServerProcess): number {
  if (Deno.build.os !== "linux") return 0;
  const { stdout } = new Deno.Command("ls", { args: [`/proc/${pid}/fd`] })
    .outputSync();
  return new TextDecoder().decode(stdout).split("\n").length;
}

for (const workers of Deno.build.os === "linux" ? [1, 2] : [1]) {
  const name = `with ${workers} worker${workers > 1 ? "s" : ""}`;
  Deno.test(`a reload of many servers keeps nobody waiting, ${name}`, async () => {
    const port = freePort();
    const text = (version: number) =>
      configuration(version, workers) + Array.from(
        { length: 1500 },
        (_, i) =>
          `server { listen 127.0.0.1:${port}; ` +
          `server_name *.n${i}.example; location /${i}/ { } }`,
      ).join("\n");
    await using server = await ServerProcess.start({ config: text(0) });
    const done = await holdsUpNobody(server, "servers", text);
    assertEquals((await get(server.port, "/version")).text, String(done));
  });
}

Deno.test("a reload of 100,000 networks and 10,000 lines holds up no request", async () => {
  const networks = Array.from(
    { length: 100_000 },
    (_, i) => `${10 + (i >> 16)}.${i >> 8 & 255}.${i & 255}.0/24 c${i % 9};`,
  );
  const lines = Array.from({ length: 10_000 }, (_, i) => `/old${i} /new${i};`);
  const redirects = Array.from(
    { length: 10_000 },
    (_, i) => `location = /from${i} { return 301 /to${i}; }`,
  );
  const config = `
    error_log logs/error.log notice;
    http {
      access_log off;
      keepalive_requests 1000000;
      include big.inc;
      server { listen 127.0.0.1:0; location /version { return 200 "$g$m"; }
        include redirects.inc; }
    }`;
  await using server = await ServerProcess.start({
    config,
    files: {
      "big.inc": `geo $g { ${networks.join("\n")} }
        map $uri $m { ${lines.join("\n")} }`,
      "redirects.inc": redirects.join("\n"),
    },
  });
  await holdsUpNobody(server, "entries", () => config);
});

/**
 * Reloads until one of the reloads has let every request that came meanwhile
 * have its answer soon: the machine may be busy once, but not always. Returns
 * how many there were.
 */
async function holdsUpNobody(
  server: ServerProcess,
  what: keyof typeof LONGEST_WAIT_MS,
  config: (count: number) => string,
): Promise<number> {
  using client = await RawClient.connect(server.port);
  const longest: number[] = [];
  for (let count = 1; count <= 4; count++) {
    let wait = 0;
    let isRunning = true;
    const asking = (async () => {
      while (isRunning) {
        const asked = performance.now();
        await client.send(VERSION_REQUEST);
        assertEquals((await client.response())?.status, 200);
        wait = Math.max(wait, performance.now() - asked);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    })();
    await reload(server, config(count), count);
    isRunning = false;
    await asking;
    longest.push(wait);
    if (wait < LONGEST_WAIT_MS[what]) return count;
  }
  throw new Error(`requests waited ${longest.map(Math.round)} ms`);
}
