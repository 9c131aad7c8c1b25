import { assertEquals } from "@std/assert";
import { InProcessServer } from "../../support/in_process_server.ts";
import { RawClient } from "../../support/raw_client.ts";
import { request } from "../../support/module_support.ts";
import { eventually } from "../../support/server_process.ts";

function serverWith(text: string): InProcessServer {
  return new InProcessServer({
    config: `
      limit_conn_zone $arg_k zone=keys:1m;
      limit_conn_zone $server_name zone=servers:1m;
      log_format status "$request_uri $status $limit_conn_status";
      access_log access.log status;
      server { listen 127.0.0.1:0; server_name s; root site; ${text} }`,
    files: {
      "site/a": "a".repeat(4000),
      "site/b": "b",
      "site/page.html": '<!--# include virtual="/in/b" -->' + "a".repeat(4000),
      "site/in/b": "b",
    },
  });
}

/** A client whose request of `target` is being answered, slowly. */
async function asking(
  server: InProcessServer,
  target: string,
): Promise<RawClient> {
  const client = await RawClient.connect(server.port);
  await client.send(`GET ${target} HTTP/1.1\r\nHost: s\r\n\r\n`);
  return client;
}

async function statusOf(
  server: InProcessServer,
  target: string,
): Promise<number> {
  return (await request(server, target)).status;
}

/** Waits until a request of `target` is answered so. */
async function becomes(
  server: InProcessServer,
  target: string,
  status: number,
): Promise<void> {
  const until = performance.now() + 5000;
  while (await statusOf(server, target) !== status) {
    if (performance.now() > until) throw new Error(`${target}: no ${status}`);
  }
}

const SLOW = "location /slow/ { alias site/; limit_rate 1000; }";

Deno.test("limit_conn counts requests until they are over, however they end", async () => {
  await using server = serverWith(`limit_conn keys 2; ${SLOW}`);
  using first = await asking(server, "/slow/a?k=1");
  const second = await asking(server, "/slow/a?k=1");
  await becomes(server, "/b?k=1", 503);
  assertEquals(await statusOf(server, "/b?k=2"), 200);
  assertEquals(await statusOf(server, "/b"), 200);
  second.close();
  await becomes(server, "/b?k=1", 200);
  // The first goes on, and then its connection counts no more.
  assertEquals((await first.response())?.status, 200);
  using third = await asking(server, "/slow/a?k=1");
  assertEquals(await statusOf(server, "/b?k=1"), 200);
  third.close();
});

Deno.test("a request that one limit_conn refuses counts for no other", async () => {
  await using server = serverWith(`
    ${SLOW}
    limit_conn keys 1;
    location /both/ { alias site/; limit_conn servers 2; limit_conn keys 1; }
    location /server/ { alias site/; limit_conn servers 1; }
  `);
  using _client = await asking(server, "/slow/a?k=1");
  await becomes(server, "/both/b?k=1", 503);
  assertEquals(await statusOf(server, "/both/b?k=1"), 503);
  assertEquals(await statusOf(server, "/server/b"), 200);
});

Deno.test("a request within a request counts as long as that", async () => {
  await using server = serverWith(`
    location = /page.html { ssi on; limit_rate 1000; }
    location /in/ { limit_conn servers 1; }
  `);
  assertEquals(await statusOf(server, "/in/b"), 200);
  using client = await asking(server, "/page.html");
  await becomes(server, "/in/b", 503);
  client.close();
  await becomes(server, "/in/b", 200);
});

Deno.test("limit_conn answers and says what it is told to", async () => {
  await using server = serverWith(`
    ${SLOW}
    limit_conn keys 1;
    location = /b { limit_conn keys 1; limit_conn_status 429; }
    location /dry/ { alias site/; limit_conn keys 1; limit_conn_dry_run on; }
    location /none/ { alias site/; limit_conn servers 9; }
    location /denied/ { alias site/; limit_conn keys 1; deny all; }
  `);
  const client = await asking(server, "/slow/a?k=1");
  await becomes(server, "/b?k=1", 429);
  const rows: [target: string, line: string][] = [
    ["/dry/b?k=1", "200 REJECTED_DRY_RUN"],
    ["/none/b", "200 PASSED"],
    ["/b", "200 -"],
    ["/denied/b?k=1", "503 REJECTED"],
    ["/denied/b?k=2", "403 PASSED"],
  ];
  for (const [target] of rows) await request(server, target);
  client.close();
  const file = `${server.folder}/access.log`;
  const lines = () => Deno.readTextFileSync(file).split("\n");
  const all = rows.map(([target, line]) => `${target} ${line}`);
  await eventually(() => all.every((line) => lines().includes(line)), "lines");
});

Deno.test("limit_conn counts no key of more than 255 bytes", async () => {
  await using server = serverWith(`${SLOW} limit_conn keys 1;`);
  for (const [length, status] of [[255, 503], [256, 200]] as const) {
    const key = "x".repeat(length);
    using client = await asking(server, `/slow/a?k=${key}`);
    // Its head has come: it has been counted, or not.
    await client.response();
    using _second = await asking(server, `/slow/a?k=${key}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assertEquals(await statusOf(server, `/b?k=${key}`), status);
  }
});
