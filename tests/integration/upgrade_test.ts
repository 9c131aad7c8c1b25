/** `USR2`: another process takes the place of the one that serves. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Authority } from "../support/certificates.ts";
import { programArguments } from "../support/program.ts";
import { get, RawClient } from "../support/raw_client.ts";
import { runCommand } from "../support/run_command.ts";
import {
  eventually,
  ServerProcess,
  writeFiles,
} from "../support/server_process.ts";
import {
  FILES,
  GET,
  isRunning,
  Load,
  UPGRADE_MS,
  Upgraded,
} from "../support/upgraded.ts";

const SKIPPED = Deno.build.os !== "linux";

async function tlsClient(port: number, ca: Authority): Promise<RawClient> {
  const caCert = await Deno.readTextFile(ca.path("ca.crt"));
  const socket = await Deno.connect({ hostname: "127.0.0.1", port });
  return new RawClient(
    await Deno.startTls(socket, { hostname: "a.test", caCerts: [caCert] }),
  );
}

/** How many workers there are before each upgrade, and at the end. */
const ROWS: readonly { readonly workers: number[]; readonly use: string }[] = [
  { workers: Array.from({ length: 11 }, () => 1), use: "deno" },
  { workers: [2, 2, 1, 3], use: "deno" },
  { workers: [1, 2, 2, 2], use: "epoll" },
  { workers: [2, 1, 1], use: "epoll" },
];

for (const { workers, use } of ROWS) {
  const upgrades = workers.length - 1;
  Deno.test({
    name: `no request is lost through ${upgrades} upgrades, ${use}, workers: ${
      [...new Set(workers)].join()
    }`,
    ignore: SKIPPED,
    async fn() {
      using ca = await Authority.create();
      await ca.issue("a", "a.test", 1);
      const [first = 1, ...others] = workers;
      const config = (count: number) => `
        worker_processes ${count};
        events { use ${use}; }
        pid it.pid;
        error_log error.log info;
        keepalive_requests 1000000;
        access_log off;
        server { listen 127.0.0.1:0; root site; }
        server {
          listen 127.0.0.1:0 ssl;
          ssl_certificate ${ca.path("a.crt")};
          ssl_certificate_key ${ca.path("a.key")};
          root site;
        }
        server { listen unix:it.sock; root site; }`;
      await using server = await Upgraded.start(config(first));
      const { port } = server;
      const tlsPort = server.tlsPort;
      const socket = `${server.folder}/it.sock`;
      const loads = [
        new Load(3, () => RawClient.connect(port), false),
        new Load(2, () => RawClient.connect(port), true),
        new Load(1, () => tlsClient(tlsPort, ca), false),
        new Load(1, () => RawClient.connectUnix(socket), false),
      ];
      try {
        for (const count of others) {
          await Promise.all(loads.map((load) => load.more(5)));
          server.configure(config(count));
          await server.upgrade();
          await Promise.all(loads.map((load) => load.more(5)));
        }
      } finally {
        // Else an upgrade that takes too long would never be told of.
        await Promise.all(loads.map((load) => load.stop()));
      }
      assertEquals(loads.flatMap(({ faults }) => faults), []);
      assertEquals(
        server.log.split("took the place of").length,
        workers.length,
      );
      assertEquals(server.read("it.pid.oldbin"), "");
      assertEquals(server.read("it.pid.ready"), "");
    },
  });
}

const PLAIN = `pid it.pid; error_log error.log info; access_log off;
  server { listen 127.0.0.1:0; root site; keepalive_timeout 75s; }`;

