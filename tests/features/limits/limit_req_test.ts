import { assert, assertEquals } from "@std/assert";
import { InProcessServer } from "../../support/in_process_server.ts";
import { RawClient } from "../../support/raw_client.ts";
import { request, requestText } from "../../support/module_support.ts";
import { eventually } from "../../support/server_process.ts";

function serverWith(text: string, http = ""): InProcessServer {
  return new InProcessServer({
    config: `
      limit_req_zone $arg_k zone=slow:1m rate=1r/m;
      limit_req_zone $arg_k zone=other:1m rate=1r/m;
      limit_req_zone $arg_j zone=fast:1m rate=10r/s;
      ${http}
      log_format status "$request_uri $status $limit_req_status";
      access_log access.log status;
      error_page 429 /limited;
      keepalive_requests 100000;
      server { listen 127.0.0.1:0; root site; ${text} }`,
    files: {
      "site/a": "a",
      "site/in/a": "a",
      "site/limited": "limited",
      "site/index.html": "index",
      "site/page.html": '<!--# include virtual="/in/a?k=1" -->' +
        '<!--# include virtual="/in/a?k=1" -->',
    },
  });
}

/** The statuses of the answers to `targets`, one after the other. */
async function statusesOf(
  server: InProcessServer,
  ...targets: string[]
): Promise<string> {
  const statuses: number[] = [];
  for (const target of targets) {
    statuses.push((await request(server, target)).status);
  }
  return statuses.join(" ");
}

/** The answers to five requests of one key. */
const ROWS: [directives: string, statuses: string][] = [
  ["limit_req zone=slow;", "200 503 503 503 503"],
  ["limit_req zone=slow burst=2 nodelay;", "200 200 200 503 503"],
  ["limit_req zone=slow burst=2 delay=2;", "200 200 200 503 503"],
  ["limit_req zone=slow; limit_req_status 429;", "200 429 429 429 429"],
  ["limit_req zone=slow; limit_req_dry_run on;", "200 200 200 200 200"],
  [
    "limit_req zone=slow burst=1 nodelay; limit_req zone=other burst=3 nodelay;",
    "200 200 503 503 503",
  ],
  // A key that is empty is not counted, and so is nothing after `rewrite`.
  ["limit_req zone=fast;", "200 200 200 200 200"],
  ["limit_req zone=slow; return 200 x;", "200 200 200 200 200"],
  // Limits come before who may, and a request that is refused is counted.
  ["limit_req zone=slow; deny all;", "403 503 503 503 503"],
];

for (const [directives, statuses] of ROWS) {
  Deno.test(`of five requests at once: ${directives}`, async () => {
    await using server = serverWith(`location / { ${directives} }`);
    const found = await statusesOf(server, ...Array(5).fill("/a?k=1"));
    assertEquals(found, statuses);
  });
}

Deno.test("limit_req counts each key by itself, in all locations of a zone", async () => {
  await using server = serverWith(`
    limit_req zone=slow;
    location /in/ { }
    location /own/ { limit_req zone=fast burst=9 nodelay; alias site/; }
  `);
  const targets = ["/a?k=1", "/a?k=2", "/in/a?k=1", "/own/a?k=1", "/a?k=2"];
  assertEquals(await statusesOf(server, ...targets), "200 200 503 200 503");
});

Deno.test("a request is counted once, wherever it is redirected to", async () => {
  await using server = serverWith(
    "location / { } location /go/ { error_page 403 /a; deny all; }",
    "limit_req zone=slow burst=1 nodelay; limit_req_status 429;",
  );
  const found = await statusesOf(server, ...Array(3).fill("/go/x?k=1"));
  // The error page of the third is the file that says so, not another error.
  assertEquals(found, "403 403 429");
  assertEquals(
    await statusesOf(server, ...Array(3).fill("/?k=2")),
    "200 200 429",
  );
});

Deno.test("a request within a request is counted, if none of it has been", async () => {
  const text = "ssi on; location / { } location /in/ { limit_req zone=slow; }";
  await using server = serverWith(text);
  const bodies: string[] = [];
  for (let i = 0; i < 2; i++) {
    const { body } = await request(server, "/page.html");
    bodies.push(new TextDecoder().decode(body));
  }
  // As in nginx the second part of a page is let through.
  assertEquals(bodies[0], "aa");
  assert(bodies[1]!.includes("503") && bodies[1]!.endsWith("a"), bodies[1]);
  assertEquals(await statusesOf(server, "/in/a?k=1", "/in/a?k=2"), "503 200");
});

