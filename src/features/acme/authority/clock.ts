/** Time and chance, which tests have in their hands. */

/** What tells the time and waits. */
export interface Clock {
  /** Now, in ms since 1970: it may jump. */
  now(): number;
  /** Waits some ms, or rejects when `signal` is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** A number from 0 up to, and without, 1. */
  random(): number;
}

/** The longest sleep, in ms: a clock that is set is noticed after it. */
export const MAX_SLEEP_MS = 60_000;

/** The clock of the system. */
export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const timer = setTimeout(done, ms);
      function done(): void {
        signal.removeEventListener("abort", aborted);
        resolve();
      }
      function aborted(): void {
        clearTimeout(timer);
        reject(signal.reason);
      }
      signal.addEventListener("abort", aborted, { once: true });
    }),
};
