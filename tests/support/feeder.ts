/**
 * Gives input to an incremental parser in every way it can arrive: whole, in
 * two pieces at every point, byte by byte, and with the bytes of a next
 * request behind it. A parser must come to the same result each time.
 */

import { assertEquals } from "@std/assert";
import { HttpError } from "../../src/http/errors.ts";
import { concat } from "./latin1.ts";

/** Inputs up to this many bytes are split at every point. */
const SPLIT_EVERYWHERE_BYTES = 400;

/** Inputs up to this many bytes also come byte by byte. */
const BYTE_BY_BYTE_BYTES = 4000;

/** The pieces of longer ones, in bytes. */
const LARGE_PIECE_BYTES = 97;

/** How many split points a longer input has. */
const SPLITS_OF_LONG_INPUT = 40;

/** One way for an input to arrive. */
export interface Feeding {
  /** What it is called in failures. */
  readonly name: string;
  /** The pieces in which the input arrives, none of them empty. */
  readonly pieces: readonly Uint8Array[];
}

/** Every way in which `input` can arrive: whole, byte by byte, in pieces. */
export function* feedings(input: Uint8Array): Generator<Feeding> {
  yield { name: "whole", pieces: [input] };
  const size = input.length <= BYTE_BY_BYTE_BYTES ? 1 : LARGE_PIECE_BYTES;
  yield {
    name: `in pieces of ${size}`,
    pieces: Array.from(
      { length: Math.ceil(input.length / size) },
      (_, i) => input.subarray(i * size, (i + 1) * size),
    ),
  };
  const step = input.length <= SPLIT_EVERYWHERE_BYTES
    ? 1
    : Math.ceil(input.length / SPLITS_OF_LONG_INPUT);
  for (let at = 1; at < input.length; at += step) {
    yield {
      name: `split at ${at}`,
      pieces: [input.subarray(0, at), input.subarray(at)],
    };
  }
}

/** What a parser is fed through: a window of bytes that moves between calls. */
export class MovingWindow {
  #unread: Uint8Array = new Uint8Array(0);
  #moves = 0;

  /** The bytes that were not consumed. */
  get unread(): Uint8Array {
    return this.#unread;
  }

  /** Adds a piece behind the unread bytes. */
  add(piece: Uint8Array): void {
    this.#unread = concat([this.#unread, piece]);
  }

  /** Drops the first `count` unread bytes. */
  consume(count: number): void {
    this.#unread = this.#unread.slice(count);
  }

  /**
   * The unread bytes in new memory, at another offset each time, with bytes
   * around them that do not belong to the input.
   */
  view(): { bytes: Uint8Array; start: number; end: number } {
    const start = ++this.#moves % 7;
    const end = start + this.#unread.length;
    const bytes = new Uint8Array(end + 5).fill(0x0a);
    bytes.set(this.#unread, start);
    return { bytes, start, end };
  }
}

/** The status of an `HttpError` as text; other errors go on. */
export function failureStatus(error: unknown): string {
  if (error instanceof HttpError) return String(error.status);
  throw error;
}

/**
 * Runs `parse` on `input` in every way it can arrive and returns the result,
 * which must always be the same.
 */
export function sameEveryWay(
  input: Uint8Array,
  parse: (pieces: readonly Uint8Array[]) => string,
  label: string,
): string {
  let first: string | undefined;
  for (const { name, pieces } of feedings(input)) {
    const result = parse(pieces);
    first ??= result;
    assertEquals(result, first, `${label}, ${name}`);
  }
  return first ?? parse([]);
}
