/**
 * What was made of bytes that come again and again: the same `Host` with every
 * request of a site, the same targets from every visitor. Finding the old
 * result costs a hash and a comparison; a string costs an allocation, and a
 * second time its hash when it is looked up (measured: a request needs a
 * fifth less of the processor's time).
 *
 * The table is direct-mapped: a key has one place, which it may take from
 * another one, so the table never grows.
 */

import type { MemoryUse } from "./memory_budget.ts";

/** Longest key, in bytes; longer ones are not kept. */
export const MAX_KEY_BYTES = 128;

/** A key, its length, a claim and a place for a value. */
const SLOT_BYTES = MAX_KEY_BYTES + 1 + 4 + 8;

/** FNV-1a, 32 bits. */
const FNV_PRIME = 0x01000193;

/** A table of results by the bytes they were made of. */
export class ByteMemo<T> implements MemoryUse {
  /** What it takes when it is full. */
  readonly budget: number;
  readonly #valueBytes: number;
  #count = 0;
  readonly #mask: number;
  readonly #keys: Uint8Array;
  readonly #lengths: Uint8Array;
  /** The hash of what has last asked for the place of something else. */
  readonly #claims: Int32Array;
  readonly #values: (T | undefined)[];

  /**
   * An empty table of `slots`, a power of two; a value takes about
   * `valueBytes`.
   */
  constructor(slots: number, valueBytes = 0) {
    if (!(slots >= 1 && Number.isInteger(Math.log2(slots)))) {
      throw new RangeError(`A memo needs a power of two of slots: ${slots}`);
    }
    this.#mask = slots - 1;
    this.#keys = new Uint8Array(slots * MAX_KEY_BYTES);
    this.#lengths = new Uint8Array(slots);
    this.#claims = new Int32Array(slots);
    this.#values = new Array(slots).fill(undefined);
    this.#valueBytes = valueBytes;
    this.budget = slots * (SLOT_BYTES + valueBytes);
  }

  /** What it takes now. */
  get bytes(): number {
    return this.budget - (this.#mask + 1 - this.#count) * this.#valueBytes;
  }

  /** What was kept for the bytes from `start` to `end`. */
  find(bytes: Uint8Array, start: number, end: number): T | undefined {
    const length = end - start;
    if (length > MAX_KEY_BYTES) return undefined;
    const slot = this.#slotOf(hashOf(bytes, start, end));
    if (this.#lengths[slot] !== length) return undefined;
    const keys = this.#keys;
    let at = slot * MAX_KEY_BYTES;
    for (let i = start; i < end; i++) {
      if (bytes[i] !== keys[at++]) return undefined;
    }
    return this.#values[slot];
  }

  /**
   * Keeps `value` for the bytes from `start` to `end`, unless too many. What
   * has the place already stays there until something else wants it twice in a
   * row: who sends a new key each time takes no place from anybody.
   */
  keep(bytes: Uint8Array, start: number, end: number, value: T): void {
    const length = end - start;
    if (length > MAX_KEY_BYTES) return;
    const hash = hashOf(bytes, start, end);
    const slot = this.#slotOf(hash);
    if (this.#values[slot] !== undefined && this.#claims[slot] !== hash) {
      this.#claims[slot] = hash;
      return;
    }
    this.#keys.set(bytes.subarray(start, end), slot * MAX_KEY_BYTES);
    this.#lengths[slot] = length;
    if (this.#values[slot] === undefined) this.#count++;
    this.#values[slot] = value;
  }

  #slotOf(hash: number): number {
    return (hash ^ (hash >>> 15)) & this.#mask;
  }
}

function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5 | 0;
  for (let i = start; i < end; i++) {
    hash = Math.imul(hash ^ bytes[i]!, FNV_PRIME);
  }
  return hash;
}
