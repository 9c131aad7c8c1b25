/** Passwords: what they protect, what they cost, and what is logged of them. */

import { assert, assertEquals } from "@std/assert";
import { ask, RawClient } from "../support/raw_client.ts";
import { eventually, ServerProcess } from "../support/server_process.ts";

/** `htpasswd -nbB -C 10`, of "secret". */
const BCRYPT_10 =
  "$2y$10$S6wvjPtvR/2i4iv4tNxYze3EqJoR9aKLe/RdHcC7UJ0nAjsI4kH5e";

const LARGE = 3_000_000;

const CONFIG = `
error_log logs/error.log info;
server {
    listen 127.0.0.1:0;
    server_name www.example.org;
    root www;
    access_log logs/access.log;
    location /private/ {
        auth_basic "private";
        auth_basic_user_file users;
        gzip on;
        gzip_types text/plain;
    }
    location /slow/ {
        auth_basic "slow";
        auth_basic_user_file users;
        auth_delay 1h;
    }
    location /none/ {
        auth_basic "none";
        auth_basic_user_file nousers;
    }
}`;

const FILES = {
  "users": `ann:{PLAIN}secret\nbob:${BCRYPT_10}\n`,
  "www/index.html": "home",
  "www/private/a.txt": "private ".repeat(100),
  "www/private/large.bin": new Uint8Array(LARGE),
  "www/slow/a.txt": "slow",
};

function as(user: string, password = "secret"): string {
  return `Authorization: Basic ${btoa(`${user}:${password}`)}\r\n`;
}

function get(path: string, fields = "", method = "GET"): string {
  return `${method} ${path} HTTP/1.1\r\nHost: www.example.org\r\n` +
    `Connection: close\r\n${fields}\r\n`;
}

async function statusOf(
  { port }: ServerProcess,
  path: string,
  fields = "",
): Promise<number> {
  return (await ask(port, get(path, fields))).status;
}

Deno.test("nothing of what is protected is told without a password", async () => {
  await using server = await ServerProcess.start({
    config: CONFIG,
    files: FILES,
  });
  for (const name of ["a.txt", "large.bin"]) {
    const path = `/private/${name}`;
    // All caches have it.
    const known = await ask(server.port, get(path, as("ann")));
    assertEquals(known.status, 200);
    await ask(
      server.port,
      get(path, `${as("ann")}Accept-Encoding: gzip\r\n`),
    );
    const validators = [
      "",
      "Range: bytes=0-3\r\n",
      "Accept-Encoding: gzip\r\n",
      "If-None-Match: *\r\n",
      `If-None-Match: ${known.field("etag")}\r\n`,
      `If-Match: ${known.field("etag")}\r\n`,
      `If-Modified-Since: ${known.field("last-modified")}\r\n`,
      `If-Range: ${known.field("etag")}\r\nRange: bytes=0-3\r\n`,
    ];
    for (const fields of validators) {
      for (const credentials of ["", as("ann", "wrong"), as("nobody")]) {
        for (const method of ["GET", "HEAD"]) {
          const text = get(path, fields + credentials, method);
          const answer = await ask(
            server.port,
            text,
            { head: method === "HEAD" },
          );
          assertEquals(answer.status, 401, text);
          const told = answer.fields.map(([field]) => field).filter((field) =>
            ["etag", "last-modified", "accept-ranges", "content-encoding"]
              .includes(field)
          );
          assertEquals(told, [], text);
          assertEquals(
            answer.field("www-authenticate"),
            'Basic realm="private"',
          );
          assert(!answer.text.includes("private private"));
        }
      }
    }
    const again = await ask(
      server.port,
      get(path, `${as("ann")}If-None-Match: ${known.field("etag")}\r\n`),
    );
    assertEquals(again.status, 304);
  }
});

Deno.test("a change of the user file counts within a second, and after a reload at once", async () => {
  await using server = await ServerProcess.start({
    config: CONFIG,
    files: FILES,
  });
  const { port } = server;
  assertEquals(await statusOf(server, "/private/a.txt", as("bob")), 200);
  // What has been verified is remembered.
  const start = performance.now();
  for (let i = 0; i < 20; i++) {
    assertEquals(await statusOf(server, "/private/a.txt", as("bob")), 200);
  }
  assert(performance.now() - start < 20 * 50);
  Deno.writeTextFileSync(server.path("users"), "cid:{PLAIN}other\n");
  await new Promise((resolve) => setTimeout(resolve, 1000));
  assertEquals(await statusOf(server, "/private/a.txt", as("bob")), 401);
  assertEquals(
    await statusOf(server, "/private/a.txt", as("cid", "other")),
    200,
  );
  Deno.writeTextFileSync(server.path("users"), FILES.users);
  server.signal("SIGHUP");
  await eventually(
    () => server.read("logs/error.log").includes("configuration reloaded"),
    "a reload",
  );
  assertEquals((await ask(port, get("/private/a.txt", as("bob")))).status, 200);
});

