/**
 * How far the requests of each key are ahead of a rate: the leaky bucket of
 * nginx, with its arithmetic. An excess is in thousandths of a request.
 */

import type { Entry, KeyTable } from "./key_table.ts";

/** One request. */
const REQUEST = 1000;

/** No entry is forgotten without need that is younger, in ms (nginx). */
const KEPT_MS = 60_000;

/** A clock that goes back more, in ms, has been set anew (nginx). */
const SET_BACK_MS = -60_000;

/** An excess that says: there was no room for the key. */
export const NO_ROOM = -1;

/** What is known of a request that comes. */
interface Arrival {
  /** Whose it is: a byte string. */
  readonly key: string;
  /** When, in ms since the epoch. */
  readonly now: number;
}

/** The excess of each key, by the time it was last counted. */
export class RequestRates {
  readonly #table: KeyTable;
  /** Thousandths of requests per second; 1 or more. */
  readonly #rate: number;

  constructor(table: KeyTable, rate: number) {
    this.#table = table;
    this.#rate = rate;
  }

  /**
   * The excess with one more request. It is counted if `counts`, unless the
   * excess is above `burst`; else {@linkcode count} does it later.
   *
   * @returns {@linkcode NO_ROOM} when there is none, even without old entries
   */
  look(
    { key, now }: Arrival,
    { burst, counts }: { readonly burst: number; readonly counts: boolean },
  ): number {
    const table = this.#table;
    const entry = table.find(key);
    if (entry === 0) {
      const added = this.#add(key, now);
      if (added === 0) return NO_ROOM;
      if (counts) table.set(added, now, 0);
      return 0;
    }
    const excess = this.#excess(entry, now);
    if (counts && excess <= burst) this.#set(entry, now, excess);
    return excess;
  }

  /** Counts a request whose excess {@linkcode look} has told; tells it again. */
  count({ key, now }: Arrival): number {
    const entry = this.#table.find(key) || this.#add(key, now);
    if (entry === 0) return 0;
    const excess = this.#excess(entry, now);
    this.#set(entry, now, excess);
    return excess;
  }

  /** How long a request has to wait that is so far ahead, in whole ms. */
  delay(excess: number): number {
    return Math.floor(excess * 1000 / this.#rate);
  }

  #excess(entry: Entry, now: number): number {
    const drained = Math.floor(this.#rate * this.#age(entry, now) / 1000);
    return Math.max(0, this.#table.second(entry) - drained + REQUEST);
  }

  /** How long ago it was counted. No time passes while a clock goes back. */
  #age(entry: Entry, now: number): number {
    const age = now - this.#table.first(entry);
    if (age < SET_BACK_MS) return 1;
    return Math.max(0, age);
  }

  #set(entry: Entry, now: number, excess: number): void {
    const last = this.#table.first(entry);
    const passes = this.#age(entry, now) > 0;
    this.#table.set(entry, passes ? now : last, excess);
  }

  /** An entry without excess, in the place of the oldest ones if need be. */
  #add(key: string, now: number): Entry {
    const table = this.#table;
    if (!table.fits(key.length)) return 0;
    for (let i = 0; i < 2 && this.#isSpent(table.oldest, now); i++) {
      table.remove(table.oldest);
    }
    while (!table.hasRoom(key.length)) table.remove(table.oldest);
    return table.add(key);
  }

  /** Whether an entry says no more than none would. */
  #isSpent(entry: Entry, now: number): boolean {
    if (entry === 0) return false;
    const age = Math.abs(now - this.#table.first(entry));
    return age >= KEPT_MS &&
      this.#table.second(entry) <= Math.floor(this.#rate * age / 1000);
  }
}
