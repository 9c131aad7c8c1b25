/**
 * Fairness between many large bodies and everybody else. A file that is in
 * memory goes out as fast as its socket takes it, without ever waiting: a
 * thousand of them at once keep the event loop for as long as it takes to
 * fill a thousand sockets (measured: a small request waited 2 s). So when
 * there are many, they share a budget, in the order they come, and when it is
 * spent they pause for as long as it takes the runtime to look at its sockets.
 *
 * A disk that is slow keeps the thread while it is read from. A client that
 * takes pieces sooner than they are read would never let go of it (measured:
 * 300 ms a read, and a small request waited 9 s for a body of 3 MB to end), so
 * after a slow read there is a pause in any case.
 */

import { pauseForLook } from "./pause.ts";

/** Up to this many bodies need no turns: their sockets are soon full. */
const FREE_BODIES = 32;

/** How much large bodies send between two pauses, in bytes: some 2 ms. */
const BYTES_PER_PAUSE = 4 * 1024 * 1024;

/** From when on a read is a slow one, in ms; one of 64 KB takes 0.02. */
export const SLOW_READ_MS = 4;

interface Waiting {
  readonly bytes: number;
  readonly resume: () => void;
}

/** How a {@linkcode SendBudget} is made. */
interface SendBudgetOptions {
  /** See {@linkcode BYTES_PER_PAUSE}. */
  readonly bytesPerPause?: number;
  /** See {@linkcode FREE_BODIES}. */
  readonly freeBodies?: number;
  /** Calls back after a pause. */
  readonly pause?: (action: () => void) => void;
}

/** Hands out the budget between two pauses. */
export class SendBudget {
  readonly #budget: number;
  readonly #freeBodies: number;
  readonly #pause: (action: () => void) => void;
  readonly #waiting: Waiting[] = [];
  #bodies = 0;
  #spent = 0;

  /** Nobody sends yet. */
  constructor(options: SendBudgetOptions = {}) {
    this.#budget = options.bytesPerPause ?? BYTES_PER_PAUSE;
    this.#freeBodies = options.freeBodies ?? FREE_BODIES;
    this.#pause = options.pause ?? pauseForLook;
  }

  /** Counts a body in that is being sent. */
  enter(): void {
    this.#bodies++;
  }

  /** Counts it out. */
  leave(): void {
    this.#bodies--;
  }

  /**
   * Asks to send `bytes`, which it took `readMs` of the thread to read:
   * `undefined` if that may be done at once, or else a promise for when it may.
   */
  take(bytes: number, readMs = 0): Promise<void> | undefined {
    if (this.#waiting.length === 0) {
      const isSlow = readMs >= SLOW_READ_MS;
      if (!isSlow && this.#bodies <= this.#freeBodies) return undefined;
      if (!isSlow && this.#fits(bytes)) {
        this.#spent += bytes;
        return undefined;
      }
      this.#pause(() => this.#resume());
    }
    return new Promise((resume) => this.#waiting.push({ bytes, resume }));
  }

  /** What is larger than the whole budget has one of its own. */
  #fits(bytes: number): boolean {
    return this.#spent === 0 || this.#spent + bytes <= this.#budget;
  }

  #resume(): void {
    this.#spent = 0;
    let released = 0;
    for (const { bytes, resume } of this.#waiting) {
      if (!this.#fits(bytes)) break;
      this.#spent += bytes;
      released++;
      resume();
    }
    this.#waiting.splice(0, released);
    if (this.#waiting.length > 0) this.#pause(() => this.#resume());
  }
}
