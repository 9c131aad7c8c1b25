/**
 * Which interval of addresses an address is in. The intervals are cut into
 * pieces that do not overlap, once, at startup; finding one is a binary search
 * in plain numbers: 17 steps among 100,000 networks.
 */

import { sortInSteps, type Steps } from "../../config/steps.ts";
import type { AddressBytes } from "../../http/addresses/network_range.ts";

/** Addresses from one to another, both included, and what they stand for. */
interface AddressInterval<T> {
  /** The first address. */
  readonly first: AddressBytes;
  /** The last address, of the same length. */
  readonly last: AddressBytes;
  /** What its addresses stand for. */
  readonly value: T;
}

/** The owner of a piece that is in no interval. */
const NOTHING = -1;

const BYTES_PER_WORD = 4;

/** How intervals may lie. */
interface AddressTableOptions {
  /** Whether one that is within another has to stand behind it. */
  readonly ordered?: boolean;
}

/** Two intervals that overlap and may not. */
export class OverlapError<T> extends Error {
  /** The one that begins first. */
  readonly one: T;
  /** The one that begins within it. */
  readonly other: T;

  /** Says which ones overlap. */
  constructor(one: T, other: T) {
    super("intervals overlap");
    this.one = one;
    this.other = other;
  }
}

/** How many intervals are dealt with in one step. */
const INTERVALS_PER_STEP = 256;

/** Finds what addresses of one length stand for. */
export class AddressTable<T> {
  /** How many numbers of 32 bits an address is. */
  readonly #width: number;
  /** Where the pieces begin, in rising order. */
  readonly #starts: Uint32Array;
  /** The interval of each piece, or {@linkcode NOTHING}. */
  readonly #owners: Int32Array;
  readonly #values: readonly T[];
  /** The address that is looked for. */
  readonly #wanted: Uint32Array;

  private constructor(
    values: readonly T[],
    pieces: readonly Piece[],
    length: number,
  ) {
    this.#width = length / BYTES_PER_WORD;
    this.#wanted = new Uint32Array(this.#width);
    this.#values = values;
    this.#starts = new Uint32Array(pieces.length * this.#width);
    this.#owners = new Int32Array(pieces.length);
    for (let i = 0; i < pieces.length; i++) {
      writeWords(pieces[i]!.start, this.#starts, i * this.#width);
      this.#owners[i] = pieces[i]!.owner;
    }
  }

  /**
   * A table of `intervals`, of addresses of `length` bytes. Of those that an
   * address is in the innermost one counts.
   *
   * @throws {OverlapError} when two overlap and neither is in the other, or
   * the inner one stands before the outer one and may not
   */
  static *of<T>(
    intervals: readonly AddressInterval<T>[],
    length: number,
    { ordered = false }: AddressTableOptions = {},
  ): Steps<AddressTable<T>> {
    const pieces = yield* cut(intervals, ordered);
    const values = intervals.map(({ value }) => value);
    return new AddressTable(values, pieces, length);
  }

  /** What `address` stands for; `undefined` if it is in no interval. */
  find(address: AddressBytes): T | undefined {
    writeWords(address, this.#wanted, 0);
    let low = 0;
    let high = this.#owners.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#isBehind(middle)) high = middle;
      else low = middle + 1;
    }
    const owner = low === 0 ? NOTHING : this.#owners[low - 1]!;
    return owner === NOTHING ? undefined : this.#values[owner];
  }

  /** Whether a piece begins behind the wanted address. */
  #isBehind(piece: number): boolean {
    const at = piece * this.#width;
    for (let i = 0; i < this.#width; i++) {
      const start = this.#starts[at + i]!;
      const wanted = this.#wanted[i]!;
      if (start !== wanted) return start > wanted;
    }
    return false;
  }
}

/** A piece: its interval is the owner until the next piece begins. */
interface Piece {
  readonly start: AddressBytes;
  readonly owner: number;
}

/** @throws {OverlapError} as {@linkcode AddressTable.of} */
function* cut(
  intervals: readonly AddressInterval<unknown>[],
  ordered: boolean,
): Steps<Piece[]> {
  const order = yield* sortInSteps(
    [...intervals.keys()],
    (a, b) =>
      compare(intervals[a]!.first, intervals[b]!.first) ||
      compare(intervals[b]!.last, intervals[a]!.last),
  );
  const pieces: Piece[] = [];
  /** The intervals around the place that has been reached, outermost first. */
  const open: number[] = [];
  function begin(start: AddressBytes, owner: number): void {
    const before = pieces.at(-1);
    if (before !== undefined && compare(before.start, start) === 0) {
      pieces.pop();
    }
    pieces.push({ start, owner });
  }
  function closeInnermost(): void {
    const next = successor(intervals[open.pop()!]!.last);
    if (next !== undefined) begin(next, open.at(-1) ?? NOTHING);
  }
  for (let i = 0; i < order.length; i++) {
    if (i % INTERVALS_PER_STEP === 0) yield;
    const index = order[i]!;
    const interval = intervals[index]!;
    const { first, last } = interval;
    while (
      open.length > 0 && compare(intervals[open.at(-1)!]!.last, first) < 0
    ) {
      closeInnermost();
    }
    const outer = open.at(-1) ?? NOTHING;
    const around = intervals[outer];
    const isBad = around !== undefined &&
      (compare(last, around.last) > 0 || (ordered && outer > index));
    if (isBad) throw new OverlapError(around, interval);
    open.push(index);
    begin(first, index);
  }
  while (open.length > 0) closeInnermost();
  return pieces;
}

/** Which address comes first: negative if it is `a`, 0 if they are the same. */
export function compare(a: AddressBytes, b: AddressBytes): number {
  for (let i = 0; i < a.length; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The address behind `address`; `undefined` behind the very last one. */
function successor(address: AddressBytes): AddressBytes | undefined {
  const next = [...address];
  for (let i = next.length - 1; i >= 0; i--) {
    if (next[i]! < 0xff) {
      next[i]!++;
      return next;
    }
    next[i] = 0;
  }
  return undefined;
}

function writeWords(from: AddressBytes, to: Uint32Array, at: number): void {
  for (let i = 0; i < from.length; i += BYTES_PER_WORD) {
    to[at++] = from[i]! << 24 | from[i + 1]! << 16 | from[i + 2]! << 8 |
      from[i + 3]!;
  }
}
