/**
 * Which functions of `src/` run between two moments, and how often: the
 * engine counts every call (V8's precise coverage).
 */

import { Session } from "node:inspector/promises";

/** A function that ran. */
export interface Called {
  /** Its file, relative to `src/`. */
  readonly file: string;
  /** Its name; empty for one that has none. */
  readonly name: string;
  /** Where it begins in its file, in characters. */
  readonly start: number;
  /** How often it was called. */
  readonly calls: number;
}

const SOURCE = new URL("../../src/", import.meta.url).href;

/** The functions of `src/` that `act` calls, in the order of their files. */
export async function trace(act: () => Promise<void>): Promise<Called[]> {
  const session = new Session();
  session.connect();
  try {
    await session.post("Profiler.enable");
    await session.post("Profiler.startPreciseCoverage", {
      callCount: true,
      detailed: false,
    });
    await act();
    // Taking what was counted begins anew.
    const { result } = await session.post("Profiler.takePreciseCoverage");
    return result.filter(({ url }) => url.startsWith(SOURCE))
      .flatMap(({ url, functions }) =>
        functions.map(({ functionName, ranges }) => ({
          file: url.slice(SOURCE.length),
          name: functionName,
          start: ranges[0]!.startOffset,
          calls: ranges[0]!.count,
        }))
      )
      .filter(({ calls, start }) => calls > 0 && start > 0);
  } finally {
    await session.post("Profiler.stopPreciseCoverage");
    session.disconnect();
  }
}
