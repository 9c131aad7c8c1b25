/** Tells when a file in a folder has changed. */

import type { Stop } from "../../core/module.ts";
import { log } from "../../logging/logger.ts";
import { failureReason } from "../../os_error.ts";
import { isSeen } from "./seen.ts";

/** How long nothing must happen before a change is told, in ms. */
const QUIET_MS = 60;

/** How long a change is kept back at most while more happens, in ms. */
const MAX_HELD_MS = 600;

/**
 * How often it is looked whether it is the same folder still, in ms: the system
 * tells of the folder that was there, if of anything.
 */
const LOOK_MS = 250;

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
  const found = identityAt(path);
  return files.some((file) =>
    file.ino === found?.ino && file.dev === found.dev
  );
}

/** What is at `path`, if anything is. */
function identityAt(path: string): FileIdentity | undefined {
  try {
    return Deno.statSync(path);
  } catch {
    return undefined; // It was removed, perhaps to be made anew.
  }
}

/**
 * Calls `changed` when something in `folder` has, once for what comes at once,
 * until the result is called. Files at the paths of `logs` do not count. A
 * folder that is made anew, as a build does, is watched from then on.
 */
export function watch(
  folder: string,
  logs: readonly string[],
  changed: () => void,
): Stop {
  let known: FileIdentity | undefined;
  let stop: Stop | undefined;
  function begin(found: FileIdentity): void {
    known = found;
    stop = watchThis(folder, {
      logs,
      changed,
      // The next one may be given the same number.
      removed: () => known = undefined,
    });
  }
  function look(): void {
    const found = identityAt(folder);
    if (stop !== undefined) {
      if (found?.ino === known?.ino && found?.dev === known?.dev) return;
      stop();
      // The runtime ends it a moment later, and whatever watches the path then:
      // it is not before the next look that it is watched again.
      stop = undefined;
    } else if (found !== undefined) {
      begin(found);
      changed();
    }
  }
  const first = identityAt(folder);
  if (first !== undefined) begin(first);
  else log.warn(`"${folder}" is not there: it is watched once it is`);
  const timer = setInterval(look, LOOK_MS);
  return () => {
    clearInterval(timer);
    stop?.();
  };
}

/** What {@linkcode watchThis} is told. */
interface WatchOptions {
  /** Files in it that do not count. */
  readonly logs: readonly string[];
  /** Hears of a change. */
  readonly changed: () => void;
  /** Hears that the folder itself is gone. */
  readonly removed: () => void;
}

/** Watches the folder that is there now. */
function watchThis(
  folder: string,
  { logs, changed, removed }: WatchOptions,
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
      if (kind === "remove" && paths.includes(folder)) removed();
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
    try {
      watcher.close();
    } catch {
      // It has ended by itself, with what it watched.
    }
  };
}
