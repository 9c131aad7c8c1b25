/** A body that is all there, given piece by piece. */

import type { BodySource, ResponseBody } from "./response.ts";

/** The largest piece that is given to one who sets no limit, in bytes. */
const PIECE_BYTES = 64 * 1024;

/** The bytes of an array. They are not copied. */
export class ByteSource implements BodySource {
  readonly length: number;
  readonly #bytes: Uint8Array;
  #at = 0;

  /** A body of `bytes`. */
  constructor(bytes: Uint8Array) {
    this.length = bytes.length;
    this.#bytes = bytes;
  }

  /** The next piece, of at most `limit` bytes. */
  pull(limit: number = PIECE_BYTES): Uint8Array | undefined {
    const start = this.#at;
    if (start === this.#bytes.length) return undefined;
    this.#at = Math.min(
      this.#bytes.length,
      start + Math.max(1, Math.min(limit, PIECE_BYTES)),
    );
    return this.#bytes.subarray(start, this.#at);
  }

  /** Nothing is held. */
  close(): void {}
}

/**
 * The body as a source, whatever it is; nothing is an empty one.
 *
 * @throws as the `open` of a body that answers many requests
 */
export function sourceOf(body: ResponseBody): BodySource {
  if (body === undefined) return new ByteSource(new Uint8Array(0));
  if (body instanceof Uint8Array) return new ByteSource(body);
  return "open" in body ? body.open() : body;
}
