/**
 * A large file, held open and read at any place. Seek and read are
 * synchronous, so many readers share the cache's one handle without getting
 * in each other's way.
 */

import type { PositionedReader } from "../http/byte_source.ts";
import { type FileEntry, identityOf, sameIdentity } from "./file_entry.ts";

/** See the top of the file. */
export class FileReader implements PositionedReader {
  readonly #entry: FileEntry;
  readonly #file: Deno.FsFile;
  #closed = false;

  /**
   * Holds the file of `entry` open until {@linkcode close}.
   *
   * @throws {Error} when it went out of use and is not the same any more
   */
  constructor(entry: FileEntry) {
    this.#entry = entry;
    this.#file = entry.acquire();
  }

  /**
   * Reads some bytes, at least one, from `at` on; they count for nothing
   * before {@linkcode check}.
   *
   * @throws {Error} when the file ends there
   */
  read(target: Uint8Array, at: number): number {
    this.#file.seekSync(at, Deno.SeekMode.Start);
    const count = this.#file.readSync(target);
    if (count === null) throw this.#changed();
    return count;
  }

  /**
   * Makes sure of the version of what was read.
   *
   * @throws {Error} when the file has changed since its head was sent: the
   * rest would be of another version than the beginning
   */
  check(): void {
    const now = identityOf(this.#file.statSync());
    if (!sameVersion(now, this.#entry.identity)) throw this.#changed();
  }

  /** Lets go of the file. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#entry.release();
  }

  #changed(): Error {
    // Whoever asks next gets what the file is now.
    this.#entry.validUntil = 0;
    return new Error(`"${this.#entry.path}" changed while it was sent`);
  }
}

/**
 * Whether the open file still has the content it had. Its status-change time
 * does not count here: it also moves when the file is renamed or unlinked,
 * which is how a deploy replaces it, and the old content is still whole.
 */
function sameVersion(
  a: FileEntry["identity"],
  b: FileEntry["identity"],
): boolean {
  return sameIdentity({ ...a, ctimeMs: 0 }, { ...b, ctimeMs: 0 });
}
