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

/** A body that can be read at any place, for parts of it. */
export interface PositionedReader {
  /**
   * Reads some bytes, at least one, from `at` on into `target`, which is not
   * empty; they count for nothing before {@linkcode check}.
   *
   * @returns how many
   * @throws when there are none
   */
  read(target: Uint8Array, at: number): number;
  /**
   * Makes sure of what was read since the last call.
   *
   * @throws when it is not of the version that was promised
   */
  check(): void;
  /** Releases what is held; called once. */
  close(): void;
}

/** The bytes of an array, at any place. */
export class ByteReader implements PositionedReader {
  readonly #bytes: Uint8Array;

  /** A reader of `bytes`. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** See {@linkcode PositionedReader.read}. */
  read(target: Uint8Array, at: number): number {
    const count = Math.min(target.length, this.#bytes.length - at);
    if (count <= 0) throw new RangeError(`nothing at ${at}`);
    target.set(this.#bytes.subarray(at, at + count));
    return count;
  }

  /** Nothing can have changed. */
  check(): void {}

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
