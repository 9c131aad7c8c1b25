/** What the program can be compiled for. */

/** A system and processor. */
export interface Target {
  /** The target triple, as `deno compile --target` takes it. */
  readonly triple: string;
  /** The name of the executable among those of `compile:all`. */
  readonly file: string;
}

/** All targets of `deno compile`. */
export const TARGETS: readonly Target[] = [
  { triple: "x86_64-unknown-linux-gnu", file: "webserv-linux-x64" },
  { triple: "aarch64-unknown-linux-gnu", file: "webserv-linux-arm64" },
  { triple: "x86_64-apple-darwin", file: "webserv-macos-x64" },
  { triple: "aarch64-apple-darwin", file: "webserv-macos-arm64" },
  { triple: "x86_64-pc-windows-msvc", file: "webserv-windows-x64.exe" },
];

/** An executable to make. */
export interface Job {
  /** The target triple. */
  readonly triple: string;
  /** The path of the executable, relative to the project. */
  readonly output: string;
}

/** A command line that cannot be understood. */
export class CompileUsageError extends Error {
  /** The name under which the error is printed. */
  override readonly name = "CompileUsageError";
}

function hostJob(host: string): Job {
  const extension = host.includes("windows") ? ".exe" : "";
  return { triple: host, output: `dist/webserv${extension}` };
}

function targetJob({ triple, file }: Target): Job {
  return { triple, output: `dist/${file}` };
}

/**
 * What to make: with no arguments the executable of the machine itself, with
 * `--all` those of all targets, with `--target TRIPLE` one of them.
 *
 * @throws {CompileUsageError} for anything else, or an unknown target
 */
export function jobsOf(args: readonly string[], host: string): readonly Job[] {
  const [first, second, ...rest] = args;
  if (first === undefined) return [hostJob(host)];
  if (first === "--all" && second === undefined) return TARGETS.map(targetJob);
  if (first === "--target" && second !== undefined && rest.length === 0) {
    const target = TARGETS.find(({ triple }) => triple === second);
    if (target !== undefined) return [targetJob(target)];
    throw new CompileUsageError(
      `unknown target "${second}", expected one of:\n` +
        TARGETS.map(({ triple }) => `  ${triple}`).join("\n"),
    );
  }
  throw new CompileUsageError("usage: compile [--all | --target TRIPLE]");
}
