/**
 * Memory for reuse. A new `Uint8Array` of more than a few bytes is a call to
 * the allocator, and later work for the garbage collector: with one or two
 * per request they cost as much as the parsing (measured on short
 * connections: a fifth of the processor time).
 */

/** Small pieces are cut from slabs of this size: each piece of its own would
 * cost the allocator's and the engine's bookkeeping, 200 bytes and more. */
const SLAB_BYTES = 64 * 1024;

/** Keeps pieces of memory of one size. */
export class BufferPool {
  /** The size of each piece, in bytes. */
  readonly bytes: number;
  readonly #maxUnused: number;
  readonly #unused: Uint8Array<ArrayBuffer>[] = [];

  /** A pool of pieces of `bytes` that keeps at most `maxUnused` of them. */
  constructor(bytes: number, maxUnused: number) {
    this.bytes = bytes;
    this.#maxUnused = maxUnused;
  }

  /** How many pieces wait to be used again. */
  get unused(): number {
    return this.#unused.length;
  }

  /** A piece of memory, with whatever its last user left in it. */
  acquire(): Uint8Array<ArrayBuffer> {
    return this.#unused.pop() ?? this.#cut();
  }

  /** Takes a piece back, which nobody may use any more. */
  release(piece: Uint8Array<ArrayBuffer>): void {
    if (
      piece.length === this.bytes && this.#unused.length < this.#maxUnused
    ) this.#unused.push(piece);
  }

  /** A new piece; the rest of its slab waits with the unused ones. */
  #cut(): Uint8Array<ArrayBuffer> {
    const { bytes } = this;
    const slab = new Uint8Array(Math.max(bytes, SLAB_BYTES));
    for (let at = bytes; at + bytes <= slab.length; at += bytes) {
      this.#unused.push(slab.subarray(at, at + bytes));
    }
    return slab.subarray(0, bytes);
  }
}
