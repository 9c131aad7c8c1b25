/**
 * Nothing outside the folder of a location is opened, listed or told of,
 * whichever directive brings the path there.
 */

import { assert, assertEquals } from "@std/assert";
import { gzipSync } from "node:zlib";
import { FileEntry, type FileKind } from "../../src/files/cache/file_entry.ts";
import { SymlinkError } from "../../src/files/cache/symlinks.ts";
import { kindByName, Refusal } from "../../src/core/file_location.ts";
import type { ContainedPath } from "../../src/routing/path_map.ts";
import { assertAnswers, type Row, send, serve } from "../support/serving.ts";

const INSIDE = "inside";
const SECRET = "secret";

const FILES = {
  "www/a.txt": INSIDE,
  "www/a.txt.gz": gzipSync(INSIDE),
  "www/u/a.txt": INSIDE,
  "www/.dot.txt.gz": gzipSync(SECRET),
  "www/.dot/a.txt": SECRET,
  "secret.txt": SECRET,
  "secret.txt.gz": gzipSync(SECRET),
  "secret/index.html": SECRET,
  "www-secret/a.txt": SECRET,
  "www-secret/a.txt.gz": gzipSync(SECRET),
  "www/u.gz": gzipSync(SECRET),
  "www/none.gz": gzipSync(SECRET),
  "www/file.txt": INSIDE,
  "www/file.txt.gz": gzipSync(INSIDE),
};

const STATIC = "gzip_static on; brotli_static on; zstd_static on;";

/** Ways to name files beside the folder `www` in `folder`. */
function targetsOutside(folder: string): string[] {
  return [
    `/alias${folder}/secret.txt`,
    `/alias${folder}/secret/`,
    `/rewritten${folder}/secret.txt`,
    `/rewritten${folder}/secret/`,
    "/root/secret.txt?d=..",
    "/root/secret/?d=..",
    "/root/secret.txt?d=www/..",
    "/root/a.txt?d=../www-secret",
    `/root${folder}/secret.txt?d=../x`,
    `/root${folder}/secret/?d=../x`,
    "/whole/secret.txt?d=..",
    "/tried/x?d=../../secret.txt",
    "/tried/x?d=../../secret/",
    "/named/?d=../../secret.txt",
    "/named/?d=../secret/index.html",
    "/paged?d=/../secret.txt",
    "/www-secret/a.txt",
    "/listed/?d=../secret",
    "/listed/?d=..",
    "/random/?d=../secret",
  ];
}

const LOCATIONS = `
  location /alias/ { alias www/; rewrite ^/alias(/.*)$ $1 break; }
  location /rewritten/ {
    rewrite ^/rewritten(/.*)$ $1 break; root www/$arg_d;
  }
  location /root/ { rewrite ^/root(/.*)$ $1 break; root www/$arg_d; }
  location ~ ^/whole/(.*)$ { alias www/$arg_d/$1; }
  location /tried/ { try_files /$arg_d =404; }
  location /named/ { root www; index $arg_d; }
  location /paged { error_page 403 404 $arg_d; return 404; }
  location /listed/ { alias www/$arg_d/; autoindex on; }
  location /random/ { alias www/$arg_d/; random_index on; }
`;

Deno.test("nothing outside the folder is opened", async () => {
  for (const dots of ["deny", "allow"]) {
    await using server = serve(
      `${STATIC} dotfiles ${dots}; ${LOCATIONS}`,
      FILES,
    );
    for (const target of targetsOutside(server.folder)) {
      for (const coding of ["identity", "gzip, br, zstd"]) {
        const line = `${target} | Accept-Encoding: ${coding}`;
        const response = await send(server, line);
        // What leads nowhere in the folder may be a folder that is there.
        assert(response.status >= 400 || response.status === 301, line);
        assert(!response.text.includes(SECRET), line);
        assertEquals(response.field("content-encoding"), undefined, line);
      }
    }
  }
});

Deno.test("what is in the folder is found by the same ways", async () => {
  await using server = serve(`${STATIC} ${LOCATIONS}`, FILES);
  await assertAnswers(server, [
    ["/root/a.txt?d=", "200", INSIDE],
    ["/root/a.txt?d=u", "200", INSIDE],
    ["/whole/a.txt?d=u", "200", INSIDE],
    ["/tried/x?d=u/a.txt", "200", INSIDE],
    ["/named/?d=a.txt", "404"],
    ["/listed/?d=u", "200"],
    ["/a.txt | Accept-Encoding: gzip", "200", "content-encoding: gzip"],
  ]);
});

Deno.test("a refused file has no variants", async () => {
  await using server = serve(
    `
    ${STATIC}
    location /u { alias www/u; }
    location /none { alias www/none; }
    location /always { alias www/none; gzip_static always; }
    location /file { alias www/file.txt; }
    location = /exact { alias www/file.txt; }
    location = /only { alias www/none; gzip_static always; }
    `,
    FILES,
  );
  const gzip = "Accept-Encoding: gzip";
  const rows: Row[] = [
    // Beside the folder that the alias is lies what is not of the location.
    [`/u | ${gzip}`, "301", "content-encoding: -"],
    [`/none | ${gzip}`, "404", "content-encoding: -"],
    [`/always | ${gzip}`, "404", "content-encoding: -"],
    // An alias may be a file, and then so may its variants.
    [`/file | ${gzip}`, "200", "content-encoding: gzip"],
    [`/exact | ${gzip}`, "200", "content-encoding: gzip"],
    [`/only | ${gzip}`, "200", "content-encoding: gzip"],
    [`/.dot.txt | ${gzip}`, "404", "content-encoding: -"],
    [`/.dot/a.txt | ${gzip}`, "404", "content-encoding: -"],
  ];
  await assertAnswers(server, rows);
});

