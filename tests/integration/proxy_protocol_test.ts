/**
 * `listen … proxy_protocol` in the real program: headers by hand, over TLS, and
 * behind a real HAProxy if there is one.
 */

import { assertEquals, assertMatch } from "@std/assert";
import { Authority } from "../support/certificates.ts";
import { freePorts } from "../support/free_ports.ts";
import { isInstalled } from "../support/programs.ts";
import { RawClient } from "../support/raw_client.ts";
import { eventually, ServerProcess } from "../support/server_process.ts";

const SAYS = `
    location / {
        return 200 "$remote_addr $proxy_protocol_addr $proxy_protocol_port $proxy_protocol_server_addr $proxy_protocol_server_port $scheme $proxy_protocol_tlv_alpn";
    }
`;

const CONFIG = `
error_log logs/error.log info;
log_format proxied "$remote_addr '$proxy_protocol_addr' $request";
access_log logs/access.log proxied;
client_header_timeout 1s;
server {
    listen 127.0.0.1:0 proxy_protocol;
    ${SAYS}
}
`;

const TLS_CONFIG = CONFIG + `
server {
    listen 127.0.0.1:0 ssl proxy_protocol;
    ssl_certificate ca/a.crt;
    ssl_certificate_key ca/a.key;
    ${SAYS}
}
`;

const HEADER = "PROXY TCP4 192.0.2.9 198.51.100.1 4711 80\r\n";
const REQUEST = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";

const start = () => ServerProcess.start({ config: CONFIG });

async function conversation(port: number, ...pieces: string[]) {
  using client = await RawClient.connect(port);
  client.send(pieces[0]!);
  for (const piece of pieces.slice(1)) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    await client.send(piece);
  }
  return (await client.response())?.text;
}

Deno.test("a proxy says who its client is, whole or in pieces", async () => {
  await using server = await start();
  const { port } = server;
  const said = "127.0.0.1 192.0.2.9 4711 198.51.100.1 80 http ";
  const rows: [pieces: string[], answer: string][] = [
    [[HEADER + REQUEST], said],
    [[HEADER, REQUEST], said],
    [[...HEADER.match(/.{1,9}/gs)!, REQUEST], said],
    [[HEADER + REQUEST.slice(0, 5), REQUEST.slice(5)], said],
    [["PROXY UNKNOWN\r\n" + REQUEST], "127.0.0.1     http "],
    [[`${SIGNATURE}\x20\0\0\0${REQUEST}`], "127.0.0.1     http "],
    [[
      `${SIGNATURE}\x21\x11\0\x11\xc0\0\x02\x09\xc6\x33\x64\x01\x12\x67\0\x50`,
      `\x01\0\x02h2${REQUEST}`,
    ], said + "h2"],
  ];
  for (const [pieces, answer] of rows) {
    assertEquals(await conversation(port, ...pieces), answer);
  }
  // Once for all requests of a connection; the address logged is the proxy's.
  using client = await RawClient.connect(port);
  await client.send(HEADER + REQUEST + REQUEST);
  for (let i = 0; i < 2; i++) {
    assertEquals((await client.response())?.text, said);
  }
  await eventually(
    () => server.read("logs/access.log").split("\n").length > rows.length + 2,
    "the log",
  );
  assertMatch(
    server.read("logs/access.log"),
    /^127\.0\.0\.1 '192\.0\.2\.9' GET \/ HTTP\/1\.1\n/,
  );
});

