/**
 * Opening a file so that nobody can make the server wait, and judging what is
 * open rather than what a name led to a moment ago.
 *
 * It goes by way of `node:fs`, because `Deno.openSync()` takes no flags: it
 * would wait for a writer where a FIFO has taken a file's place. A `stat` of
 * the handle is dear there (measured: 12 µs, by path 4), so what is asked over
 * and over is asked by path first.
 */

import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import type { ContainedPath } from "../../routing/path_map.ts";
import {
  type FileIdentity,
  identityOf,
  isSameFile,
  sameIdentity,
} from "./file_identity.ts";

/** Windows has neither of the last two; there is nothing to follow or wait for. */
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) |
  (constants.O_NONBLOCK ?? 0);

/** An open file. It has to be closed. */
export class OpenFile {
  readonly #path: ContainedPath;
  /** Its number in the system, as long as it is open. */
  readonly descriptor: number;
  #isAtPath = true;

  private constructor(path: ContainedPath, descriptor: number) {
    this.#path = path;
    this.descriptor = descriptor;
  }

  /**
   * Opens what is at `path`, whatever it is, without waiting.
   *
   * @throws {Error} what the operating system says, with its `code`
   */
  static open(path: ContainedPath): OpenFile {
    return new OpenFile(path, openFollowed(path));
  }

  /** The identity of what is open; `undefined` when it is no regular file. */
  identity(): FileIdentity | undefined {
    const info = fstatSync(this.descriptor);
    if (!info.isFile()) return undefined;
    const { size, mtimeMs, ctimeMs, dev, ino } = info;
    return { size, mtimeMs, ctimeMs, dev, ino };
  }

  /** Whether the path led to the open file when it was last asked. */
  get isAtPath(): boolean {
    return this.#isAtPath;
  }

  /**
   * The rights, owner and number of names of what is open, to be compared: why
   * its status may have changed, other than by a write.
   */
  marks(): string {
    const { mode, uid, gid, nlink } = fstatSync(this.descriptor);
    return `${mode} ${uid} ${gid} ${nlink}`;
  }

  /**
   * The identity of the open file, which was `last` when it was last asked:
   * `last` itself if nothing has changed. The path tells as much as the handle
   * while it leads to the same file.
   */
  identityAfter(last: FileIdentity): FileIdentity {
    const now = this.#identityByPath(last) ?? this.identity();
    return now === undefined || sameIdentity(now, last) ? last : now;
  }

  #identityByPath(last: FileIdentity): FileIdentity | undefined {
    if (!this.#isAtPath) return undefined;
    const found = identityAt(this.#path);
    this.#isAtPath = found !== undefined && isSameFile(found, last);
    return this.#isAtPath ? found : undefined;
  }

  /**
   * Whether no name leads any more to the file, which is `known`: it takes room
   * on the disk until it is closed. A handle that cannot be asked, as that of a
   * file which is gone from a network's disk, is of no use either.
   */
  isDeleted(known: FileIdentity): boolean {
    const found = identityAt(this.#path);
    if (found !== undefined && isSameFile(found, known)) return false;
    try {
      return fstatSync(this.descriptor).nlink === 0;
    } catch {
      return true;
    }
  }

  /** Reads bytes from `position` on into `target`; 0 at the end of the file. */
  read(target: Uint8Array, position: number): number {
    return readSync(this.descriptor, target, 0, target.length, position);
  }

  /** Closes it. */
  close(): void {
    try {
      closeSync(this.descriptor);
    } catch {
      // It was only read, so nothing is lost; the system has given it up.
    }
  }
}

/**
 * Opens `path` without waiting. Deno follows links before it opens a file, to
 * ask for the rights where they lead; with `--allow-all` it leaves them to the
 * system, which is told to follow none at the end.
 */
function openFollowed(path: string): number {
  try {
    return openSync(path, FLAGS);
  } catch (error) {
    const isLink = error instanceof Error && "code" in error &&
      error.code === "ELOOP";
    if (!isLink) throw error;
    return openSync(Deno.realPathSync(path), FLAGS);
  }
}

/** The identity of what is at `path` now. */
function identityAt(path: ContainedPath): FileIdentity | undefined {
  try {
    return identityOf(Deno.statSync(path));
  } catch {
    return undefined;
  }
}
