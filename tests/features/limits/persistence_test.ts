import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError } from "../../../src/config/errors.ts";
import { read, serverOf } from "../../support/module_support.ts";
import { RawClient } from "../../support/raw_client.ts";

const BROKEN: [text: string, message: string][] = [
  ["keepalive_disable;", "invalid number of arguments"],
  ["keepalive_disable msie7;", 'invalid value "msie7"'],
  ["keepalive_disable none; keepalive_disable none;", "is duplicate"],
  ["chunked_transfer_encoding maybe;", 'it must be "on" or "off"'],
  ["keepalive_time x;", "invalid value"],
];

for (const [text, message] of BROKEN) {
  Deno.test(`persistence refuses ${text}`, () => {
    assertThrows(() => read(text), ConfigError, message);
  });
}

Deno.test("keepalive_disable warns of a browser it has", () => {
  assertEquals(read("keepalive_disable safari none SAFARI;").warnings, [
    'duplicate value "SAFARI" in x.conf:1',
  ]);
});

const SAFARI =
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit/605 " +
  "(KHTML, like Gecko) Version/17 Safari/605";
const CHROME =
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit/537 " +
  "(KHTML, like Gecko) Chrome/120 Safari/537";
const MSIE = "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)";
const MSIE_SV1 = "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; SV1)";

/** What a server says, a request, and whether its connection goes on. */
const ROWS: [text: string, method: string, agent: string, goesOn: boolean][] = [
  ["", "GET", SAFARI, true],
  ["keepalive_disable safari;", "GET", SAFARI, false],
  ["keepalive_disable safari;", "GET", CHROME, true],
  ["keepalive_disable safari;", "POST", MSIE, true],
  ["keepalive_disable none;", "GET", SAFARI, true],
  ["keepalive_disable msie6;", "POST", MSIE, false],
  ["keepalive_disable msie6;", "GET", MSIE, true],
  ["keepalive_disable msie6;", "POST", MSIE_SV1, true],
  ["keepalive_disable msie6;", "POST", `${MSIE} Opera 9`, true],
  ["keepalive_disable msie6 safari;", "GET", SAFARI, false],
  ["keepalive_time 0;", "GET", "-", false],
  ["keepalive_time 1h;", "GET", "-", true],
];

for (const [text, method, agent, goesOn] of ROWS) {
  Deno.test(`"${text}" for ${method} of ${agent}`, async () => {
    await using server = serverOf(`${text} return 200 x;`);
    using client = await RawClient.connect(server.port);
    // An age of nothing is over as soon as time has passed.
    await new Promise((resolve) => setTimeout(resolve, 20));
    await client.send(
      `${method} / HTTP/1.1\r\nHost: a\r\nUser-Agent: ${agent}\r\n` +
        "Content-Length: 0\r\n\r\n",
    );
    const response = await client.response();
    assertEquals(response?.text, "x");
    assertEquals(
      response?.field("connection"),
      goesOn ? "keep-alive" : "close",
    );
    if (!goesOn) assertEquals(await client.end(), "closed");
  });
}

Deno.test("without chunks a body of unknown length ends the connection", async () => {
  await using server = serverOf(
    `location /off/ { chunked_transfer_encoding off; gzip on; gzip_types *;
       alias www/; }
     location /on/ { gzip on; gzip_types *; alias www/; }`,
    { "big.txt": "0123456789".repeat(50_000), "a.txt": "short" },
  );
  const rows: [target: string, framing: string][] = [
    ["/on/big.txt", "chunked keep-alive"],
    ["/off/big.txt", "close close"],
    ["/on/a.txt", "length keep-alive"],
    ["/off/a.txt", "length keep-alive"],
  ];
  for (const [target, framing] of rows) {
    using client = await RawClient.connect(server.port);
    await client.send(
      `GET ${target} HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n`,
    );
    const response = (await client.response())!;
    const end = response.field("transfer-encoding") ??
      (response.field("content-length") === undefined ? "close" : "length");
    assertEquals(`${end} ${response.field("connection")}`, framing, target);
    assertEquals(response.body.length > 0, true);
  }
});
