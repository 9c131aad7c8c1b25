import { assertEquals } from "@std/assert";
import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";
import { FileEntry } from "../../../src/files/cache/file_entry.ts";
import { isOlder } from "../../../src/features/static/static_variants.ts";
import { contained } from "../../support/contained.ts";
import { serverError } from "../../support/config_support.ts";
import {
  assertAnswers,
  send,
  serve,
  setTimes,
  TIME,
} from "../../support/serving.ts";

const TEXT = "body { color: red }\n".repeat(50);
const GZ = gzipSync(TEXT);
const BR = brotliCompressSync(TEXT);
const ZST = zstdCompressSync(TEXT);

const FILES = {
  "www/all.css": TEXT,
  "www/all.css.gz": GZ,
  "www/all.css.br": BR,
  "www/all.css.zst": ZST,
  "www/gz.css": TEXT,
  "www/gz.css.gz": GZ,
  "www/plain.css": TEXT,
  "www/only.css.gz": GZ,
  "www/stale.css": TEXT,
  "www/stale.css.br": BR,
  "www/stale.css.gz": GZ,
  "www/floor.css": TEXT,
  "www/floor.css.br": BR,
  "www/dir/index.html": "dir",
  "www/dir.gz": GZ,
  "www/.dot.css.gz": GZ,
};

const TIMES = {
  ...Object.fromEntries(Object.keys(FILES).map((name) => [name, TIME])),
  "www/stale.css.br": TIME - 1,
  "www/floor.css": TIME + 0.75,
};

const ON = "gzip_static on; brotli_static on; zstd_static on;";

function tag(bytes: Uint8Array, suffix = ""): string {
  return `etag: "${TIME.toString(16)}-${bytes.length.toString(16)}${suffix}"`;
}

Deno.test("*_static: chosen by weight, then br, zstd, gzip", async () => {
  await using server = serve(ON, FILES);
  setTimes(server, TIMES);
  const css = "content-type: text/css; charset=utf-8";
  const vary = "vary: Accept-Encoding";
  const br = ["content-encoding: br", vary, css, tag(BR, "-br")];
  const zst = ["content-encoding: zstd", vary, css, tag(ZST, "-zst")];
  const gz = ["content-encoding: gzip", vary, css, tag(GZ)];
  const plain = ["content-encoding: -", vary, css, TEXT];
  const rows: [accepted: string, expected: string[]][] = [
    ["gzip, deflate, br, zstd", br],
    ["zstd, gzip", zst],
    ["gzip", gz],
    ["br;q=0.5, gzip", gz],
    ["br;q=0, *", zst],
    ["*", br],
    ["deflate", plain],
    ["gzip;q=0, br;q=0, zstd;q=0", plain],
    ["gzip;q=0.5, identity;q=0.9", plain],
    ["identity", plain],
    ["", plain],
  ];
  await assertAnswers(server, [
    ["/all.css", "200", ...plain],
    ...rows.map(([accepted, expected]) =>
      [`/all.css | Accept-Encoding: ${accepted}`, "200", ...expected] as const
    ),
    ["HEAD /all.css | Accept-Encoding: br", "200", ...br],
    ["/gz.css | Accept-Encoding: br, gzip;q=0.1", ...gz],
    ["/gz.css | Accept-Encoding: br", ...plain],
    ["/plain.css | Accept-Encoding: br, gzip", "vary: -", TEXT],
    ["/only.css | Accept-Encoding: gzip", "200", ...gz],
    ["/only.css | Accept-Encoding: br", "404", vary],
    ["/only.css", "404", vary],
    ["/all.css.gz | Accept-Encoding: gzip", "content-encoding: -"],
    ["/dir | Accept-Encoding: gzip", "301"],
    ["/.dot.css | Accept-Encoding: gzip", "404", "vary: -"],
    ["POST /all.css | Accept-Encoding: gzip | Content-Length: 0", "405"],
    ["/all.css | Accept-Encoding: gzip | Via: 1.1 x", "content-encoding: -"],
  ]);
});