Deno.test({
  name: "an answer that is under way is finished by the old process",
  ignore: SKIPPED,
  async fn() {
    const size = 8 * 1024 * 1024;
    await using server = await Upgraded.start(PLAIN);
    writeFiles(server.folder, { "site/big.bin": new Uint8Array(size).fill(7) });
    using slow = await RawClient.connect(server.port);
    using idle = await RawClient.connect(server.port);
    await idle.send(`${GET}\r\n`);
    assertEquals((await idle.response())?.text, "content");
    await slow.send(
      `${GET.replace("a.txt", "big.bin")}Connection: close\r\n\r\n`,
    );
    await slow.readSome(1000);
    const old = server.pid;
    server.signal("SIGUSR2");
    await server.logged(/process \d+ serves, finishing responses in flight/);
    assert(isRunning(old));
    assertEquals(server.read("it.pid.oldbin"), `${old}\n`);
    assertEquals((await get(server.port, "/a.txt")).text, "content");
    // It is told on its connection, and only then has to come again.
    for (let persistence: string | undefined = ""; persistence !== "close";) {
      await idle.send(`${GET}\r\n`);
      const response = await idle.response();
      assertEquals(response?.text, "content");
      persistence = response?.field("connection");
    }
    // Both know that an upgrade is not over, and a reload is the new one's.
    server.signal("SIGUSR2", old);
    server.signal("SIGHUP", old);
    await server.logged(/SIGUSR2 received, ignored: this process ends/);
    assertEquals((await slow.rest()).length > size - 10_000, true);
    await eventually(() => !isRunning(old), "it ends", UPGRADE_MS);
    assertEquals(server.log.includes("configuration reloaded"), false);
  },
});

/** What keeps another process from serving, and what the old one says. */
const FAILURES: readonly {
  readonly config: (config: string) => string;
  readonly says: readonly RegExp[];
}[] = [
  {
    config: (config) => `${config} rot;`,
    says: [
      /\[error\] \d+#0: the program was not started anew, this one goes on: ".*-t" has ended with status 1: webserv: \[emerg\] unknown directive "rot" in .*webserv\.conf:\d+/,
    ],
  },
  {
    config: (config) => `${config} server { listen 127.0.0.1:TAKEN; }`,
    says: [
      /bind\(\) to 127\.0\.0\.1:\d+ failed \(98: Address already in use\)/,
      /the program was not started anew, this one goes on/,
    ],
  },
];

Deno.test({
  name: "the old process goes on when there is no new one",
  ignore: SKIPPED,
  async fn() {
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    await using server = await Upgraded.start(PLAIN);
    const { pid, port } = server;
    const load = new Load(2, () => RawClient.connect(port), false);
    for (const { config, says } of FAILURES) {
      server.configure(
        config(PLAIN).replace("TAKEN", String(taken.addr.port)),
      );
      const before = server.log.length;
      server.signal("SIGUSR2");
      for (const each of says) await server.logged(each, before);
      assertEquals(server.pid, pid);
      await load.more(5);
    }
    server.configure(PLAIN);
    await server.upgrade();
    await load.more(5);
    await load.stop();
    assertEquals(load.faults, []);
  },
});

Deno.test({
  name: "an executable is looked up anew, and one that is none is told of",
  ignore: SKIPPED,
  async fn() {
    const folder = Deno.makeTempDirSync({ prefix: "webserv_test_" });
    const program = `${folder}/program`;
    const put = (path: string) => {
      Deno.symlinkSync(path, `${program}~`);
      Deno.renameSync(`${program}~`, program);
    };
    put(Deno.execPath());
    writeFiles(folder, { "none": "no program" });
    const conf = `${folder}/webserv.conf`;
    writeFiles(folder, { "webserv.conf": PLAIN, ...FILES });
    try {
      await using server = new Upgraded(
        await ServerProcess.startIn(folder, {
          executable: program,
          args: [...programArguments(), "-c", conf],
        }),
      );
      const { pid } = server;
      put(`${folder}/none`);
      server.signal("SIGUSR2");
      await server.logged(
        /this one goes on: execve\(\) ".*program" failed \(13: Permission denied\)/,
      );
      Deno.removeSync(program);
      server.signal("SIGUSR2");
      await server.logged(
        /this one goes on: execve\(\) ".*program" failed \(2: No such file or directory\)/,
      );
      assertEquals(server.pid, pid);
      assertEquals((await get(server.port, "/a.txt")).text, "content");
      put(Deno.execPath());
      await server.upgrade();
      assertEquals((await get(server.port, "/a.txt")).text, "content");
    } finally {
      try {
        Deno.removeSync(folder, { recursive: true });
      } catch {
        // The server has removed it.
      }
    }
  },
});

