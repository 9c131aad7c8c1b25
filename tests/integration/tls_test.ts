/** TLS over the running program, with curl, openssl and raw connections. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Authority } from "../support/certificates.ts";
import { helloRecord } from "../support/client_hello.ts";
import { freePort } from "../support/free_ports.ts";
import { programArguments } from "../support/program.ts";
import { runCommand } from "../support/run_command.ts";
import { eventually, ServerProcess } from "../support/server_process.ts";

const LARGE_BYTES = 20 * 1024 * 1024;

/** Asks a server by curl, which trusts the authority and nobody else. */
function curl(
  ca: Authority,
  port: number,
  url: string,
  ...options: string[]
): Promise<{ code: number; text: string }> {
  return runCommand("curl", [
    ...["-sS", "--max-time", "20", "--cacert", ca.path("ca.crt")],
    ...["--connect-to", `::127.0.0.1:${port}`, ...options, url],
  ]);
}

/** What openssl says of a handshake. */
async function handshake(
  port: number,
  ...options: string[]
): Promise<string> {
  const { text } = await runCommand("openssl", [
    ...["s_client", "-connect", `127.0.0.1:${port}`, ...options],
  ]);
  return text;
}

/** The serial number of the certificate that a name is answered with. */
async function serialOf(port: number, name?: string): Promise<string> {
  const sni = name === undefined ? ["-noservername"] : ["-servername", name];
  const pem = await handshake(port, ...sni);
  const { text } = await runCommand(
    "openssl",
    ["x509", "-noout", "-serial"],
    pem,
  );
  return /serial=0*(\w+)/.exec(text)?.[1] ?? text;
}

/** A TLS connection that trusts the authority. */
function connect(ca: Authority, port: number): Promise<Deno.TlsConn> {
  return Deno.connect({ hostname: "127.0.0.1", port }).then((socket) =>
    Deno.startTls(socket, {
      hostname: "a.test",
      caCerts: [Deno.readTextFileSync(ca.path("ca.crt"))],
    })
  );
}

/** Everything up to the end of the stream. */
async function readAll(connection: Deno.Conn): Promise<string> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(64 * 1024);
  let text = "";
  for (let count; (count = await connection.read(buffer)) !== null;) {
    text += decoder.decode(buffer.subarray(0, count), { stream: true });
  }
  return text;
}

/** Reads until the text so far matches. */
async function readUntil(connection: Deno.Conn, end: RegExp): Promise<string> {
  const buffer = new Uint8Array(4096);
  let text = "";
  while (!end.test(text)) {
    const count = await connection.read(buffer);
    if (count === null) break;
    text += new TextDecoder().decode(buffer.subarray(0, count));
  }
  return text;
}

async function send(connection: Deno.Conn, text: string): Promise<void> {
  await connection.write(new TextEncoder().encode(text));
}

/** Asks for `/tls`, and keeps the session in a file or resumes it. */
async function askBySession(
  port: number,
  version: string,
  option: "-sess_out" | "-sess_in",
  file: string,
): Promise<string> {
  const { text } = await runCommand("openssl", [
    ...["s_client", "-connect", `127.0.0.1:${port}`, "-ign_eof"],
    ...["-servername", "a.test", version, option, file],
  ], "GET /tls HTTP/1.0\r\nHost: a.test\r\n\r\n");
  return text;
}

/** How many descriptors a process has. */
async function descriptorsOf(pid: number): Promise<number> {
  const { text } = await runCommand("ls", [`/proc/${pid}/fd`]);
  return text.split("\n").length;
}

