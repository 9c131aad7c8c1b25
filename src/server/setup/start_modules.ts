/** What modules do before and while a configuration is served. */

import type { Stop } from "../../core/module.ts";
import { log } from "../../logging/logger.ts";
import type { Generation } from "./configuration.ts";

/**
 * Starts the modules of a configuration. One that fails does not keep the
 * others, nor the server: the configuration is served already.
 *
 * @returns what stops them all, the last one first
 */
export function startModules(
  hook: "start" | "supervise",
  { modules, main, environment }: Generation,
): Stop {
  const stops: Stop[] = [];
  for (const module of modules) {
    attempt(module.name, () => {
      const stop = module[hook]?.(main, environment);
      if (stop !== undefined) {
        stops.unshift(() => attempt(module.name, stop));
      }
    });
  }
  return () => {
    for (const stop of stops.splice(0)) stop();
  };
}

/**
 * Has the modules get what they need to serve a configuration.
 *
 * @throws {Error} when one of them cannot
 */
export async function readyModules(
  { modules, main, environment }: Generation,
): Promise<void> {
  await Promise.all(
    modules.map((module) => module.ready?.(main, environment)),
  );
}

function attempt(name: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    log.alert(`module ${name} could not be started or stopped`, { error });
  }
}
