/**
 * Some bytes of a large file, by which an open file that was changed is seen
 * to hold other content. A file that is appended to or touched keeps them; one
 * that is written anew in its place does not, unless its first and last bytes
 * are the same.
 */

import { Buffer } from "node:buffer";
import type { OpenFile } from "./open_file.ts";

/** How many bytes are looked at, at the beginning and at the end. */
const SAMPLE_BYTES = 4096;

/** Some bytes of a file, by which its content is known again. */
export class ContentSample {
  readonly #head: Uint8Array;
  readonly #tail: Uint8Array;
  readonly #tailStart: number;

  constructor(file: OpenFile, size: number) {
    const length = Math.min(size, SAMPLE_BYTES);
    this.#tailStart = size - length;
    this.#head = bytesAt(file, 0, length);
    this.#tail = bytesAt(file, this.#tailStart, length);
  }

  /** Whether `file` has these bytes in their places. */
  isIn(file: OpenFile): boolean {
    const { length } = this.#head;
    return Buffer.compare(bytesAt(file, 0, length), this.#head) === 0 &&
      Buffer.compare(
          bytesAt(file, this.#tailStart, this.#tail.length),
          this.#tail,
        ) === 0;
  }
}

/** The bytes at `start`; fewer than `length` if the file ends before. */
function bytesAt(file: OpenFile, start: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  return bytes.subarray(0, file.read(bytes, start));
}
