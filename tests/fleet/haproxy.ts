/** A HAProxy in front of instances, and the words of its administrator. */

import { eventually } from "../support/server_process.ts";

/** How long an instance may take to be let in or taken out, in ms. */
export const CHANGE_TIMEOUT_MS = 20_000;

/** A running HAProxy. */
export class Haproxy implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #socket: string;

  private constructor(child: Deno.ChildProcess, socket: string) {
    this.#child = child;
    this.#socket = socket;
  }

  /** Starts it with a configuration file that has its admin socket at `socket`. */
  static async start(file: string, socket: string): Promise<Haproxy> {
    const child = new Deno.Command("haproxy", {
      args: ["-db", "-f", file],
      stdin: "null",
      stdout: "null",
      stderr: "inherit",
    }).spawn();
    const haproxy = new Haproxy(child, socket);
    await eventually(() => existsSync(socket), "HAProxy", CHANGE_TIMEOUT_MS);
    return haproxy;
  }

  /** Says `command` at the admin socket, and returns the answer. */
  async say(command: string): Promise<string> {
    using connection = await Deno.connect({
      transport: "unix",
      path: this.#socket,
    });
    await connection.write(new TextEncoder().encode(`${command}\n`));
    return await new Response(connection.readable).text();
  }

  /** Waits until an instance has this state: `UP`, `DOWN`, `DRAIN`, `UP 1/2`. */
  async until(name: string, state: string): Promise<void> {
    await this.#wait(
      async () => (await this.#row(name)).get("status") === state,
      `${name} is ${state}`,
    );
  }

  /** Waits until an instance has no request any more. */
  async untilIdle(name: string): Promise<void> {
    await this.#wait(
      async () => (await this.#row(name)).get("scur") === "0",
      `${name} is idle`,
    );
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#child.status;
  }

  async #row(name: string): Promise<Map<string, string>> {
    const lines = (await this.say("show stat")).replace(/^# /, "").split("\n");
    const [names = [], ...rows] = lines.map((line) => line.split(","));
    const row = rows.find(([proxy, server]) =>
      proxy === "instances" && server === name
    );
    if (row === undefined) throw new Error(`HAProxy knows no ${name}`);
    return new Map(names.map((key, i) => [key, row[i] ?? ""]));
  }

  async #wait(test: () => Promise<boolean>, what: string): Promise<void> {
    const until = performance.now() + CHANGE_TIMEOUT_MS;
    while (!await test()) {
      if (performance.now() > until) throw new Error(`timed out: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

function existsSync(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