Deno.test("many who have passwords compared keep nobody else waiting", async () => {
  await using server = await ServerProcess.start({
    config: CONFIG,
    files: FILES,
  });
  assertEquals(await statusOf(server, "/private/a.txt", as("bob")), 200);
  const until = performance.now() + 2000;
  let guesses = 0;
  const statuses = new Set<number>();
  const load = Array.from({ length: 10 }, async () => {
    while (performance.now() < until) {
      const guess = as("bob", `guess ${guesses++}`);
      statuses.add(await statusOf(server, "/private/a.txt", guess));
    }
  });
  const waits: number[] = [];
  while (performance.now() < until) {
    const start = performance.now();
    assertEquals(await statusOf(server, "/index.html"), 200);
    waits.push(performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  waits.sort((a, b) => a - b);
  const median = waits[waits.length >> 1]!;
  const p99 = waits[Math.floor(waits.length * 0.99)]!;
  // One comparison takes 50 ms and more, and there are always ten.
  assert(median < 40 && p99 < 500, `median ${median} ms, p99 ${p99} ms`);
  await Promise.all(load);
  assertEquals([...statuses], [401]);
});

Deno.test("a name that is not there takes as long as one that is", async () => {
  await using server = await ServerProcess.start({
    config: CONFIG,
    files: { ...FILES, users: `bob:${BCRYPT_10}\n` },
  });
  async function timeOf(user: string): Promise<number> {
    const times: number[] = [];
    for (let i = 0; i < 5; i++) {
      const start = performance.now();
      const status = await statusOf(
        server,
        "/private/a.txt",
        as(user, `wrong ${i}`),
      );
      assertEquals(status, 401);
      times.push(performance.now() - start);
    }
    return Math.min(...times);
  }
  // A comparison takes 50 ms and more; without one it would be a few.
  for (const user of ["bob", "nobody"]) {
    const time = await timeOf(user);
    assert(time > 25, `${user}: ${time} ms`);
  }
});

Deno.test("a client that leaves is not waited for", async () => {
  await using server = await ServerProcess.start({
    config: CONFIG,
    files: FILES,
  });
  {
    using client = await RawClient.connect(server.port);
    await client.send(get("/slow/a.txt"));
    await eventually(
      () =>
        server.read("logs/error.log").includes("delaying unauthorized request"),
      "a delay",
    );
  }
  await eventually(
    () => / 499 /.test(server.read("logs/access.log")),
    "a line for the client that has left",
  );
  assertEquals(await statusOf(server, "/slow/a.txt", as("ann")), 200);
});

function has(program: string, ...args: string[]): boolean {
  try {
    new Deno.Command(program, { args }).outputSync();
    return true;
  } catch {
    return false;
  }
}

Deno.test("a filter for nginx's log finds who guesses passwords", {
  ignore: !has("fail2ban-regex", "--version"),
}, async () => {
  const filter = "/etc/fail2ban/filter.d/nginx-http-auth.conf";
  await using server = await ServerProcess.start({
    config: CONFIG.replace("error.log info", "error.log error"),
    files: FILES,
  });
  const rows: [path: string, fields: string, status: number][] = [
    ["/private/a.txt", as("ann", "wrong"), 401],
    ["/private/a.txt", as("bob", "wrong"), 401],
    ["/private/a.txt", as("nobody"), 401],
    ["/private/a.txt", as('a "b" c'), 401],
    ["/private/a.txt", as("ann"), 200],
    ["/private/a.txt", "", 401],
    ["/none/a.txt", as("ann"), 403],
  ];
  for (const [path, fields, status] of rows) {
    assertEquals(await statusOf(server, path, fields), status);
  }
  await server.stop();
  const log = server.read("logs/error.log");
  const said = [...log.matchAll(/\*\d+ (.*?), client: 127/g)]
    .map(([, what]) => what!.replaceAll(server.folder, "@"));
  assertEquals(said, [
    'user "ann": password mismatch',
    'user "bob": password mismatch',
    'user "nobody" was not found in "@/users"',
    'user "a \\x22b\\x22 c" was not found in "@/users"',
    'open() "@/nousers" failed (2: No such file or directory)',
  ]);
  assertEquals(
    [...server.read("logs/access.log").matchAll(/^127.0.0.1 - (.*?) \[/gm)]
      .map(([, user]) => user),
    ["ann", "bob", "nobody", "a \\x22b\\x22 c", "ann", "-", "ann"],
  );
  const { stdout } = new Deno.Command("fail2ban-regex", {
    args: [server.path("logs/error.log"), filter],
    env: { LC_ALL: "C" },
  }).outputSync();
  const text = new TextDecoder().decode(stdout);
  assert(/Lines: 5 lines, 0 ignored, 4 matched, 1 missed/.test(text), text);
});
