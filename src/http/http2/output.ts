/** Bytes that are written one behind the other, and taken all at once. */

import { BufferPool } from "../../bytes/buffer_pool.ts";
import { FRAME_HEAD_BYTES } from "./frames.ts";

/** Memory for what most answers take, and for what large bodies do. */
const SMALL = new BufferPool(4 * 1024, 256);
const LARGE = new BufferPool(96 * 1024, 32);

const NOTHING = new Uint8Array(0);

/** A growing piece of memory. What is empty holds none. */
export class Output {
  #bytes: Uint8Array<ArrayBuffer> = NOTHING;
  #taken: Uint8Array<ArrayBuffer> = NOTHING;
  /** How many bytes are in it. */
  length = 0;

  /** Everything in it; it is empty from then on. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#taken = this.#bytes;
    const { length } = this;
    this.#bytes = NOTHING;
    this.length = 0;
    return taken.subarray(0, length);
  }

  /** What was taken last can be used again: nobody looks at it any more. */
  recycle(): void {
    giveBack(this.#taken);
    this.#taken = NOTHING;
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
    const at = this.length;
    const bytes = this.#bytes;
    bytes[at] = length >>> 16;
    bytes[at + 1] = length >>> 8;
    bytes[at + 2] = length;
    bytes[at + 3] = type;
    bytes[at + 4] = flags;
    bytes[at + 5] = stream >>> 24;
    bytes[at + 6] = stream >>> 16;
    bytes[at + 7] = stream >>> 8;
    bytes[at + 8] = stream;
    this.length = at + FRAME_HEAD_BYTES;
  }

  #reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.#bytes.length) return;
    const larger = needed <= SMALL.bytes
      ? SMALL.acquire()
      : needed <= LARGE.bytes
      ? LARGE.acquire()
      : new Uint8Array(2 * needed);
    const old = this.#bytes;
    larger.set(old.subarray(0, this.length));
    this.#bytes = larger;
    giveBack(old);
  }
}

/** Memory of another size than the pools have is nobody's. */
function giveBack(bytes: Uint8Array<ArrayBuffer>): void {
  SMALL.release(bytes);
  LARGE.release(bytes);
}