Deno.test("who says no such thing is told nothing, and logged", async () => {
  await using server = await start();
  const { port } = server;
  const rows: [bytes: string, line: string][] = [
    [REQUEST, 'broken header: "GET / HTTP/1.1"'],
    [HEADER.replace("TCP4", "TCP6") + REQUEST, HEADER.replace("4", "6").trim()],
    [SIGNATURE + "\x31\x11\0\0", "unknown PROXY protocol version: 3"],
    [SIGNATURE + "\x21\x11\xff\xff", "header is too large"],
  ];
  for (const [bytes, line] of rows) {
    using client = await RawClient.connect(port);
    await client.send(bytes);
    const end = await client.end();
    assertEquals(end === "closed" || end === "reset", true, end);
    const logged = `${line} while reading PROXY protocol, client: ` +
      `127.0.0.1, server: 127.0.0.1:${port}`;
    await eventually(
      () =>
        server.read("logs/error.log").replaceAll('" while', " while")
          .includes(logged.replaceAll('" while', " while")),
      logged,
    );
  }
  {
    using client = await RawClient.connect(port);
    await client.send("PROXY TC");
    await client.closeWrite();
    assertEquals(await client.end(), "closed");
  }
  {
    // The header is under the deadline of the head.
    using client = await RawClient.connect(port);
    await client.send("PROXY TC");
    assertEquals(await client.end(), "closed");
  }
  await eventually(
    () => server.read("logs/error.log").includes("client timed out"),
    "the deadline",
  );
  const log = server.read("logs/error.log");
  assertMatch(log, /\[error\] \S+ \*\d+ broken header: "PROXY TC" while/);
  assertMatch(
    log,
    /\[info\] \S+ \*\d+ client timed out \(110: Connection timed out\) while reading PROXY protocol, client: /,
  );
  // None of them was a request.
  assertEquals(server.read("logs/access.log"), "");
});

Deno.test("the header comes before TLS", async () => {
  using ca = await Authority.create();
  await ca.issue("a", "a.test", 1);
  await using server = await ServerProcess.start({
    config: TLS_CONFIG,
    files: {
      "ca/a.crt": Deno.readTextFileSync(ca.path("a.crt")),
      "ca/a.key": Deno.readTextFileSync(ca.path("a.key")),
    },
  });
  const port = Number(/https:\/\/127\.0\.0\.1:(\d+)\//.exec(server.stdout)![1]);
  const socket = await Deno.connect({ hostname: "127.0.0.1", port });
  await socket.write(new TextEncoder().encode(HEADER));
  using tls = await Deno.startTls(socket, {
    hostname: "a.test",
    caCerts: [Deno.readTextFileSync(ca.path("ca.crt"))],
  });
  await tls.write(new TextEncoder().encode(REQUEST));
  const buffer = new Uint8Array(4096);
  const count = await tls.read(buffer);
  const text = new TextDecoder().decode(buffer.subarray(0, count!));
  assertMatch(
    text,
    /127\.0\.0\.1 192\.0\.2\.9 4711 198\.51\.100\.1 80 https $/,
  );
  // TLS without it is none of its business.
  using client = await RawClient.connect(port);
  await client.send("\x16\x03\x01\x00\x05hello");
  assertEquals(await client.end() === "data", false);
  await eventually(
    () => server.read("logs/error.log").includes("broken header"),
    "the log",
  );
});

Deno.test({
  name: "HAProxy says who its client is",
  ignore: !isInstalled("haproxy", "-v"),
  async fn() {
    await using server = await start();
    const kinds = ["send-proxy", "send-proxy-v2", "send-proxy-v2 check"];
    const ports = freePorts(kinds.length);
    Deno.writeTextFileSync(
      server.path("haproxy.cfg"),
      "defaults\n  mode tcp\n  timeout connect 5s\n  timeout client 5s\n" +
        "  timeout server 5s\n" +
        kinds.map((kind, i) =>
          `listen l${i}\n  bind 127.0.0.1:${ports[i]}\n` +
          `  server s 127.0.0.1:${server.port} ${kind}\n`
        ).join(""),
    );
    const child = new Deno.Command("haproxy", {
      args: ["-db", "-f", server.path("haproxy.cfg")],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    try {
      for (const port of ports) {
        let client: RawClient | undefined;
        for (let tries = 0; client === undefined && tries < 200; tries++) {
          client = await RawClient.connect(port).catch(() => undefined);
          if (client === undefined) {
            await new Promise((resolve) => setTimeout(resolve, 25));
          }
        }
        using connected = client!;
        await connected.send(REQUEST);
        assertEquals(
          (await connected.response())?.text,
          `127.0.0.1 127.0.0.1 ${connected.port} 127.0.0.1 ${port} http `,
        );
      }
    } finally {
      child.kill("SIGTERM");
      await child.status;
    }
  },
});
