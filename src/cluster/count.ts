/** How many workers a configuration asks for, and how many there can be. */

import { workerProcesses } from "../core/settings/core.ts";
import type { Configuration } from "../server/setup/configuration.ts";

/**
 * How many sockets of one address a process has at most because the one before
 * it had many. It is reached only by many upgrades in a row, each to another
 * number of workers.
 */
const MOST_COPIES = 256;

/** What the machine is. */
export interface Machine {
  readonly processors: number;
  /** Whether the system spreads connections over listeners of one address. */
  readonly sharesPorts: boolean;
}

/** This machine. Only Linux spreads connections over `SO_REUSEPORT`. */
export function thisMachine(): Machine {
  return {
    processors: navigator.hardwareConcurrency,
    sharesPorts: Deno.build.os === "linux",
  };
}

/**
 * `worker_processes` on `machine`; warns when there can only be one, or only
 * as many as there are: `fixed`.
 */
export function workerCount(
  { main }: Pick<Configuration, "main">,
  { processors, sharesPorts }: Machine,
  warn: (message: string) => void,
  fixed?: number,
): number {
  const said = main.get(workerProcesses);
  const wanted = said === "auto" ? processors : said;
  const place = main.placeOf(workerProcesses);
  const where = place === undefined ? "" : ` in ${place.file}:${place.line}`;
  if (fixed !== undefined) {
    if (wanted !== fixed) {
      warn(`another number of workers takes a restart, ignored${where}`);
    }
    return fixed;
  }
  if (wanted > 1 && !sharesPorts) {
    warn(
      `this system does not spread connections over workers, one is used${where}`,
    );
    return 1;
  }
  return wanted;
}

/**
 * How many sockets each of `workers` has for each port, so that together they
 * are no fewer than `before`, those of the process whose place is taken: only
 * then none of its clients can come to a socket that is being closed.
 */
export function copiesFor(workers: number, before: number): number {
  const most = Math.max(Math.floor(MOST_COPIES / workers), 1);
  return Math.max(Math.min(Math.ceil(before / workers), most), 1);
}
