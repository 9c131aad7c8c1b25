/**
 * A growable window of bytes: the socket fills its tail, the parser consumes
 * its head. It starts small, because most connections are idle most of the
 * time, doubles up to a limit, and gives large memory back when it is empty.
 * What it has needed once it keeps, up to a size that thousands may have.
 */

import { BufferPool } from "./buffer_pool.ts";
import { MemoryBudget } from "./memory_budget.ts";

/**
 * What all buffers hold: each has a limit, so the budget follows from how many
 * there may be, and is told by whoever knows that.
 */
export const INPUT_MEMORY = new MemoryBudget(Infinity);

/** How much first memory of closed connections is kept, in pieces. */
const MAX_UNUSED_PIECES = 256;

/** First memory by size: there are as many sizes as configured limits. */
const pools = new Map<number, BufferPool>();

const EMPTY = new Uint8Array(0);

function poolOf(bytes: number): BufferPool {
  let pool = pools.get(bytes);
  if (pool === undefined) {
    pools.set(bytes, pool = new BufferPool(bytes, MAX_UNUSED_PIECES));
  }
  return pool;
}

/**
 * Unread bytes between {@linkcode ByteBuffer.start} and `end` of `bytes`. Its
 * users read these three; only its methods change them.
 */
export class ByteBuffer {
  /** The memory behind the window. Only `start` to `end` is meaningful. */
  bytes: Uint8Array<ArrayBuffer>;
  /** The offset of the first unread byte. */
  start = 0;
  /** The offset behind the last unread byte. */
  end = 0;
  #filled = false;
  /** Whether it has no memory until it is filled. */
  #rests = false;
  /** Where its memory is from while it is empty. */
  #pool: BufferPool;
  readonly #kept: number;
  #limit: number;

  /**
   * A buffer that holds `initial` bytes at first and `limit` bytes at most. Up
   * to `kept` bytes it does not give back what it has needed.
   */
  constructor(initial: number, limit: number, kept: number = initial) {
    if (initial < 1 || limit < initial) {
      throw new RangeError(
        `A buffer needs 1 <= initial <= limit: got ${initial}, ${limit}`,
      );
    }
    this.#pool = poolOf(initial);
    this.bytes = this.#pool.acquire();
    this.#limit = limit;
    this.#kept = kept;
    INPUT_MEMORY.takeAnyway(initial);
  }

  /** How many unread bytes there are. */
  get length(): number {
    return this.end - this.start;
  }

  /** How many bytes of memory the buffer holds. */
  get capacity(): number {
    return this.bytes.length;
  }

  /** Lets the buffer hold `limit` bytes, if that is more than it may now. */
  allow(limit: number): void {
    this.#limit = Math.max(this.#limit, limit);
  }

  /**
   * The free tail to read into; never empty unless the buffer is at its
   * limit. Makes room first by moving the unread bytes to the front, or by
   * doubling: offsets taken before are then no longer valid.
   */
  writable(): Uint8Array<ArrayBuffer> {
    if (this.end === 0) {
      if (this.#rests) this.#wake();
      return this.bytes;
    }
    if (this.end === this.bytes.length) this.#makeRoom();
    return this.bytes.subarray(this.end);
  }

  /** Says that the first `count` bytes of {@linkcode writable} were filled. */
  commit(count: number): void {
    if (count < 0 || this.end + count > this.bytes.length) {
      throw new RangeError(`Cannot commit ${count} bytes`);
    }
    this.end += count;
    this.#filled = this.end === this.bytes.length;
  }

  /**
   * Drops the first `count` unread bytes. The memory keeps its content until
   * the next {@linkcode writable}, so a request head stays readable in place.
   */
  consume(count: number): void {
    if (count < 0 || count > this.length) {
      throw new RangeError(`Cannot consume ${count} of ${this.length} bytes`);
    }
    this.start += count;
    if (this.start === this.end) this.start = this.end = 0;
  }

  /**
   * Doubles the memory within the limit, if no byte is unread and the last
   * read has filled it: whoever sends that much has more.
   */
  growIfFilled(): void {
    if (!this.#filled || this.start !== this.end) return;
    this.#filled = false;
    if (this.bytes.length < this.#limit) this.#become(this.#larger());
  }

  /** Gives back memory above what it keeps, if no byte is unread. */
  shrink(): void {
    if (this.start === this.end && this.bytes.length > this.#pool.bytes) {
      this.#become(this.#pool.acquire());
      this.start = this.end = 0;
    }
  }

  /**
   * Gives all memory back until the next {@linkcode writable}, if no byte is
   * unread. What was parsed in place is gone with it.
   */
  rest(): void {
    if (this.start !== this.end || this.#rests) return;
    this.#become(EMPTY);
    this.start = this.end = 0;
    this.#filled = false;
    this.#rests = true;
  }

  #wake(): void {
    this.#rests = false;
    this.#become(this.#pool.acquire());
  }

  /**
   * Gives all memory back; the buffer is empty from then on. Nobody may still
   * be reading into {@linkcode writable}.
   */
  dispose(): void {
    this.#become(EMPTY);
    this.start = this.end = 0;
    this.#rests = false;
  }

  #become(bytes: Uint8Array<ArrayBuffer>): void {
    INPUT_MEMORY.takeAnyway(bytes.length - this.bytes.length);
    pools.get(this.bytes.length)?.release(this.bytes);
    this.bytes = bytes;
  }

  /** Memory of twice the size, within the limit. */
  #larger(): Uint8Array<ArrayBuffer> {
    const bytes = Math.min(this.bytes.length * 2, this.#limit);
    if (bytes > this.#kept) return new Uint8Array(bytes);
    this.#pool = poolOf(bytes);
    return this.#pool.acquire();
  }

  #makeRoom(): void {
    const length = this.length;
    const capacity = this.bytes.length;
    // Moving pays when at least half of the memory is free; otherwise every
    // byte of slow input could cost a move of all that came before it. What is
    // kept grows at once: whoever fills it will do so again.
    const mayMove = length <= capacity / 2 && capacity >= this.#kept;
    if (mayMove || capacity >= this.#limit) {
      this.bytes.copyWithin(0, this.start, this.end);
    } else {
      const larger = this.#larger();
      larger.set(this.bytes.subarray(this.start, this.end));
      this.#become(larger);
    }
    this.start = 0;
    this.end = length;
  }
}