Deno.test({
  name: "the new one says what only it has found, and nothing of addresses",
  ignore: SKIPPED,
  async fn() {
    await using server = await Upgraded.start(PLAIN);
    const { pid } = server;
    // It cannot say that it serves.
    writeFiles(server.folder, { "it.pid.ready/x": "" });
    server.signal("SIGUSR2");
    await server.logged(/\[emerg\].*File exists/);
    await server.logged(/this one goes on: the new process/);
    assertEquals(server.log.includes("in use"), false);
    assertEquals(server.pid, pid);
  },
});

Deno.test({
  name: "one that is ending finishes its answers when there is no new one",
  ignore: SKIPPED,
  async fn() {
    const folder = Deno.makeTempDirSync({ prefix: "webserv_test_" });
    const program = `${folder}/program`;
    Deno.symlinkSync(Deno.execPath(), program);
    const size = 8 * 1024 * 1024;
    writeFiles(folder, {
      "webserv.conf": PLAIN,
      "site/big.bin": new Uint8Array(size).fill(7),
      "wait": "",
    });
    await using server = new Upgraded(
      await ServerProcess.startIn(folder, {
        executable: program,
        args: [...programArguments(), "-c", `${folder}/webserv.conf`],
      }),
    );
    const { pid } = server;
    using slow = await RawClient.connect(server.port);
    await slow.send("GET /big.bin HTTP/1.0\r\n\r\n");
    await slow.readSome(1000);
    Deno.removeSync(program);
    Deno.writeTextFileSync(
      program,
      `#!/bin/sh
      while [ -e '${folder}/wait' ]; do sleep 0.05; done
      echo 'webserv: not today' >&2
      exit 1\n`,
      { mode: 0o755 },
    );
    server.signal("SIGUSR2");
    await server.logged(/SIGUSR2 received, starting/);
    server.signal("SIGQUIT");
    await server.logged(/SIGQUIT received, finishing/);
    Deno.removeSync(`${folder}/wait`);
    await server.logged(
      /not started anew, this one ends: ".*" has ended with status 1: webserv: not today/,
    );
    assert((await slow.rest()).length > size - 10_000);
    await eventually(() => !isRunning(pid), "it ends", UPGRADE_MS);
  },
});

Deno.test({
  name: "a configuration that does not want it keeps the promise",
  ignore: SKIPPED,
  async fn() {
    const off = `executable_upgrade off; ${PLAIN}`;
    const refused =
      /not started anew, this one goes on: the right to start programs was given up at the start/;
    await using server = await Upgraded.start(off);
    server.signal("SIGUSR2");
    await server.logged(refused);
    assertEquals(server.read("it.pid.oldbin"), "");
    // A reload cannot give it back, and one that says off takes it away.
    server.configure(PLAIN);
    server.signal("SIGHUP");
    await server.logged(/configuration reloaded/);
    const before = server.log.length;
    server.signal("SIGUSR2");
    await server.logged(refused, before);
    await using other = await Upgraded.start(PLAIN);
    other.configure(off);
    other.signal("SIGHUP");
    await other.logged(/configuration reloaded/);
    other.signal("SIGUSR2");
    await other.logged(refused);
    assertEquals((await get(other.port, "/a.txt")).text, "content");
  },
});

Deno.test({
  name: "two signals at once start one process",
  ignore: SKIPPED,
  async fn() {
    await using server = await Upgraded.start(PLAIN);
    const old = server.pid;
    server.signal("SIGUSR2", old);
    await server.logged(/SIGUSR2 received, starting/);
    server.signal("SIGUSR2", old);
    await server.logged(/SIGUSR2 received, ignored: another one starts/);
    await eventually(() => !isRunning(old), "it ends", UPGRADE_MS);
    // At once again, while the new one is hardly there.
    await server.upgrade();
    assertEquals(server.log.split("took the place of").length, 3);
    const { text } = await runCommand("ps", ["-o", "pid=,args=", "-A"]);
    const own = text.split("\n").filter((line) => line.includes(server.folder));
    assertEquals(own.length, 1, own.join("\n"));
    assertMatch(own[0]!, new RegExp(`^ *${server.pid} .*--take-over=`));
    assertEquals(own[0]!.split("--take-over=").length, 2);
  },
});
