/**
 * Small answers to pipelined requests on their way into one write. Between
 * two writes there are none, so that an idle connection holds nothing.
 */

import { OUTPUT_MEMORY } from "./output_memory.ts";

/** Most bytes of answers that are gathered before a write. */
const MAX_QUEUED_BYTES = 64 * 1024;

/** The answers that wait to go out together. */
export class AnswerQueue {
  #pieces: Uint8Array[] | undefined;
  #bytes = 0;
  /** What it has taken of the memory of all. */
  #taken = 0;

  /** How many bytes wait. */
  get length(): number {
    return this.#bytes;
  }

  /**
   * Puts an answer behind the others.
   *
   * @returns whether there is room for it
   */
  add(bytes: Uint8Array): boolean {
    if (
      this.#bytes + bytes.length > MAX_QUEUED_BYTES ||
      !OUTPUT_MEMORY.take(bytes.length)
    ) return false;
    this.#taken += bytes.length;
    (this.#pieces ??= []).push(bytes);
    this.#bytes += bytes.length;
    return true;
  }

  /**
   * All of them in one piece; there are none afterwards, but they hold their
   * memory until {@linkcode release}.
   */
  take(): Uint8Array {
    const all = new Uint8Array(this.#bytes);
    let at = 0;
    for (const piece of this.#pieces ?? []) {
      all.set(piece, at);
      at += piece.length;
    }
    this.#pieces = undefined;
    this.#bytes = 0;
    return all;
  }

  /** What was taken is written, or never will be; nothing waits. */
  release(): void {
    this.#pieces = undefined;
    this.#bytes = 0;
    OUTPUT_MEMORY.give(this.#taken);
    this.#taken = 0;
  }
}
