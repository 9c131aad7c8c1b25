/** The file that holds the number of the running process. */

import { dirname } from "@std/path";

/** Writes this process's number to `path`; makes its folder. */
export function writePidFile(path: string): void {
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
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound
      ? "2: No such file or directory"
      : error instanceof Error
      ? error.message
      : String(error);
    throw new Error(`open() "${path}" failed (${reason})`, { cause: error });
  }
  const pid = /^\s*([1-9]\d*)\s*$/.exec(text)?.[1];
  if (pid === undefined) {
    throw new Error(`invalid PID number "${text.trim()}" in "${path}"`);
  }
  return Number(pid);
}
