/** Files over the running program, and what must not be reached by it. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { get, RawClient, type RawResponse } from "../support/raw_client.ts";
import { ServerProcess } from "../support/server_process.ts";

const LARGE_BYTES = 50 * 1024 * 1024;

const CONFIG = `
error_log logs/error.log info;
access_log off;
server {
    listen 127.0.0.1:0;
    root site;
    index index.html index.txt;
    error_page 404 /errors/404.html;
    error_page 403 =200 /errors/403.html;
    error_page 405 http://elsewhere.example/;
    location /listed/ { autoindex on; }
    location /open/ { error_page 404 = @fallback; }
    location @fallback { return 202 "fallback for $uri"; }
    location /alone/ { error_page 404 /errors/none.html; }
    location /errors/ { internal; }
    location ~ [.]secret$ { return 403; }
    location /typed/ {
        types { application/x-thing thing; }
        default_type text/x-other;
    }
}
`;

const TEXT = "0123456789abcdefghijklmnopqrstuvwxyz";

const FILES = {
  "site/index.html": "<p>index</p>",
  "site/text.txt": TEXT,
  "site/empty.txt": "",
  "site/a b.txt": "space",
  "site/ä€.txt": "unicode",
  "site/100%.txt": "percent",
  "site/back\\slash.txt": "backslash",
  "site/question?.txt": "question",
  "site/data.json": "{}",
  "site/picture.PNG": "png",
  "site/noext": "noext",
  "site/x.secret": "hidden",
  "site/dir/index.txt": "second index",
  "site/dir with space/index.html": "spaced",
  "site/bare/": "",
  "site/listed/one.txt": "1",
  "site/listed/two/": "",
  "site/open/": "",
  "site/alone/": "",
  "site/typed/a.thing": "t",
  "site/typed/b.html": "b",
  "site/errors/404.html": "<p>not here</p>",
  "site/errors/403.html": "<p>not for you</p>",
  "outside.txt": "SECRET",
  "site2/neighbour.txt": "SECRET",
};

/** Paths, and what comes back: status, and a part of the body. */
const PATHS: readonly (readonly [string, number, string])[] = [
  ["/", 200, "<p>index</p>"],
  ["/text.txt", 200, TEXT],
  ["/text.txt?a=b", 200, TEXT],
  ["/empty.txt", 200, ""],
  ["/a%20b.txt", 200, "space"],
  ["/%C3%A4%E2%82%AC.txt", 200, "unicode"],
  ["/\xc3\xa4\xe2\x82\xac.txt", 200, "unicode"],
  ["/100%25.txt", 200, "percent"],
  ["/back%5Cslash.txt", 200, "backslash"],
  ["/question%3f.txt", 200, "question"],
  ["/dir/", 200, "second index"],
  ["/dir/.", 200, "second index"],
  ["/dir/x/..", 200, "second index"],
  ["/./text.txt", 200, TEXT],
  ["//text.txt", 200, TEXT],
  ["/dir%2f", 200, "second index"],
  ["/link.txt", 200, TEXT],
  ["/listed/", 200, "one.txt"],
  ["/bare/", 200, "<p>not for you</p>"],
  ["/x.secret", 200, "<p>not for you</p>"],
  ["/missing", 404, "<p>not here</p>"],
  ["/text.txt/", 404, "<p>not here</p>"],
  ["/text.txt/x", 404, "<p>not here</p>"],
  ["/TEXT.TXT", 404, "<p>not here</p>"],
  ["/errors/404.html", 404, "<p>not here</p>"],
  ["/alone/missing", 404, "404 Not Found"],
  ["/open/x", 202, "fallback for /open/x"],
  [`/${"a".repeat(300)}`, 404, "<p>not here</p>"],
  [`/${"a/".repeat(2000)}b`, 404, "<p>not here</p>"],
];

