/**
 * A range of a large file as a response body, read chunk by chunk from the
 * cache's one open handle. Seek and read are synchronous, so several streams
 * can share the handle without getting in each other's way.
 */

import type { BodySource } from "../http/response.ts";
import type { ChunkPool } from "./chunk_pool.ts";
import { type FileEntry, identityOf, sameIdentity } from "./file_entry.ts";
import type { PartCache } from "./part_cache.ts";

/** The memory that sources share. */
export interface SourceMemory {
  /** Buffers to read into. */
  readonly chunks: ChunkPool;
  /** Parts that are asked for again and again. */
  readonly parts: PartCache;
}

/** The bytes from `start` up to `end` of an open file. */
export class FileSource implements BodySource {
  readonly length: number;
  readonly #entry: FileEntry;
  readonly #file: Deno.FsFile;
  readonly #memory: SourceMemory;
  readonly #end: number;
  #at: number;
  #chunk: Uint8Array<ArrayBuffer> | undefined;
  #closed = false;

  /** Holds the file open until {@linkcode close}. */
  constructor(
    entry: FileEntry,
    start: number,
    end: number,
    memory: SourceMemory,
  ) {
    this.length = end - start;
    this.#entry = entry;
    this.#file = entry.acquire();
    this.#memory = memory;
    this.#at = start;
    this.#end = end;
    memory.chunks.enter();
  }

  /**
   * The next chunk, of at most `limit` bytes.
   *
   * @throws {Error} when the file has changed since its head was sent: the
   * rest would be of another version than the beginning
   */
  pull(limit = Infinity): Uint8Array | undefined {
    this.#giveBack();
    const left = Math.min(this.#end - this.#at, limit);
    if (left === 0) return undefined;
    const chunk = this.#chunk = this.#memory.chunks.acquire(left);
    const count = this.#read(
      left < chunk.length ? chunk.subarray(0, left) : chunk,
    );
    return chunk.subarray(0, count);
  }

  /** See {@linkcode BodySource.readAll}; throws as {@linkcode pull}. */
  readAll(target: Uint8Array): void {
    const whole = target.subarray(0, this.#end - this.#at);
    for (let filled = 0; filled < whole.length;) {
      filled += this.#read(filled === 0 ? whole : whole.subarray(filled));
    }
  }

  /** Reads the next bytes, which must be of the version that was promised. */
  #read(target: Uint8Array): number {
    this.#file.seekSync(this.#at, Deno.SeekMode.Start);
    const count = this.#file.readSync(target);
    const now = identityOf(this.#file.statSync());
    if (count === null || !sameVersion(now, this.#entry.identity)) {
      // Whoever asks next gets what the file is now.
      this.#entry.validUntil = 0;
      throw new Error(`"${this.#entry.path}" changed while it was sent`);
    }
    this.#at += count;
    return count;
  }

  /** Lets go of the file and the chunk. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#giveBack();
    this.#memory.chunks.leave();
    this.#entry.release();
  }

  #giveBack(): void {
    if (this.#chunk === undefined) return;
    this.#memory.chunks.release(this.#chunk);
    this.#chunk = undefined;
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
