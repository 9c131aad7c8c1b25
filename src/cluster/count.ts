/** How many workers a configuration asks for, and how many there can be. */

import { workerProcesses } from "../core/settings/core.ts";
import type { Configuration } from "../server/setup/configuration.ts";

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
