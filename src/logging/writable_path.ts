/**
 * Whether a file could be appended to, found out without making it or its
 * folder, for a test of the configuration that leaves nothing behind.
 */

import { dirname } from "@std/path/posix/dirname";
import { closeSync, constants, openSync } from "node:fs";
import { wayOf } from "./log_name.ts";
import { canonicalLogPath, isStandardStream } from "./log_sink.ts";
import { SYSLOG_PREFIX } from "./syslog.ts";
import { checkSyslog } from "./syslog_sink.ts";

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
  if (path.startsWith(SYSLOG_PREFIX)) return checkSyslog(path);
  const way = wayOf(path);
  if (way !== undefined) return checkWritable(way.path);
  const name = canonicalLogPath(path);
  if (isStandardStream(name)) return;
  const info = statIfThere(name);
  if (info === undefined) return checkFolder(dirname(name));
  // Whether a pipe has a reader now says nothing about later.
  if (info.isFile || info.isDirectory) {
    Deno.openSync(name, { append: true }).close();
  }
}

/**
 * Does nothing if a file could be made in `folder`, or in the folder that it
 * would be made in.
 *
 * @throws {Error} the one that making it would throw
 */
export function checkFolder(folder: string): void {
  const info = statIfThere(folder);
  if (info === undefined) {
    // A link to nothing is in the way of a folder.
    if (isLink(folder)) Deno.statSync(folder);
    return checkFolder(dirname(folder));
  }
  if (!info.isDirectory) {
    throw new Deno.errors.NotADirectory("Not a directory (os error 20)");
  }
  if (Deno.build.os !== "linux") return;
  try {
    closeSync(openSync(folder, O_TMPFILE | constants.O_WRONLY, 0o600));
  } catch (error) {
    // Some file systems have no such files; then it stays unknown.
    const code = error instanceof Error && "code" in error ? error.code : "";
    if (code !== "EOPNOTSUPP" && code !== "EISDIR") throw error;
  }
}

function isLink(path: string): boolean {
  try {
    return Deno.lstatSync(path).isSymlink;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
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
