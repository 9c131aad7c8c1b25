/**
 * Fairness between large bodies and everybody else. A file that is in memory
 * goes out as fast as its socket takes it, without ever waiting; a thousand
 * of them at once would keep the event loop for seconds (measured: a request
 * waited 2 s while 1,000 slow readers filled their sockets). So large bodies
 * share a budget for each turn of the event loop, in the order they come.
 */

import { setImmediate } from "node:timers";

/** How much large bodies send in one turn, in bytes: about 2 ms of copying. */
export const TURN_BYTES = 4 * 1024 * 1024;

interface Waiting {
  readonly bytes: number;
  readonly resume: () => void;
}

/** Hands out each turn's budget. */
export class SendTurns {
  readonly #budget: number;
  readonly #nextTurn: (action: () => void) => void;
  readonly #waiting: Waiting[] = [];
  #spent = 0;
  #scheduled = false;

  /** Turns of `budget` bytes; `nextTurn` calls back in the next one. */
  constructor(
    budget: number = TURN_BYTES,
    nextTurn: (action: () => void) => void = (action) =>
      void setImmediate(action),
  ) {
    this.#budget = budget;
    this.#nextTurn = nextTurn;
  }

  /**
   * Asks to send `bytes`: `undefined` if they fit into this turn, or else a
   * promise for one where they do.
   */
  take(bytes: number): Promise<void> | undefined {
    this.#schedule();
    if (this.#waiting.length === 0 && this.#fits(bytes)) {
      this.#spent += bytes;
      return undefined;
    }
    return new Promise((resume) => this.#waiting.push({ bytes, resume }));
  }

  /** What is larger than a whole turn has one of its own. */
  #fits(bytes: number): boolean {
    return this.#spent === 0 || this.#spent + bytes <= this.#budget;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#nextTurn(() => this.#turn());
  }

  #turn(): void {
    this.#scheduled = false;
    this.#spent = 0;
    let released = 0;
    for (const { bytes, resume } of this.#waiting) {
      if (!this.#fits(bytes)) break;
      this.#spent += bytes;
      released++;
      resume();
    }
    this.#waiting.splice(0, released);
    if (this.#waiting.length > 0) this.#schedule();
  }
}
