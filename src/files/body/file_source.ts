/** A range of a large file as a response body, read chunk by chunk. */

import type { BodySource, FilePart } from "../../http/response.ts";
import type { ChunkPool } from "./chunk_pool.ts";
import type { FileEntry } from "../cache/file_entry.ts";
import { FileReader } from "./file_reader.ts";
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
  readonly #reader: FileReader;
  readonly #chunks: ChunkPool;
  readonly #end: number;
  #at: number;
  #chunk: Uint8Array<ArrayBuffer> | undefined;
  #closed = false;

  /** Holds the file open until {@linkcode close}. */
  constructor(
    entry: FileEntry,
    start: number,
    end: number,
    { chunks }: SourceMemory,
  ) {
    this.length = end - start;
    this.#reader = new FileReader(entry);
    this.#chunks = chunks;
    this.#at = start;
    this.#end = end;
    chunks.enter();
  }

  /**
   * The next chunk, of at most `limit` bytes.
   *
   * @throws {Error} as {@linkcode FileReader.check}
   */
  pull(limit = Infinity): Uint8Array | undefined {
    // Who reads ahead may ask once more after the end of the answer.
    if (this.#closed) return undefined;
    this.#giveBack();
    const left = Math.min(this.#end - this.#at, limit);
    if (left === 0) return undefined;
    const chunk = this.#chunk = this.#chunks.acquire(left);
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

  /** See {@linkcode BodySource.lend}. */
  lend(limit: number): FilePart {
    const length = Math.min(this.#end - this.#at, limit);
    return { file: this.#reader.descriptor, offset: this.#at, length };
  }

  /** See {@linkcode BodySource.taken}; throws as {@linkcode pull}. */
  taken(count: number): void {
    this.#reader.taken(count);
    this.#at += count;
  }

  /** Whether the file has changed since its entry was made. */
  get changed(): boolean {
    return this.#reader.changed;
  }

  #read(target: Uint8Array): number {
    const count = this.#reader.read(target, this.#at);
    this.#reader.check();
    this.#at += count;
    return count;
  }

  /** Lets go of the file and the chunk. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#giveBack();
    this.#chunks.leave();
    this.#reader.close();
  }

  #giveBack(): void {
    if (this.#chunk === undefined) return;
    this.#chunks.release(this.#chunk);
    this.#chunk = undefined;
  }
}
