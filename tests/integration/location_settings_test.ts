/**
 * What a location says of its clients is in force wherever the request comes
 * from: the client, a rewrite, an `if`, `try_files`, an error page, an index.
 */

import { assert, assertEquals } from "@std/assert";
import { RawClient } from "../support/raw_client.ts";
import { ServerProcess } from "../support/server_process.ts";

const CONFIG = `
error_log logs/error.log info;
http {
    access_log logs/other.log;
    client_body_timeout 20s;
    client_max_body_size 10k;
    keepalive_timeout 10s;
    lingering_timeout 300ms;
    server {
        listen 127.0.0.1:0;
        root site;
        rewrite ^/by/server/(.*)$ /at/$1 last;
        if ($arg_to) { rewrite ^ /at/$arg_to last; }
        location /by/rewrite/ { rewrite ^/by/rewrite/(.*)$ /at/$1 last; }
        location /by/if/ {
            if ($request_method) { rewrite ^/by/if/(.*)$ /at/$1 last; }
        }
        location ~ ^/by/try/(.*)$ { try_files /none /at/$1; }
        location ~ ^/by/page/(.*)$ { error_page 402 = /at/$1; return 402; }
        location ~ ^/by/index/(.*)/$ { root site; index /at/$1; }
        location /at/body { lingering_timeout 500ms; return 200 body; }
        location /at/size { client_max_body_size 1k; return 200 size; }
        location /at/idle { keepalive_timeout 500ms 400s; return 200 idle; }
        location /at/once { keepalive_requests 1; return 200 once; }
        location /at/none { keepalive_timeout 0; return 200 none; }
        location /at/nameless { server_tokens off; return 200 nameless; }
        location /at/slow.bin { limit_rate 40k; }
        location /at/send.bin { send_timeout 500ms; }
        location /at/logged { access_log logs/own.log; return 200 logged; }
    }
}
`;

/** The ways to `/at/…`, as far as they depend on its name. */
const WAYS: readonly (readonly [
  name: string,
  target: (to: string) => string,
])[] = [
  ["itself", (to) => `/at/${to}`],
  ["the server's rewrite", (to) => `/by/server/${to}`],
  ["the server's if", (to) => `/?to=${to}`],
  ["a rewrite", (to) => `/by/rewrite/${to}`],
  ["an if", (to) => `/by/if/${to}`],
  ["try_files", (to) => `/by/try/${to}`],
  ["an error page", (to) => `/by/page/${to}`],
  ["an index", (to) => `/by/index/${to}/`],
];

function head(method: string, target: string, ...fields: string[]): string {
  return [`${method} ${target} HTTP/1.1`, "Host: a", ...fields, "", ""]
    .join("\r\n");
}

async function duration(run: () => Promise<unknown>): Promise<number> {
  const before = performance.now();
  await run();
  return performance.now() - before;
}

function assertBetween(took: number, least: number, most: number): void {
  assert(took >= least && took <= most, `took ${Math.round(took)} ms`);
}

