/**
 * Whether a file could be appended to, found out without making it or its
 * folder, for a test of the configuration that leaves nothing behind.
 */

import { closeSync, constants, openSync } from "node:fs";
import { canonicalLogPath, isStandardStream } from "./log_sink.ts";

/**
 * Linux's flag for a file without a name in a folder: the system allows it
 * exactly where it allows a new file, and nobody ever sees it.
 */
const O_TMPFILE = 0o20200000;

/**
 * Does nothing if `path` could be opened for appending, and made with its
 * folders if it is missing.
 *
 * @throws {Error} the one that opening it would throw
 */
export function checkWritable(path: string): void {
  const name = canonicalLogPath(path);
  if (isStandardStream(name)) return;
  const info = statIfThere(name);
  if (info === undefined) return checkFolder(parentOf(name));
  // Whether a pipe has a reader now says nothing about later.
  if (info.isFile || info.isDirectory) {
    Deno.openSync(name, { append: true }).close();
  }
}

function checkFolder(folder: string): void {
  const info = statIfThere(folder);
  if (info === undefined) return checkFolder(parentOf(folder));
  if (!info.isDirectory) {
    throw new Deno.errors.NotADirectory("Not a directory (os error 20)");
  }
  if (Deno.build.os !== "linux") return;
  try {
    closeSync(openSync(folder, O_TMPFILE | constants.O_WRONLY, 0o600));
  } catch (error) {
    // Some file systems have no such files; then it stays unknown.
    if (errorCode(error) !== "EOPNOTSUPP" && errorCode(error) !== "EISDIR") {
      throw error;
    }
  }
}

function statIfThere(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function errorCode(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf("/");
  if (slash < 0) return ".";
  return slash === 0 ? "/" : path.slice(0, slash);
}