/** Ways to ask for a file above the root. */
function traversals(): string[] {
  const dots = ["..", "%2e%2e", ".%2e", "%2E.", "%252e%252e", "..%00"];
  const slashes = ["/", "%2f", "//", "\\", "%5c", "/./", "%252f", "%c0%af"];
  const targets = ["outside.txt", "site2/neighbour.txt"];
  const odd = [
    "/..;/outside.txt",
    "/dir/..%2f..%2foutside.txt",
    "/dir/%2e%2e/%2e%2e/outside.txt",
    "/%c0%ae%c0%ae/outside.txt",
    "/%e0%80%ae%e0%80%ae/outside.txt",
    "/.%0d./outside.txt",
    "/....//outside.txt",
    "/..../outside.txt",
    "/%u002e%u002e/outside.txt",
    "/dir/../../site2/neighbour.txt",
    "/../site2/neighbour.txt",
    "/2/neighbour.txt",
    "/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "//etc/passwd",
    "/~root/",
    "/file:///etc/passwd",
    "http://a.example/../outside.txt",
    "http://a.example/%2e%2e/outside.txt",
    "http://a.example/dir/..%2f..%2foutside.txt",
  ];
  return [
    ...odd,
    ...dots.flatMap((dot) =>
      slashes.flatMap((slash) =>
        targets.flatMap((target) => [
          `/${dot}${slash}${target}`,
          `/dir${slash}${dot}${slash}${dot}${slash}${target}`,
        ])
      )
    ),
  ];
}

function largeContent(): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(LARGE_BYTES / 4);
  let state = 1;
  for (let i = 0; i < words.length; i++) {
    state = Math.imul(state, 1_664_525) + 1_013_904_223 | 0;
    words[i] = state;
  }
  return new Uint8Array(words.buffer);
}

async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(digest).toHex();
}

