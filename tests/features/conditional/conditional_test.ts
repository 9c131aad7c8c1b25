import {
  assertAnswers,
  type Row,
  send,
  serve,
  setTimes,
  TIME,
} from "../../support/serving.ts";
import { assert, assertEquals } from "@std/assert";

const TEXT = "0123456789abcdefghijklmnopqrstuvwxyz";
const ETAG = `"${TIME.toString(16)}-24"`;
const date = (seconds: number) =>
  new Date((TIME + seconds) * 1000).toUTCString();

const DIRECTIVES = `
  location /off/ { alias www/; if_modified_since off; }
  location /before/ { alias www/; if_modified_since before; }
  location /none/ { alias www/; max_ranges 0; }
  location /two/ { alias www/; max_ranges 2; }
  location /text { return 200 "${TEXT}"; }
  open_file_cache_max_body 20;
`;

const FILES = { "www/a.txt": TEXT, "www/b": "small" };

Deno.test("if_modified_since: off, exact, before", async () => {
  await using server = serve(DIRECTIVES, FILES);
  setTimes(server, { "www/a.txt": TIME });
  const since = (path: string, seconds: number) =>
    `${path} | If-Modified-Since: ${date(seconds)}`;
  await assertAnswers(server, [
    [since("/a.txt", 0), "304"],
    [since("/a.txt", 1), "200"],
    [since("/a.txt", -1), "200"],
    [since("/off/a.txt", 0), "200"],
    [`/off/a.txt | If-None-Match: ${ETAG}`, "304"],
    [since("/before/a.txt", 0), "304"],
    [since("/before/a.txt", 1), "304"],
    [since("/before/a.txt", -1), "200"],
  ]);
});

Deno.test("max_ranges: 0 takes them away, a number bounds them", async () => {
  await using server = serve(DIRECTIVES, FILES);
  setTimes(server, { "www/a.txt": TIME });
  await assertAnswers(server, [
    ["/none/a.txt", "200", "accept-ranges: -"],
    ["/none/a.txt | Range: bytes=0-1", "200", TEXT],
    ["/two/a.txt | Range: bytes=0-1", "206", "01"],
    ["/two/a.txt | Range: bytes=0-1,3-4", "206"],
    ["/two/a.txt | Range: bytes=0-1,3-4,6-7", "200", TEXT],
  ]);
});

Deno.test("ranges: of files in memory and of open ones", async () => {
  await using server = serve(DIRECTIVES, FILES);
  const rows: Row[] = [
    [
      "/a.txt | Range: bytes=0-9",
      "206",
      "content-range: bytes 0-9/36",
      "0123456789",
    ],
    ["/a.txt | Range: bytes=-3", "206", "content-range: bytes 33-35/36", "xyz"],
    ["/a.txt | Range: bytes=30-", "206", "uvwxyz", "content-length: 6"],
    ["/a.txt | Range: bytes=36-", "416", "content-range: bytes */36"],
    ["/a.txt | Range: nonsense", "200", TEXT],
    ["HEAD /a.txt | Range: bytes=0-9", "200", "content-length: 36"],
    ["/b | Range: bytes=1-2", "206", "ma"],
    ["/text | Range: bytes=0-9", "200", "accept-ranges: -", TEXT],
    ["/missing | Range: bytes=0-9", "404"],
  ];
  await assertAnswers(server, rows);
  const many = await send(server, "/a.txt | Range: bytes=0-1,5-6, -2");
  const boundary = /boundary=(\S+)/.exec(many.field("content-type")!)![1]!;
  const type = "Content-Type: text/plain; charset=utf-8";
  assertEquals(
    many.text,
    [
      "",
      `--${boundary}`,
      type,
      "Content-Range: bytes 0-1/36",
      "",
      "01",
      `--${boundary}`,
      type,
      "Content-Range: bytes 5-6/36",
      "",
      "56",
      `--${boundary}`,
      type,
      "Content-Range: bytes 34-35/36",
      "",
      "yz",
      `--${boundary}--`,
      "",
    ].join("\r\n"),
  );
  assertEquals(many.field("content-length"), String(many.body.length));
});

Deno.test("conditions come before ranges", async () => {
  await using server = serve(DIRECTIVES, FILES);
  setTimes(server, { "www/a.txt": TIME });
  const range = "Range: bytes=0-1";
  await assertAnswers(server, [
    [`/a.txt | ${range} | If-None-Match: ${ETAG}`, "304"],
    [`/a.txt | ${range} | If-Match: "other"`, "412"],
    [`/a.txt | ${range} | If-Range: ${ETAG}`, "206"],
    [`/a.txt | ${range} | If-Range: "other"`, "200"],
    [`/a.txt | ${range} | If-Range: ${date(0)}`, "206"],
    [`/a.txt | ${range} | If-Range: ${date(1)}`, "200"],
    [`/a.txt | Range: bytes=99- | If-None-Match: ${ETAG}`, "304"],
    [`/missing | If-Match: "x"`, "404"],
  ]);
});

Deno.test("a part that is asked for again is kept, as fresh as its file", async () => {
  await using server = serve(
    `open_file_cache_max_body 20; open_file_cache_valid 0;
     location /who/ { alias www/; add_header X-Who $http_x_who; }
     location = /metrics { metrics; }`,
    FILES,
  );
  const range = "/a.txt | Range: bytes=10-12";
  async function held(): Promise<boolean> {
    const { text } = await send(server, "/metrics");
    return !text.includes("\nwebserv_file_cache_bytes 0\n");
  }
  /** Asks until the part is held: a fresh file is let settle first. */
  async function askUntilHeld(expected: string): Promise<void> {
    const until = performance.now() + 20_000;
    do {
      assert(performance.now() < until, "the part is never held");
      await assertAnswers(server, [
        [range, "206", "content-range: bytes 10-12/36", expected],
      ]);
      await new Promise((resolve) => setTimeout(resolve, 100));
    } while (!await held());
  }
  await askUntilHeld("abc");
  await assertAnswers(server, [
    [range, "206", "content-range: bytes 10-12/36", "abc", "accept-ranges: -"],
    [`HEAD ${range}`, "200", "content-length: 36", "accept-ranges: bytes"],
    ["/who/a.txt | Range: bytes=10-12 | X-Who: me", "206", "x-who: me", "abc"],
    ["/who/a.txt | Range: bytes=10-12 | X-Who: you", "206", "x-who: you"],
    [range, "206", "x-who: -", "abc", "content-length: 3"],
    [`${range} | If-None-Match: *`, "304"],
  ]);
  Deno.writeTextFileSync(`${server.folder}/www/a.txt`, TEXT.toUpperCase());
  await assertAnswers(server, [[range, "206", "ABC"]]);
  await askUntilHeld("ABC");
  Deno.writeTextFileSync(`${server.folder}/www/a.txt`, TEXT.slice(0, 12));
  await assertAnswers(server, [[range, "206", "ab"]]);
});

Deno.test("several ranges are as long as announced, whatever the type says", async () => {
  await using server = serve('types { "text/ü" txt; } charset off;', FILES);
  const response = await send(server, "/a.txt | Range: bytes=0-1,4-5");
  assertEquals(response.status, 206);
  assertEquals(
    Number(response.field("content-length")),
    response.body.length,
  );
  assert(response.text.endsWith("--\r\n"));
  assert(response.text.includes("\r\nContent-Type: text/\xc3\xbc\r\n"));
});
