/**
 * The streams of one connection by their numbers (RFC 9113 §5.1.1): those that
 * live, what is remembered of those that were reset, and what was said of those
 * that have not begun. The others are idle or closed, by their number alone.
 */

import { protocolError } from "./faults.ts";
import { DEFAULT_PRIORITY, type Priority } from "./priority.ts";
import type { Http2Stream } from "./stream.ts";

/** How many streams that were reset are remembered at least: their clients may
 * not have known yet when they sent what comes. */
const REMEMBERED_RESETS = 256;

/** How many gaps between the numbers of streams are remembered; ordinary clients
 * leave none, or one (nghttp, before its first request). */
const REMEMBERED_GAPS = 64;

/** Who ended a stream before its time. */
export type Resetter = "client" | "server";

/** Who has which number. */
export class StreamTable {
  /** The number of the last stream that was begun. */
  last = 0;
  readonly #live = new Map<number, Http2Stream>();
  /** The last ones, the oldest of which come first. */
  readonly #resets = new Map<number, Resetter>();
  readonly #maxResets: number;
  /** The last ones, each between two streams that have begun. */
  readonly #gaps: (readonly [after: number, before: number])[] = [];
  readonly #priorities = new Map<number, Priority>();
  readonly #maxPriorities: number;

  /**
   * A table of which so many live at a time: it remembers the priorities of as
   * many that are to come, and as many that were reset, or 256.
   */
  constructor(concurrentStreams: number) {
    this.#maxPriorities = concurrentStreams;
    this.#maxResets = Math.max(REMEMBERED_RESETS, concurrentStreams);
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
   * if it is over.
   *
   * @throws {ConnectionFault} when it has not begun, or never will
   */
  begun(id: number, what: string): Http2Stream | undefined {
    const stream = this.#live.get(id);
    if (stream !== undefined) return stream;
    if (this.isIdle(id)) throw protocolError(`sent ${what} on an idle stream`);
    if (this.#gaps.some(([after, before]) => after < id && id < before)) {
      throw protocolError(`sent ${what} on a stream that it has left out`);
    }
    return undefined;
  }

  /** Who has reset this one, if anybody has and it is remembered. */
  resetBy(id: number): Resetter | undefined {
    return this.#resets.get(id);
  }

  /**
   * The next one begins, and with it end those of lower numbers that never
   * did.
   *
   * @returns what was said of it before
   */
  begin(id: number): Priority {
    if (id > this.last + 2) {
      if (this.#gaps.length === REMEMBERED_GAPS) this.#gaps.shift();
      this.#gaps.push([this.last, id]);
    }
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

  /** Remembers who has reset this one, last of all. */
  noteReset(id: number, by: Resetter): void {
    this.#resets.set(id, by);
    if (this.#resets.size <= this.#maxResets) return;
    for (const oldest of this.#resets.keys()) {
      this.#resets.delete(oldest);
      return;
    }
  }
}
