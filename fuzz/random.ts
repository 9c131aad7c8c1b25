/** Random numbers that a seed repeats, and mutations of bytes made of them. */

import { bytesOf, concat } from "../tests/support/latin1.ts";
import { FRAGMENTS, REQUEST_BYTES } from "./corpus.ts";

/** Mulberry32: small, and the same on every machine. */
export class Random {
  #state: number;

  /** The sequence of `seed`. */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** An integer from 0 up to but not including `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  }

  /** One of `items`. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}

/** Most mutations of one input. */
const MAX_MUTATIONS = 4;

/** A stream of one to three requests, some of them broken. */
export function randomInput(random: Random): Uint8Array {
  const requests = Array.from(
    { length: 1 + random.below(3) },
    () => random.pick(REQUEST_BYTES),
  );
  let input: Uint8Array = concat(requests);
  for (let n = random.below(MAX_MUTATIONS + 1); n > 0; n--) {
    input = mutate(input, random);
  }
  return input;
}

function mutate(input: Uint8Array, random: Random): Uint8Array {
  const at = random.below(input.length + 1);
  const before = input.subarray(0, at);
  const after = input.subarray(at);
  switch (random.below(5)) {
    case 0: // flip a byte
      return concat([
        before,
        Uint8Array.of(random.below(256)),
        after.subarray(1),
      ]);
    case 1: // take some away
      return concat([before, after.subarray(1 + random.below(8))]);
    case 2: // put a fragment in
      return concat([before, bytesOf(random.pick(FRAGMENTS)), after]);
    case 3: // say something twice
      return concat([before, after.subarray(0, random.below(40)), after]);
    default: // stop in the middle
      return at === 0 ? input : before;
  }
}

/** `input` in pieces of random sizes. */
export function randomPieces(input: Uint8Array, random: Random): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < input.length;) {
    const size = 1 + random.below(random.below(4) === 0 ? 64 : 5);
    pieces.push(input.subarray(at, at + size));
    at += size;
  }
  return pieces;
}