function configuration(ca: Authority, more = ""): string {
  const pair = (file: string) =>
    `ssl_certificate ${ca.path(`${file}.crt`)};
     ssl_certificate_key ${ca.path(`${file}.key`)};`;
  return `
    error_log logs/error.log info;
    access_log logs/access.log;
    ${more}
    server {
      listen 127.0.0.1:0 ssl;
      server_name a.test;
      ${pair("a")}
      root site;
      location = /tls {
        return 200 "$ssl_protocol|$ssl_cipher|$ssl_server_name|$ssl_session_reused|$ssl_client_verify|$ssl_client_s_dn|$ssl_early_data|$ssl_alpn_protocol";
      }
      location = /who { return 200 "$scheme $https $server_port $host"; }
    }
    server {
      listen 127.0.0.1:0;
      location = /tls { return 200 "[$ssl_protocol$ssl_client_verify]"; }
      location / { return 301 https://$host$request_uri; }
    }`;
}

const FILES = {
  "site/index.html": "<p>hello</p>",
  "site/dir/index.html": "dir",
  "site/large.bin": new Uint8Array(LARGE_BYTES).fill(0x2e),
};

const GET = (path: string, more = "") =>
  `GET ${path} HTTP/1.1\r\nHost: a.test\r\n${more}\r\n`;

async function authority(): Promise<Authority> {
  const ca = await Authority.create();
  await ca.issue("a", "a.test", 0xa1);
  return ca;
}