Deno.test("if: nobody learns what there is outside the folder", async () => {
  const locations = ["-f", "-d", "-e", "-x"].map((test) => `
    location /name${test}/ {
      root www/$arg_d;
      if (${test} $request_filename) { return 200 there; }
      return 200 not;
    }
    location /root${test}/ {
      root www/$arg_d;
      if (${test} $document_root/secret.txt) { return 200 there; }
      if (${test} $document_root/secret) { return 200 there; }
      return 200 not;
    }
    location /real${test}/ {
      root www/$arg_d;
      if (${test} $realpath_root/secret.txt) { return 200 there; }
      if (${test} $realpath_root/secret) { return 200 there; }
      return 200 not;
    }
    location /arg${test}/ {
      if (${test} $document_root/$arg_d) { return 200 there; }
      return 200 not;
    }
  `).join("");
  await using server = serve(
    `${locations} location /written/ {
      if (-f $document_root/../secret.txt) { return 200 there; }
      return 200 not;
    }
    location /empty/ {
      if (-e $arg_none) { return 200 there; }
      return 200 not;
    }`,
    FILES,
  );
  const rows: Row[] = ["-f", "-d", "-e", "-x"].flatMap((test): Row[] => [
    [`/name${test}/etc/passwd?d=../x`, "not"],
    [`/name${test}/etc?d=../x`, "not"],
    [`/root${test}/x?d=..`, "not"],
    [`/root${test}/x?d=u/../..`, "not"],
    [`/real${test}/x?d=..`, "not"],
    [`/arg${test}/x?d=../secret.txt`, "not"],
    [`/arg${test}/x?d=../secret`, "not"],
  ]);
  await assertAnswers(server, [
    ...rows,
    ["/arg-f/x?d=a.txt", "there"],
    ["/arg-d/x?d=u", "there"],
    // What the configuration itself says may lead anywhere, as in nginx.
    ["/written/", "there"],
    ["/empty/", "not"],
  ]);
});

Deno.test("kindByName(): what is there but cannot be opened is there", () => {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${folder}/file`, "");
    Deno.mkdirSync(`${folder}/folder`);
    Deno.symlinkSync("loop", `${folder}/loop`);
    const denied = { error: new Deno.errors.PermissionDenied() };
    const link = { error: new SymlinkError("a link") };
    const broken = { error: new Error("EMFILE") };
    const rows: [string, FileKind, { error?: unknown }, string | undefined][] =
      [
        ["file", "file", {}, "file"],
        ["folder", "directory", {}, "directory"],
        ["file", "special", {}, "file"],
        ["file", "missing", {}, undefined],
        ["file", "forbidden", denied, "file"],
        ["folder", "forbidden", denied, "directory"],
        ["none", "forbidden", denied, undefined],
        ["none/below", "forbidden", denied, undefined],
        ["file", "forbidden", link, undefined],
        ["file", "failed", broken, "file"],
        ["loop", "failed", broken, undefined],
      ];
    for (const [name, kind, parts, expected] of rows) {
      const entry = new FileEntry(
        `${folder}/${name}` as ContainedPath,
        kind,
        parts,
      );
      assertEquals(kindByName(entry), expected, `${name}, ${kind}`);
    }
    assertEquals(kindByName(new Refusal("/file", "a test")), undefined);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

/** Nothing is unreadable for root, and Windows has no such rights. */
function readsEverything(): boolean {
  const file = Deno.makeTempFileSync();
  try {
    return Deno.statSync(file).uid === 0 || Deno.build.os === "windows";
  } finally {
    Deno.removeSync(file);
  }
}

Deno.test({
  name: "try_files and index do not pass over a file that is unreadable",
  ignore: readsEverything(),
  async fn() {
    await using server = serve(
      `location / { try_files $uri $uri.html $uri/ /fallback.txt; }
       location ~ \\.html$ { error_page 403 = @denied; }
       location @denied { return 200 "denied $uri"; }`,
      {
        "www/app.js": "x",
        "www/page.html": "x",
        "www/closed/a.txt": "x",
        "www/sub/index.html": "x",
        "www/fallback.txt": "fallback",
      },
    );
    for (const name of ["app.js", "page.html", "closed", "sub/index.html"]) {
      Deno.chmodSync(`${server.folder}/www/${name}`, 0);
    }
    await assertAnswers(server, [
      ["/app.js", "403"],
      ["/page", "403"],
      ["/page.html", "200", "denied /page.html"],
      ["/closed/a.txt", "200", "fallback"],
      // The file answers for itself, in its own location.
      ["/sub/", "200", "denied /sub/index.html"],
    ]);
    Deno.chmodSync(`${server.folder}/www/closed`, 0o700);
  },
});
