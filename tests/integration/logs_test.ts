/** The logs of the running program. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { ask, RawClient } from "../support/raw_client.ts";
import { eventually, ServerProcess } from "../support/server_process.ts";

const CONFIG = `
error_log logs/error.log notice;
keepalive_requests 1000000;
server {
    listen 127.0.0.1:0;
    root site;
    access_log logs/access.log;
    location /off/ { access_log off; return 200 x; }
    location /two/ {
        access_log logs/one.log;
        access_log logs/two.log combined buffer=4k;
        return 200 two;
    }
}
`;

const FILES = { "site/a.txt": "content" };

/** Raw requests, and the end of the line that is logged for each. */
const LINES: readonly (readonly [raw: string, line: string])[] = [
  [
    "GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n",
    '"GET /a.txt HTTP/1.1" 200 7 "-" "-"',
  ],
  [
    "GET /a.txt?q=1 HTTP/1.0\r\nReferer: http://r/\r\nUser-Agent: ua/1 (x)\r\n\r\n",
    '"GET /a.txt?q=1 HTTP/1.0" 200 7 "http://r/" "ua/1 (x)"',
  ],
  [
    "HEAD /a.txt HTTP/1.1\r\nHost: a\r\nUser-Agent:\r\n\r\n",
    '"HEAD /a.txt HTTP/1.1" 200 0 "-" ""',
  ],
  [
    'GET /"\\ HTTP/1.1\r\nHost: a\r\nUser-Agent: "q" \\ \t\x80\xff\r\n\r\n',
    '"GET /\\x22\\x5C HTTP/1.1" 404 @ "-" ' +
    '"\\x22q\\x22 \\x5C \\x09\\x80\\xFF"',
  ],
  [
    "GET /a.txt HTTP/1.1\r\nHost: a\r\nRange: bytes=1-2\r\n\r\n",
    '"GET /a.txt HTTP/1.1" 206 2 "-" "-"',
  ],
  ["GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", '"GET /a b HTTP/1.1" 400 @ "-" "-"'],
  [
    "G\x00T\x01\x7f / HTTP/1.1\r\n\r\n",
    '"G\\x00T\\x01\\x7F / HTTP/1.1" 400 @ "-" "-"',
  ],
  ["\x16\x03\x01\r\n", '"\\x16\\x03\\x01" 400 @ "-" "-"'],
  ["GET / HTTP/2.0\r\n\r\n", '"GET / HTTP/2.0" 505 @ "-" "-"'],
  [
    "POST /a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nReferer: r\r\n\r\nabc",
    '"POST /a.txt HTTP/1.1" 405 @ "r" "-"',
  ],
  [
    "GET /a.txt HTTP/1.1\r\nHost: a\r\nReferer: 1\r\nReferer: 2\r\n\r\n",
    '"GET /a.txt HTTP/1.1" 200 7 "1" "-"',
  ],
];

const TIME = "\\d\\d/[A-Z][a-z]{2}/\\d{4}:\\d\\d:\\d\\d:\\d\\d [+-]\\d{4}";

Deno.test("the access log is combined, byte for byte", async () => {
  await using server = await ServerProcess.start({
    config: CONFIG,
    files: FILES,
  });
  const expected: string[] = [];
  for (const [raw, line] of LINES) {
    const { body } = await ask(server.port, raw, {
      head: raw.startsWith("HEAD"),
    });
    expected.push(line.replace("@", String(body.length)));
  }
  await ask(server.port, "GET /off/ HTTP/1.1\r\nHost: a\r\n\r\n");
  // Written without being asked, within about a second.
  await eventually(
    () => server.read("logs/access.log").split("\n").length > expected.length,
    "the log is flushed",
    3000,
  );
  const lines = server.read("logs/access.log").split("\n");
  assertEquals(lines.pop(), "");
  const start = new RegExp(`^127\\.0\\.0\\.1 - - \\[${TIME}\\] `);
  assertEquals(lines.map((line) => line.replace(start, "")), expected);
});

Deno.test("the access log is complete at exit, in every file", async () => {
  await using server = await ServerProcess.start({
    config: CONFIG,
    files: FILES,
  });
  using client = await RawClient.connect(server.port);
  await client.send("GET /two/ HTTP/1.1\r\nHost: a\r\n\r\n".repeat(50));
  for (let i = 0; i < 50; i++) await client.response();
  await server.stop();
  for (const file of ["logs/one.log", "logs/two.log"]) {
    assertEquals(server.read(file).match(/ 200 3 /g)?.length, 50, file);
  }
  assertEquals(server.read("logs/access.log"), "");
  assertMatch(
    server.read("logs/error.log"),
    /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[notice\] \d+#0: SIGTERM received/m,
  );
});

Deno.test("the error log has a request as the bytes that came", async () => {
  await using server = await ServerProcess.start({
    config: CONFIG.replace("error.log notice", "error.log info"),
    files: FILES,
  });
  const lines = ["GET /none?q=\xc3\xbc\xff\xc2\x9b HTTP/1.1", "Host: a"];
  await ask(server.port, `${lines.join("\r\n")}\r\n\r\n`);
  await server.stop();
  assertMatch(
    server.read("logs/error.log"),
    /, request: "GET \/none\?q=ü\\xFF\\xC2\\x9B HTTP\/1\.1"/,
  );
});