Deno.test("the server's files", async (t) => {
  const large = largeContent();
  await using server = await ServerProcess.start({
    config: CONFIG,
    files: { ...FILES, "site/large.bin": large },
  });
  const { port } = server;
  Deno.symlinkSync("text.txt", server.path("site/link.txt"));

  await t.step("are found by path", async () => {
    for (const [path, status, body] of PATHS) {
      const response = await get(port, path);
      assertEquals(response.status, status, path);
      assert(response.text.includes(body), `${path}: ${response.text}`);
      if (body === "") assertEquals(response.text, "");
    }
  });

  await t.step("are not found above the root", async () => {
    for (const path of traversals()) {
      const response = await get(port, path);
      assert(
        [400, 404].includes(response.status),
        `${path} ${response.status}`,
      );
      assert(!/SECRET|root:/.test(response.text), path);
    }
  });

  await t.step("have a type by their ending", async () => {
    const rows: [string, string][] = [
      ["/", "text/html"],
      ["/text.txt", "text/plain"],
      ["/data.json", "application/json"],
      ["/picture.PNG", "image/png"],
      ["/noext", "text/plain"],
      ["/typed/a.thing", "application/x-thing"],
      ["/typed/b.html", "text/x-other"],
      ["/missing", "text/html"],
    ];
    for (const [path, type] of rows) {
      const response = await get(port, path);
      const [media] = response.field("content-type")?.split(";") ?? [];
      assertEquals(media, type, path);
    }
  });

  await t.step("send folders to their slash, with the query", async () => {
    const here = `http://a.example:${port}`;
    const rows: [string, string][] = [
      ["/dir", `${here}/dir/`],
      ["/dir?a=b&c", `${here}/dir/?a=b&c`],
      ["/dir%20with%20space", `${here}/dir%20with%20space/`],
      ["//dir", `${here}/dir/`],
      ["/x/../dir", `${here}/dir/`],
      ["/listed/two", `${here}/listed/two/`],
    ];
    for (const [path, location] of rows) {
      const response = await get(port, path);
      assertEquals(response.status, 301, path);
      assertEquals(response.field("location"), location);
    }
  });

  await t.step("are not sent again when they are known", async () => {
    const first = await get(port, "/text.txt");
    const etag = first.field("etag")!;
    const modified = first.field("last-modified")!;
    assertMatch(etag, /^"[^"]+"$/);
    const rows: [string, number][] = [
      [`If-None-Match: ${etag}`, 304],
      [`If-None-Match: "x", W/${etag}`, 304],
      ["If-None-Match: *", 304],
      ['If-None-Match: "x"', 200],
      [`If-Modified-Since: ${modified}`, 304],
      ["If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT", 200],
      ["If-Modified-Since: soon", 200],
      [`If-None-Match: "x"\r\nIf-Modified-Since: ${modified}`, 200],
      [`If-Match: ${etag}`, 200],
      ['If-Match: "x"', 412],
      ["If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT", 412],
    ];
    for (const [field, status] of rows) {
      const response = await get(port, "/text.txt", `${field}\r\n`);
      assertEquals(response.status, status, field);
      if (status !== 304) continue;
      assertEquals([response.text, response.field("content-length")], [
        "",
        undefined,
      ]);
      assertEquals(response.field("etag"), etag);
    }
  });

  await t.step("are sent in part", async () => {
    const size = TEXT.length;
    const rows: [string, number, string, string | undefined][] = [
      ["bytes=0-3", 206, "0123", `bytes 0-3/${size}`],
      ["bytes=-3", 206, "xyz", `bytes 33-35/${size}`],
      ["bytes=30-", 206, "uvwxyz", `bytes 30-35/${size}`],
      ["bytes=30-99", 206, "uvwxyz", `bytes 30-35/${size}`],
      ["bytes=36-", 416, "", `bytes */${size}`],
      ["bytes=x", 200, TEXT, undefined],
      ["lines=0-3", 200, TEXT, undefined],
    ];
    for (const [range, status, body, contentRange] of rows) {
      const response = await get(port, "/text.txt", `Range: ${range}\r\n`);
      assertEquals(response.status, status, range);
      if (status !== 416) assertEquals(response.text, body, range);
      assertEquals(response.field("content-range"), contentRange, range);
    }
    const several = await get(port, "/text.txt", "Range: bytes=0-1,4-5\r\n");
    assertMatch(
      several.field("content-type")!,
      /^multipart\/byteranges; boundary=/,
    );
    assertMatch(several.text, /\r\n\r\n01\r\n--.*\r\n\r\n45\r\n--/s);
    const stale = 'Range: bytes=0-3\r\nIf-Range: "x"\r\n';
    assertEquals((await get(port, "/text.txt", stale)).status, 200);
  });

  await t.step("are whole however large they are", async () => {
    const expected = await digestOf(large);
    const answers: RawResponse[] = await Promise.all([
      get(port, "/large.bin"),
      get(port, "/large.bin"),
    ]);
    for (const { status, body } of answers) {
      assertEquals([status, body.length], [200, LARGE_BYTES]);
      assertEquals(await digestOf(body), expected);
    }
    const at = LARGE_BYTES - 1000;
    const { body } = await get(port, "/large.bin", `Range: bytes=${at}-\r\n`);
    assertEquals(body, large.slice(at));
  });

  await t.step("that change are served as they are now", async () => {
    for (const text of ["first", "second", "third!"]) {
      Deno.writeTextFileSync(server.path("site/changing.txt"), text);
      const until = performance.now() + 3000;
      while ((await get(port, "/changing.txt")).text !== text) {
        assert(performance.now() < until, "within the validity of the cache");
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  });

  await t.step("that are no regular files are never opened", async () => {
    const fifo = new Deno.Command("mkfifo", {
      args: [server.path("site/fifo")],
    });
    if (!(await fifo.output()).success) return;
    assertEquals((await get(port, "/fifo")).status, 404);
  });

  await t.step("answer methods that do not read elsewhere", async () => {
    using client = await RawClient.connect(port);
    await client.send("DELETE /text.txt HTTP/1.1\r\nHost: a\r\n\r\n");
    const response = await client.response();
    assertEquals(response?.status, 302);
    assertEquals(response?.field("location"), "http://elsewhere.example/");
    assertEquals(server.read("site/text.txt"), TEXT);
  });
});