Deno.test("a location's settings are in force however it is reached", async (t) => {
  await using server = await ServerProcess.start({
    config: CONFIG,
    files: {
      "site/at/slow.bin": new Uint8Array(80_000),
      "site/at/send.bin": new Uint8Array(30_000_000),
      ...Object.fromEntries(
        ["body", "size", "idle", "once", "none", "nameless", "logged"]
          .map((name) => [`site/by/index/${name}/`, ""]),
      ),
    },
  });
  const { port } = server;

  /** Runs `check` for each way, all at the same time. */
  async function everyWay(
    to: string,
    check: (client: RawClient, target: string) => Promise<void>,
  ): Promise<void> {
    await t.step(to, async () => {
      await Promise.all(WAYS.map(async ([name, target]) => {
        using client = await RawClient.connect(port);
        try {
          await check(client, target(to));
        } catch (error) {
          throw new Error(`by ${name}`, { cause: error });
        }
      }));
    });
  }

  await everyWay("size", async (client, target) => {
    await client.send(
      head("POST", target, "Content-Length: 2000") + "x".repeat(2000),
    );
    const response = await client.response();
    assertEquals([response?.status, response?.field("connection")], [
      413,
      "close",
    ]);
  });
  await everyWay("body", async (client, target) => {
    await client.send(head("POST", target, "Content-Length: 9") + "abc");
    assertEquals((await client.response())?.status, 200);
    assertBetween(await duration(() => client.end()), 450, 4500);
  });
  await everyWay("idle", async (client, target) => {
    await client.send(head("GET", target));
    const response = await client.response();
    assertEquals(response?.field("keep-alive"), "timeout=400");
    assertBetween(await duration(() => client.end()), 450, 5000);
  });
  for (const to of ["once", "none"]) {
    await everyWay(to, async (client, target) => {
      await client.send(head("GET", target));
      assertEquals((await client.response())?.field("connection"), "close");
      assertEquals(await client.end(), "closed");
    });
  }
  await everyWay("nameless", async (client, target) => {
    await client.send(head("GET", target));
    assertEquals((await client.response())?.field("server"), "webserv");
  });
  await everyWay("slow.bin", async (client, target) => {
    if (target.startsWith("/by/index/")) return;
    await client.send(head("GET", target));
    const took = await duration(async () => {
      assertEquals((await client.response())?.body.length, 80_000);
    });
    assertBetween(took, 800, 8000);
  });
  await everyWay("logged", async (client, target) => {
    await client.send(head("GET", target, "Connection: close"));
    assertEquals((await client.response())?.text, "logged");
  });
  await t.step("a client that reads nothing has its send_timeout", async () => {
    await Promise.all(
      WAYS.slice(0, -1).map(async ([, target]) => {
        using client = await RawClient.connect(port);
        await client.send(head("GET", target("send.bin")));
        await new Promise((resolve) => setTimeout(resolve, 2500));
        const got = await client.rest().catch(() => new Uint8Array(0));
        assert(got.length < 30_000_000, "the server gave up");
      }),
    );
  });
  await server.stop();
  const lines = (name: string) =>
    server.read(name).split("\n").filter((line) => line.includes("logged"));
  assertEquals(lines("logs/own.log").length, WAYS.length);
  assertEquals(lines("logs/other.log").length, 0);
});

Deno.test("what a location refuses is judged before it is asked", async (t) => {
  await using server = await ServerProcess.start({
    config: `
    error_log logs/error.log info;
    http {
        client_max_body_size 1k;
        lingering_timeout 300ms;
        server {
            listen 127.0.0.1:0;
            root site;
            rewrite ^/up$ /roomy last;
            rewrite ^/moved$ http://other.example/ permanent;
            if ($arg_answer) { return 200 answer; }
            error_page 417 = /what;
            location /roomy { client_max_body_size 10k; return 200 roomy; }
            location /what { return 200 what; }
            location /hush { return 444; }
            location /full { error_page 413 = @full; return 200 x; }
            location @full { return 200 full; }
        }
    }
    `,
    files: { "site/a.txt": "a" },
  });
  const { port } = server;
  const body = "x".repeat(2000);
  const chunks = `7d0\r\n${body}\r\n0\r\n\r\n`;
  const length = "Content-Length: 2000";
  const chunked = "Transfer-Encoding: chunked";
  const rows: [string, string, ...string[]][] = [
    // What the final location allows is allowed.
    ["200 roomy keep", "/up", length],
    ["200 roomy keep", "/up", chunked],
    // What the server answers itself is not up to any location.
    ["301 close", "/moved", length],
    ["301 close", "/moved", chunked],
    ["200 answer close", "/?answer=1", length],
    ["200 answer close", "/?answer=1", length, "Expect: what"],
    ["413 close", "/a.txt", length],
    ["413 close", "/a.txt", chunked],
    ["200 full close", "/full", length],
    ["200 full close", "/full", chunked],
    ["200 what close", "/roomy", length, "Expect: what"],
    ["none", "/hush", "Content-Length: 10"],
    ["none", "/hush", chunked],
  ];
  for (const [expected, target, ...fields] of rows) {
    await t.step(`${target} ${fields.join(", ")}: ${expected}`, async () => {
      using client = await RawClient.connect(port);
      const raw = fields.includes(chunked) ? chunks : body;
      await client.send(head("POST", target, ...fields) + raw);
      const response = await client.response();
      const found = response === undefined ? "none" : [
        response.status,
        ...(response.status === 200 ? [response.text] : []),
        response.field("connection")?.replace("-alive", ""),
      ].join(" ");
      assertEquals(found, expected);
    });
  }
});
