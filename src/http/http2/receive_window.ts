/**
 * How much of all bodies of one connection may be on the way, or have come and
 * wait to be read (RFC 9113 §5.2, §6.9). What is read makes room for more, so
 * whatever a client sends, its connection holds no more than this.
 */

import { overrun } from "./faults.ts";
import { DEFAULT_WINDOW_BYTES, MAX_31_BITS } from "./frames.ts";

/** How large it is at least, in bytes. */
const LEAST_BYTES = 1024 * 1024;

/** For how many whole bodies that may come unasked there is room. */
const UNREAD_BODIES = 2;

/** The window of one connection. */
export class ReceiveWindow {
  /** How large it is, in bytes. */
  readonly bytes: number;
  #left: number;
  #unsaid = 0;

  /** A window where each stream may bring `streamBytes` unasked. */
  constructor(streamBytes: number) {
    this.bytes = Math.min(
      MAX_31_BITS,
      Math.max(LEAST_BYTES, UNREAD_BODIES * streamBytes),
    );
    this.#left = this.bytes;
  }

  /** How much larger it is than a client assumes, in bytes. */
  get beyondDefault(): number {
    return this.bytes - DEFAULT_WINDOW_BYTES;
  }

  /**
   * So many bytes have come.
   *
   * @throws {ConnectionFault} when they are too many
   */
  take(bytes: number): void {
    if (bytes > this.#left) throw overrun();
    this.#left -= bytes;
  }

  /**
   * So many of them have been read, or dropped.
   *
   * @returns by how much the client is to be told that the window is larger; 0
   * as long as that is not worth a frame
   */
  give(bytes: number): number {
    this.#unsaid += bytes;
    if (this.#unsaid < this.bytes / 2) return 0;
    const said = this.#unsaid;
    this.#left += said;
    this.#unsaid = 0;
    return said;
  }
}
