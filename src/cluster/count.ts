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

/** `worker_processes` on `machine`; warns when there can only be one. */
export function workerCount(
  { main }: Pick<Configuration, "main">,
  { processors, sharesPorts }: Machine,
  warn: (message: string) => void,
): number {
  const said = main.get(workerProcesses);
  const wanted = said === "auto" ? processors : said;
  if (wanted > 1 && !sharesPorts) {
    const place = main.placeOf(workerProcesses);
    warn(
      "this system does not spread connections over workers, one is used" +
        (place === undefined ? "" : ` in ${place.file}:${place.line}`),
    );
    return 1;
  }
  return wanted;
}
