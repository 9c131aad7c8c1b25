/**
 * Buffers that nobody owns any more and somebody may still send: the bytes of
 * a file that a slow client has not taken, though the cache has let go of it.
 * How many there are only the garbage collector knows, so it is asked: a
 * buffer counts from the moment it is tracked until it is gone.
 */

/** See the top of the file. */
export class BufferLedger {
  #bytes = 0;
  readonly #registry = new FinalizationRegistry<number>((bytes) => {
    this.#bytes -= bytes;
  });

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
