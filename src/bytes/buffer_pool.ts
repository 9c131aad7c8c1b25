/**
 * Memory for reuse. A new `Uint8Array` of more than a few bytes is a call to
 * the allocator, and later work for the garbage collector: with one or two
 * per request they cost as much as the parsing (measured on short
 * connections: a fifth of the processor time).
 */

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
    return this.#unused.pop() ?? new Uint8Array(this.bytes);
  }

  /** Takes a piece back, which nobody may use any more. */
  release(piece: Uint8Array<ArrayBuffer>): void {
    if (
      piece.length === this.bytes && this.#unused.length < this.#maxUnused
    ) this.#unused.push(piece);
  }
}
