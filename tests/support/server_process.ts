/** The real program, started as `deno task start` starts it. */

import { join } from "@std/path";
import { withEventMethod } from "./event_method.ts";
import { programArguments } from "./program.ts";

/** How long the program may take to start, in ms. */
const START_TIMEOUT_MS = 20_000;

function command(
  args: readonly string[],
  cwd: string | undefined,
  executable?: string,
): Deno.Command {
  return new Deno.Command(executable ?? Deno.execPath(), {
    args: executable === undefined ? [...programArguments(), ...args] : [
      ...args,
    ],
    ...(cwd === undefined ? {} : { cwd }),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  });
}

/** How a run of the program ended. */
export interface RunResult {
  /** The exit status. */
  readonly code: number;
  /** What it printed. */
  readonly stdout: string;
  /** What it printed to standard error. */
  readonly stderr: string;
}

/** Runs the program until it ends by itself. */
export async function runProgram(
  args: readonly string[],
  cwd?: string,
): Promise<RunResult> {
  const { code, stdout, stderr } = await command(args, cwd).output();
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}

/** Writes files under `folder`; a name that ends with `/` is a folder. */
export function writeFiles(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    Deno.mkdirSync(join(path, name.endsWith("/") ? "." : ".."), {
      recursive: true,
    });
    if (name.endsWith("/")) continue;
    if (typeof content === "string") Deno.writeTextFileSync(path, content);
    else Deno.writeFileSync(path, content);
  }
}

/** What a {@linkcode ServerProcess} is started with. */
export interface ServerProcessOptions {
  /** The configuration; its prefix is the temporary folder. */
  readonly config: string;
  /** Arguments that take the place of those for the configuration. */
  readonly args?: readonly string[];
  /** Files to write into the temporary folder before the start. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** An executable, absolute, that takes the place of the source. */
  readonly executable?: string | undefined;
}

/** A running server in a temporary folder. */
export class ServerProcess implements AsyncDisposable {
  /** The temporary folder, which is the prefix of the configuration. */
  readonly folder: string;
  readonly #child: Deno.ChildProcess;
  readonly #output: Promise<void>[];
  #stdout = "";
  #stderr = "";

  private constructor(folder: string, child: Deno.ChildProcess) {
    this.folder = folder;
    this.#child = child;
    this.#output = [
      this.#collect(child.stdout, (text) => this.#stdout += text),
      this.#collect(child.stderr, (text) => this.#stderr += text),
    ];
  }

  /** Starts the program and waits until it has printed its addresses. */
  static async start(options: ServerProcessOptions): Promise<ServerProcess> {
    const folder = Deno.realPathSync(
      Deno.makeTempDirSync({ prefix: "webserv_test_" }),
    );
    writeFiles(folder, {
      ...options.files,
      "webserv.conf": withEventMethod(options.config),
    });
    return await ServerProcess.startIn(folder, options);
  }

  /** As {@linkcode start}, in a folder that has its files. */
  static async startIn(
    folder: string,
    options: Pick<ServerProcessOptions, "args" | "executable">,
  ): Promise<ServerProcess> {
    const child = command(
      options.args ?? ["-c", join(folder, "webserv.conf")],
      folder,
      options.executable,
    ).spawn();
    const server = new ServerProcess(folder, child);
    const until = performance.now() + START_TIMEOUT_MS;
    while (!/error log: .*\n/.test(server.stdout)) {
      const ended = await Promise.race([
        child.status,
        new Promise<undefined>((resolve) =>
          setTimeout(() => resolve(undefined), 10)
        ),
      ]);
      if (ended !== undefined || performance.now() > until) {
        await server.kill();
        Deno.removeSync(folder, { recursive: true });
        throw new Error(
          `the server did not start:\n${server.stdout}${server.stderr}`,
        );
      }
    }
    return server;
  }

  /** What it has printed so far. */
  get stdout(): string {
    return this.#stdout;
  }

  /** What it has printed to standard error so far. */
  get stderr(): string {
    return this.#stderr;
  }

  /** The ports it listens on, in the order it printed them. */
  get ports(): number[] {
    return [...this.#stdout.matchAll(/https?:\/\/[^/]*?(?::(\d+))?\//g)]
      .map(([, port]) => Number(port ?? 80));
  }

  /** The first port. */
  get port(): number {
    return this.ports[0]!;
  }

  /** The process number. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Settles with the exit status. */
  get status(): Promise<Deno.CommandStatus> {
    return this.#child.status;
  }

  /** A path under its folder. */
  path(name: string): string {
    return join(this.folder, name);
  }

  /** The content of a file under its folder, empty if there is none. */
  read(name: string): string {
    try {
      return Deno.readTextFileSync(this.path(name));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return "";
      throw error;
    }
  }

  /** Sends a signal to it. */
  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Stops it by `signal` and waits for its end. */
  async stop(signal: Deno.Signal = "SIGTERM"): Promise<Deno.CommandStatus> {
    try {
      this.#child.kill(signal);
    } catch {
      // It has ended already.
    }
    const status = await this.#child.status;
    await Promise.all(this.#output);
    return status;
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    await this.stop("SIGKILL");
  }

  /** Stops it and removes its folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    Deno.removeSync(this.folder, { recursive: true });
  }

  async #collect(
    stream: ReadableStream<Uint8Array<ArrayBuffer>>,
    add: (text: string) => void,
  ): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      add(text);
    }
  }
}

/** Waits until `test` holds, looking every 20 ms. */
export async function eventually(
  test: () => boolean,
  what: string,
  timeoutMs = 5000,
): Promise<void> {
  const until = performance.now() + timeoutMs;
  while (!test()) {
    if (performance.now() > until) throw new Error(`timed out: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
