/** Tells when a file in a folder has changed. */

import type { Stop } from "../../core/module.ts";
import { log } from "../../logging/logger.ts";
import { failureReason } from "../../os_error.ts";
import { isSeen } from "./seen.ts";

/** How long nothing must happen before a change is told, in ms. */
const QUIET_MS = 60;

/** How long a change is kept back at most while more happens, in ms. */
const MAX_HELD_MS = 600;

/** Which file something is. */
type FileIdentity = Pick<Deno.FileInfo, "dev" | "ino">;

/** The files that the process writes its lines to: each answer makes one. */
function standardStreams(): FileIdentity[] {
  return ["/dev/stdout", "/dev/stderr"].flatMap((path) => {
    try {
      const found = Deno.statSync(path);
      return found.isFile ? [found] : [];
    } catch {
      return []; // It is closed, or has no such name on this system.
    }
  });
}

/** Whether `path` is one of `files`. */
function isOneOf(files: readonly FileIdentity[], path: string): boolean {
  if (files.length === 0) return false;
  try {
    const { dev, ino } = Deno.statSync(path);
    return files.some((file) => file.ino === ino && file.dev === dev);
  } catch {
    return false; // It was removed.
  }
}

/**
 * Calls `changed` when something in `folder` has, once for what comes at once,
 * until the result is called. Files at the paths of `logs` do not count.
 */
export function watch(
  folder: string,
  logs: readonly string[],
  changed: () => void,
): Stop {
  let watcher: Deno.FsWatcher;
  try {
    watcher = Deno.watchFs(folder);
  } catch (error) {
    log.warn(
      `"${folder}" cannot be watched, so no page is loaded again by itself (${
        failureReason(error)
      })`,
    );
    return () => {};
  }
  const streams = standardStreams();
  const counts = (path: string) =>
    isSeen(folder, path) && !logs.includes(path) && !isOneOf(streams, path);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let since = 0;
  function tell(): void {
    timer = undefined;
    changed();
  }
  async function run(): Promise<void> {
    for await (const { kind, paths } of watcher) {
      if (kind === "access" || !paths.some(counts)) continue;
      const now = performance.now();
      if (timer === undefined) since = now;
      clearTimeout(timer);
      timer = setTimeout(
        tell,
        Math.max(0, Math.min(QUIET_MS, since + MAX_HELD_MS - now)),
      );
    }
  }
  run().catch((error) => log.warn(`"${folder}" is watched no more`, { error }));
  return () => {
    clearTimeout(timer);
    watcher.close();
  };
}
