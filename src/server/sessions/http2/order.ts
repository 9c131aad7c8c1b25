/** Whose piece goes out next (RFC 9218 §10). */

import type { Priority } from "../../../http/http2/priority.ts";

/** One turn in so many is for whoever has waited longest, however urgent the
 * others are: so nobody waits for ever. */
const SHARED_TURNS = 8;

/** How many urgencies there are (RFC 9218 §4.1). */
const URGENCIES = 8;

/** Something that is sent piece by piece. */
export interface Sendable {
  /** Its stream: what was asked for first has the lower number. */
  readonly stream: { readonly id: number; readonly priority: Priority };
  /** Where it waits; `undefined` while it does not. Only its order sets it. */
  queue: Sendable[] | undefined;
  /** When it had its last turn. Only its order sets it. */
  turn: number;
}

/**
 * Those that have something to send. The most urgent ones come first; among
 * them those that are of use only as a whole go one after the other, in the
 * order they were asked for, and in every other turn one that is of use in
 * parts, which take turns.
 */
export class SendOrder<T extends Sendable> {
  /** By urgency, in the order of their streams. */
  readonly #whole: T[][] = Array.from({ length: URGENCIES }, () => []);
  /** By urgency, those who have waited longest first. */
  readonly #parts: T[][] = Array.from({ length: URGENCIES }, () => []);
  /** The next one; 0 is said of those that have had none. */
  #turns = 1;
  #size = 0;

  /** How many there are. */
  get size(): number {
    return this.#size;
  }

  /** Adds one, or puts it where it belongs since its priority is another. */
  put(item: T): void {
    const { urgency, incremental } = item.stream.priority;
    const queue = (incremental ? this.#parts : this.#whole)[urgency]!;
    if (item.queue === queue) return;
    this.delete(item);
    this.#size++;
    item.queue = queue;
    if (item.turn === 0) item.turn = this.#turns;
    let at = queue.length;
    // Nearly always it was asked for last.
    while (at > 0 && comesBefore(item, queue[at - 1]!, incremental)) at--;
    if (at === queue.length) queue.push(item);
    else queue.splice(at, 0, item);
  }

  /** Removes one; nothing happens if it is not there. */
  delete(item: T): void {
    const { queue } = item;
    if (queue === undefined) return;
    queue.splice(queue.indexOf(item), 1);
    item.queue = undefined;
    this.#size--;
  }

  /** Whose turn it is, if anybody is there; it stays until it is removed. */
  next(): T | undefined {
    if (this.#size === 0) return undefined;
    const turn = this.#turns++;
    const next = turn % SHARED_TURNS === 0
      ? this.#longest()
      : this.#mostUrgent(turn % 2 === 0);
    next.turn = turn + 1;
    const { queue } = next;
    // Who is of use in parts goes behind the others.
    if (queue!.length > 1 && next.stream.priority.incremental) {
      this.delete(next);
      this.put(next);
    }
    return next;
  }

  #mostUrgent(partsFirst: boolean): T {
    let urgency = 0;
    for (;; urgency++) {
      const whole = this.#whole[urgency]![0];
      const part = this.#parts[urgency]![0];
      const next = partsFirst ? part ?? whole : whole ?? part;
      if (next !== undefined) return next;
    }
  }

  /** The one that has waited longest. */
  #longest(): T {
    let longest: T | undefined;
    for (const item of this) {
      if (longest === undefined || item.turn < longest.turn) longest = item;
    }
    return longest!;
  }

  /** All of them, the most urgent first. */
  *[Symbol.iterator](): Generator<T, void, void> {
    for (let urgency = 0; urgency < URGENCIES; urgency++) {
      yield* this.#whole[urgency]!;
      yield* this.#parts[urgency]!;
    }
  }
}

function comesBefore(a: Sendable, b: Sendable, incremental: boolean): boolean {
  return incremental ? a.turn < b.turn : a.stream.id < b.stream.id;
}
