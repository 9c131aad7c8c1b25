/**
 * Nobody is told that a file has not changed when it has, whatever date its
 * build gave it, and those who have it are not sent it again.
 */

import { assertEquals, assertNotEquals } from "@std/assert";
import { gzipSync } from "node:zlib";
import type { InProcessServer } from "../../support/in_process_server.ts";
import type { RawResponse } from "../../support/raw_client.ts";
import { assertAnswers, send, serve } from "../../support/serving.ts";

/** Dates that builds give to all their files, in seconds since the epoch. */
const BUILD_DATES: Readonly<Record<string, number>> = {
  "the epoch": 0,
  "Nix": 1,
  "zip's first": Date.UTC(1980, 0, 1) / 1000,
  "a second later": Date.UTC(1980, 0, 1) / 1000 + 1,
  "npm": Date.UTC(1985, 9, 26, 8, 15) / 1000,
  "Bazel": Date.UTC(2010, 0, 1) / 1000,
  "SOURCE_DATE_EPOCH": 1_700_000_000,
  "an hour ago": Math.floor(Date.now() / 1000) - 3600,
};

const SETTINGS = `
  open_file_cache off;
  open_file_cache_max_body 20;
  gzip_static on;
  location /before/ { alias www/; if_modified_since before; }
  location /dateonly/ { alias www/; etag off; }
`;

const SMALL = "a.txt";
const LARGE = "large.txt";

function contentOf(name: string, version: string): string {
  return version.repeat(name === LARGE ? 50 : 5);
}

/** Puts the files of a version there, as a deploy does. */
function deploy(folder: string, version: string, seconds: number): void {
  for (const name of [SMALL, LARGE]) {
    const content = contentOf(name, version);
    for (
      const [path, bytes] of [
        [name, new TextEncoder().encode(content)],
        [`${name}.gz`, gzipSync(content)],
      ] as const
    ) {
      const fresh = `${folder}/fresh`;
      Deno.writeFileSync(fresh, bytes);
      Deno.utimeSync(fresh, seconds, seconds);
      Deno.renameSync(fresh, `${folder}/www/${path}`);
    }
  }
}

const TARGETS = ["", "before/", "dateonly/"].flatMap((place) =>
  [SMALL, LARGE].flatMap((name) =>
    ["", " | Accept-Encoding: gzip"].map((field) =>
      [`/${place}${name}${field}`, name] as const
    )
  )
);

/** Each condition under which a client would be sent no more than a 304. */
function conditionsOf(response: RawResponse, seconds: number): string[] {
  const etag = response.field("etag");
  const date = response.field("last-modified");
  return [
    ...etag === undefined ? [] : [`If-None-Match: ${etag}`],
    ...date === undefined ? [] : [`If-Modified-Since: ${date}`],
    `If-Modified-Since: ${new Date(seconds * 1000).toUTCString()}`,
  ];
}

/** Each condition under which a client would be sent a part. */
function rangesOf(response: RawResponse): string[] {
  return ["etag", "last-modified"].map((name) => response.field(name))
    .filter((value) => value !== undefined)
    .map((value) => `Range: bytes=1-3 | If-Range: ${value}`);
}

/** Another server of the same files. */
function sameSite({ folder }: InProcessServer): InProcessServer {
  const other = serve(SETTINGS, {});
  Deno.symlinkSync(`${folder}/www`, `${other.folder}/www`);
  return other;
}

