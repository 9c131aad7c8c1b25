/** The file that holds the number of the running process. */

import { dirname } from "@std/path/dirname";
import process from "node:process";
import { failureReason } from "../os_error.ts";

/** Where a number goes that nobody wants to know. */
const NOWHERE = "/dev/null";

/** What the name of the file has at its end while another one takes over. */
const OLD = ".oldbin";

/** The pid file of the running program. */
export class PidFile {
  #path: string | undefined;
  #file: Deno.FsFile | undefined;

  /**
   * Opens the file at `path`, if there is one to be written, so that who may
   * not do so later on can still write and empty it.
   *
   * @throws {Error} as {@linkcode write}
   */
  open(path: string | undefined): void {
    if (path !== undefined && path !== NOWHERE) this.#file = openPidFile(path);
  }

  /**
   * Writes this process's number to `path`, if there is one to be written;
   * makes its folder.
   *
   * @throws {Error} in nginx's words, when it cannot be written
   */
  write(path: string | undefined): void {
    if (path === undefined) return;
    if (this.#file === undefined) writePidFile(path);
    else writeOwnNumber(this.#file, path);
    this.#path = path;
  }

  /** Where it was written; `undefined` if it was not. */
  get path(): string | undefined {
    return this.#path;
  }

  /** The same, if it is a file that can be renamed: not `/dev/null`. */
  get movablePath(): string | undefined {
    return this.#path === NOWHERE ? undefined : this.#path;
  }

  /**
   * Writes it where another configuration wants it, and not where the old one
   * did. Nothing is written before {@linkcode write}.
   *
   * @throws {Error} as {@linkcode write}; then the old one stays
   */
  moveTo(path: string | undefined): void {
    const old = this.#path;
    if (old === undefined || path === undefined || path === old) return;
    writePidFile(path);
    this.remove();
    this.#path = path;
  }

  /**
   * Makes room for the file of a program that takes over, as nginx does.
   *
   * @throws {Error} in nginx's words, when it cannot be renamed
   */
  stepAside(): void {
    const path = this.movablePath;
    if (path !== undefined) this.#rename(`${path}${OLD}`);
  }

  /** The other has failed. @throws {Error} as {@linkcode stepAside} does */
  comeBack(): void {
    if (this.#path?.endsWith(OLD)) {
      this.#rename(this.#path.slice(0, -OLD.length));
    }
  }

  #rename(path: string): void {
    const old = this.#path!;
    try {
      Deno.renameSync(old, path);
    } catch (error) {
      const reason = failureReason(error);
      throw new Error(`rename() "${old}" to "${path}" failed (${reason})`, {
        cause: error,
      });
    }
    this.#path = path;
  }

  /**
   * Removes the file, unless another process has written its own number; what
   * may not be removed is emptied.
   */
  remove(): void {
    if (this.#path !== undefined && !removePidFile(this.#path)) {
      this.#file?.truncateSync();
    }
    this.#file?.close();
    this.#path = this.#file = undefined;
  }
}

/** @throws {Error} in nginx's words, when there is no room for it */
function writeOwnNumber(file: Deno.FsFile, path: string): void {
  try {
    file.writeSync(new TextEncoder().encode(`${Deno.pid}\n`));
  } catch (error) {
    const reason = failureReason(error);
    throw new Error(`write() to "${path}" failed (${reason})`, {
      cause: error,
    });
  }
}

/**
 * Writes this process's number to `path`; makes its folder.
 *
 * @throws {Error} in nginx's words, when it cannot be written
 */
export function writePidFile(path: string): void {
  if (path === NOWHERE) return;
  using file = openPidFile(path);
  writeOwnNumber(file, path);
}

/** @throws {Error} in nginx's words, when it cannot be opened */
function openPidFile(path: string): Deno.FsFile {
  const options = { write: true, create: true, truncate: true };
  try {
    try {
      return Deno.openSync(path, options);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      Deno.mkdirSync(dirname(path), { recursive: true });
      return Deno.openSync(path, options);
    }
  } catch (error) {
    throw openError(path, error);
  }
}

/**
 * Removes the file, unless another process has written its own number. Returns
 * whether this process's number stands there no more.
 */
export function removePidFile(path: string): boolean {
  try {
    if (readPid(path) === Deno.pid) Deno.removeSync(path);
    return true;
  } catch (error) {
    // It may be gone already: somebody cleaned up.
    return !(error instanceof Deno.errors.PermissionDenied);
  }
}

function openError(path: string, error: unknown): Error {
  const reason = failureReason(error);
  return new Error(`open() "${path}" failed (${reason})`, { cause: error });
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
    throw openError(path, error);
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
