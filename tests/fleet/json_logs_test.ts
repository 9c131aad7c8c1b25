/**
 * `packaging/json_log/`: whatever is asked, each line of the access log is JSON of
 * the shape that is documented, and rsyslog passes all of them on.
 */

import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { Authority } from "../support/certificates.ts";
import { freePorts } from "../support/free_ports.ts";
import { bytesOf } from "../support/latin1.ts";
import { isInstalled, output } from "../support/programs.ts";
import { RawClient } from "../support/raw_client.ts";
import { eventually, ServerProcess } from "../support/server_process.ts";
import { packaged } from "./packaged.ts";

const NUMBERS = [
  "status",
  "sent",
  "body_sent",
  "received",
  "seconds",
  "connection",
  "connection_requests",
];

const TEXTS = [
  "time",
  "host",
  "client",
  "user",
  "server",
  "asked_host",
  "request",
  "method",
  "uri",
  "protocol",
  "scheme",
  "referer",
  "user_agent",
  "forwarded_for",
  "request_id",
  "tls",
];

const CONFIG = `
error_log error.log;
http {
    client_header_timeout 1s;
    ${packaged("json_log/json.conf", { "/var/log/webserv/": "" })}
    server {
        listen 127.0.0.1:0;
        http2 on;
        root www;
        location /nothing { return 444; }
        location /slow { limit_rate 100; root www; }
        location /user { auth_basic "a"; auth_basic_user_file users; }
    }
    server {
        listen 127.0.0.1:0 ssl;
        http2 on;
        ssl_certificate a.crt;
        ssl_certificate_key a.key;
        root www;
    }
}
`;

const ODD =
  '\\"\x01\t\x7f\x80\xff\xc3\xa9\xc3 \xe2\x80\xa8\xed\xa0\x80\xf4\x90\x80\x80\xf0\x9f\x98\x80\xc0\xaf';

/** What is sent to the port without TLS, each by a connection of its own. */
const REQUESTS: readonly string[] = [
  "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
  "GET / HTTP/1.0\r\n\r\n",
  "GET /\r\n",
  "\x16\x03\x01\x00\x05hello\r\n\r\n",
  "garbage\r\n\r\n",
  '{"a":"b"}\r\n\r\n',
  `GET /${ODD} HTTP/1.1\r\nHost: a\r\n\r\n`,
  'GET /%22%00%ff\\"?"\\ HTTP/1.1\r\nHost: a\r\n\r\n',
  `GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: ${
    ODD.replace("\x01", "").replace("\x7f", "")
  }\r\nReferer: \xff"\\\r\nX-Forwarded-For: "\xfe, \\\r\n\r\n`,
  `GET / HTTP/1.1\r\nHost: "\xff\r\n\r\n`,
  `GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: ${"\xff".repeat(7000)}\r\n\r\n`,
  `GET /${"a".repeat(9000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
  `GET / HTTP/9.9\r\nHost: a\r\n\r\n`,
  "GET / HTTP/1.1\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: a\r\nA: b\rc\r\n\r\n",
  'M"\\ / HTTP/1.1\r\nHost: a\r\n\r\n',
  "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
  "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n",
  `GET /user HTTP/1.1\r\nHost: a\r\nAuthorization: Basic ${
    btoa('a"\\\xff\n:b')
  }\r\n\r\n`,
  "GET /late HTTP/1.1\r\nHos", // and no more: 408
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0" +
  "\0\0\x03\x01\x05\0\0\0\x01\x82\x84\x87",
];

async function startServer(): Promise<ServerProcess> {
  using ca = await Authority.create();
  await ca.issue("a", "a.test", 1);
  return await ServerProcess.start({
    config: CONFIG,
    files: {
      "a.crt": Deno.readTextFileSync(ca.path("a.crt")),
      "a.key": Deno.readTextFileSync(ca.path("a.key")),
      "users": "a:b\n",
      "www/index.html": "here",
      "www/slow": "a".repeat(5000),
    },
  });
}

/** Asks everything odd; a request that has begun has its line afterwards. */
async function askAll(server: ServerProcess): Promise<void> {
  const port = server.port;
  await Promise.all(REQUESTS.map(async (bytes) => {
    using client = await RawClient.connect(port);
    await client.send(bytesOf(bytes)).catch(() => {}); // refused before its end
    if (bytes.includes("PRI")) await client.closeWrite();
    // Those that are kept open are given up, but for the one that is late.
    const patienceMs = bytes.includes("late") ? 5000 : 1500;
    let timer: ReturnType<typeof setTimeout> | undefined;
    await Promise.race([
      client.rest().catch(() => {}),
      new Promise((resolve) => timer = setTimeout(resolve, patienceMs)),
    ]);
    clearTimeout(timer);
  }));
  {
    // It leaves while it is being answered.
    using client = await RawClient.connect(port);
    await client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    await client.readSome(10);
  }
  const tls = /https:\/\/127\.0\.0\.1:(\d+)\//.exec(server.stdout)![1];
  for (const version of ["--http1.1", "--http2"]) {
    await output(
      "curl",
      "-sk",
      version,
      "-A",
      'a"\\é',
      `https://127.0.0.1:${tls}/%22?"`,
    );
  }
}

