/** A server whose place another process takes, again and again, under load. */

import { assertEquals } from "@std/assert";
import { withEventMethod } from "./event_method.ts";
import { RawClient } from "./raw_client.ts";
import { eventually, ServerProcess, writeFiles } from "./server_process.ts";

/** How long an upgrade may take on a busy machine, in ms. */
export const UPGRADE_MS = 30_000;

/** The start of a request for what every such server has. */
export const GET = "GET /a.txt HTTP/1.1\r\nHost: a.test\r\n";

/** The files of such a server. */
export const FILES = { "site/a.txt": "content" };

/** A server in front of one of its processes, the one that serves now. */
export class Upgraded implements AsyncDisposable {
  readonly #server: ServerProcess;

  constructor(server: ServerProcess) {
    this.#server = server;
  }

  static async start(
    config: string,
    more: { readonly args?: readonly string[]; readonly executable?: string } =
      {},
  ): Promise<Upgraded> {
    const folder = Deno.realPathSync(
      Deno.makeTempDirSync({ prefix: "webserv_test_" }),
    );
    writeFiles(folder, { ...FILES, "webserv.conf": withEventMethod(config) });
    return new Upgraded(await ServerProcess.startIn(folder, more));
  }

  get port(): number {
    return this.#server.port;
  }

  get tlsPort(): number {
    return Number(/https:\/\/[^/]*:(\d+)\//.exec(this.#server.stdout)?.[1]);
  }

  get folder(): string {
    return this.#server.folder;
  }

  get log(): string {
    return this.#server.read("error.log");
  }

  /** The process that serves now, as the pid file has it. */
  get pid(): number {
    return Number(this.#server.read("it.pid"));
  }

  read(name: string): string {
    return this.#server.read(name);
  }

  configure(config: string): void {
    writeFiles(this.folder, { "webserv.conf": withEventMethod(config) });
  }

  signal(signal: Deno.Signal, pid = this.pid): void {
    Deno.kill(pid, signal);
  }

  /** Starts it anew, and settles when the old process is gone. */
  async upgrade(): Promise<void> {
    const old = this.pid;
    this.signal("SIGUSR2", old);
    await this.#eventually(
      () => this.pid !== old && this.pid > 0 && !isRunning(old),
      `the place of ${old} is taken`,
    );
  }

  /** Waits for a line of the error log. */
  async logged(pattern: RegExp, from = 0): Promise<void> {
    await this.#eventually(
      () => pattern.test(this.log.slice(from)),
      String(pattern),
    );
  }

  async #eventually(test: () => boolean, what: string): Promise<void> {
    try {
      await eventually(test, what, UPGRADE_MS);
    } catch (error) {
      throw new Error(`${error}\n${this.log}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { pid } = this;
    if (isRunning(pid)) {
      this.signal("SIGTERM", pid);
      await eventually(() => !isRunning(pid), "it ends", UPGRADE_MS);
    }
    await this.#server[Symbol.asyncDispose]();
  }
}

/** Whether there is such a process that has not ended. */
export function isRunning(pid: number): boolean {
  if (pid === 0) return false;
  try {
    Deno.kill(pid, "SIGWINCH");
  } catch {
    return false;
  }
  // One that has ended, and that nobody has asked for yet, takes signals too.
  const { stdout } = new Deno.Command("ps", {
    args: ["-o", "stat=", "-p", String(pid)],
  }).outputSync();
  return !new TextDecoder().decode(stdout).startsWith("Z");
}

/** Clients of one kind, and what has become of their requests. */
export class Load {
  requests = 0;
  readonly faults: string[] = [];
  #runs = true;
  readonly #clients: Promise<void>[];

  /** `connect` opens connections; a kept one is left when it is told to be. */
  constructor(
    count: number,
    connect: () => Promise<RawClient>,
    kept: boolean,
  ) {
    this.#clients = Array.from({ length: count }, async () => {
      while (this.#runs) {
        let answered = 0;
        try {
          using client = await connect();
          for (let stays = true; stays && this.#runs;) {
            await client.send(
              `${GET}${kept ? "" : "Connection: close\r\n"}\r\n`,
            );
            const response = await client.response();
            assertEquals(response?.text, "content");
            this.requests++;
            answered++;
            stays = kept && response?.field("connection") !== "close";
          }
        } catch (error) {
          this.faults.push(`after ${answered}: ${error}`);
        }
      }
    });
  }

  /** Waits for more requests. */
  async more(count: number): Promise<void> {
    const until = this.requests + count;
    await eventually(() => this.requests >= until, "requests", UPGRADE_MS);
  }

  async stop(): Promise<void> {
    this.#runs = false;
    await Promise.all(this.#clients);
  }
}
