/**
 * A pause that is a real one: the runtime looks at its sockets when it has
 * nothing else to do, or every 61 rounds. With `setImmediate`, or with a timer
 * that is due by the time the work is done, there is always something.
 */

/** How long a pause is, in ms: the shortest timer there is. */
const PAUSE_MS = 1;

/** The first timer is due when the work at hand is done, the second pauses. */
export function pauseAfterWork(action: () => void): void {
  setTimeout(() => setTimeout(action, PAUSE_MS), 0);
}

/** Lets timers and other connections run before a fruitless call is retried. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}
