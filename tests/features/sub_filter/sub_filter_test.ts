import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError } from "../../../src/config/errors.ts";
import { RawClient } from "../../support/raw_client.ts";
import { textOf } from "../../support/latin1.ts";
import {
  read,
  request,
  requestText,
  serverOf,
} from "../../support/module_support.ts";

const BROKEN: [text: string, message: string][] = [
  ["sub_filter a;", "invalid number of arguments"],
  ['sub_filter "" x;', "empty search pattern"],
  ["sub_filter $nosuch x;", 'unknown "nosuch" variable'],
  ["sub_filter a $nosuch;", 'unknown "nosuch" variable'],
  ["sub_filter_once yes;", 'it must be "on" or "off"'],
  ["sub_filter_last_modified 1;", 'it must be "on" or "off"'],
  ["sub_filter_types;", "invalid number of arguments"],
  [
    "sub_filter a b; ".repeat(256),
    "number of search patterns exceeds 255",
  ],
  [
    "server { location / { if ($uri) { sub_filter a b; } } }",
    "is not allowed here",
  ],
];

for (const [text, message] of BROKEN) {
  Deno.test(`sub_filter refuses ${text.slice(0, 50)}`, () => {
    assertThrows(() => read(text), ConfigError, message);
  });
}

Deno.test("a precompressed file is sent as it is", async () => {
  await using site = serverOf(
    "gzip_static on; sub_filter a b; sub_filter_types *;",
    { "a.txt": "aaa", "a.txt.gz": "aaa" },
  );
  const fields = "Accept-Encoding: gzip\r\n";
  const coded = await request(site, "/a.txt", { fields });
  assertEquals(coded.field("content-length"), "3");
  assertEquals(textOf(coded.body), "aaa");
  const plain = await request(site, "/a.txt");
  assertEquals(textOf(plain.body), "baa");
});

Deno.test("what is replaced is made anew for each request", async () => {
  await using site = serverOf(
    'sub_filter a "$arg_v"; sub_filter_last_modified on; gzip on; ' +
      "gzip_min_length 1;",
    { "a.html": "a page" },
  );
  for (const fields of ["", "Accept-Encoding: gzip\r\n"]) {
    for (const value of ["1", "2", "1"]) {
      const answer = await request(site, `/a.html?v=${value}`, { fields });
      const stream = new Blob([answer.body.slice()]).stream();
      const body = fields === "" ? textOf(answer.body) : await new Response(
        stream.pipeThrough(new DecompressionStream("gzip")),
      )
        .text();
      assertEquals(body, `${value} page`);
    }
  }
});

Deno.test("a large file goes through, and memory stays as it was", async () => {
  const line = "<p>The quick brown FOX jumps over the lazy dog.</p>\n";
  const piece = line.repeat(20_000);
  const pieces = 96;
  await using site = serverOf(
    "sub_filter fox wolf; sub_filter_once off; sub_filter_types *;",
    {},
  );
  Deno.mkdirSync(`${site.folder}/www`, { recursive: true });
  {
    using file = Deno.openSync(`${site.folder}/www/large.txt`, {
      create: true,
      write: true,
    });
    const bytes = new TextEncoder().encode(piece);
    for (let i = 0; i < pieces; i++) file.writeSync(bytes);
  }
  using client = await RawClient.connect(site.port);
  await client.send(requestText("/large.txt", { minorVersion: 0 }));
  let length = 0;
  let before = 0;
  let most = 0;
  for (;;) {
    const count = await client.readSome(64 * 1024);
    if (count === null) break;
    length += count;
    const { heapUsed, external } = Deno.memoryUsage();
    if (before === 0) before = heapUsed + external;
    most = Math.max(most, heapUsed + external);
  }
  const body = pieces * (piece.length + 20_000);
  assertEquals(length > body && length < body + 500, true, String(length));
  const grown = (most - before) / 1024 / 1024;
  assertEquals(grown < 40, true, `${grown.toFixed(0)} MiB more`);
});
