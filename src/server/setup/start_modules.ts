/** What modules do before and while a configuration is served. */

import type { Stop } from "../../core/module.ts";
import { log } from "../../logging/logger.ts";
import { loadHttp2 } from "../sessions/http2_loading.ts";
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
 * Has the modules get what they need to serve a configuration, and loads the
 * protocol that not every one speaks.
 *
 * @throws {Error} when one of them cannot
 */
export async function readyToServe(
  { modules, main, environment, plan }: Generation,
): Promise<void> {
  const speaksHttp2 = plan.listeners.some(({ group, groups, ipv4 }) =>
    [group, ipv4, ...groups.values()].some((one) => one?.http2 !== undefined)
  );
  await Promise.all([
    speaksHttp2 ? loadHttp2() : undefined,
    ...modules.map((module) => module.ready?.(main, environment)),
  ]);
}

function attempt(name: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    log.alert(`module ${name} could not be started or stopped`, { error });
  }
}
