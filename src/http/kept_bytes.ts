/**
 * Bodies that are kept in memory for many answers. Their bytes never change,
 * so a transport may have a copy of such a body where the system sends it from
 * without copying it once more.
 */

import { ByteSource } from "./byte_source.ts";
import type { KeptBytes, ReusableBody } from "./response.ts";

/**
 * From which size on a copy in a better place pays, in bytes: it takes another
 * call.
 */
export const LEAST_KEPT_BYTES = 32 * 1024;

/** A part of a body that is kept. */
export class KeptPart implements ReusableBody {
  readonly length: number;
  /** The bytes of the part; they are not copied. */
  readonly bytes: Uint8Array;
  readonly #body: Uint8Array;
  readonly #start: number;

  /** The bytes from `start` up to `end` of `body`. */
  constructor(body: Uint8Array, start: number, end: number) {
    this.bytes = body.subarray(start, end);
    this.length = this.bytes.length;
    this.#body = body;
    this.#start = start;
  }

  /** A source for one request. */
  open(): KeptSource {
    return new KeptSource(this.bytes, this.#body, this.#start);
  }
}

/** The bytes of a {@linkcode KeptPart}, piece by piece. */
export class KeptSource extends ByteSource {
  readonly #body: Uint8Array;
  /** Where the piece that was pulled last begins in the body, and ends. */
  #at: number;
  #end: number;

  /** Those of a part that begins at `at` of `body`. */
  constructor(bytes: Uint8Array, body: Uint8Array, at: number) {
    super(bytes);
    this.#body = body;
    this.#at = this.#end = at;
  }

  /** The next piece, of at most `limit` bytes. */
  override pull(limit?: number): Uint8Array | undefined {
    const piece = super.pull(limit);
    this.#at = this.#end;
    this.#end += piece?.length ?? 0;
    return piece;
  }

  /** What the piece that was pulled last is of. */
  get kept(): KeptBytes {
    return { from: 0, body: this.#body, at: this.#at };
  }
}
