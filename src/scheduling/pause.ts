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

/** Who can tell that the runtime has looked at its sockets. */
export interface SocketWatch {
  /** Calls back after the next look at them; whether it will. */
  afterLook(action: () => void): boolean;
}

/** Those of this thread. */
const watches = new Set<SocketWatch>();

/** Lets `watch` end pauses from now on, until the function is called that is
 * returned. */
export function pauseBy(watch: SocketWatch): () => void {
  watches.add(watch);
  return () => void watches.delete(watch);
}

/**
 * A pause that takes no longer than the look at the sockets, after which
 * others who had to wait come first. A timer lasts a millisecond or two in
 * which nobody does anything: large bodies over TLS were sent at two thirds of
 * their speed (measured).
 */
export function pauseForLook(action: () => void): void {
  for (const watch of watches) if (watch.afterLook(action)) return;
  pauseAfterWork(action);
}

/** Lets timers and other connections run before a fruitless call is retried. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}
