/** The file that holds the number of the running process. */

import { dirname } from "@std/path";
import process from "node:process";
import { failureReason } from "../os_error.ts";

/** Where a number goes that nobody wants to know. */
const NOWHERE = "/dev/null";

/** Writes this process's number to `path`; makes its folder. */
export function writePidFile(path: string): void {
  if (path === NOWHERE) return;
  Deno.mkdirSync(dirname(path), { recursive: true });
  Deno.writeTextFileSync(path, `${Deno.pid}\n`);
}

/** Removes the file, unless another process has written its own number. */
export function removePidFile(path: string): void {
  try {
    if (readPid(path) === Deno.pid) Deno.removeSync(path);
  } catch {
    // It is gone already: somebody cleaned up.
  }
}

/**
 * The number in `path`.
 *
 * @throws {Error} when there is no such file or no number in it
 */
export function readPid(path: string): number {
  if (path === NOWHERE) {
    throw new Error(
      `the configuration says "pid ${NOWHERE}": signals cannot be sent by -s`,
    );
  }
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    throw new Error(`open() "${path}" failed (${failureReason(error)})`, {
      cause: error,
    });
  }
  const pid = /^\s*([1-9]\d*)\s*$/.exec(text)?.[1];
  if (pid === undefined) {
    throw new Error(`invalid PID number "${text.trim()}" in "${path}"`);
  }
  return Number(pid);
}

/**
 * Whether the process whose number is in `path` runs; also if that cannot be
 * known, but not without a number.
 */
export function isRunning(path: string): boolean {
  let pid: number;
  try {
    pid = readPid(path);
  } catch {
    return false;
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && "code" in error &&
      error.code === "ESRCH");
  }
}
