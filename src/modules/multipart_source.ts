/** A `multipart/byteranges` body (RFC 9110 §14.6), part after part. */

import { bytesOf } from "../http/byte_string.ts";
import type { BodySource } from "../http/response.ts";

/** See the top of the file. */
export class MultipartSource implements BodySource {
  /** The length in bytes, delimiters included. */
  readonly length: number;
  readonly #heads: readonly string[];
  readonly #parts: readonly (Uint8Array | BodySource)[];
  readonly #closing: string;
  #part = 0;
  #headSent = false;

  /**
   * The body of `length` bytes with each of `parts` behind its head in
   * `heads`, a byte string each, and `closing` at the end.
   */
  constructor(
    length: number,
    heads: readonly string[],
    parts: readonly (Uint8Array | BodySource)[],
    closing: string,
  ) {
    this.length = length;
    this.#heads = heads;
    this.#parts = parts;
    this.#closing = closing;
  }

  async pull(limit?: number): Promise<Uint8Array | undefined> {
    for (;;) {
      const part = this.#parts[this.#part];
      if (part === undefined) {
        return this.#part++ === this.#parts.length
          ? bytesOf(this.#closing)
          : undefined;
      }
      if (!this.#headSent) {
        this.#headSent = true;
        return bytesOf(this.#heads[this.#part]!);
      }
      if (part instanceof Uint8Array) {
        this.#nextPart();
        return part;
      }
      const piece = await part.pull(limit);
      if (piece !== undefined) return piece;
      this.#nextPart();
    }
  }

  /** Lets go of every part. */
  close(): void {
    for (const part of this.#parts) {
      if (!(part instanceof Uint8Array)) part.close();
    }
  }

  #nextPart(): void {
    this.#part++;
    this.#headSent = false;
  }
}
