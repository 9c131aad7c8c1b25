/**
 * Buffers for streaming files. A chunk has to be large enough to be worth its
 * calls and small enough to stay in the processor's cache between the copy in
 * and the copy out (measured for 100 MB, ms of processor time: 64 KiB 98, 128
 * KiB 71, 256 KiB 50, 512 KiB 87, 1 MiB 84). A client that does not read holds
 * its chunk, so the size is at most each stream's fair share of a budget.
 */

import { MemoryBudget } from "../../bytes/memory_budget.ts";

/**
 * What all chunks in use take together. Beyond it each stream still has one
 * of the smallest.
 */
export const CHUNK_MEMORY = new MemoryBudget(32 * 1024 * 1024);

/** The sizes chunks come in, largest first, in bytes. */
export const CHUNK_SIZES = [
  256 * 1024,
  64 * 1024,
  16 * 1024,
  4 * 1024,
] as const;

/** How many unused chunks of each size are kept. */
const MAX_UNUSED = 4;

/** Hands out chunks and takes them back. */
export class ChunkPool {
  readonly #memory: MemoryBudget;
  readonly #unused: Uint8Array<ArrayBuffer>[][] = CHUNK_SIZES.map(() => []);
  #streams = 0;

  constructor(memory: MemoryBudget = CHUNK_MEMORY) {
    this.#memory = memory;
  }

  /** How many streams are open. */
  get streams(): number {
    return this.#streams;
  }

  /** Counts a stream in; its share shrinks everyone's. */
  enter(): void {
    this.#streams++;
  }

  /** Counts a stream out. */
  leave(): void {
    this.#streams--;
  }

  /** A chunk for a stream that has `wanted` bytes left to send. */
  acquire(wanted: number): Uint8Array<ArrayBuffer> {
    const share = this.#memory.budget / Math.max(1, this.#streams);
    const last = CHUNK_SIZES.length - 1;
    let size = 0;
    while (size < last && CHUNK_SIZES[size]! > share) size++;
    while (size < last && CHUNK_SIZES[size + 1]! >= wanted) size++;
    while (size < last && !this.#memory.take(CHUNK_SIZES[size]!)) size++;
    if (size === last) this.#memory.takeAnyway(CHUNK_SIZES[size]!);
    return this.#unused[size]!.pop() ?? new Uint8Array(CHUNK_SIZES[size]!);
  }

  /** Takes a chunk back. */
  release(chunk: Uint8Array<ArrayBuffer>): void {
    const size = (CHUNK_SIZES as readonly number[]).indexOf(chunk.length);
    const unused = this.#unused[size];
    if (unused === undefined) return;
    this.#memory.give(chunk.length);
    if (unused.length < MAX_UNUSED) unused.push(chunk);
  }
}
