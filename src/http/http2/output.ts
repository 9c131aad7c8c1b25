/** Bytes that are written one behind the other, and taken all at once. */

import { FRAME_HEAD_BYTES } from "./frames.ts";

/** First size of the memory, in bytes. */
const INITIAL_BYTES = 512;

/** Memory up to this size is used again, in bytes. */
const KEPT_BYTES = 96 * 1024;

/** A growing piece of memory. */
export class Output {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #spare: Uint8Array<ArrayBuffer> | undefined;
  /** How many bytes are in it. */
  length = 0;

  /** Everything in it; it is empty from then on. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#bytes.subarray(0, this.length);
    this.#bytes = this.#spare ?? new Uint8Array(0);
    this.#spare = undefined;
    this.length = 0;
    return taken;
  }

  /** Gives back what was taken, to be used again. */
  recycle({ buffer }: Uint8Array<ArrayBuffer>): void {
    if (buffer.byteLength > KEPT_BYTES) return;
    if (this.#bytes.length === 0) this.#bytes = new Uint8Array(buffer);
    else this.#spare = new Uint8Array(buffer);
  }

  /** Lets go of memory that an idle connection does not need. */
  rest(): void {
    if (this.length > 0) return;
    this.#bytes = new Uint8Array(0);
    this.#spare = undefined;
  }

  /** What is in it, without taking it. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.length);
  }

  /** Adds one byte. */
  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.length++] = value;
  }

  /** Adds bytes. */
  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Adds a byte string. */
  text(text: string): void {
    this.#reserve(text.length);
    const bytes = this.#bytes;
    let at = this.length;
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
    this.length = at;
  }

  /** Adds a number of four bytes. */
  uint32(value: number): void {
    this.#reserve(4);
    const at = this.length;
    const bytes = this.#bytes;
    bytes[at] = value >>> 24;
    bytes[at + 1] = value >>> 16;
    bytes[at + 2] = value >>> 8;
    bytes[at + 3] = value;
    this.length = at + 4;
  }

  /** Adds the head of a frame (RFC 9113 §4.1). */
  frame(type: number, flags: number, stream: number, length: number): void {
    this.#reserve(FRAME_HEAD_BYTES + length);
    this.byte(length >>> 16);
    this.byte(length >>> 8);
    this.byte(length);
    this.byte(type);
    this.byte(flags);
    this.uint32(stream);
  }

  #reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.#bytes.length) return;
    let size = Math.max(INITIAL_BYTES, this.#bytes.length);
    while (size < needed) size *= 2;
    const larger = new Uint8Array(size);
    larger.set(this.#bytes.subarray(0, this.length));
    this.#bytes = larger;
  }
}