Deno.test("TLS: a site over https", async (t) => {
  using ca = await authority();
  await using server = await ServerProcess.start({
    config: configuration(ca, "client_header_timeout 2s;"),
    files: FILES,
  });
  const portOf = (scheme: string) =>
    Number(new RegExp(` ${scheme}://[^:]+:(\\d+)/`).exec(server.stdout)?.[1]);
  const [port, plain] = [portOf("https"), portOf("http")];

  await t.step("curl trusts it", async () => {
    const page = await curl(ca, port, "https://a.test/");
    assertEquals(page, { code: 0, text: "<p>hello</p>" });
    const who = await curl(ca, port, "https://a.test/who");
    assertEquals(who.text, `https on ${port} a.test`);
    const head = await curl(ca, port, "https://a.test/dir", "-I");
    assertMatch(head.text, new RegExp(`Location: https://a.test:${port}/dir/`));
    const range = await curl(ca, port, "https://a.test/", "-r", "3-7");
    assertEquals(range.text, "hello");
  });

  await t.step("ALPN says http/1.1, in TLS 1.2 and 1.3", async () => {
    for (const version of ["-tls1_2", "-tls1_3"]) {
      const text = await handshake(port, version, "-alpn", "h2,http/1.1");
      assertMatch(text, /ALPN protocol: http\/1\.1/);
    }
    const old = await handshake(port, "-tls1_1", "-cipher", "ALL@SECLEVEL=0");
    assertMatch(old, /Cipher is \(NONE\)/);
  });

  await t.step("variables tell what was agreed on", async () => {
    const ask = async (...options: string[]) =>
      (await curl(ca, port, "https://a.test/tls", ...options)).text;
    assertMatch(
      await ask(),
      /^TLSv1\.3\|TLS_\w+\|a\.test\|\.\|NONE\|\|\|http\/1\.1$/,
    );
    const suite = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256";
    assertMatch(
      await ask("--tls-max", "1.2", "--ciphers", suite, "--no-alpn"),
      /^TLSv1\.2\|ECDHE-\w+-AES128-GCM-SHA256\|a\.test\|\.\|NONE\|\|\|$/,
    );
    const { text } = await curl(ca, plain, "http://a.test/tls");
    assertEquals(text, "[]");
  });

  await t.step("a session that is resumed says so", async () => {
    for (const version of ["-tls1_2", "-tls1_3"]) {
      const file = server.path(`session${version}`);
      assertMatch(
        await askBySession(port, version, "-sess_out", file),
        /\|\.\|NONE/,
      );
      assertMatch(
        await askBySession(port, version, "-sess_in", file),
        /\|r\|NONE/,
      );
    }
  });

  await t.step("a second handshake is refused at once", async () => {
    const child = new Deno.Command("openssl", {
      args: ["s_client", "-connect", `127.0.0.1:${port}`, "-tls1_2", "-msg"],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const late = setTimeout(() => child.kill(), 10_000);
    const input = child.stdin.getWriter();
    let text = "";
    const pieces = child.stdout.pipeThrough(new TextDecoderStream());
    for await (const piece of pieces) {
      const isOpen = text.includes("Verify return code");
      text += piece;
      // It asks for one, and waits for the answer as long as nothing comes.
      if (!isOpen && text.includes("Verify return code")) {
        await input.write(new TextEncoder().encode("R\n"));
      }
    }
    clearTimeout(late);
    await input.close().catch(() => {});
    await child.status;
    assertMatch(text, /Alert .*, warning no_renegotiation/);
  });

  await t.step("http is sent to https", async () => {
    const { text } = await curl(ca, plain, "http://a.test/x?y=1", "-I");
    assertMatch(text, /^HTTP\/1\.1 301/);
    assertMatch(text, /Location: https:\/\/a\.test\/x\?y=1\r/);
  });

  await t.step("a large file is whole, and the end is announced", async () => {
    const out = server.path("downloaded");
    const { code } = await curl(
      ...[ca, port, "https://a.test/large.bin", "-o", out] as const,
    );
    assertEquals([code, Deno.statSync(out).size], [0, LARGE_BYTES]);
    // Truncated by an attacker or not: close_notify tells.
    const { text } = await runCommand("openssl", [
      ...["s_client", "-connect", `127.0.0.1:${port}`, "-msg", "-ign_eof"],
    ], GET("/", "Connection: close\r\n"));
    assertMatch(
      text,
      /<<< TLS 1\.3, Alert \[length 0002\], warning close_notify/,
    );
  });

  await t.step("requests on one connection, also pipelined", async () => {
    using connection = await connect(ca, port);
    for (let i = 0; i < 3; i++) {
      await send(connection, GET("/who"));
      assertMatch(await readUntil(connection, /a\.test$/), /^HTTP\/1\.1 200/);
    }
    const last = GET("/who", "Connection: close\r\n");
    await send(connection, GET("/") + GET("/missing") + last);
    const text = await readAll(connection);
    assertEquals(text.match(/HTTP\/1\.1 \d+/g), [
      "HTTP/1.1 200",
      "HTTP/1.1 404",
      "HTTP/1.1 200",
    ]);
  });

  await t.step("a silent client holds up nobody, and has to go", async () => {
    using silent = await Deno.connect({ hostname: "127.0.0.1", port });
    using half = await Deno.connect({ hostname: "127.0.0.1", port });
    // The beginning of a handshake record that never comes.
    await half.write(new Uint8Array([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]));
    assertEquals((await curl(ca, port, "https://a.test/")).code, 0);
    for (const connection of [silent, half]) {
      const read = connection.read(new Uint8Array(1)).catch(() => null);
      assertEquals(await read, null, "client_header_timeout ends it");
    }
  });

  await t.step("what is not TLS ends, and costs nobody else", async () => {
    for (
      const bytes of [
        "\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00",
        "\x80\x2e\x01\x00\x02",
        "\0".repeat(5000),
        "",
      ]
    ) {
      using connection = await Deno.connect({ hostname: "127.0.0.1", port });
      await connection.write(
        Uint8Array.from(bytes, (character) => character.charCodeAt(0)),
      );
      await connection.closeWrite();
      const text = await readAll(connection).catch(() => "");
      assert(!text.includes("HTTP/"), "no answer in the clear");
    }
    const untrusting = await runCommand("curl", [
      ...["-sS", "--max-time", "20", "--connect-to", `::127.0.0.1:${port}`],
      "https://a.test/",
    ]);
    assertEquals(untrusting.code, 60);
    // Closed without close_notify, in the middle and when idle.
    for (const text of ["GET / HT", GET("/")]) {
      const plainSocket = await Deno.connect({ hostname: "127.0.0.1", port });
      const connection = await Deno.startTls(plainSocket, {
        hostname: "a.test",
        caCerts: [Deno.readTextFileSync(ca.path("ca.crt"))],
      });
      await send(connection, text);
      connection.close();
    }
    assertEquals((await curl(ca, port, "https://a.test/")).code, 0);
  });

  const descriptors = () => descriptorsOf(server.pid);
  if (Deno.build.os === "linux") {
    const before = await descriptors();
    for (let i = 0; i < 30; i++) {
      using socket = await Deno.connect({ hostname: "127.0.0.1", port });
      await socket.write(new Uint8Array([0x16, 0x03, 0x01, 0xff]));
    }
    await untilTrue(
      async () => await descriptors() <= before,
      "descriptors come back",
    );
  }
  await server.stop("SIGQUIT");
  const worse = server.read("logs/error.log").split("\n").filter((line) =>
    /\[(?:error|crit|alert|emerg)\]/.test(line)
  );
  // The one file that is asked for and not there.
  assertEquals(worse.length, 1, worse.join("\n"));
  assertMatch(worse[0]!, /open\(\) ".*\/missing" failed \(2: /);
});

Deno.test("TLS: certificates by name", async () => {
  using ca = await authority();
  await ca.issue("b", "b.test", 0xb1);
  const server = (name: string, more: string, listen = "ssl") =>
    `server { listen 127.0.0.1:8443 ${listen}; server_name ${name}; ${more}
       location / { return 200 "${name}"; } }`;
  const pair = (file: string) =>
    `ssl_certificate ${ca.path(`${file}.crt`)};
     ssl_certificate_key ${ca.path(`${file}.key`)};`;
  const port = freePort();
  await using process = await ServerProcess.start({
    config: `error_log logs/error.log info; http { access_log off; ${pair("a")}
      ${server("a.test", "")}
      ${server("b.test *.b.test", pair("b"), "")}
      ${server("no.test", "ssl_reject_handshake on;")} }`
      .replaceAll("8443", String(port)),
  });
  const rows: [string | undefined, string][] = [
    ["a.test", "A1"],
    ["b.test", "B1"],
    ["x.b.test", "B1"],
    ["B.TEST", "B1"],
    ["unknown.test", "A1"],
    [undefined, "A1"],
  ];
  for (const [name, serial] of rows) {
    assertEquals(await serialOf(port, name), serial, String(name));
  }
  assertEquals(
    (await curl(ca, port, "https://b.test/")).text,
    "b.test *.b.test",
  );
  const refused = await curl(ca, port, "https://no.test/", "-k");
  assertEquals(refused.code, 35, refused.text);
  assert(!process.read("logs/error.log").includes("[error]"));
});

Deno.test("TLS: a reload changes certificates and closes nothing", async () => {
  using ca = await authority();
  const port = freePort();
  const config = (limit: string) =>
    configuration(ca, "keepalive_timeout 60s;")
      .replace("127.0.0.1:0 ssl;", `127.0.0.1:${port} ssl; ${limit}`);
  await using server = await ServerProcess.start({
    config: config("limit_rate 4m;"),
    files: FILES,
  });
  assertEquals(await serialOf(port, "a.test"), "A1");
  using idle = await connect(ca, port);
  await send(idle, GET("/who"));
  await readUntil(idle, /a\.test$/);
  const out = server.path("downloaded");
  const download = curl(ca, port, "https://a.test/large.bin", "-o", out);
  const session = server.path("session");
  await askBySession(port, "-tls1_3", "-sess_out", session);

  for (const serial of [0xa2, 0xa3]) {
    await ca.issue("a", "a.test", serial);
    server.signal("SIGHUP");
    const wanted = serial.toString(16).toUpperCase();
    await untilTrue(
      async () => await serialOf(port, "a.test") === wanted,
      `the certificate ${wanted} is served`,
    );
  }
  // Who has a session goes on with it.
  assertMatch(
    await askBySession(port, "-tls1_3", "-sess_in", session),
    /\|r\|NONE/,
  );
  // A pair that does not fit: the old one stays.
  await ca.issue("other", "a.test", 0xa4);
  Deno.copyFileSync(ca.path("other.crt"), ca.path("a.crt"));
  server.signal("SIGHUP");
  await eventually(
    () => server.read("logs/error.log").includes("does not fit"),
    "the reload is refused",
  );
  assertEquals(await serialOf(port, "a.test"), "A3");

  await send(idle, GET("/who"));
  assertMatch(await readUntil(idle, /a\.test$/), /^HTTP\/1\.1 200/);
  assertEquals((await download).code, 0);
  assertEquals(Deno.statSync(out).size, LARGE_BYTES);

  // From TLS to plain and back.
  Deno.copyFileSync(ca.path("other.key"), ca.path("a.key"));
  for (const [ssl, scheme] of [["", "http"], ["ssl", "https"]] as const) {
    Deno.writeTextFileSync(
      server.path("webserv.conf"),
      config("").replace(`:${port} ssl;`, `:${port} ${ssl};`),
    );
    server.signal("SIGHUP");
    await untilTrue(
      async () => {
        const { text } = await curl(ca, port, `${scheme}://a.test/who`);
        return text.startsWith(`${scheme} `);
      },
      `it speaks ${scheme}`,
    );
  }
});

Deno.test("TLS: nobody else gets the address", async () => {
  using ca = await authority();
  const port = freePort();
  const config = configuration(ca)
    .replace("127.0.0.1:0 ssl;", `127.0.0.1:${port} ssl;`);
  await using _first = await ServerProcess.start({ config, files: FILES });
  let message = "";
  try {
    await using _second = await ServerProcess.start({ config, files: FILES });
  } catch (error) {
    message = String(error);
  }
  assertMatch(message, /bind\(\) to 127\.0\.0\.1:\d+ failed \(98/);
});

/** Asks again and again, for 20 s at most, until the answer is yes. */
async function untilTrue(
  test: () => Promise<boolean>,
  what: string,
): Promise<void> {
  const until = performance.now() + 20_000;
  while (!await test()) assert(performance.now() < until, what);
}

/** What a client of openssl says, and how it is told that it may not. */
const REFUSALS: readonly (readonly [
  args: readonly string[],
  alert: RegExp,
  line: string,
])[] = [
  [
    ["-servername", "no.test"],
    /unrecognized name/,
    "handshake rejected while SSL handshaking",
  ],
  [
    ["-servername", "a.test", "-alpn", "h2"],
    /alert no application protocol/,
    "SSL_do_handshake() failed (SSL: no application protocol) while SSL " +
    "handshaking",
  ],
  [
    ["-servername", "a.test", "-tls1_1", "-cipher", "ALL@SECLEVEL=0"],
    /alert protocol version/,
    "SSL_do_handshake() failed (SSL: unsupported protocol) while SSL " +
    "handshaking",
  ],
  [
    ["-servername", "a.test", "-tls1_2", "-cipher", "AES128-SHA"],
    /alert handshake failure/,
    "SSL_do_handshake() failed (SSL: peer is incompatible: ",
  ],
];

Deno.test("TLS: who is refused is told why, and so is the log", async () => {
  using ca = await authority();
  const port = freePort();
  await using server = await ServerProcess.start({
    config: `error_log logs/error.log info; http { access_log off;
      server {
        listen 127.0.0.1:${port} ssl;
        server_name a.test;
        ssl_certificate ${ca.path("a.crt")};
        ssl_certificate_key ${ca.path("a.key")};
        return 200 "a";
      }
      server {
        listen 127.0.0.1:${port} ssl;
        server_name no.test;
        ssl_reject_handshake on;
      }
    }`,
  });
  for (const [args, alert, line] of REFUSALS) {
    assertMatch(await handshake(port, ...args), alert);
    await eventually(
      () => server.read("logs/error.log").includes(` ${line}`),
      line,
    );
  }
  for (const name of ["a.test", "A.TEST", "a.test."]) {
    const text = await handshake(
      ...[port, "-servername", name, "-alpn", "http/1.0"] as const,
    );
    assertMatch(text, /ALPN protocol: http\/1\.0/, name);
  }
  // Who speaks neither TLS nor HTTP gets an alert too.
  using strange = await Deno.connect({ hostname: "127.0.0.1", port });
  await send(strange, "\x00\x01\x02");
  const bytes = new Uint8Array(20);
  const count = await strange.read(bytes);
  assertEquals([...bytes.subarray(0, count ?? 0)], [21, 3, 3, 0, 2, 2, 70]);
  assertEquals(await strange.read(bytes), null);
  // Who speaks HTTP is answered in it, and nothing is served.
  using plain = await Deno.connect({ hostname: "127.0.0.1", port });
  await send(plain, "G");
  await send(plain, GET("/").slice(1) + GET("/"));
  const answer = await readAll(plain);
  assertMatch(answer, /^HTTP\/1\.1 400 Bad Request\r\n/);
  assertEquals(answer.match(/HTTP\/1\.1/g)?.length, 1);
  await eventually(
    () =>
      server.read("logs/error.log").includes(
        " client sent plain HTTP request to HTTPS port while reading client " +
          "request headers, client: 127.0.0.1, ",
      ),
    "it is logged",
  );
});

/** How a client begins that never ends its handshake. */
const BEGINNINGS: readonly (readonly [string, Uint8Array<ArrayBuffer>])[] = [
  ["nothing", new Uint8Array(0)],
  ["a part of a record", Uint8Array.of(22, 3, 1, 2, 0, 1)],
  ["a part of a hello", helloRecord({ name: "a.test" }).slice(0, -9)],
  [
    "a hello, and nothing after it",
    helloRecord({
      name: "a.test",
      versions: [0x0303],
      suites: [0xc02b, 0xc02f],
      groups: [0x001d, 0x0017],
      signatures: [0x0403, 0x0804],
    }),
  ],
  ["a request in the clear", new TextEncoder().encode("GET / HT")],
];

Deno.test({
  name: "TLS: handshakes that never end hold no descriptors",
  ignore: Deno.build.os !== "linux",
  async fn() {
    using ca = await authority();
    const folder = Deno.makeTempDirSync({ prefix: "webserv_limited_" });
    const executable = `${folder}/limited`;
    const quoted = [Deno.execPath(), ...programArguments()]
      .map((each) => `'${each}'`).join(" ");
    Deno.writeTextFileSync(
      executable,
      `#!/bin/sh\nulimit -n 256\nexec ${quoted} "$@"\n`,
      { mode: 0o755 },
    );
    await using server = await ServerProcess.start({
      config: configuration(ca, "client_header_timeout 1s;"),
      files: FILES,
      executable,
    });
    const port = Number(/ https:\/\/[^:]+:(\d+)\//.exec(server.stdout)?.[1]);
    const before = await descriptorsOf(server.pid);
    const clients: Deno.Conn[] = [];
    // More than there are descriptors, and nobody leaves by himself.
    for (let i = 0; i < 400; i++) {
      const client = await Deno.connect({ hostname: "127.0.0.1", port });
      const [, bytes] = BEGINNINGS[i % BEGINNINGS.length]!;
      if (bytes.length > 0) await client.write(bytes).catch(() => 0);
      clients.push(client);
    }
    const page = await curl(ca, port, "https://a.test/");
    assertEquals(page, { code: 0, text: "<p>hello</p>" });
    await untilTrue(
      async () => await descriptorsOf(server.pid) <= before,
      "descriptors come back while the clients are still there",
    );
    for (const client of clients) client.close();
    Deno.removeSync(folder, { recursive: true });
  },
});