Deno.test("$limit_req_status says what has become of a request", async () => {
  await using server = serverWith(`
    location /none/ { alias site/; }
    location /pass/ { alias site/; limit_req zone=slow; }
    location /dry/ { alias site/; limit_req zone=slow burst=1;
      limit_req_dry_run on; }
    location /fast/ { alias site/; limit_req zone=fast burst=1; }
    location /silent/ { alias site/; limit_req zone=slow; limit_req_status 444; }
  `);
  const targets = [
    ["/none/a", "200 -"],
    ["/pass/a", "200 -"],
    ["/pass/a?k=1", "200 PASSED"],
    ["/pass/a?k=1", "503 REJECTED"],
    ["/dry/a?k=2", "200 PASSED"],
    ["/dry/a?k=2", "200 DELAYED_DRY_RUN"],
    ["/dry/a?k=2", "200 REJECTED_DRY_RUN"],
    ["/fast/a?j=1", "200 PASSED"],
    ["/fast/a?j=1", "200 DELAYED"],
  ];
  for (const [target] of targets) await request(server, target!);
  using client = await RawClient.connect(server.port);
  await client.send(requestText("/silent/a?k=1"));
  assertEquals(await client.response(), undefined);
  const file = `${server.folder}/access.log`;
  const read = () => Deno.readTextFileSync(file);
  await eventually(() => read().includes("/silent"), "the lines are written");
  assertEquals(
    read(),
    [...targets, ["/silent/a?k=1", "444 REJECTED"]]
      .map((words) => `${words.join(" ")}\n`).join(""),
  );
});

Deno.test("a request that is ahead of the rate waits until it is not", async () => {
  await using server = serverWith("limit_req zone=fast burst=3;");
  const begin = performance.now();
  const ends = await Promise.all([1, 2, 3, 4].map(async () => {
    const { status } = await request(server, "/a?j=1");
    return [status, performance.now() - begin] as const;
  }));
  assertEquals(ends.map(([status]) => status), [200, 200, 200, 200]);
  const times = ends.map(([, ms]) => ms).sort((a, b) => a - b);
  for (const [i, ms] of times.entries()) {
    assert(ms > 100 * i - 40, `the ${i}th came after ${ms} ms`);
  }
});

Deno.test("delays add up to no more than the longest of them", async () => {
  await using server = serverWith(
    "limit_req zone=fast burst=3; limit_req zone=half burst=3;",
    "limit_req_zone $arg_j zone=half:1m rate=5r/s;",
  );
  await request(server, "/a?j=1");
  const begin = performance.now();
  assertEquals(await statusesOf(server, "/a?j=1"), "200");
  const ms = performance.now() - begin;
  assert(ms > 150, `it took ${ms} ms`);
});

Deno.test("a zone too small for a key refuses it; a key too long is not counted", async () => {
  await using server = serverWith(
    `location /small/ { alias site/; limit_req zone=small; }
     location /long/ { alias site/; limit_req zone=long; }`,
    `map $arg_k $part {
       x "${"0123456789".repeat(240)}";
       y "${"0123456789".repeat(400)}";
     }
     limit_req_zone "${"$part".repeat(17)}" zone=small:32k rate=1r/m;
     limit_req_zone "${"$part".repeat(17)}" zone=long:1m rate=1r/m;`,
  );
  assertEquals(await statusesOf(server, "/small/a?k=x"), "503");
  const found = await statusesOf(
    server,
    ...["/long/a?k=y", "/long/a?k=y", "/long/a?k=x", "/long/a?k=x"],
  );
  assertEquals(found, "200 200 200 503");
});

Deno.test("ten thousand keys stay within 1 MB, and all of them are known", async () => {
  await using server = serverWith("limit_req zone=slow;");
  using client = await RawClient.connect(server.port);
  const ask = (k: number) =>
    `GET /a?k=address-${k} HTTP/1.1\r\nHost: a\r\n\r\n`;
  for (const status of [200, 503]) {
    for (let k = 0; k < 10_000; k += 100) {
      await client.send(
        Array.from({ length: 100 }, (_, i) => ask(k + i)).join(""),
      );
      for (let i = 0; i < 100; i++) {
        const response = await client.response();
        if (response === undefined) throw new Error("it was closed");
        if (response.status !== status) {
          throw new Error(`key ${k + i}: ${response.status}`);
        }
      }
    }
  }
});
