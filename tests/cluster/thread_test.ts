/** Real threads that die, as the supervisor sees it. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { parseConfig } from "../../src/config/syntax/parser.ts";
import {
  configureDiagnostics,
  disposeDiagnostics,
} from "../../src/logging/diagnostics.ts";
import { readConfiguration } from "../../src/server/setup/configuration.ts";
import { thisMachine } from "../../src/cluster/count.ts";
import { type Proposal, Supervisor } from "../../src/cluster/supervisor.ts";
import { threadsOf } from "../../src/cluster/thread.ts";
import { openDescriptors } from "../../src/server/open_descriptors.ts";
import { get, RawClient } from "../support/raw_client.ts";
import { eventually } from "../support/server_process.ts";

function proposeIn(folder: string, events = "deno"): Proposal {
  const text = `events { use ${events}; } ` +
    `worker_processes 2; access_log ${folder}/access.log; ` +
    "server { listen 127.0.0.1:0; return 200 ok; }";
  const configuration = readConfiguration({
    file: "x.conf",
    prefix: folder,
    statements: parseConfig(text, "x.conf"),
  }, () => {});
  return { configuration, level: "notice", warn: () => {} };
}

for (const how of ["throw", "reject"]) {
  Deno.test({
    name: `a thread that dies (${how}) loses no counter and no log line`,
    ignore: Deno.build.os !== "linux",
    async fn() {
      const folder = Deno.makeTempDirSync({ prefix: "webserv_test_" });
      const errorLog = () => Deno.readTextFileSync(`${folder}/error.log`);
      configureDiagnostics({
        targets: [{ path: `${folder}/error.log`, level: "notice" }],
      });
      const module = new URL("./failing_worker.ts", import.meta.url);
      const when = `${folder}/now`;
      module.search = `how=${how}&when=${encodeURIComponent(when)}`;
      const supervisor = new Supervisor({
        startThread: threadsOf(module),
        machine: thisMachine(),
      });
      const { addresses } = await supervisor.start(proposeIn(folder));
      const { port } = addresses[0]!;
      // Both have connections of so many with all but certainty.
      const requests = 24;
      for (let i = 0; i < requests; i++) await get(port, "/");
      Deno.writeTextFileSync(when, "");
      await eventually(() => errorLog().includes("died"), "its death");
      assertMatch(
        errorLog(),
        /\[alert\] \d+#0: worker 1 died: TypeError: a mistake/,
      );
      const restarted = async () => {
        const { workers } = await supervisor.statistics.snapshot();
        return workers.running === 2 && workers.restarts === 1;
      };
      while (!await restarted()) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      for (let i = 0; i < requests; i++) {
        assertEquals((await get(port, "/")).text, "ok");
      }
      const now = await supervisor.statistics.snapshot();
      assertEquals([now.requests, now.accepted], [2 * requests, 2 * requests]);
      await supervisor.stop();
      await disposeDiagnostics();
      const lines = Deno.readTextFileSync(`${folder}/access.log`).split("\n");
      assertEquals(lines.length - 1, 2 * requests);
      Deno.removeSync(folder, { recursive: true });
    },
  });
}

for (const events of ["deno", "epoll"]) {
  Deno.test({
    name:
      `clients of a thread that dies are told so, and it keeps nothing: ${events}`,
    ignore: Deno.build.os !== "linux",
    async fn() {
      const folder = Deno.makeTempDirSync({ prefix: "webserv_test_" });
      configureDiagnostics({
        targets: [{ path: `${folder}/error.log`, level: "notice" }],
      });
      const module = new URL("./failing_worker.ts", import.meta.url);
      const when = `${folder}/now`;
      module.search = `how=throw&when=${encodeURIComponent(when)}`;
      const supervisor = new Supervisor({
        startThread: threadsOf(module),
        machine: thisMachine(),
      });
      const { addresses } = await supervisor.start(proposeIn(folder, events));
      const { port } = addresses[0]!;
      const clients: RawClient[] = [];
      // Some have been answered and some never asked; both threads have some.
      for (let i = 0; i < 40; i++) {
        const client = await RawClient.connect(port);
        clients.push(client);
        if (i % 2 === 0) continue;
        await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        assertEquals((await client.response())?.text, "ok");
      }
      const before = openDescriptors();
      Deno.writeTextFileSync(when, "");
      let ended = 0;
      const ends = clients.map((client) =>
        client.rest().then(() => ended++, () => ended++)
      );
      const restarted = async () =>
        (await supervisor.statistics.snapshot()).workers.restarts === 1;
      while (!await restarted()) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      await eventually(() => ended > 0, "clients are told");
      if (before > 0) {
        // The thread in its place has as many as it had for itself, or so.
        const gone = () => before - openDescriptors();
        await eventually(() => gone() >= ended - 4, "they are closed");
      }
      assert(ended < clients.length, "those of the other thread stay");
      await supervisor.stop();
      await Promise.all(ends);
      for (const client of clients) client.close();
      await disposeDiagnostics();
      Deno.removeSync(folder, { recursive: true });
    },
  });
}

Deno.test({
  name: "a thread survives what node:tls throws where nobody can catch it",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const folder = Deno.makeTempDirSync({ prefix: "webserv_test_" });
    configureDiagnostics({
      targets: [{ path: `${folder}/error.log`, level: "notice" }],
    });
    const module = new URL("./failing_worker.ts", import.meta.url);
    const when = `${folder}/now`;
    module.search = `how=stray&when=${encodeURIComponent(when)}`;
    const supervisor = new Supervisor({
      startThread: threadsOf(module),
      machine: thisMachine(),
    });
    const { addresses } = await supervisor.start(proposeIn(folder));
    Deno.writeTextFileSync(when, "");
    const log = () => Deno.readTextFileSync(`${folder}/error.log`);
    await eventually(
      () => log().includes("an error in TLS was not caught"),
      "it is logged",
    );
    for (let i = 0; i < 10; i++) {
      assertEquals((await get(addresses[0]!.port, "/")).text, "ok");
    }
    const { workers } = await supervisor.statistics.snapshot();
    assertEquals([workers.running, workers.restarts], [2, 0]);
    assert(!log().includes("died"));
    await supervisor.stop();
    await disposeDiagnostics();
    Deno.removeSync(folder, { recursive: true });
  },
});

Deno.test({
  name: "a thread whose module is not there keeps the program from starting",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const folder = Deno.makeTempDirSync({ prefix: "webserv_test_" });
    const supervisor = new Supervisor({
      startThread: threadsOf(new URL("./no_such_file.ts", import.meta.url)),
      machine: thisMachine(),
    });
    const error = await assertRejects(
      () => supervisor.start(proposeIn(folder)),
      Error,
    );
    assert(error.message.includes("no_such_file.ts"), error.message);
    await supervisor.stop();
    Deno.removeSync(folder, { recursive: true });
  },
});
