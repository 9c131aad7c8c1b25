/**
 * The streams of one connection by their numbers (RFC 9113 §5.1.1): those that
 * live, what is remembered of those that were reset, and what was said of those
 * that have not begun. The others are idle or closed, by their number alone.
 */

import { protocolError } from "./faults.ts";
import { ConnectionFault, ErrorCode } from "./frames.ts";
import { DEFAULT_PRIORITY, type Priority } from "./priority.ts";
import type { Http2Stream } from "./stream.ts";

/** How many streams that were reset are remembered: their clients may not have
 * known yet when they sent what comes. */
const REMEMBERED_RESETS = 256;

/** Who has which number. */
export class StreamTable {
  /** The number of the last stream that was begun. */
  last = 0;
  readonly #live = new Map<number, Http2Stream>();
  /** The last ones, the oldest of which is overwritten. */
  readonly #resets: number[] = [];
  #resetCount = 0;
  readonly #priorities = new Map<number, Priority>();
  readonly #maxPriorities: number;

  /** A table that remembers the priorities of so many streams to come. */
  constructor(maxPriorities: number) {
    this.#maxPriorities = maxPriorities;
  }

  /** How many live. */
  get size(): number {
    return this.#live.size;
  }

  /** Those that live. */
  values(): IterableIterator<Http2Stream> {
    return this.#live.values();
  }

  /** The one with this number, if it lives. */
  get(id: number): Http2Stream | undefined {
    return this.#live.get(id);
  }

  /** Whether nothing has come of the stream with this number. */
  isIdle(id: number): boolean {
    return id % 2 === 0 || id > this.last;
  }

  /**
   * The stream of a frame that may only be on one that has begun; `undefined`
   * if it was reset, and its client could not know.
   *
   * @throws {ConnectionFault} when it has not begun, or is over
   */
  begun(id: number, what: string): Http2Stream | undefined {
    const stream = this.#live.get(id);
    if (stream !== undefined) return stream;
    if (this.isIdle(id)) throw protocolError(`sent ${what} on an idle stream`);
    if (this.#resets.includes(id)) return undefined;
    throw new ConnectionFault(
      ErrorCode.StreamClosed,
      `client sent ${what} on a closed stream`,
    );
  }

  /**
   * The next one begins, and with it end those of lower numbers that never
   * did.
   *
   * @returns what was said of it before
   */
  begin(id: number): Priority {
    this.last = id;
    if (this.#priorities.size === 0) return DEFAULT_PRIORITY;
    const priority = this.#priorities.get(id);
    for (const other of this.#priorities.keys()) {
      if (other <= id) this.#priorities.delete(other);
    }
    return priority ?? DEFAULT_PRIORITY;
  }

  /** Says of a stream that has not begun how urgent it will be. */
  expect(id: number, priority: Priority): void {
    if (
      this.#priorities.has(id) || this.#priorities.size < this.#maxPriorities
    ) this.#priorities.set(id, priority);
  }

  /** Adds one that lives. */
  add(stream: Http2Stream): void {
    this.#live.set(stream.id, stream);
  }

  /** Removes one; whether it was there. */
  delete(stream: Http2Stream): boolean {
    return this.#live.delete(stream.id);
  }

  /** Remembers that this one was reset. */
  noteReset(id: number): void {
    this.#resets[this.#resetCount++ % REMEMBERED_RESETS] = id;
  }
}
