/** What `deno task soak` is told. */

import { parseArgs } from "@std/cli/parse-args";
import { resolve } from "@std/path";
import type { EventMethod } from "../src/core/settings/event_method.ts";

/** How a soak is run. */
export interface SoakOptions {
  /** How long the clients are at work, in seconds. */
  readonly seconds: number;
  /** `worker_processes`; 1 leaves the directive out. */
  readonly workers: number;
  /** `use`: whose sockets the server has. */
  readonly use: EventMethod;
  /** The compiled program, absolute; `undefined` runs the source. */
  readonly program: string | undefined;
  /** What the choices of clients, changes and reloads begin with. */
  readonly seed: number;
  /** How many good clients there are. */
  readonly good: number;
  /** How many clients misbehave in each way. */
  readonly hostile: number;
  /** Told about progress, a few times a minute; nobody if it is not said. */
  readonly progress?: (line: string) => void;
  /** Told what is wrong when it is seen: a soak may be ended by force. */
  readonly problem?: (text: string) => void;
  /** Ends it before its time. */
  readonly signal?: AbortSignal;
}

/** The options that a command line gives. */
export type SoakArguments = Pick<
  SoakOptions,
  "seconds" | "workers" | "use" | "program" | "seed"
>;

/** The longest soak, in seconds: a day. */
const MAX_SECONDS = 86_400;

/** Values of `--use`. */
const METHODS: readonly EventMethod[] = ["deno", "epoll"];

/** Most workers. */
const MAX_WORKERS = 64;

/**
 * Reads a command line.
 *
 * @throws {RangeError} when something about it is wrong
 */
export function parseOptions(
  words: readonly string[],
  randomSeed: number,
): SoakArguments {
  const args = parseArgs([...words], {
    string: ["seconds", "workers", "use", "program", "seed"],
    unknown: (word: string) => {
      throw new RangeError(
        `unknown argument "${word}", expected --seconds N, --workers N, ` +
          "--use deno|epoll, --program PATH or --seed N",
      );
    },
  }) as Partial<Record<keyof SoakArguments, string>>;
  if (args.program !== undefined && !isFile(args.program)) {
    throw new RangeError(
      `--program is "${args.program}", expected the path of an executable`,
    );
  }
  return {
    seconds: integer("seconds", args.seconds, 60, 1, MAX_SECONDS),
    workers: integer("workers", args.workers, 1, 1, MAX_WORKERS),
    use: eventMethod(args.use ?? "deno"),
    seed: integer("seed", args.seed, randomSeed, 0, 2 ** 32 - 1),
    program: args.program === undefined ? undefined : resolve(args.program),
  };
}

function eventMethod(text: string): EventMethod {
  const method = METHODS.find((each) => each === text);
  if (method !== undefined) return method;
  throw new RangeError(`--use is "${text}", expected deno or epoll`);
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function integer(
  name: string,
  text: string | undefined,
  otherwise: number,
  min: number,
  max: number,
): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new RangeError(
    `--${name} is "${text}", expected a whole number from ${min} to ${max}`,
  );
}
