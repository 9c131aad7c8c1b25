/**
 * How late the event loop is: a timer that should fire every so often is as
 * late as everything else that waits its turn. What is told is the longest
 * delay of the current window and the one before, so that a scrape every 15
 * seconds sees each of them.
 */

/** How often the timer should fire, in ms. */
const INTERVAL_MS = 500;

/** How long a window is, in ms. */
const WINDOW_MS = 15_000;

/** Measures how late the event loop is. */
export class EventLoopLag {
  #timer: ReturnType<typeof setInterval> | undefined;
  #firedAt = 0;
  #windowBegan = 0;
  #longestMs = 0;
  #longestBeforeMs = 0;

  /** The longest delay of late, in seconds; 0 while it is not watched. */
  get seconds(): number {
    return Math.max(this.#longestMs, this.#longestBeforeMs) / 1000;
  }

  /** Begins to watch. */
  start(): void {
    if (this.#timer !== undefined) return;
    this.#firedAt = this.#windowBegan = performance.now();
    this.#timer = setInterval(
      () => this.observe(performance.now()),
      INTERVAL_MS,
    );
  }

  /** Ends watching. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** The timer has fired at `now`, in ms of `performance.now()`. */
  observe(now: number): void {
    const late = now - this.#firedAt - INTERVAL_MS;
    this.#firedAt = now;
    if (now - this.#windowBegan > WINDOW_MS) {
      this.#windowBegan = now;
      this.#longestBeforeMs = this.#longestMs;
      this.#longestMs = 0;
    }
    this.#longestMs = Math.max(this.#longestMs, late);
  }
}
