/**
 * Another program in the place of this one, while clients are served: the
 * executable that is there now is started with the same command line, listens
 * on the same addresses, and says when it serves. Whatever goes wrong before
 * that is its end, and this program goes on. It has lost no client then but
 * those that came to the other one in the moment when it began to listen, and
 * had not yet told the system to send them here.
 */

import type { Holdings } from "../../cluster/supervisor.ts";
import { failureReason } from "../../os_error.ts";
import { PRODUCT } from "../../version.ts";
import type { PidFile } from "../pid_file.ts";
import { type CommandLine, ownCommandLine } from "./command_line.ts";
import { takeOverWord } from "./take_over.ts";

/** How long another program may take to test, and then to serve, in ms. */
const START_TIMEOUT_MS = 60_000;

/** How many lines of a program that says nothing itself are logged. */
const MOST_LINES = 3;

/** How often it is looked whether it does, in ms. */
const LOOK_MS = 20;

/** What an {@linkcode Upgrade} is made with. */
interface UpgradeOptions {
  readonly pidFile: PidFile;
  /** Why there cannot be one, if how the program was started is why. */
  readonly refusal: string | undefined;
  /** What this program listens on now. */
  holdings(): Holdings;
  /** How it was started; that of this process if left out. */
  commandLine?(): Promise<CommandLine>;
  /** How long the other may take for each step, in ms. Default 60 s. */
  readonly timeoutMs?: number;
}

/** The program that takes the place of this one. */
export interface Successor {
  /** Its number. */
  readonly pid: number;
}

/** Starts programs that take the place of this one. */
export class Upgrade {
  readonly #options: UpgradeOptions;
  readonly #timeoutMs: number;

  constructor(options: UpgradeOptions) {
    this.#options = options;
    this.#timeoutMs = options.timeoutMs ?? START_TIMEOUT_MS;
  }

  /**
   * Starts another one, and settles when it serves.
   *
   * @throws {Error} when there is none; then nothing has changed
   */
  async run(): Promise<Successor> {
    const { pidFile, refusal, commandLine: own = ownCommandLine } =
      this.#options;
    const path = pidFile.movablePath;
    const obstacle = refusal ?? obstacleTo(path);
    if (obstacle !== undefined) throw new Error(obstacle);
    const commandLine = await own();
    await this.#check(commandLine);
    const ready = `${path}.ready`;
    remove(ready);
    pidFile.stepAside();
    try {
      return await this.#start(commandLine, ready);
    } catch (error) {
      try {
        pidFile.comeBack();
      } catch (other) {
        throw new AggregateError(
          [error, other],
          `${(error as Error).message}; and ${(other as Error).message}`,
        );
      }
      throw error;
    } finally {
      remove(ready);
    }
  }

  /**
   * Has the program that is there now test the configuration, while nothing has
   * changed yet.
   *
   * @throws {Error} what it says, if it would not serve
   */
  async #check({ program, flags, words }: CommandLine): Promise<void> {
    const child = spawn(program, {
      args: [...flags, ...words, "-t", "-q"],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    });
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      kill(child);
      late.reject(new Error(`"${program} -t" ${this.#lateness}`));
    }, this.#timeoutMs);
    // Whoever it has started may have its output open when it is gone.
    const { code, stderr } = await Promise.race([child.output(), late.promise])
      .finally(() => clearTimeout(timer));
    if (code === 0) return;
    throw new Error(
      `"${program} -t" has ended with status ${code}: ${
        reasonIn(new TextDecoder().decode(stderr))
      }`,
    );
  }

  get #lateness(): string {
    return `was not done within ${this.#timeoutMs / 1000} s and was killed`;
  }

  async #start(
    { program, flags, words }: CommandLine,
    ready: string,
  ): Promise<Successor> {
    const holdings = this.#options.holdings();
    const word = takeOverWord({ pid: Deno.pid, ready, holdings });
    const child = spawn(program, {
      args: [...flags, word, ...words],
      stdin: "null",
      stdout: "inherit",
      stderr: "inherit",
    });
    // It goes on when this one has ended.
    child.unref();
    let status: Deno.CommandStatus | undefined;
    child.status.then((ended) => status = ended);
    const until = performance.now() + this.#timeoutMs;
    while (performance.now() < until) {
      // A script may be there that starts the program and waits for it.
      const pid = /^([1-9]\d*)\n$/.exec(contentOf(ready))?.[1];
      if (pid !== undefined) return { pid: Number(pid) };
      if (status !== undefined) {
        throw new Error(
          `the new process ${child.pid} has ended before it served, ${
            endOf(status)
          }: what was wrong it has said itself`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    kill(child);
    throw new Error(`the start of process ${child.pid} ${this.#lateness}`);
  }
}

/**
 * What a program has said, on one line: from its first own words on, or the
 * last lines of the runtime, which tells of each package that it fetches.
 */
export function reasonIn(text: string): string {
  // deno-lint-ignore no-control-regex
  const lines = text.replaceAll(/\x1b\[[\d;]*m/g, "").split("\n")
    .map((line) => line.trim()).filter((line) => line !== "");
  const own = lines.findIndex((line) => line.startsWith(`${PRODUCT}: `));
  return lines.slice(own < 0 ? -MOST_LINES : own).join(" ");
}

/** @throws {Error} in nginx's words, when it cannot be started */
function spawn(
  program: string,
  options: Deno.CommandOptions,
): Deno.ChildProcess {
  try {
    return new Deno.Command(program, options).spawn();
  } catch (error) {
    const reason = failureReason(error);
    throw new Error(`execve() "${program}" failed (${reason})`, {
      cause: error,
    });
  }
}

/** What keeps this process from starting another one, in words. */
function obstacleTo(pidPath: string | undefined): string | undefined {
  if (Deno.build.os !== "linux") {
    return `processes cannot share addresses on ${Deno.build.os}`;
  }
  if (pidPath === undefined) {
    return "there is no pid file: it takes a configuration with one";
  }
  if (Deno.permissions.querySync({ name: "run" }).state !== "granted") {
    return "the right to start programs was given up at the start, because " +
      'of "executable_upgrade off" or a start without --allow-run: restart it';
  }
  return undefined;
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended just now.
  }
}

function endOf({ code, signal }: Deno.CommandStatus): string {
  return signal === null ? `with status ${code}` : `by ${signal}`;
}

function contentOf(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}

function remove(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // There is none.
  }
}
