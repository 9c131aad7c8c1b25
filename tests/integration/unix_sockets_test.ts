/** `listen unix:…` in the real program: who comes by it, and its file. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { Authority } from "../support/certificates.ts";
import { RawClient } from "../support/raw_client.ts";
import { runCommand } from "../support/run_command.ts";
import {
  eventually,
  runProgram,
  ServerProcess,
  writeFiles,
} from "../support/server_process.ts";

const SKIPPED = Deno.build.os !== "linux";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `unix sockets: ${name}`, ignore: SKIPPED, fn });
}

const SERVER = `
    root site;
    location = /ends {
        return 200 "$remote_addr|$remote_port|$server_addr|$server_port";
    }
    location = /real {
        return 200 "$realip_remote_addr|$realip_remote_port|";
    }
    location = /closed { deny unix:; }
    location = /open { allow unix:; deny all; }
    location = /there { return 302 /elsewhere; }
    location = /to { return 302 https://$host$uri; }
`;

const FILES = { "site/open": "content", "site/folder/index.html": "x" };

function configuration(
  { workers = 1, version = 1, listens = ["unix:SOCKET"] } = {},
): string {
  return `
worker_processes ${workers};
error_log logs/error.log info;
access_log logs/access.log;
server {
    ${listens.map((listen) => `listen ${listen};`).join("\n")}
    location = /version { return 200 "${version}"; }
    ${SERVER}
}
`;
}

/** The program in a folder whose name may be part of a socket's path. */
async function start(
  options: Parameters<typeof configuration>[0] = {},
): Promise<ServerProcess> {
  // Paths are from the working folder, which is that of the server.
  const config = configuration(options).replaceAll("SOCKET", "a.sock");
  return await ServerProcess.start({ config, files: FILES });
}