Deno.test("reopening the logs loses no line", async () => {
  await using server = await ServerProcess.start({
    config: CONFIG,
    files: FILES,
  });
  const { port } = server;
  let sent = 0;
  let stop = false;
  async function load(): Promise<void> {
    using client = await RawClient.connect(port);
    while (!stop) {
      await client.send(`GET /a.txt?n=${sent++} HTTP/1.1\r\nHost: a\r\n\r\n`);
      assertEquals((await client.response())?.status, 200);
    }
  }
  const loads = [load(), load()];
  const rotations = 4;
  for (let i = 0; i < rotations; i++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    Deno.renameSync(
      server.path("logs/access.log"),
      server.path(`logs/access.${i}`),
    );
    server.signal("SIGUSR1");
    await eventually(
      () =>
        Deno.statSync(server.path("logs")).isDirectory &&
        exists(server.path("logs/access.log")),
      "the log is made anew",
    );
  }
  stop = true;
  await Promise.all(loads);
  await server.stop();
  const parts = Array.from(
    { length: rotations },
    (_, i) => server.read(`logs/access.${i}`),
  );
  const all = [...parts, server.read("logs/access.log")].join("");
  const seen = [...all.matchAll(/\?n=(\d+) /g)].map(([, n]) => Number(n));
  assert(sent > rotations);
  assertEquals(
    seen.sort((a, b) => a - b),
    Array.from({ length: sent }, (_, n) => n),
  );
  assertMatch(server.read("logs/error.log"), /reopening logs/);
});

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

Deno.test("a response that is cut by the end is logged", async () => {
  await using server = await ServerProcess.start({
    config: CONFIG,
    files: { ...FILES, "site/big.bin": new Uint8Array(30_000_000) },
  });
  using slow = await RawClient.connect(server.port);
  await slow.send("GET /big.bin HTTP/1.1\r\nHost: a\r\n\r\n");
  await slow.readSome(1000);
  // An older configuration answers it, whose logs must be written as well.
  server.signal("SIGHUP");
  await eventually(
    () => server.read("logs/error.log").includes("configuration reloaded"),
    "reloaded",
  );
  await server.stop("SIGTERM");
  assertMatch(
    server.read("logs/access.log"),
    /^127\.0\.0\.1 - - \[.*\] "GET \/big\.bin HTTP\/1\.1" 200 \d+ "-" "-"\n$/,
  );
});

Deno.test("logs of an older configuration are opened again too", async () => {
  await using server = await ServerProcess.start({
    config: CONFIG,
    files: { ...FILES, "site/big.bin": new Uint8Array(30_000_000) },
  });
  using slow = await RawClient.connect(server.port);
  await slow.send(
    "GET /big.bin HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
  );
  await slow.readSome(1000);
  server.signal("SIGHUP");
  await eventually(
    () => server.read("logs/error.log").includes("configuration reloaded"),
    "reloaded",
  );
  await Deno.rename(
    server.path("logs/access.log"),
    server.path("logs/access.log.1"),
  );
  server.signal("SIGUSR1");
  await eventually(
    () => server.read("logs/error.log").includes("reopening logs"),
    "the signal has come",
  );
  await slow.rest();
  await server.stop("SIGQUIT");
  assertEquals(server.read("logs/access.log.1"), "");
  assertMatch(
    server.read("logs/access.log"),
    /"GET \/big\.bin .* 200 30000000/,
  );
});

const OWN_LOGS = (workers: number) => `
error_log logs/main.log info;
worker_processes ${workers};
http {
  error_log logs/http.log info;
  server {
    listen 127.0.0.1:0;
    root site;
    access_log off;
    location /server/ { }
    location /own/ {
      error_log logs/own.log info;
      error_log logs/own2.log info;
      error_log logs/crit.log crit;
      location /own/inner/ { }
      location /own/null/ { error_log /dev/null; }
    }
  }
}
`;

for (const workers of [1, 2]) {
  Deno.test(`error_log of the innermost block has the line (${workers})`, async () => {
    await using server = await ServerProcess.start({
      config: OWN_LOGS(workers),
      files: { "site/": "" },
    });
    const path = (line: string) => /"GET (\S+) /.exec(line)?.[1];
    /** The paths that are asked for in a log. */
    const asked = (name: string) =>
      server.read(`logs/${name}.log`).split("\n").map(path)
        .filter((asked) => asked !== undefined);
    const paths = ["/server/a", "/own/a", "/own/inner/a", "/own/null/a"];
    for (const each of paths) {
      await ask(server.port, `GET ${each} HTTP/1.1\r\nHost: a\r\n\r\n`);
    }
    // Each worker hands over its lines when it will: they come in any order.
    const inner = ["/own/a", "/own/inner/a"];
    await eventually(
      () => [...asked("http"), ...asked("own"), ...asked("own2")].length >= 5,
      "lines",
    );
    assertEquals(asked("http"), ["/server/a"]);
    assertEquals(asked("own").sort(), inner);
    assertEquals(asked("own2").sort(), inner);
    assert(server.stdout.includes("logs/main.log, "), server.stdout);

    // A rotation opens all of them again, a reload keeps them.
    Deno.renameSync(server.path("logs/own.log"), server.path("logs/own.1.log"));
    server.signal("SIGURG");
    await eventually(
      () => server.read("logs/main.log").includes("reopening"),
      "reopening",
    );
    server.signal("SIGHUP");
    await eventually(
      () => server.read("logs/main.log").includes("reloaded"),
      "reload",
    );
    await ask(server.port, "GET /own/b HTTP/1.1\r\nHost: a\r\n\r\n");
    assertEquals((await server.stop()).code, 0);
    // Every line is written now.
    assertEquals(asked("own.1").sort(), inner);
    assertEquals(asked("own"), ["/own/b"]);
    assertEquals(asked("own2").sort(), ["/own/a", "/own/b", "/own/inner/a"]);
    assertEquals([asked("crit"), asked("main")], [[], []]);
  });
}
