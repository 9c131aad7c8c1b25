/**
 * Which buffers are in use, and how much of them nobody else keeps any more:
 * the bytes of a file that a slow client has not taken, though the cache has
 * let go of it. They are in memory all the same.
 */

import type { MemoryUse } from "./memory_budget.ts";

interface Use {
  users: number;
  isAbandoned: boolean;
}

/** Counts the uses of buffers that somebody may still send. */
export class BufferUses implements MemoryUse {
  /** See {@linkcode MemoryUse.budget}; whoever abandons buffers looks at it. */
  readonly budget: number;
  readonly #uses = new Map<ArrayBufferLike, Use>();
  #bytes = 0;

  constructor(budget: number) {
    this.budget = budget;
  }

  /** Bytes of buffers that are abandoned and in use. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether more is abandoned than should be. */
  get exceeded(): boolean {
    return this.#bytes > this.budget;
  }

  /** Somebody uses `buffer` until they call {@linkcode release}. */
  use(buffer: ArrayBufferLike): void {
    const use = this.#uses.get(buffer);
    if (use !== undefined) use.users++;
    else this.#uses.set(buffer, { users: 1, isAbandoned: false });
  }

  /** Ends one {@linkcode use}. */
  release(buffer: ArrayBufferLike): void {
    const use = this.#uses.get(buffer);
    if (use === undefined || --use.users > 0) return;
    this.#uses.delete(buffer);
    if (use.isAbandoned) this.#bytes -= buffer.byteLength;
  }

  /** Its owner does not keep `buffer` any more. */
  abandon(buffer: ArrayBufferLike): void {
    const use = this.#uses.get(buffer);
    if (use === undefined || use.isAbandoned) return;
    use.isAbandoned = true;
    this.#bytes += buffer.byteLength;
  }
}
