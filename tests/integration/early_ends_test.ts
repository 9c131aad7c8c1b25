/**
 * However a connection ends early, the answers to the requests before are
 * sent: they have been made and logged, and a client cannot know otherwise.
 */

import { assertEquals } from "@std/assert";
import { Authority } from "../support/certificates.ts";
import { bytesOf, textOf } from "../support/latin1.ts";
import { eventually, ServerProcess } from "../support/server_process.ts";

const CONFIG = `
error_log logs/error.log info;
http {
    client_header_timeout 800ms;
    client_body_timeout 800ms;
    lingering_timeout 400ms;
    lingering_time 1s;
    client_max_body_size 1000;
    access_log logs/access.log;
    server {
        listen 127.0.0.1:0;
        listen 127.0.0.1:0 ssl;
        ssl_certificate server.crt;
        ssl_certificate_key server.key;
        root site;
        location = /small { return 200 x; }
        location = /hush { return 444; }
        location = /once { keepalive_timeout 0; return 200 x; }
        location = /page { error_page 418 = @hush; return 418; }
        location @hush { return 444; }
        location = /try { try_files /none =444; }
        location /list/ { autoindex on; }
    }
}
`;

const MORE_THAN_A_SOCKET_HOLDS = "x".repeat(300_000);

function r(line: string, ...fields: string[]): string {
  return [line, "Host: a.example", ...fields, "", ""].join("\r\n");
}

/** Three that are answered at once, and wait for the fourth. */
const BEFORE = r("GET /small HTTP/1.1").repeat(3);

const HUSH = r("GET /hush HTTP/1.1");
const CHUNKED = r("POST /small HTTP/1.1", "Transfer-Encoding: chunked");

/** What comes behind the three, what is answered to it, and whether that is all. */
type Row = readonly [name: string, raw: string, statuses: string, fin?: true];

