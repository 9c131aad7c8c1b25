/**
 * Deno's debugger is never open: clients that race for it, and evaluate code
 * wherever they get in, get in nowhere.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  eventually,
  runProgram,
  ServerProcess,
} from "../support/server_process.ts";

const CONFIG = `
error_log logs/error.log notice;
server { listen 127.0.0.1:0; root site; access_log logs/access.log; }
`;

const FILES = { "site/a.txt": "content" };

/** How long a racer waits for anything, in ms. */
const PATIENCE_MS = 500;

/** Tries to run code by way of a debugger until it is stopped. */
class Racer {
  /** How often code was run. */
  evaluations = 0;
  /** How often it has tried. */
  tries = 0;
  #stopped = false;

  async run(): Promise<void> {
    while (!this.#stopped) {
      this.tries++;
      try {
        await this.#evaluate();
      } catch {
        // There is no debugger: try again at once.
      }
    }
  }

  stop(): void {
    this.#stopped = true;
  }

  async #evaluate(): Promise<void> {
    const response = await fetch("http://127.0.0.1:9229/json/list", {
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    for (const target of await response.json()) {
      const { webSocketDebuggerUrl } = target;
      const socket = new WebSocket(webSocketDebuggerUrl);
      const done = Promise.withResolvers<void>();
      const timer = setTimeout(done.resolve, PATIENCE_MS);
      socket.onopen = () =>
        socket.send(JSON.stringify({
          id: 1,
          method: "Runtime.evaluate",
          params: { expression: "6 * 7" },
        }));
      socket.onmessage = ({ data }) => {
        if (JSON.parse(data).result?.result?.value === 42) this.evaluations++;
        done.resolve();
      };
      socket.onerror = socket.onclose = () => done.resolve();
      await done.promise;
      clearTimeout(timer);
      socket.close();
    }
  }
}

/** Races for the debugger of `server` while it gets signals. */
async function race(
  server: ServerProcess,
  signals: number,
  reopened: () => number,
): Promise<Racer[]> {
  const racers = [new Racer(), new Racer()];
  const running = racers.map((racer) => racer.run());
  // On a busy machine the racers are slow: they are given signals until each
  // of them has tried often enough.
  const tooFew = () => racers.some(({ tries }) => tries <= signals);
  for (let i = 0; i < signals || (tooFew() && i < 20 * signals); i++) {
    const before = reopened();
    server.signal("SIGUSR1");
    await eventually(() => reopened() > before, "the logs are opened again");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  for (const racer of racers) racer.stop();
  await Promise.all(running);
  return racers;
}

for (const workers of [1, 2]) {
  Deno.test(`nobody gets into a debugger, with ${workers} worker(s)`, async () => {
    await using server = await ServerProcess.start({
      config: `worker_processes ${workers}; ${CONFIG}`,
      files: FILES,
    });
    const racers = await race(
      server,
      25,
      () => server.read("logs/error.log").split("reopening").length,
    );
    for (const { evaluations, tries } of racers) {
      assertEquals(evaluations, 0);
      // Other servers of this user share the port, and may be busy.
      assert(tries > 0);
    }
    // The runtime says that it could not, each time.
    assert(!server.stderr.includes("Debugger listening"), server.stderr);
  });
}

Deno.test("-s reopen does not use the signal that opens a debugger", async () => {
  await using server = await ServerProcess.start({
    config: CONFIG,
    files: FILES,
  });
  Deno.renameSync(
    server.path("logs/access.log"),
    server.path("logs/access.log.1"),
  );
  const { code } = await runProgram([
    "-c",
    server.path("webserv.conf"),
    "-s",
    "reopen",
  ]);
  assertEquals(code, 0);
  await eventually(
    () =>
      Deno.readDirSync(server.path("logs"))
        .some(({ name }) => name === "access.log"),
    "the log is made anew",
  );
  assertMatch(server.read("logs/error.log"), /reopening logs/);
  assertEquals(server.stderr, "");
});
