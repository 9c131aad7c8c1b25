/** Pauses of a thread, for what the times of files do not tell. */

/**
 * Pauses take so much of such a time at most, in ms: files that are written to
 * all the time, and asked for all the time, keep nobody else waiting.
 */
const MOST_MS = 10;
const PERIOD_MS = 100;

/** When the period began, in ms of `performance.now()`. */
let began = -Infinity;

/** How long this thread has paused in it, in ms. */
let paused = 0;

/**
 * Stops the thread for some ms, at most {@linkcode MOST_MS}; whoever writes
 * files goes on.
 *
 * @returns whether it did
 */
export function pauseThread(ms: number): boolean {
  const now = performance.now();
  if (now - began >= PERIOD_MS) {
    began = now;
    paused = 0;
  }
  if (paused + ms > MOST_MS) return false;
  paused += ms;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  return true;
}
