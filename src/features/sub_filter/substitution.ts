/** Bodies in which strings are replaced while they are sent. */

import { PieceGatherer, type Pieces } from "../../files/body/made_body.ts";
import type { Patterns } from "./patterns.ts";

/** What is put in the place of what. */
export interface Substitution {
  /** What is looked for. */
  readonly patterns: Patterns;
  /** How many strings those are. */
  readonly count: number;
  /** Whether each of them is replaced only once. */
  readonly once: boolean;
  /** What takes the place of one. */
  replacement(index: number): Uint8Array;
}

const NOTHING = new Uint8Array(0);

/**
 * The pieces with their strings replaced. Beside a piece as many bytes are held
 * as the longest string has, and the replacements.
 */
export async function* substituted(
  pieces: Pieces,
  substitution: Substitution,
): Pieces {
  const body = new SubstitutedBody(substitution);
  for await (const piece of pieces) yield* body.add(piece);
  yield* body.end();
}

class SubstitutedBody {
  readonly #substitution: Substitution;
  readonly #gatherer = new PieceGatherer();
  readonly #values = new Map<number, Uint8Array>();
  /** The strings that are not looked for any more. */
  readonly #done = new Set<number>();
  /** What may be the beginning of a string. */
  #rest: Uint8Array = NOTHING;
  /** Holds the rest and a piece behind it. */
  #memory: Uint8Array<ArrayBuffer> = new Uint8Array(0);

  constructor(substitution: Substitution) {
    this.#substitution = substitution;
  }

  *add(piece: Uint8Array): Generator<Uint8Array, void, void> {
    yield* this.#replace(this.#joined(piece), false);
  }

  *end(): Generator<Uint8Array, void, void> {
    yield* this.#replace(this.#rest, true);
    yield* this.#gatherer.rest();
  }

  /** Gives all that is certain, and keeps the rest. */
  *#replace(
    bytes: Uint8Array,
    last: boolean,
  ): Generator<Uint8Array, void, void> {
    const { patterns, count, once } = this.#substitution;
    let from = 0;
    while (this.#done.size < count) {
      const { at, index } = patterns.find(bytes, from, last, this.#done);
      yield* this.#gatherer.add(bytes.subarray(from, at));
      from = at;
      if (index < 0) {
        this.#rest = bytes.slice(from);
        return;
      }
      yield* this.#gatherer.add(this.#valueOf(index));
      if (once) this.#done.add(index);
      from += patterns.lengthOf(index);
    }
    this.#rest = NOTHING;
    yield* this.#gatherer.add(bytes.subarray(from));
  }

  /** Found when it is needed for the first time (nginx). */
  #valueOf(index: number): Uint8Array {
    let value = this.#values.get(index);
    if (value === undefined) {
      value = this.#substitution.replacement(index);
      this.#values.set(index, value);
    }
    return value;
  }

  #joined(piece: Uint8Array): Uint8Array {
    const rest = this.#rest;
    if (rest.length === 0) return piece;
    const length = rest.length + piece.length;
    if (this.#memory.length < length) this.#memory = new Uint8Array(length);
    this.#memory.set(rest);
    this.#memory.set(piece, rest.length);
    return this.#memory.subarray(0, length);
  }
}