async function ask(
  path: string,
  target: string,
  host: string | null = "a.example",
) {
  using client = await RawClient.connectUnix(path);
  await client.send(
    host === null
      ? `GET ${target} HTTP/1.0\r\n\r\n`
      : `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
  );
  const response = await client.response();
  if (response === undefined) throw new Error(`no answer to ${target}`);
  return response;
}

async function reload(server: ServerProcess, config: string): Promise<void> {
  const done = () =>
    server.read("logs/error.log").split("configuration reloaded").length;
  const before = done();
  Deno.writeTextFileSync(server.path("webserv.conf"), config);
  server.signal("SIGHUP");
  await eventually(() => done() > before, "the reload", 30_000);
}

function isThere(path: string): boolean {
  try {
    return Deno.lstatSync(path).isSocket === true;
  } catch {
    return false;
  }
}

/** The names in the folder of the server that are no others. */
function socketsOf(server: ServerProcess): string[] {
  return [...Deno.readDirSync(server.folder)].map(({ name }) => name)
    .filter((name) => isThere(server.path(name))).sort();
}

test("serve, are logged and judged as unix:", async () => {
  await using server = await start();
  const path = server.path("a.sock");
  assertMatch(server.stdout, /^ {2}unix:a\.sock {2}serves /m);
  assertEquals(Deno.lstatSync(path).mode! & 0o777, 0o666);
  const rows: [target: string, host: string | null, answer: string][] = [
    ["/ends", "a.example", "200 unix:||unix:a.sock| "],
    ["/real", "a.example", "200 unix:|| "],
    ["/open", "a.example", "200 content "],
    ["/there", "a.example:81", "302 http://a.example/elsewhere"],
    ["/there", null, "302 http://localhost/elsewhere"],
    ["/to", null, "302 https://localhost/to"],
    ["/folder", "a.example", "301 http://a.example/folder/"],
  ];
  for (const [target, host, answer] of rows) {
    const { status, text, field } = await ask(path, target, host);
    const said = status === 200 ? text : "";
    assertEquals(
      `${status} ${said}${said && " "}${field("location") ?? ""}`,
      answer,
      target,
    );
  }
  assertEquals((await ask(path, "/closed")).status, 403);
  await eventually(
    () => server.read("logs/access.log").includes("/closed"),
    "the log",
  );
  for (const line of server.read("logs/access.log").trim().split("\n")) {
    assertMatch(line, /^unix: - - \[/);
  }
  assertMatch(
    server.read("logs/error.log"),
    /access forbidden by rule, client: unix:, server: , request: "GET \/closed/,
  );
  await server.stop("SIGQUIT");
  assert(!isThere(path));
});

test("keep their connections and lose no client in a reload", async () => {
  await using server = await start();
  const path = server.path("a.sock");
  using kept = await RawClient.connectUnix(path);
  const versionOf = async (client: RawClient) => {
    await client.send("GET /version HTTP/1.1\r\nHost: a\r\n\r\n");
    return (await client.response())?.text;
  };
  assertEquals(await versionOf(kept), "1");
  const { ino } = Deno.lstatSync(path);
  const config = (version: number, workers: number, ...listens: string[]) =>
    configuration({ version, workers, listens });
  await reload(server, config(2, 1, "unix:a.sock", "unix:b.sock"));
  assertEquals(await versionOf(kept), "2");
  assertEquals(Deno.lstatSync(path).ino, ino);
  assertEquals((await ask(server.path("b.sock"), "/version")).text, "2");
  assertEquals(socketsOf(server), ["a.sock", "b.sock"]);
  // To workers of their own and back, while clients come.
  let isOver = false;
  let asked = 0;
  const lost: unknown[] = [];
  const crowd = Promise.all([1, 2].map(async () => {
    while (!isOver && lost.length === 0) {
      await ask(path, "/open").catch((error) => lost.push(error));
      asked++;
    }
  }));
  using _crowd = { [Symbol.dispose]: () => void (isOver = true) };
  await reload(server, config(3, 2, "unix:a.sock"));
  // The worker that has ended takes the other one with it.
  await eventually(() => socketsOf(server).join() === "a.sock", "the end");
  assertEquals((await ask(path, "/version")).text, "3");
  assertMatch(
    server.read("logs/error.log"),
    /\[warn\].* "listen unix:a\.sock": one of the 2 workers accepts on Unix sockets, which threads cannot share in \S+webserv\.conf:\d+\n/,
  );
  await reload(server, config(4, 2, "unix:a.sock"));
  await reload(server, config(5, 1, "unix:a.sock"));
  isOver = true;
  await crowd;
  assertEquals(lost, []);
  assert(asked > 10);
  assertEquals((await ask(path, "/version")).text, "5");
  assertEquals(socketsOf(server), ["a.sock"]);
  // What is not asked for any more is gone.
  await reload(server, config(6, 1, "127.0.0.1:0"));
  assertEquals(socketsOf(server), []);
  await server.stop();
});

test("are served by one of several workers, beside a port", async () => {
  await using server = await start({
    workers: 2,
    listens: ["unix:SOCKET", "127.0.0.1:0", "unix:b.sock"],
  });
  for (const name of ["a.sock", "b.sock"]) {
    for (let i = 0; i < 5; i++) {
      assertEquals((await ask(server.path(name), "/version")).text, "1");
    }
  }
  await server.stop();
  assertEquals(socketsOf(server), []);
});

test("that are there already are refused and left alone", async () => {
  await using server = await start();
  const folder = Deno.makeTempDirSync({ prefix: "webserv_test_" });
  try {
    writeFiles(folder, {
      "webserv.conf": configuration({
        listens: [`unix:${server.path("a.sock")}`],
      }),
      "site/": "",
      "logs/": "",
    });
    const file = `${folder}/webserv.conf`;
    for (const args of [["-c", file], ["-t", "-c", file]]) {
      const { code, stderr } = await runProgram(args);
      assertEquals(code, 1);
      assertMatch(
        stderr,
        /\[emerg\] bind\(\) to unix:\S+a\.sock failed \(98: Address already in use\) in \S+webserv\.conf:6\n/,
      );
      assertMatch(stderr, /remove the file with "rm \S+a\.sock"/);
    }
    assertEquals((await ask(server.path("a.sock"), "/version")).text, "1");
    // The server that runs may be tested.
    const own = await runProgram(
      ["-t", "-c", server.path("webserv.conf")],
      server.folder,
    );
    assertEquals([own.code, own.stderr.includes("successful")], [0, true]);
    assertEquals(socketsOf(server), ["a.sock"]);
    // One that was killed leaves it behind.
    await server.kill();
    assertEquals(socketsOf(server), ["a.sock"]);
    await assertRejects(() => ask(server.path("a.sock"), "/version"));
    assertEquals((await runProgram(["-c", file])).code, 1);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

test("take the PROXY protocol as ports do", async () => {
  await using server = await start({ listens: ["unix:SOCKET proxy_protocol"] });
  using client = await RawClient.connectUnix(server.path("a.sock"));
  await client.send("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n");
  await client.send("GET /ends HTTP/1.1\r\nHost: a\r\n\r\n");
  assertEquals((await client.response())?.text, "unix:||unix:a.sock|");
});

test("with ssl serve both protocols, and a reload changes certificates", async () => {
  using ca = await Authority.create();
  await ca.issue("a", "a.test", 0xa1);
  const config = (ssl: string) =>
    `error_log logs/error.log info;
     access_log logs/access.log;
     server {
       listen unix:a.sock ${ssl}; http2 on; server_name a.test; root site;
       ssl_certificate ${ca.path("a.crt")};
       ssl_certificate_key ${ca.path("a.key")};
       location = /who { return 200 "$scheme $http2 $server_protocol $https"; }
       location = /from { return 200 "$remote_addr $ssl_server_name"; }
     }`;
  await using server = await ServerProcess.start({
    config: config("ssl"),
    files: FILES,
  });
  const path = server.path("a.sock");
  const curl = async (...options: string[]) => {
    const { code, text } = await runCommand("curl", [
      ...["-sS", "--max-time", "20", "--cacert", ca.path("ca.crt")],
      ...["--unix-socket", path, ...options],
    ]);
    return `${code} ${text}`;
  };
  const serial = async () => {
    const { text } = await runCommand("openssl", [
      ...["s_client", "-unix", path, "-servername", "a.test"],
    ]);
    const { text: said } = await runCommand(
      "openssl",
      ["x509", "-noout", "-serial"],
      text,
    );
    return said.trim();
  };
  const secure = "https://a.test";
  const rows: readonly (readonly [expected: string, ...options: string[]])[] = [
    ["0 https  HTTP/1.1 on", "--http1.1", `${secure}/who`],
    ["0 https h2 HTTP/2.0 on", "--http2", `${secure}/who`],
    ["0 unix: a.test", `${secure}/from`],
    ["0 content", `${secure}/open`],
  ];
  for (const [expected, ...options] of rows) {
    assertEquals(await curl(...options), expected);
  }
  // Who speaks no TLS has nginx's page.
  assertMatch(
    (await ask(path, "/who", "a.test")).text,
    /The plain HTTP request was sent to HTTPS port/,
  );
  assertEquals(await serial(), "serial=A1");
  await ca.issue("a", "a.test", 0xa2);
  await reload(server, config("ssl"));
  assertEquals(await serial(), "serial=A2");
  for (const [ssl, scheme] of [["", "http"], ["ssl", "https"]] as const) {
    await reload(server, config(ssl));
    assertMatch(
      await curl("--http1.1", `${scheme}://a.test/who`),
      new RegExp(`^0 ${scheme} `),
    );
  }
  assertEquals(socketsOf(server), ["a.sock"]);
});