for (const [name, seconds] of Object.entries(BUILD_DATES)) {
  Deno.test(`no 304 for a changed file of the date of ${name}`, async () => {
    await using server = serve(SETTINGS, { "www/": "" });
    deploy(server.folder, "one", seconds);
    const asked: [line: string, file: string, first: RawResponse][] = [];
    for (const [line, file] of TARGETS) {
      const first = await send(server, line);
      assertEquals(first.status, 200, line);
      asked.push([line, file, first]);
    }
    deploy(server.folder, "two", seconds);
    // A server that is started after the deploy has seen nothing before it.
    await using other = sameSite(server);
    for (const place of [server, other]) {
      for (const [line, file, first] of asked) {
        // It can only believe a date; a tag tells the two apart all the same.
        const conditions = conditionsOf(first, seconds)
          .filter((text) => place === server || text.includes("None-Match"));
        const ranges = rangesOf(first)
          .filter((text) => place === server || text.includes('"'));
        for (const condition of [...conditions, ...ranges]) {
          const again = await send(place, `${line} | ${condition}`);
          assertEquals(again.status, 200, `${line} | ${condition}`);
          if (!line.includes("gzip")) {
            assertEquals(again.text, contentOf(file, "two"), line);
          }
        }
      }
    }
  });
}

/** How long it takes until a change is so old that it is sure to be the last. */
const SETTLED_MS = 1200;

Deno.test("what has not changed is not sent again, whatever its date", async () => {
  const { 0: year2023 } = [BUILD_DATES.SOURCE_DATE_EPOCH!];
  await using server = serve(SETTINGS, { "www/": "" });
  for (const seconds of [BUILD_DATES["the epoch"]!, year2023]) {
    deploy(server.folder, "one", seconds);
    await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
    await using other = sameSite(server);
    for (const [line] of TARGETS) {
      const first = await send(server, line);
      const etag = first.field("etag");
      const date = first.field("last-modified");
      assertEquals(etag === undefined, line.includes("dateonly"), line);
      assertEquals(date === undefined, seconds < year2023, line);
      if (date !== undefined) {
        assertEquals(Date.parse(date), year2023 * 1000, line);
      }
      for (const condition of conditionsOf(first, 1).slice(0, -1)) {
        for (const place of [server, other]) {
          const again = await send(place, `${line} | ${condition}`);
          assertEquals(again.status, 304, `${line} | ${condition}`);
        }
      }
    }
  }
});

Deno.test("a touched file keeps the tag of its content", async () => {
  await using server = serve(SETTINGS, { "www/": "" });
  deploy(server.folder, "one", 1);
  const etag = (await send(server, "/a.txt")).field("etag")!;
  deploy(server.folder, "one", 2);
  await assertAnswers(server, [[`/a.txt | If-None-Match: ${etag}`, "304"]]);
});

Deno.test("two versions of one second and one size are told apart", async () => {
  await using server = serve("open_file_cache off;", { "www/a.txt": "one" });
  const path = `${server.folder}/www/a.txt`;
  const write = (text: string, ms: number) => {
    Deno.writeTextFileSync(path, text);
    Deno.utimeSync(path, 1_700_000_000 + ms / 1000, 1_700_000_000 + ms / 1000);
  };
  write("one", 100);
  const first = await send(server, "/a.txt");
  assertEquals(first.field("etag"), `"6553f100-3"`);
  write("two", 900);
  for (const condition of conditionsOf(first, 1_700_000_000)) {
    const again = await send(server, `/a.txt | ${condition}`);
    assertEquals([again.status, again.text], [200, "two"], condition);
  }
  const second = await send(server, "/a.txt");
  assertNotEquals(second.field("etag"), first.field("etag"));
  assertEquals(second.field("last-modified"), undefined);
  await assertAnswers(server, [
    [`/a.txt | If-None-Match: ${second.field("etag")}`, "304"],
  ]);
});

Deno.test("a time that is still to come is not sent", async () => {
  await using server = serve(SETTINGS, { "www/a.txt": "one" });
  const later = Math.floor(Date.now() / 1000) + 3600;
  for (const seconds of [later, later + 0.5, 99_999_999_999.5]) {
    Deno.utimeSync(`${server.folder}/www/a.txt`, seconds, seconds);
    await assertAnswers(server, [
      ["/a.txt", "200", "last-modified: -"],
      [
        `/a.txt | If-Modified-Since: ${new Date().toUTCString()}`,
        "200",
        "one",
      ],
    ]);
  }
});
