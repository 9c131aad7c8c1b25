/** Several messages on one connection of the running program. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { get, RawClient } from "../support/raw_client.ts";
import { ServerProcess } from "../support/server_process.ts";

const BIG = "0123456789abcdef".repeat(128 * 1024); // 2 MiB: not kept in memory

const CONFIG = `
error_log logs/error.log info;
http {
    client_max_body_size 1000;
    lingering_timeout 500ms;
    lingering_time 2s;
    access_log logs/access.log;
    server {
        listen 127.0.0.1:0;
        root site;
        location = /host { return 200 "$host|$uri|$args"; }
        location = /empty { return 200; }
        location /three/ { keepalive_requests 3; return 200 x; }
        location /shown/ { keepalive_timeout 60s 30s; return 200 x; }
        location /kept/ { keepalive_timeout 0; return 200 x; }
        location /away/ { error_page 405 413 400 http://b.example/; }
        location /page/ { error_page 405 413 = @page; }
        location @page { return 200 page; }
        location /list/ { autoindex on; }
    }
}
`;

const FILES = {
  "site/a.txt": "content of a\n",
  "site/big.bin": BIG,
  "site/list/b.txt": "b",
  ...Object.fromEntries(
    Array.from({ length: 20 }, (_, i) => [`site/${i}.txt`, `file ${i}`]),
  ),
};

function r(line: string, ...fields: string[]): string {
  return [line, "Host: a", ...fields, "", ""].join("\r\n");
}

Deno.test("one connection of the server", async (t) => {
  await using server = await ServerProcess.start({
    config: CONFIG,
    files: FILES,
  });
  const { port } = server;

  await t.step("answers 20 requests of one segment in order", async () => {
    using client = await RawClient.connect(port);
    const requests = Array.from(
      { length: 20 },
      (_, i) => r(`GET /${i}.txt HTTP/1.1`),
    );
    await client.send(requests.join(""));
    for (let i = 0; i < 20; i++) {
      const response = await client.response();
      assertEquals([response?.status, response?.text], [200, `file ${i}`]);
    }
  });

  await t.step("answers 20 requests of mixed kinds in order", async () => {
    using client = await RawClient.connect(port);
    const kinds: [string, number, string | undefined][] = [
      [r("GET /a.txt HTTP/1.1"), 200, "content of a\n"],
      [r("GET /big.bin HTTP/1.1", "Range: bytes=3-6"), 206, "3456"],
      [r("GET /list/ HTTP/1.1"), 200, undefined],
      [r("GET /host?b HTTP/1.1"), 200, "a|/host|b"],
      [r("POST /a.txt HTTP/1.1", "Content-Length: 2") + "xy", 405, undefined],
    ];
    const order = Array.from({ length: 20 }, (_, i) => kinds[i * 3 % 5]!);
    await client.send(order.map(([raw]) => raw).join(""));
    for (const [raw, status, body] of order) {
      const response = await client.response();
      assertEquals(response?.status, status, raw);
      if (body !== undefined) assertEquals(response?.text, body, raw);
    }
  });

  await t.step("takes pipelined requests split anywhere", async () => {
    const raw = r("GET /0.txt HTTP/1.1") +
      r("POST /a.txt HTTP/1.1", "Content-Length: 3") + "abc" +
      r("GET /1.txt HTTP/1.1");
    for (let at = 1; at < raw.length; at += 5) {
      using client = await RawClient.connect(port);
      await client.send(raw.slice(0, at));
      await new Promise((resolve) => setTimeout(resolve, 1));
      await client.send(raw.slice(at));
      const statuses = [];
      for (let i = 0; i < 3; i++) {
        statuses.push((await client.response())?.status);
      }
      assertEquals(statuses, [200, 405, 200], `split at ${at}`);
    }
  });

  await t.step("answers before a request whose body has not come", async () => {
    using client = await RawClient.connect(port);
    await client.send(
      r("GET /0.txt HTTP/1.1") +
        r("POST /a.txt HTTP/1.1", "Content-Length: 3"),
    );
    assertEquals((await client.response())?.text, "file 0");
    await client.send(`abc${r("GET /1.txt HTTP/1.1")}`);
    assertEquals((await client.response())?.status, 405);
    assertEquals((await client.response())?.text, "file 1");
  });

  await t.step("sends HEAD the head of the GET", async () => {
    for (const path of ["/a.txt", "/big.bin", "/missing", "/host", "/list"]) {
      using client = await RawClient.connect(port);
      await client.send(r(`GET ${path} HTTP/1.1`));
      const whole = await client.response();
      await client.send(r(`HEAD ${path} HTTP/1.1`) + r("GET /0.txt HTTP/1.1"));
      const head = await client.response({ head: true });
      const strip = (fields: typeof whole) =>
        fields?.fields.filter(([name]) => name !== "date");
      assertEquals(head?.status, whole?.status, path);
      assertEquals(strip(head), strip(whole), path);
      assertEquals((await client.response())?.text, "file 0", path);
    }
  });

  await t.step("lets the host of a target win over Host", async () => {
    using client = await RawClient.connect(port);
    const cases: [string, string][] = [
      ["GET http://B.Example:99/host?q HTTP/1.1", "b.example|/host|q"],
      ["GET /host HTTP/1.1", "a|/host|"],
      ["GET /%68ost?%41 HTTP/1.1", "a|/host|%41"],
      ["GET //x/../host HTTP/1.1", "a|/host|"],
    ];
    for (const [line, expected] of cases) {
      await client.send(r(line));
      assertEquals((await client.response())?.text, expected, line);
    }
  });

  await t.step("says what it allows", async () => {
    using client = await RawClient.connect(port);
    const requests = ["OPTIONS *", "OPTIONS /a.txt", "PUT /a.txt", "TRACE /"];
    for (const request of requests) {
      await client.send(r(`${request} HTTP/1.1`));
      const response = await client.response();
      assertEquals(response?.field("allow"), "GET, HEAD, OPTIONS", request);
    }
  });

  await t.step("has one framing and the right connection fields", async () => {
    const cases: [string, string | undefined, string][] = [
      [r("GET /a.txt HTTP/1.1"), "13", "keep-alive"],
      [r("GET /a.txt HTTP/1.1", "Connection: close"), "13", "close"],
      [r("GET /a.txt HTTP/1.0"), "13", "close"],
      [r("GET /big.bin HTTP/1.1"), String(BIG.length), "keep-alive"],
      [r("GET /empty HTTP/1.1"), "0", "keep-alive"],
      [r("OPTIONS * HTTP/1.1"), undefined, "keep-alive"],
    ];
    for (const [raw, length, connection] of cases) {
      using client = await RawClient.connect(port);
      await client.send(raw);
      const response = await client.response();
      assertEquals(response?.field("content-length"), length, raw);
      assertEquals(response?.field("transfer-encoding"), undefined, raw);
      assertEquals(response?.field("connection"), connection, raw);
      assertMatch(response?.field("server") ?? "", /^webserv\/\d/);
      assertMatch(response?.field("date") ?? "", /^[A-Z][a-z]{2}, .* GMT$/);
    }
  });

  await t.step("ends after keepalive_requests", async () => {
    using client = await RawClient.connect(port);
    await client.send(r("GET /three/ HTTP/1.1").repeat(5));
    const connections = [];
    for (let i = 0; i < 3; i++) {
      connections.push((await client.response())?.field("connection"));
    }
    assertEquals(connections, ["keep-alive", "keep-alive", "close"]);
    assertEquals(await client.end(), "closed");
  });

  await t.step("obeys keepalive_timeout in its two forms", async () => {
    assertEquals((await keptBy("/shown/")).field("keep-alive"), "timeout=30");
    assertEquals((await keptBy("/kept/")).field("connection"), "close");
  });

  async function keptBy(path: string) {
    using client = await RawClient.connect(port);
    await client.send(r(`GET ${path} HTTP/1.1`));
    return (await client.response())!;
  }

  await t.step("never asks for a body when the answer is final", async () => {
    using client = await RawClient.connect(port);
    await client.send(
      r("POST /a.txt HTTP/1.1", "Content-Length: 3", "Expect: 100-continue"),
    );
    const response = await client.response();
    assertEquals(response?.status, 405);
    assertEquals(response?.field("connection"), "close");
    assertEquals(await client.end(), "closed");
  });

  await t.step("ends where an error was sent elsewhere", async () => {
    const body = r("GET /0.txt HTTP/1.1");
    for (const [path, status] of [["/away/x", 302], ["/page/x", 200]]) {
      for (
        const raw of [
          r(`POST ${path} HTTP/1.1`, "Content-Length: 1001") + body,
          r(`POST ${path} HTTP/1.1`, "Transfer-Encoding: chunked") + body,
        ]
      ) {
        using client = await RawClient.connect(port);
        await client.send(raw);
        const response = await client.response();
        assertEquals(response?.field("connection"), "close", raw);
        assertEquals(await client.end(), "closed", raw);
        if (raw.includes("1001")) assertEquals(response?.status, status);
      }
    }
  });

  await t.step(
    "shows the answer to a client that goes on sending",
    async () => {
      const answers = [];
      for (let i = 0; i < 5; i++) {
        using client = await RawClient.connect(port);
        await client.send(r("POST /a.txt HTTP/1.1", "Content-Length: 5000000"));
        const sent = client.send(new Uint8Array(400_000)).catch(() => {});
        answers.push((await client.response())?.status);
        await sent;
        answers.push(await client.end());
      }
      assertEquals(answers, Array(5).fill([413, "closed"]).flat());
    },
  );

  await t.step("answers a client that has closed its side", async () => {
    using client = await RawClient.connect(port);
    await client.send(r("GET /0.txt HTTP/1.1") + r("GET /big.bin HTTP/1.1"));
    await client.closeWrite();
    assertEquals((await client.response())?.text, "file 0");
    assertEquals((await client.response())?.body.length, BIG.length);
    assertEquals(await client.end(), "closed");
  });

  await t.step("closes quietly when a head is cut", async () => {
    using client = await RawClient.connect(port);
    await client.send("GET / HTTP/1.1\r\nHost:");
    await client.closeWrite();
    assertEquals(await client.end(), "closed");
  });

  await t.step("serves others after clients went away", async () => {
    for (let i = 0; i < 30; i++) {
      const client = await RawClient.connect(port);
      if (i % 3 > 0) await client.send(r("GET /big.bin HTTP/1.1").repeat(3));
      if (i % 3 > 1) await client.readSome(1000);
      client.close();
    }
    const response = await get(port, "/a.txt");
    assertEquals(response.text, "content of a\n");
  });

  await t.step("logs the body bytes of pipelined answers", async () => {
    using client = await RawClient.connect(port);
    await client.send(
      r("GET /1.txt HTTP/1.1", "User-Agent: sizes") +
        r("GET /big.bin HTTP/1.1", "User-Agent: sizes") +
        r("GET /host HTTP/1.1", "User-Agent: sizes"),
    );
    for (let i = 0; i < 3; i++) await client.response();
    client.close();
    server.signal("SIGUSR1");
    let sizes: string[] = [];
    for (let i = 0; i < 100 && sizes.length < 3; i++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      sizes = [
        ...server.read("logs/access.log").matchAll(
          / 200 (\d+) "-" "sizes"/g,
        ),
      ].map(([, size]) => size!);
    }
    assertEquals(sizes, ["6", String(BIG.length), "8"]);
  });

  await t.step("says no more about all of that than nginx does", () => {
    // What nginx, too, calls an error of a client.
    const expected =
      /\[error\] \d+#0: \*\d+ (?:open\(\) "[^"]+" failed \(2: No such file or directory\)|client intended to send too large body: \d+ bytes|client sent invalid chunked body: invalid size), client: 127\.0\.0\.1, /;
    const lines = server.read("logs/error.log").split("\n");
    const worse = lines.filter((line) => /\[(error|crit|alert)\]/.test(line));
    assertEquals(worse.filter((line) => !expected.test(line)), []);
    assert(lines.length > 1);
  });
});
