/** Starting, reading and ending processes, each on the cores it is given. */

/** A command and where it runs. */
export interface Pinned {
  /** The numbers of the cores. */
  readonly cores: readonly number[];
  /** The program and its arguments. */
  readonly command: readonly string[];
}

/** How many descriptors a process should be able to open. */
const DESCRIPTORS = 65_536;

/** How long a helper may take to print a line, in ms. */
const LINE_TIMEOUT_MS = 60_000;

/** How long a process has to end when it is asked to, in ms. */
const END_TIMEOUT_MS = 5000;

/** As many descriptors as allowed, then the command, in the same process. */
const RAISE_LIMIT =
  `ulimit -n ${DESCRIPTORS} 2>/dev/null || ulimit -n "$(ulimit -Hn)"; ` +
  'exec "$@"';

/** The arguments of taskset; the process keeps its number through both. */
function pinnedArgs({ cores, command }: Pinned): string[] {
  return ["-c", cores.join(","), "sh", "-c", RAISE_LIMIT, "sh", ...command];
}

/**
 * Runs a command to its end and gives what it printed.
 *
 * @throws {Error} when it fails
 */
export async function runPinned(pinned: Pinned): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command("taskset", {
    args: pinnedArgs(pinned),
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  if (code !== 0) {
    throw new Error(
      `${pinned.command[0]} failed (${code}): ${decoder.decode(stderr)}`,
    );
  }
  return decoder.decode(stdout) + decoder.decode(stderr);
}

/** What runs now, for {@linkcode stopAll}. */
const running = new Set<RunningProcess>();

/** Ends every process that runs, when the bench itself is to end. */
export async function stopAll(): Promise<void> {
  await Promise.all(
    [...running].map((process) => process[Symbol.asyncDispose]()),
  );
}

/** How many descriptors a process may open here. */
export async function descriptorLimit(core: number): Promise<number> {
  const text = await runPinned({
    cores: [core],
    command: ["sh", "-c", "ulimit -n"],
  });
  return text.trim() === "unlimited" ? Infinity : Number(text);
}

/** A process that runs until it is stopped. */
export class RunningProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #errors: Promise<string>;
  #unread = "";
  #ended = false;

  /** Starts it. */
  constructor(pinned: Pinned) {
    this.#child = new Deno.Command("taskset", {
      args: pinnedArgs(pinned),
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    running.add(this);
    this.#child.status.then(() => {
      this.#ended = true;
      running.delete(this);
    });
    this.#lines = this.#child.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
    this.#input = this.#child.stdin.getWriter();
    this.#errors = new Response(this.#child.stderr).text();
  }

  /** Its number. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Whether it has ended by itself. */
  get ended(): boolean {
    return this.#ended;
  }

  /** What it printed to standard error, once it has ended. */
  get errors(): Promise<string> {
    return this.#errors;
  }

  /**
   * The next line it prints. It is ended if that takes too long.
   *
   * @throws {Error} when it ends instead
   */
  async line(): Promise<string> {
    const timer = setTimeout(() => this.#kill("SIGKILL"), LINE_TIMEOUT_MS);
    try {
      return await this.#readLine();
    } finally {
      clearTimeout(timer);
    }
  }

  async #readLine(): Promise<string> {
    for (;;) {
      const end = this.#unread.indexOf("\n");
      if (end >= 0) {
        const line = this.#unread.slice(0, end);
        this.#unread = this.#unread.slice(end + 1);
        return line;
      }
      const { done, value } = await this.#lines.read();
      if (done) throw new Error(`it ended: ${await this.#errors}`);
      this.#unread += value;
    }
  }

  /** Drops what it prints from now on, so that it never waits for us. */
  ignoreOutput(): void {
    (async () => {
      while (!(await this.#lines.read()).done);
    })().catch(() => {});
  }

  /** Sends a line to its standard input. */
  async tell(line: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(`${line}\n`));
  }

  /** Asks it to end, and makes it end if it does not. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#kill("SIGTERM");
    const timer = setTimeout(() => this.#kill("SIGKILL"), END_TIMEOUT_MS);
    await this.#child.status;
    clearTimeout(timer);
    await this.#input.abort().catch(() => {});
    await this.#lines.cancel().catch(() => {});
    await this.#errors;
  }

  #kill(signal: Deno.Signal): void {
    try {
      this.#child.kill(signal);
    } catch {
      // It has ended.
    }
  }
}

/** Reads files that Deno itself may not, such as those of `/proc`. */
export async function cat(...paths: string[]): Promise<string> {
  const { stdout } = await new Deno.Command("cat", {
    args: paths,
    stdin: "null",
    stderr: "null",
  }).output();
  return new TextDecoder().decode(stdout);
}

/** The processes that `pid` has started and that still run. */
export async function childrenOf(pid: number): Promise<number[]> {
  const { stdout } = await new Deno.Command("pgrep", {
    args: ["-P", String(pid)],
    stdin: "null",
  }).output();
  return new TextDecoder().decode(stdout).split("\n").filter(Boolean)
    .map(Number);
}

/** Where a program is, or `undefined` when it is not installed. */
export async function findProgram(name: string): Promise<string | undefined> {
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  for (const folder of [...folders, "/usr/sbin"]) {
    try {
      const info = await Deno.stat(`${folder}/${name}`);
      if (info.isFile) return `${folder}/${name}`;
    } catch {
      // It is not in this one.
    }
  }
  return undefined;
}
