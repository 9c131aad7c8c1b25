/**
 * Fairness between clients that always have something more to read and
 * everybody else. What such a client has sent is there before it is asked for,
 * so its connection never waits: it keeps the event loop for as long as the
 * runtime lets socket operations succeed in one round, which is 128 reads, each
 * with hundreds of pipelined requests or thousands of tiny chunks in it
 * (measured: others waited 300 to 500 ms).
 *
 * So whoever works through input without waiting asks here between two
 * portions. When these clients together have had the event loop for a slice,
 * they pause for as long as it takes the runtime to look at its sockets.
 */

import { pauseAfterWork } from "./pause.ts";
import { SLICE_MS } from "./time_slices.ts";

/** How many go on after a pause; each does one portion at least. */
export const RESUMED_AT_A_TIME = 16;

/** Says who may go on and who has to pause. */
export class InputSlices {
  readonly #now: () => number;
  readonly #pause: (action: () => void) => void;
  #waiting: (() => void)[] = [];
  /** When the first of them began after the last pause. */
  #beganAt = 0;
  /** Whether a pause is on its way. */
  #pauses = false;

  /**
   * `now` is the time in ms, from any beginning; `pause` calls back after a
   * pause.
   */
  constructor(now = () => performance.now(), pause = pauseAfterWork) {
    this.#now = now;
    this.#pause = pause;
  }

  /**
   * Asks to go on with the next portion: `undefined` if that may be done at
   * once, or else a promise for when it may.
   */
  take(): Promise<void> | undefined {
    const now = this.#now();
    if (!this.#pauses) {
      this.#begin(now);
      return undefined;
    }
    if (now - this.#beganAt < SLICE_MS) return undefined;
    return new Promise((resume) => this.#waiting.push(resume));
  }

  #begin(now: number): void {
    this.#beganAt = now;
    this.#pauses = true;
    this.#pause(() => this.#turn());
  }

  #turn(): void {
    this.#pauses = false;
    const next = this.#waiting.splice(0, RESUMED_AT_A_TIME);
    if (next.length === 0) return;
    this.#begin(this.#now());
    for (const resume of next) resume();
  }
}
