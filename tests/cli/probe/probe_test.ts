/** `webserv probe`: what is well, what is not, and that it never hangs. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { ask, LateError, type Question } from "../../../src/cli/probe/ask.ts";
import { Authority } from "../../support/certificates.ts";
import { InProcessServer } from "../../support/in_process_server.ts";
import { runProgram } from "../../support/server_process.ts";

const UTF8 = new TextEncoder();

/** A server that answers each connection with some bytes, then does `then`. */
function answering(
  text: string,
  then: "closes" | "waits",
): Disposable & { readonly port: number; readonly heads: string[] } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open: Deno.Conn[] = [];
  const heads: string[] = [];
  (async () => {
    for await (const connection of listener) {
      open.push(connection);
      const buffer = new Uint8Array(4096);
      const count = await connection.read(buffer);
      heads.push(new TextDecoder().decode(buffer.subarray(0, count ?? 0)));
      await connection.write(UTF8.encode(text));
      if (then === "closes") open.pop()!.close();
    }
  })().catch(() => {}); // It was closed while it read.
  return {
    port: (listener.addr as Deno.NetAddr).port,
    heads,
    [Symbol.dispose]() {
      listener.close();
      for (const connection of open) connection.close();
    },
  };
}

function questionAt(port: number, timeout = 20_000): Question {
  return {
    secure: false,
    address: { hostname: "127.0.0.1", port },
    host: "a.test",
    target: "/health?x",
    fields: [{ name: "x-a", value: "b" }],
    insecure: false,
    ca: undefined,
    timeout,
  };
}

/** Answers that come whole. */
const WHOLE: readonly (readonly [answer: string, status: number])[] = [
  ["HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200],
  ["HTTP/1.1 204 No Content\r\n\r\n", 204],
  ["HTTP/1.0 200 OK\r\n\r\nuntil the end", 200],
  ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 200],
  ["HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", 302],
  ["HTTP/1.1 503 \r\nContent-Length: 0\r\n\r\n", 503],
  [
    "HTTP/1.1 103 Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    200,
  ],
];

Deno.test("ask() gives the status of an answer that comes whole", async () => {
  for (const [answer, status] of WHOLE) {
    using server = answering(answer, "closes");
    assertEquals(await ask(questionAt(server.port)), status, answer);
    const [head = ""] = server.heads;
    assert(head.startsWith("GET /health?x HTTP/1.1\r\n"), head);
    for (const line of ["host: a.test", "x-a: b", "connection: close"]) {
      assert(head.includes(`\r\n${line}\r\n`), head);
    }
  }
});

Deno.test("ask() fails when the answer is none, or not whole", async () => {
  for (
    const answer of [
      "",
      "HTTP/1.1 200",
      "SSH-2.0-OpenSSH_9.2\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nok",
    ]
  ) {
    using server = answering(answer, "closes");
    const error = await assertRejects(
      () => ask(questionAt(server.port)),
      Error,
    );
    assert(!(error instanceof LateError), answer);
  }
});

Deno.test("ask() waits no longer than it may", async () => {
  for (
    const answer of [
      "",
      "HTTP/1.1 200 OK\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok",
    ]
  ) {
    using server = answering(answer, "waits");
    await assertRejects(() => ask(questionAt(server.port, 100)), LateError);
  }
  using silent = answering("", "waits");
  const question = questionAt(silent.port, 100);
  await assertRejects(
    () => ask({ ...question, secure: true, insecure: true }),
    LateError,
  );
});

Deno.test("webserv probe asks over TCP, TLS and Unix sockets", async () => {
  using ca = await Authority.create();
  await ca.issue("a", "a.test", 0xa1);
  const folder = Deno.makeTempDirSync();
  await using server = new InProcessServer({
    config: `access_log off; server {
      listen 127.0.0.1:0 ssl; listen unix:${folder}/s;
      ssl_certificate ${ca.path("a.crt")};
      ssl_certificate_key ${ca.path("a.key")};
      location = /health { health; }
      location / { return 404; }
      location = /moved { return 302 /; }
    }`,
    files: {},
  });
  const tls = `https://127.0.0.1:${server.port}`;
  const unix = `http://unix:${folder}/s:`;
  const trusted = ["--ca", ca.path("ca.crt"), "-H", "Host: a.test"];
  const rows: [words: string[], code: number, says: string][] = [
    [[`${unix}/health`], 0, `${unix}/health answered 200 OK in N ms\n`],
    [[`${unix}/moved`], 0, `${unix}/moved answered 302 Found in N ms\n`],
    [[`${unix}/health`, "-q"], 0, ""],
    [[`${unix}/x`, "-q"], 1, `${unix}/x answered 404 Not Found\n`],
    [
      [`${tls}/health`, ...trusted],
      0,
      `${tls}/health answered 200 OK in N ms\n`,
    ],
    [
      [`${tls}/health`, "--insecure"],
      0,
      `${tls}/health answered 200 OK in N ms\n`,
    ],
    [
      [`${tls}/health`, "--ca", ca.path("ca.crt"), "-H", "Host: b.test"],
      1,
      `${tls}/health did not answer: Hostname/IP does not match ` +
      "certificate's altnames: Host: b.test. is not in the cert's altnames: " +
      "DNS:a.test\n",
    ],
    [
      [`http://unix:${folder}/none:/`],
      1,
      `http://unix:${folder}/none:/ did not answer: ` +
      "2: No such file or directory\n",
    ],
  ];
  for (const [words, code, says] of rows) {
    const result = await runProgram(["probe", ...words]);
    const said = (result.stdout + result.stderr)
      .replace(/^webserv: \[error\] /, "").replace(/\d+ ms/, "N ms");
    assertEquals([result.code, said], [code, says], words.join(" "));
  }
  const untrusted = await runProgram(["probe", `${tls}/health`]);
  assertEquals(untrusted.code, 1);
  assert(untrusted.stderr.includes("did not answer: "), untrusted.stderr);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("webserv probe refuses what it does not understand", async () => {
  const url = "http://127.0.0.1/";
  const example =
    "is no URL: expected one such as http://127.0.0.1:8080/health or " +
    "http://unix:/run/site.sock:/health";
  const rows: [words: string[], message: string][] = [
    [[], "probe: expected one URL"],
    [[url, url], "probe: expected one URL"],
    [["localhost"], `probe: "localhost" ${example}`],
    [["ftp://a/"], `probe: "ftp://a/" ${example}`],
    [["http://"], `probe: "http://" ${example}`],
    [["http://unix:"], `probe: "http://unix:" ${example}`],
    [
      [url, "--timeout", "0"],
      'probe: "0" is no time to wait: expected one such as 500ms or 5s',
    ],
    [
      [url, "--timeout", "9w"],
      'probe: "9w" is no time to wait: expected one such as 500ms or 5s',
    ],
    [[url, "--timeout"], 'option "--timeout" requires a time such as 5s'],
    [[url, "-H", "x"], 'probe: "x" is no field: expected "Name: value"'],
    [
      [url, "--ca", "/nowhere"],
      'probe: the file "/nowhere" of --ca cannot be read: ' +
      "2: No such file or directory",
    ],
    [
      [url, "--insecur"],
      'invalid option: "--insecur" (did you mean "--insecure"?)',
    ],
    [[url, "-z"], 'invalid option: "-z" (see "webserv probe -h")'],
  ];
  for (const [words, message] of rows) {
    const { code, stdout, stderr } = await runProgram(["probe", ...words]);
    assertEquals([code, stdout, stderr], [1, "", `webserv: ${message}\n`]);
  }
});
