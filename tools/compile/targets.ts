/** What the program can be compiled for, and how that is said. */

import { parseArgs } from "@std/cli/parse-args";

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

/**
 * Where the base executables come from: Deno's own server (or `DENORT_BIN`),
 * or a package on npm that was made with one.
 */
export type BaseSource = "deno" | "npm";

/** What the command line asks for. */
export interface Order {
  /** The executables to make. */
  readonly jobs: readonly Job[];
  /** `--base`. */
  readonly base: BaseSource;
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
 * The target of a triple.
 *
 * @throws {CompileUsageError} when there is none
 */
export function targetOf(triple: string): Target {
  const target = TARGETS.find((one) => one.triple === triple);
  if (target !== undefined) return target;
  throw new CompileUsageError(
    `unknown target "${triple}", expected one of:\n` +
      TARGETS.map(({ triple }) => `  ${triple}`).join("\n"),
  );
}

/**
 * The value of `--base`.
 *
 * @throws {CompileUsageError} for anything but `npm` and `deno`
 */
export function baseSource(text: string | undefined): BaseSource {
  if (text === undefined || text === "deno") return "deno";
  if (text === "npm") return "npm";
  throw new CompileUsageError(
    `unknown base "${text}", expected "deno" (its own server, or DENORT_BIN) ` +
      'or "npm" (a package that was made with it)',
  );
}

const USAGE = "usage: compile [--all | --target TRIPLE] [--base=npm]";

/**
 * What to make: with no arguments the executable of the machine itself, with
 * `--all` those of all targets, with `--target TRIPLE` one of them.
 *
 * @throws {CompileUsageError} for anything else, or an unknown target
 */
export function parseOrder(args: readonly string[], host: string): Order {
  const values = parseArgs([...args], {
    boolean: ["all"],
    string: ["target", "base", "_"],
    unknown: () => {
      throw new CompileUsageError(USAGE);
    },
  });
  const { target, all } = values;
  if (all && target !== undefined) throw new CompileUsageError(USAGE);
  const base = baseSource(values.base);
  if (all) return { base, jobs: TARGETS.map(targetJob) };
  if (target === undefined) return { base, jobs: [hostJob(host)] };
  return { base, jobs: [targetJob(targetOf(target))] };
}
