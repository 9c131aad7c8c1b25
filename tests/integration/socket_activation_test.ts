/**
 * Sockets that systemd has opened: sockets of the system are made of them,
 * those of the runtime are refused, and it is said so.
 */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { freePorts } from "../support/free_ports.ts";
import { programArguments } from "../support/program.ts";
import { get, RawClient } from "../support/raw_client.ts";
import { runCommand } from "../support/run_command.ts";
import {
  eventually,
  ServerProcess,
  writeFiles,
} from "../support/server_process.ts";

function hasActivator(): boolean {
  try {
    new Deno.Command("systemd-socket-activate", { args: ["--version"] })
      .outputSync();
    return true;
  } catch {
    return false;
  }
}

Deno.test({
  name: "a socket of systemd is not taken, and the error says what to do",
  ignore: !hasActivator(),
  async fn() {
    const [port = 0] = freePorts(1);
    const folder = Deno.makeTempDirSync({ prefix: "webserv_test_" });
    writeFiles(folder, {
      "webserv.conf": `pid it.pid; server { listen 127.0.0.1:${port}; }`,
    });
    const child = new Deno.Command("systemd-socket-activate", {
      args: [
        ...["-l", `127.0.0.1:${port}`, Deno.execPath(), ...programArguments()],
        ...["-c", `${folder}/webserv.conf`],
      ],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      env: { NO_COLOR: "1" },
    }).spawn();
    const output = child.output();
    // It starts the program when the first client comes.
    let client: Deno.TcpConn | undefined;
    while (client === undefined) {
      try {
        client = await Deno.connect({ hostname: "127.0.0.1", port });
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
    const { code, stderr } = await output;
    client.close();
    assertEquals(code, 1);
    assertMatch(
      new TextDecoder().decode(stderr),
      /bind\(\) to 127\.0\.0\.1:\d+ failed \(98: Address already in use\) in .*webserv\.conf:1\n.*a socket was handed over at the start \(LISTEN_FDS\), which is not taken/,
    );
    Deno.removeSync(folder, { recursive: true });
  },
});

interface Activation {
  readonly config: string;
  /** What is listened on before it is started: `{}` is its folder. */
  readonly listens: readonly string[];
  /** Where the first client comes, for whom it is started. */
  readonly port: number;
  /** What it is started by, if not by the activator itself. */
  readonly by?: readonly string[];
}

/** A client that has connected, however long nobody listens. */
async function patientClient(port: number): Promise<RawClient> {
  for (;;) {
    try {
      return await RawClient.connect(port);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** A server for which others have listened, and its first client. */
async function activated(
  { config, listens, port, by = [] }: Activation,
): Promise<[server: ServerProcess, client: RawClient]> {
  const folder = Deno.realPathSync(
    Deno.makeTempDirSync({ prefix: "webserv_test_" }),
  );
  writeFiles(folder, { "webserv.conf": config, "html/a.txt": "content" });
  const coming = patientClient(port);
  try {
    const server = await ServerProcess.startIn(folder, {
      executable: "systemd-socket-activate",
      args: [
        ...listens.flatMap((each) => ["-l", each.replace("{}", folder)]),
        ...by,
        ...[Deno.execPath(), ...programArguments()],
        ...["-c", `${folder}/webserv.conf`],
      ],
    });
    return [server, await coming];
  } catch (error) {
    (await coming).close();
    throw error;
  }
}

const GET = "GET /a.txt HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n";

async function contentFrom(client: RawClient): Promise<string | undefined> {
  await client.send(GET);
  const response = await client.response();
  client.close();
  return response?.text;
}

Deno.test({
  name: "sockets of systemd are accepted from with use epoll, also by workers",
  ignore: !hasActivator(),
  async fn() {
    const [port = 0, other = 0, nobodys = 0] = freePorts(3);
    const config = (more: string) =>
      `worker_processes 2; events { use epoll; } pid it.pid;
       error_log error.log info; access_log off;
       server { listen 127.0.0.1:${port}; ${more} }`;
    const [server, first] = await activated({
      config: config("listen unix:it.sock;"),
      listens: [`127.0.0.1:${port}`, "{}/it.sock", `127.0.0.1:${nobodys}`],
      port,
    });
    await using _ = server;
    const log = () => server.read("error.log");
    const socket = server.path("it.sock");
    // Who has come before it was started is served too.
    assertEquals(await contentFrom(first), "content");
    for (let i = 0; i < 20; i++) {
      assertEquals((await get(port, "/a.txt")).text, "content");
    }
    const local = () => RawClient.connectUnix(socket);
    assertEquals(await contentFrom(await local()), "content");
    assertEquals(
      [...log().matchAll(/the socket (\S+) was handed over at the start/g)]
        .map(([, address]) => address),
      [`127.0.0.1:${nobodys}`],
    );
    // Programs that it starts do not have them.
    for (const fd of [3, 4, 5]) {
      const info = await runCommand("cat", [
        `/proc/${server.pid}/fdinfo/${fd}`,
      ]);
      assertMatch(info.text, /^flags:\s*0?2\d{6}$/m);
    }
    // What is listened on no more is found again by the next reload.
    let reloads = 0;
    for (const more of [`listen 127.0.0.1:${other};`, "listen unix:it.sock;"]) {
      writeFiles(server.folder, { "webserv.conf": config(more) });
      server.signal("SIGHUP");
      reloads++;
      await eventually(
        () => log().split("configuration reloaded").length > reloads,
        "it is reloaded",
      );
      assertEquals((await get(port, "/a.txt")).text, "content");
    }
    assertEquals(await contentFrom(await local()), "content");
    const unused = (where: string) =>
      log().split(`the socket ${where} was handed over at the start`).length -
      1;
    assertEquals([unused(`127.0.0.1:${nobodys}`), unused(`unix:${socket}`)], [
      3,
      1,
    ]);
    // A worker that is started later could not accept from them.
    const more = config("listen unix:it.sock;").replace("s 2;", "s 3;");
    writeFiles(server.folder, { "webserv.conf": more });
    server.signal("SIGHUP");
    await eventually(
      () => log().split("configuration reloaded").length > reloads + 1,
      "it is reloaded",
    );
    assertMatch(log(), /another number of workers takes a restart, ignored/);
    assertEquals((await get(port, "/a.txt")).text, "content");
    server.signal("SIGUSR2");
    await eventually(
      () => /this one goes on: sockets were handed over at the/.test(log()),
      "it says why there is no upgrade",
    );
    assertEquals((await server.stop()).code, 0);
    assert(Deno.lstatSync(socket).isSocket, "the file is that of systemd");
  },
});

/** Whether there is IPv6 here. */
function hasIpv6(): boolean {
  try {
    Deno.listen({ hostname: "::1", port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}

for (const host of ["", "0.0.0.0:"]) {
  Deno.test({
    name: `a socket of systemd for "${host}" is for both kinds of addresses`,
    ignore: !hasActivator() || !hasIpv6(),
    async fn() {
      const [port = 0] = freePorts(1);
      const [server, first] = await activated({
        config: `events { use epoll; } pid it.pid; access_log off;
          error_log error.log;
          server { listen ${port}; listen [::]:${port}; }`,
        listens: [`${host}${port}`],
        port,
      });
      await using _ = server;
      assertEquals(await contentFrom(first), "content");
      for (const hostname of ["127.0.0.1", "::1"]) {
        const client = new RawClient(await Deno.connect({ hostname, port }));
        assertEquals(await contentFrom(client), "content");
      }
      assertEquals(server.read("error.log"), "");
    },
  });
}

Deno.test({
  name: "a socket that was handed to another process is not taken",
  ignore: !hasActivator(),
  async fn() {
    const [port = 0] = freePorts(1);
    const error = await assertRejects(() =>
      activated({
        config: `events { use epoll; } pid it.pid;
          server { listen 127.0.0.1:${port}; }`,
        listens: [`127.0.0.1:${port}`],
        port,
        by: ["sh", "-c", '"$0" "$@"; exit'],
      })
    );
    assertMatch(
      String(error),
      /failed \(98: Address already in use\)[^]*LISTEN_FDS\), which is not taken/,
    );
  },
});
