/**
 * What a program that is started to take the place of another is told by it:
 * one word, before all others of its command line.
 */

import type { Holdings } from "../../cluster/supervisor.ts";
import { log } from "../../logging/logger.ts";
import { UsageError } from "../usage_error.ts";

/** What the word begins with. */
const OPTION = "--take-over=";

/** Whose place is taken, and how. */
export interface TakeOver {
  /** The number of the process that goes on until it is told. */
  readonly pid: number;
  /** The file to make, with the own number, when everything is served. */
  readonly ready: string;
  /** What it listens on. */
  readonly holdings: Holdings;
}

/** The word. */
export function takeOverWord({ pid, ready, holdings }: TakeOver): string {
  const { ports, sockets, copies } = holdings;
  return OPTION + JSON.stringify({
    pid,
    ready,
    // What earlier versions call it, when each worker had one.
    workers: copies,
    ports: Object.fromEntries(ports),
    sockets: [...sockets],
  });
}

/** Tells the other program that everything is served, so that it may end. */
export function tellReady({ pid, ready }: TakeOver): void {
  Deno.writeTextFileSync(ready, `${Deno.pid}\n`, { createNew: true });
  log.notice(`took the place of process ${pid}`);
}

/** The words of a command line without it. */
export function withoutTakeOver(words: readonly string[]): readonly string[] {
  return words[0]?.startsWith(OPTION) ? words.slice(1) : words;
}

/**
 * What the word says, if there is one.
 *
 * @throws {UsageError} when it is not understood
 */
export function takeOverOf(words: readonly string[]): TakeOver | undefined {
  const [word] = words;
  if (!word?.startsWith(OPTION)) return undefined;
  try {
    const { pid, ready, workers: copies, ports, sockets } = JSON.parse(
      word.slice(OPTION.length),
    );
    if (!Number.isInteger(pid) || !Number.isInteger(copies)) {
      throw new TypeError("no numbers");
    }
    return {
      pid,
      ready: String(ready),
      holdings: {
        copies,
        ports: new Map(Object.entries<number>(ports)),
        sockets: new Set<string>(sockets),
      },
    };
  } catch (error) {
    throw new UsageError(
      `option "${OPTION}" is for programs that USR2 starts, and this one is ` +
        `not understood: start this version anew (${error})`,
    );
  }
}
