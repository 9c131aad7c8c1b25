/** How long to wait before a worker that has died is started again. */

/** The first wait, in ms. It doubles with each death up to the longest. */
export const FIRST_DELAY_MS = 100;

/** The longest wait, in ms. */
export const LONGEST_DELAY_MS = 30_000;

/** A worker that has lived so long was well: waits begin anew, in ms. */
export const WELL_AFTER_MS = 60_000;

/** Says how long to wait before a worker is started again. */
export class RestartDelay {
  #nextMs = FIRST_DELAY_MS;

  /** The wait after a life of `livedMs`; 0 for one that did not start. */
  next(livedMs: number): number {
    const ms = livedMs >= WELL_AFTER_MS ? FIRST_DELAY_MS : this.#nextMs;
    this.#nextMs = Math.min(ms * 2, LONGEST_DELAY_MS);
    return ms;
  }
}
