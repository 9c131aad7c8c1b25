/**
 * A large file, held open and read at any place; many readers share the
 * cache's one handle.
 *
 * What was promised is sent, also while the file is appended to, or gets
 * another time or name or other rights, or when another one has taken its name.
 * A file that is cut or written to in its place ends the connection: the rest
 * would be of another version.
 */

import type { PositionedReader } from "../../http/byte_source.ts";
import type { FileEntry } from "../cache/file_entry.ts";
import { type FileIdentity, isSettled } from "../cache/file_identity.ts";
import type { OpenFile } from "../cache/open_file.ts";

/**
 * How much is sent by the descriptor before the version is looked at again, in
 * bytes. A look costs as much as to send 100 KB (measured).
 */
const UNCHECKED_BYTES = 8 * 1024 * 1024;

/** Reads one version of a file at any place. */
export class FileReader implements PositionedReader {
  readonly #entry: FileEntry;
  readonly #file: OpenFile;
  /** What the file was when it was last looked at. */
  #known: FileIdentity;
  /** Whether it had been left alone for a while then. */
  #settled: boolean;
  /** How much was sent since then by the descriptor, in bytes. */
  #unchecked = 0;
  #closed = false;

  /**
   * Holds the file of `entry` open until {@linkcode close}.
   *
   * @throws {Error} when it went out of use and is not the same any more
   */
  constructor(entry: FileEntry) {
    this.#entry = entry;
    this.#file = entry.acquire();
    this.#known = entry.identity;
    this.#settled = entry.settled;
  }

  /** Whether the file has changed since its entry was made. */
  get changed(): boolean {
    return this.#known !== this.#entry.identity;
  }

  /**
   * Reads some bytes, at least one, from `at` on; they count for nothing
   * before {@linkcode check}.
   *
   * @throws {Error} when the file ends there
   */
  read(target: Uint8Array, at: number): number {
    const count = this.#file.read(target, at);
    if (count === 0) throw this.#failure();
    return count;
  }

  /**
   * The descriptor of the file, for whoever sends it without reading it.
   *
   * @throws {Error} when it was closed: the number may be another file's now
   */
  get descriptor(): number {
    if (this.#closed) throw new Error("the file is closed");
    return this.#file.descriptor;
  }

  /**
   * Says that `count` bytes were sent by its descriptor, and makes sure of them
   * now and then; of the last ones {@linkcode check} does.
   *
   * @throws {Error} when the file ends there, or as {@linkcode check}
   */
  taken(count: number): void {
    if (count === 0) throw this.#failure();
    this.#unchecked += count;
    if (this.#unchecked >= UNCHECKED_BYTES) this.check();
  }

  /**
   * Makes sure of the version of what was read.
   *
   * @throws {Error} when the file has not got any more what was promised of it
   */
  check(): void {
    this.#unchecked = 0;
    const seenAt = Date.now();
    const now = this.#file.identityAfter(this.#known);
    if (now === this.#known && this.#settled) return;
    // Whoever asks next gets what the file is now.
    if (now !== this.#known) this.#entry.validUntil = 0;
    if (!this.#entry.stillHolds(this.#file, now)) throw this.#failure();
    this.#known = now;
    this.#settled = isSettled(now, seenAt);
  }

  /** Lets go of the file. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#entry.release();
  }

  #failure(): Error {
    this.#entry.validUntil = 0;
    return new Error(`"${this.#entry.path}" changed while it was sent`);
  }
}
