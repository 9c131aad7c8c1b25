/** What the supervisor and its workers do for a module made by the test. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { parseConfig } from "../../src/config/syntax/parser.ts";
import { thisMachine } from "../../src/cluster/count.ts";
import { type Proposal, Supervisor } from "../../src/cluster/supervisor.ts";
import { threadsOf } from "../../src/cluster/thread.ts";
import { readConfiguration } from "../../src/server/setup/configuration.ts";
import { MODULES } from "../../src/server/setup/registry.ts";
import { get } from "../support/raw_client.ts";
import { countingModule } from "./counting_module.ts";

function propose(workers: number, http: string, port = 0): Proposal {
  const text = `worker_processes ${workers}; error_log stderr emerg;
    http { access_log off; ${http} server {
      listen 127.0.0.1:${port};
      location /a { count one; } location /b { count one; }
    } }`;
  const configuration = readConfiguration(
    { file: "x.conf", prefix: "/x", statements: parseConfig(text, "x.conf") },
    () => {},
    { modules: [countingModule, ...MODULES] },
  );
  return { configuration, level: "emerg", warn: () => {} };
}

function newSupervisor(): Supervisor {
  return new Supervisor({
    startThread: threadsOf(new URL("./counting_worker.ts", import.meta.url)),
    machine: thisMachine(),
  });
}

/** How often `/a` was asked, and the module started, stopped, supervised. */
async function countsOf(port: number, path = "/a"): Promise<number[]> {
  return (await get(port, path)).text.split(" ").map(Number);
}

Deno.test({
  name: "a zone is one for all locations and workers, and outlives a reload",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const supervisor = newSupervisor();
    const zone = "count_zone one 64;";
    const { addresses } = await supervisor.start(propose(2, zone));
    const { port } = addresses[0]!;
    // Both workers have some of so many connections with all but certainty.
    for (let i = 1; i <= 24; i++) {
      const [requests, starts] = await countsOf(port, i % 2 ? "/a" : "/b");
      assertEquals([requests, starts], [i, 2]);
    }
    await supervisor.reload(() => propose(2, zone));
    const [kept, starts, , supervised] = await countsOf(port);
    assertEquals([kept, starts, supervised], [25, 4, 2]);
    // Connections of what was served before have ended by now, and so has it.
    let stops = 0;
    for (let i = 0; i < 500 && stops < 2; i++) {
      stops = (await countsOf(port))[2]!;
    }
    assertEquals(stops, 2);
    await supervisor.reload(() => propose(2, "count_zone one 128;"));
    const [anew] = await countsOf(port);
    assertEquals(anew, 1, "another size is another zone");
    await supervisor.drain();
  },
});

Deno.test("one worker has its zones across a reload as well", async () => {
  const supervisor = newSupervisor();
  const zone = "count_zone one 64;";
  const { addresses } = await supervisor.start(propose(1, zone));
  const { port } = addresses[0]!;
  assertEquals(await countsOf(port), [1, 1, 0, 1]);
  await supervisor.reload(() => propose(1, zone));
  const [requests] = await countsOf(port);
  assertEquals(requests, 2);
  // What is refused takes no zone with it.
  await assertRejects(
    () => supervisor.reload(() => propose(1, "count_zone two 64;")),
    Error,
    'zero size shared memory zone "one" in x.conf:',
  );
  assert((await countsOf(port))[0]! > 2);
  await supervisor.drain();
});
