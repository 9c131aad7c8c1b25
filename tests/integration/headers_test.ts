/**
 * Fields, rates and listings from the real program: what is configured is
 * what a client gets, and what `-t` refuses is said with its place.
 */

import { assert, assertEquals } from "@std/assert";
import { parseHttpDate } from "../../src/http/semantics/date.ts";
import { LISTING_POLICY } from "../../src/features/autoindex/listing_view.ts";
import { VERSION } from "../../src/version.ts";
import { ask, get, RawClient } from "../support/raw_client.ts";
import { runProgram, ServerProcess } from "../support/server_process.ts";

const CONFIG = `
error_log stderr;
http {
  access_log /dev/null;
  add_header X-Site site;
  server {
    listen 127.0.0.1:0;
    root www;
    location /assets/ {
      expires 1y;
      add_header Cache-Control immutable;
      add_header X-Asset "$uri" always;
    }
    location /plain/ { charset off; server_tokens off; }
    location /trailer/ { add_trailer X-Sum "$status $body_bytes_sent"; }
    location /slow/ { limit_rate 64k; limit_rate_after 16k; }
    location = /pixel { empty_gif; }
    location /any/ { random_index on; }
    location /list/ { autoindex on; autoindex_format page; }
    location /json/ { autoindex on; autoindex_format json; }
    error_page 404 /404.html;
  }
}
`;

const FILES = {
  "www/assets/app.js": "app",
  "www/plain/a.txt": "plain",
  "www/trailer/a.txt": "text",
  "www/slow/a.bin": new Uint8Array(112 * 1024),
  "www/any/only.txt": "only",
  "www/list/<b>.txt": "hello",
  "www/json/a.txt": "hello",
  "www/404.html": "not here",
};

Deno.test("the program says and does what its configuration says", async (t) => {
  await using server = await ServerProcess.start({
    config: CONFIG,
    files: FILES,
  });
  const { port } = server;

  await t.step("expires and add_header", async () => {
    for (let repeated = 0; repeated < 2; repeated++) {
      const response = await get(port, "/assets/app.js");
      assertEquals(response.status, 200);
      assertEquals(response.text, "app");
      assertEquals(
        response.fields.filter(([name]) => name === "cache-control"),
        [["cache-control", "max-age=31536000"], ["cache-control", "immutable"]],
      );
      const date = parseHttpDate(response.field("date")!, 0)!;
      const expires = parseHttpDate(response.field("expires")!, 0)!;
      assertEquals(expires - date, 31_536_000_000);
      assertEquals(response.field("x-asset"), "/assets/app.js");
      assertEquals(response.field("x-site"), undefined, "replaced as a whole");
      assertEquals(response.field("server"), `webserv/${VERSION}`);
    }
    const missing = await get(port, "/assets/none.js");
    assertEquals(missing.status, 404);
    assertEquals(missing.text, "not here");
    assertEquals(missing.field("expires"), undefined);
    assertEquals(missing.field("x-asset"), undefined, "the page's location");
  });

  await t.step("charset and server_tokens", async () => {
    const response = await get(port, "/plain/a.txt");
    assertEquals(response.field("content-type"), "text/plain");
    assertEquals(response.field("server"), "webserv");
    assertEquals(response.field("x-site"), "site");
  });

  await t.step("add_trailer", async () => {
    using client = await RawClient.connect(port);
    await client.send(
      "GET /trailer/a.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    );
    const text = new TextDecoder().decode(await client.rest());
    assert(text.endsWith("\r\n4\r\ntext\r\n0\r\nX-Sum: 200 4\r\n\r\n"), text);
  });

  await t.step("limit_rate", async () => {
    const start = performance.now();
    const response = await get(port, "/slow/a.bin");
    const ms = performance.now() - start;
    assertEquals(response.body.length, 112 * 1024);
    // 80 KiB at once, 32 KiB in half a second.
    assert(ms > 450, `${ms} ms`);
  });

  await t.step("empty_gif and random_index", async () => {
    assertEquals((await get(port, "/pixel")).body.length, 43);
    assertEquals((await get(port, "/any/")).text, "only");
  });

  await t.step("autoindex", async () => {
    const page = await get(port, "/list/?C=S&O=D");
    assertEquals(page.field("content-security-policy"), LISTING_POLICY);
    assert(page.text.includes('<a href="%3Cb%3E.txt">'));
    assert(page.text.includes("<bdi>&lt;b&gt;.txt</bdi>"));
    const list = JSON.parse((await get(port, "/json/")).text);
    assertEquals(list.length, 1);
    assertEquals(list[0].size, 5);
    const head = await ask(
      port,
      "HEAD /json/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
      { head: true },
    );
    assertEquals(head.status, 200);
  });
  // One file was not there; nothing else is worth a line.
  const lines = server.stderr.trimEnd().split("\n");
  assertEquals(lines.length, 1, server.stderr);
  assert(lines[0]!.includes('/assets/none.js" failed (2: No such file'));
});

const REFUSED: [text: string, message: string][] = [
  ["expires sometime;", '"expires" directive invalid value'],
  ["limit_rate fast;", '"limit_rate" directive invalid value'],
  ["autoindex_format pdf;", 'invalid value "pdf" in "autoindex_format"'],
];

for (const [text, message] of REFUSED) {
  Deno.test(`the program refuses ${text}`, async () => {
    const file = Deno.makeTempFileSync({ suffix: ".conf" });
    Deno.writeTextFileSync(file, `\nhttp { server { ${text} } }`);
    const { code, stderr } = await runProgram(["-t", "-c", file]);
    Deno.removeSync(file);
    assertEquals(code, 1);
    assert(stderr.includes(message), stderr);
    assert(stderr.includes(`${file}:2`), stderr);
  });
}