const ROWS: readonly Row[] = [
  ["444", HUSH, ""],
  ["444, and more requests", HUSH + BEFORE, ""],
  ["444, and much more", HUSH + MORE_THAN_A_SOCKET_HOLDS, ""],
  ["444 of an error page", r("GET /page HTTP/1.1"), ""],
  ["444 of try_files", r("GET /try HTTP/1.1"), ""],
  ["444 behind a listing", r("GET /list/ HTTP/1.1") + HUSH, "200"],
  ["444 behind a large file", r("GET /large.bin HTTP/1.1") + HUSH, "200"],
  [
    "444 to a body that does not come",
    r("POST /hush HTTP/1.1", "Content-Length: 9") + "abc",
    "",
  ],
  ["a broken chunk", `${CHUNKED}zz\r\n`, "400"],
  ["a chunk that is too long", `${CHUNKED}1\r\nxy\r\n`, "400"],
  [
    "a body that is too large",
    r("POST /small HTTP/1.1", "Content-Length: 100000") + "x",
    "413",
  ],
  [
    "chunks that are too many",
    `${CHUNKED}3e9\r\n${"x".repeat(1001)}\r\n0\r\n\r\n`,
    "413",
  ],
  [
    "a body that is cut",
    r("POST /small HTTP/1.1", "Content-Length: 9") + "abc",
    "200",
    true,
  ],
  [
    "a body that does not come",
    r("POST /small HTTP/1.1", "Content-Length: 9") + "abc",
    "200",
  ],
  [
    "an expectation",
    r("POST /small HTTP/1.1", "Expect: x", "Content-Length: 1") + "a",
    "417",
  ],
  ["a line that is none", "nonsense\r\n\r\n", "400"],
  [
    "a line that is none, and much more",
    `nonsense\r\n\r\n${MORE_THAN_A_SOCKET_HOLDS}`,
    "400",
  ],
  ["no Host", "GET / HTTP/1.1\r\n\r\n", "400"],
  ["a long line", `GET /${"x".repeat(50_000)} HTTP/1.1\r\n\r\n`, "414"],
  [
    "a large head",
    r("GET / HTTP/1.1", ...Array(10).fill(`A: ${"b".repeat(7000)}`)),
    "431",
  ],
  ["another protocol", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505"],
  [
    "two framings",
    r("POST / HTTP/1.1", "Content-Length: 1", "Transfer-Encoding: chunked"),
    "400",
  ],
  ["a head that does not come", "GET /small HT", "408"],
  ["a head that is cut", "GET /small HT", "", true],
  ["the client's end", "", "", true],
  ["close", r("GET /small HTTP/1.1", "Connection: close") + BEFORE, "200"],
  ["HTTP/1.0", "GET /small HTTP/1.0\r\n\r\n", "200"],
  ["a connection that is not kept", r("GET /once HTTP/1.1") + BEFORE, "200"],
];

/** The statuses that come for `raw`, and how the connection ends. */
async function statuses(
  socket: Deno.Conn,
  raw: string,
  fin: boolean,
): Promise<string> {
  let text = "";
  const sending = (async () => {
    for (let rest = bytesOf(raw); rest.length > 0;) {
      rest = rest.subarray(await socket.write(rest));
    }
    if (fin) await socket.closeWrite();
  })().catch(() => {});
  const buffer = new Uint8Array(64 * 1024);
  try {
    for (let count; (count = await socket.read(buffer)) !== null;) {
      text += textOf(buffer.subarray(0, count));
    }
  } catch {
    // What has come counts.
  } finally {
    socket.close();
  }
  await sending;
  return [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status)
    .join(" ");
}

Deno.test("answers to pipelined requests outlive the end of their connection", async (t) => {
  using authority = await Authority.create();
  await authority.issue("server", "localhost", 1);
  await using server = await ServerProcess.start({
    config: CONFIG,
    files: {
      "server.crt": Deno.readTextFileSync(authority.path("server.crt")),
      "server.key": Deno.readTextFileSync(authority.path("server.key")),
      "site/large.bin": new Uint8Array(3_000_000),
      "site/list/a.txt": "a",
    },
  });
  const [, port, tlsPort] = /:(\d+)\/[^]*:(\d+)\//.exec(server.stdout)!;
  const caCerts = [Deno.readTextFileSync(authority.path("ca.crt"))];
  const ways: [string, () => Promise<Deno.Conn>][] = [
    ["TCP", () => Deno.connect({ hostname: "127.0.0.1", port: Number(port) })],
    [
      "TLS",
      () =>
        Deno.connectTls({
          hostname: "localhost",
          port: Number(tlsPort),
          caCerts,
        }),
    ],
  ];
  for (const [way, connect] of ways) {
    await t.step(way, async () => {
      const found = await Promise.all(ROWS.map(async ([name, raw, , fin]) => {
        const got = await statuses(await connect(), BEFORE + raw, fin === true);
        return [name, got];
      }));
      assertEquals(
        found,
        ROWS.map(([name, , after]) => [name, `200 200 200 ${after}`.trim()]),
      );
    });
  }

  await t.step("a part of a file that was cut in the meantime", async () => {
    const part = (range: string) =>
      r("GET /large.bin HTTP/1.1", `Range: bytes=${range}`);
    const ask = async (raw: string, fin: boolean) =>
      await statuses(await ways[0]![1](), raw, fin);
    assertEquals(await ask(part("0-9"), true), "206");
    // Within the time for which the file is known.
    Deno.truncateSync(server.path("site/large.bin"), 10);
    assertEquals(
      await ask(BEFORE + part("2000000-2000009"), false),
      "200 200 200",
    );
  });

  await t.step("and all of them are logged, once", async () => {
    const logged = (line: RegExp) =>
      [...server.read("logs/access.log").matchAll(line)].length;
    const hushed = 2 * ROWS.filter(([name]) => /^444/.test(name)).length;
    // "close" adds one to the three before, over TCP and over TLS.
    const small = 2 * (3 * ROWS.length + 1) + 3;
    await eventually(
      () => logged(/"GET \/small HTTP\/1.1" 200 1 /g) >= small,
      "the log is written",
    );
    assertEquals(logged(/"GET \/small HTTP\/1.1" 200 1 /g), small);
    assertEquals(logged(/" 444 0 /g), hushed);
  });
});
