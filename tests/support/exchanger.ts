/**
 * A program that exchanges what two names stand for, as fast as it can, until
 * it is ended: somebody who swaps a link for a folder under the server's eyes.
 * For Linux, which has a call that does it at once.
 */

/** `renameat2()`: paths are relative to the working folder; exchange them. */
const AT_FDCWD = -100;
const RENAME_EXCHANGE = 2;

if (import.meta.main) {
  const library = Deno.dlopen("libc.so.6", {
    renameat2: {
      parameters: ["i32", "buffer", "i32", "buffer", "u32"],
      result: "i32",
    },
  });
  const [one, two] = Deno.args.map((path) =>
    new TextEncoder().encode(`${path}\0`)
  );
  for (;;) {
    const result = library.symbols.renameat2(
      AT_FDCWD,
      one!,
      AT_FDCWD,
      two!,
      RENAME_EXCHANGE,
    );
    if (result !== 0) throw new Error("the two cannot be exchanged");
  }
}

/** Exchanges two names until it is disposed of. */
export class Exchanger implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
  }

  /** Exchanges what is at `one` and at `two`, from now on. */
  static async start(one: string, two: string): Promise<Exchanger> {
    const program = new URL(import.meta.url).pathname;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-config", "--allow-ffi", program, one, two],
      stdin: "null",
      stdout: "null",
    }).spawn();
    const before = Deno.lstatSync(one).ino;
    while (Deno.lstatSync(one).ino === before) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    return new Exchanger(child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
  }
}