Deno.test("*_static: size, ranges and conditions are the sibling's own", async () => {
  await using server = serve(ON, FILES);
  setTimes(server, TIMES);
  const accept = "/all.css | Accept-Encoding: br";
  const etag = tag(BR, "-br").slice("etag: ".length);
  const whole = await send(server, accept);
  assertEquals([...whole.body], [...BR]);
  const part = await send(server, `${accept} | Range: bytes=5-9`);
  assertEquals(part.status, 206);
  assertEquals(part.field("content-range"), `bytes 5-9/${BR.length}`);
  assertEquals(part.field("vary"), "Accept-Encoding");
  assertEquals(part.field("content-encoding"), "br");
  assertEquals([...part.body], [...BR.subarray(5, 10)]);
  await assertAnswers(server, [
    [
      `${accept} | If-None-Match: ${etag}`,
      "304",
      `etag: ${etag}`,
      "vary: Accept-Encoding",
    ],
    // A tag of one coding is none of another.
    [`/all.css | Accept-Encoding: gzip | If-None-Match: ${etag}`, "200"],
    [`/all.css | If-None-Match: ${etag}`, "200"],
    [`/all.css | If-Range: ${etag} | Range: bytes=0-3`, "200"],
    [`${accept} | If-Range: ${etag} | Range: bytes=0-3`, "206"],
  ]);
});

Deno.test("*_static: a stale sibling is not sent unless told so", async () => {
  await using server = serve(
    `${ON}
    location /stale/ { alias www/; stale_variants on; }
    location /always/ { alias www/; gzip_static off; brotli_static always; }
    `,
    FILES,
  );
  setTimes(server, TIMES);
  await assertAnswers(server, [
    ["/stale.css | Accept-Encoding: br, gzip", "content-encoding: gzip"],
    ["/stale.css | Accept-Encoding: br", "content-encoding: -", TEXT],
    ["/stale/stale.css | Accept-Encoding: br", "content-encoding: br"],
    ["/always/stale.css", "content-encoding: br"],
    // Compressors may cut off the fraction of a second.
    ["/floor.css | Accept-Encoding: br", "content-encoding: br"],
  ]);
});

Deno.test("*_static: a sibling that was forgotten where all dates are one", () => {
  const minute = 60_000;
  const date = TIME * 1000;
  const at = (mtimeMs: number, ctimeMs: number) =>
    new FileEntry(contained("/srv/a"), "file", {
      identity: { size: 1, dev: 1, ino: 1, mtimeMs, ctimeMs },
    });
  const came = Date.now();
  const original = at(date, came);
  const rows: [what: string, sibling: FileEntry, expected: boolean][] = [
    ["put there with it", at(date, came - minute), false],
    ["put there after it", at(date, came + 99 * minute), false],
    ["of the version before", at(date, came - 60 * minute), true],
    ["older by its own date", at(date - 1000, came), true],
    ["newer by its own date", at(date + 1000, came - 60 * minute), false],
  ];
  for (const [what, sibling, expected] of rows) {
    assertEquals(isOlder(sibling, original), expected, what);
  }
  // A date that a clock has given is believed.
  const written = at(date + 5, came);
  assertEquals(isOlder(at(date + 5, came - 60 * minute), written), false);
});

Deno.test("*_static always, gunzip, gzip_vary off", async () => {
  await using server = serve(
    `
    location /forced/ { alias www/; gzip_static always; }
    location /decoded/ { alias www/; gzip_static always; gunzip on; }
    location /br/ { alias www/; brotli_static always; gunzip on; }
    location /novary/ { alias www/; gzip_static on; gzip_vary off; }
    `,
    FILES,
  );
  setTimes(server, TIMES);
  const weak = tag(GZ).replace("etag: ", "etag: W/");
  await assertAnswers(server, [
    ["/forced/only.css", "content-encoding: gzip", "vary: -"],
    ["/forced/plain.css", "content-encoding: -", TEXT],
    [
      "/decoded/only.css",
      "200",
      "content-encoding: -",
      weak,
      "accept-ranges: -",
      "vary: Accept-Encoding",
      TEXT,
    ],
    ["/decoded/only.css | Range: bytes=0-3", "200", TEXT],
    ["HEAD /decoded/only.css", "200", "content-encoding: -", ""],
    [
      "/decoded/only.css | Accept-Encoding: gzip",
      "content-encoding: gzip",
      tag(GZ),
      "vary: Accept-Encoding",
    ],
    ["/br/all.css", "content-encoding: -", TEXT],
    ["/br/all.css | Accept-Encoding: br", "content-encoding: br"],
    ["/novary/all.css", "vary: -"],
    ["/novary/all.css | Accept-Encoding: gzip", "vary: -"],
  ]);
});

Deno.test("*_static: values", () => {
  for (const name of ["gzip_static", "brotli_static", "zstd_static"]) {
    assertEquals(
      serverError(`${name} maybe;`),
      `invalid value "maybe" in "${name}" directive, ` +
        'it must be "off", "on" or "always" in x.conf:1',
    );
  }
});
