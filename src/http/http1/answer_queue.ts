/**
 * Small answers to pipelined requests on their way into one write. Between
 * two writes there are none, so that an idle connection holds nothing.
 */

/** Most bytes of answers that are gathered before a write. */
const MAX_QUEUED_BYTES = 64 * 1024;

/** See the top of the file. */
export class AnswerQueue {
  #pieces: Uint8Array[] | undefined;
  #bytes = 0;

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
    if (this.#bytes + bytes.length > MAX_QUEUED_BYTES) return false;
    (this.#pieces ??= []).push(bytes);
    this.#bytes += bytes.length;
    return true;
  }

  /** All of them in one piece; there are none afterwards. */
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
}