/** The lines, each of which has to be of the documented shape. */
function checkedLines(bytes: Uint8Array): Record<string, unknown>[] {
  // A byte that is no UTF-8 is thrown at here.
  const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  return text.trimEnd().split("\n").map((line) => {
    const object = JSON.parse(line);
    assertEquals(Object.keys(object).sort(), [...NUMBERS, ...TEXTS].sort());
    for (const name of NUMBERS) {
      assertEquals(typeof object[name], "number", line);
    }
    for (const name of TEXTS) assertEquals(typeof object[name], "string", line);
    assert(Number.isFinite(Date.parse(object.time)), line);
    assert(object.seconds >= 0 && object.seconds < 60, line);
    assert(/^[0-9a-f]{32}$/.test(object.request_id), line);
    return object;
  });
}

Deno.test("each line of the log is JSON of its shape, whatever is asked", async () => {
  await using server = await startServer();
  await askAll(server);
  await server.stop("SIGQUIT");
  const lines = checkedLines(Deno.readFileSync(server.path("access_json.log")));
  const statuses = new Set(lines.map(({ status }) => status));
  for (const status of [200, 400, 401, 408, 414, 444]) {
    assert(statuses.has(status), `none is ${status}: ${[...statuses]}`);
  }
  assert(lines.length >= REQUESTS.length, `${lines.length}`);
  // What was no UTF-8 can be read, and what was is as it was.
  const odd = lines.find(({ user_agent }) => /😀/.test(user_agent as string));
  assertEquals(
    odd?.user_agent,
    '\\"\t\x80\xffé\xc3 \u2028\xed\xa0\x80\xf4\x90\x80\x80😀\xc0\xaf',
  );
  assertEquals(odd?.referer, '\xff"\\');
  assertEquals(
    lines.filter(({ tls }) => tls !== "").map(({ protocol, user_agent }) =>
      `${protocol} ${user_agent}`
    ),
    ['HTTP/1.1 a"\\é', 'HTTP/2.0 a"\\é'],
  );
});

const HAS_RSYSLOG = isInstalled("rsyslogd", "-v");

Deno.test({
  name: "rsyslog passes every line on" +
    (HAS_RSYSLOG ? "" : " (left out: rsyslog is not installed)"),
  ignore: !HAS_RSYSLOG,
  async fn() {
    await using server = await startServer();
    const [port] = freePorts(1);
    let received = "";
    const collect = async (listener: Deno.Listener) => {
      for await (const connection of listener) {
        const text = connection.readable.pipeThrough(new TextDecoderStream());
        for await (const piece of text) received += piece;
      }
    };
    let collector: Deno.Listener | undefined;
    let collecting: Promise<void> | undefined;
    const config = server.path("rsyslog.conf");
    Deno.writeTextFileSync(
      config,
      `global(workDirectory="${server.folder}")\n` +
        packaged("json_log/rsyslog.conf", {
          "10.0.0.6": "127.0.0.1",
          "5170": `${port}`,
          "/var/log/webserv/": `${server.folder}/`,
        }),
    );
    const rsyslog = new Deno.Command("rsyslogd", {
      args: ["-n", "-f", config, "-i", join(server.folder, "rsyslog.pid")],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    try {
      await askAll(server);
      // Until now there was nobody to take the lines.
      collector = Deno.listen({ hostname: "127.0.0.1", port: port! });
      collecting = collect(collector);
      // The log is rotated while requests go on.
      Deno.renameSync(
        server.path("access_json.log"),
        server.path("access_json.log.1"),
      );
      server.signal("SIGUSR1");
      await eventually(
        () =>
          server.read("access_json.log") === "" &&
          [...Deno.readDirSync(server.folder)].some(({ name }) =>
            name === "access_json.log"
          ),
        "the new log",
      );
      await askAll(server);
      await server.stop("SIGQUIT");
      const written = server.read("access_json.log.1") +
        server.read("access_json.log");
      // After a pause a line may come later than others, or once more.
      const linesOf = (text: string) => [...new Set(text.split("\n"))].sort();
      await eventually(
        () => linesOf(received).length >= linesOf(written).length,
        "all lines have come",
        20_000,
      );
      const [come, sent] = [linesOf(received), linesOf(written)];
      assert(sent.length > REQUESTS.length * 2 - 4);
      for (const [i, line] of sent.entries()) assert(come[i] === line, line);
      assertEquals(come.length, sent.length);
      checkedLines(new TextEncoder().encode(received));
      assertEquals(server.read("access_broken.log"), "");
    } finally {
      rsyslog.kill("SIGTERM");
      await rsyslog.status;
      collector?.close();
      await collecting?.catch(() => {});
    }
  },
});
