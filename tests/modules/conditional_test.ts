import {
  assertAnswers,
  type Row,
  send,
  serve,
  setTimes,
  TIME,
} from "./serving.ts";
import { assertEquals } from "@std/assert";

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
