/**
 * Buffers that nobody owns any more and somebody may still send: the bytes of
 * a file that a slow client has not taken, though the cache has let go of it.
 * How many there are only the garbage collector knows, so it is asked: a
 * buffer counts from the moment it is tracked until it is gone.
 */

import type { MemoryUse } from "./memory_budget.ts";

/** Counts buffers that nobody owns any more until they are gone. */
export class BufferTracker implements MemoryUse {
  /** See {@linkcode MemoryUse.budget}; whoever tracks looks at it first. */
  budget: number;
  #bytes = 0;
  readonly #registry = new FinalizationRegistry<number>((bytes) => {
    this.#bytes -= bytes;
  });

  constructor(budget: number) {
    this.budget = budget;
  }

  /** Whether there is room for `bytes` more. */
  hasRoom(bytes: number): boolean {
    return this.#bytes + bytes <= this.budget;
  }

  /** Bytes of buffers that are tracked and not gone. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Counts `buffer` until it is gone. */
  track(buffer: ArrayBufferLike): void {
    this.#bytes += buffer.byteLength;
    this.#registry.register(buffer, buffer.byteLength);
  }
}
