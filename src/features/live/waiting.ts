/** Clients that wait for a change. */

import { HttpError } from "../../http/errors.ts";
import { NO_RESPONSE } from "../../http/semantics/status.ts";

/**
 * How long one waits, in ms. It asks again, so this is what holds up whoever
 * does not know that it leaves.
 */
const MAX_WAIT_MS = 25_000;

/** How often the version is looked at while somebody waits, in ms. */
const LOOK_MS = 50;

/** How many may wait in one thread: tabs of people, not of the world. */
const MAX_WAITING = 256;

/** What is said to a client that has left. */
const LEFT = new HttpError(NO_RESPONSE, "the client has left", {
  severity: "silent",
});

/** What waiting is about. */
interface WaitingOptions {
  /** The version now. */
  readonly version: () => number;
  /** Whether nobody is to be kept any longer. */
  readonly isEnding: () => boolean;
}

/** Who waits, in one thread. */
export class Waiting {
  readonly #options: WaitingOptions;
  readonly #looks = new Set<() => void>();
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Nobody waits yet. */
  constructor(options: WaitingOptions) {
    this.#options = options;
  }

  /**
   * Waits until the version is not `known`, but no longer than half a minute,
   * and not when the server ends.
   *
   * @returns whether it is another one
   * @throws {HttpError} 503 when too many wait; without an answer when the
   * client has left
   */
  async change(known: number, signal: AbortSignal): Promise<boolean> {
    const { version, isEnding } = this.#options;
    if (version() !== known) return true;
    if (this.#looks.size >= MAX_WAITING) {
      throw new HttpError(503, `${MAX_WAITING} clients wait for a change`, {
        headers: [["Retry-After", "5"]],
      });
    }
    const until = performance.now() + MAX_WAIT_MS;
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => {
      const isOver = version() !== known || isEnding() || signal.aborted ||
        performance.now() >= until;
      if (isOver) resolve();
    };
    this.#looks.add(look);
    this.#timer ??= setInterval(() => this.#look(), LOOK_MS);
    try {
      await promise;
    } finally {
      this.#looks.delete(look);
      if (this.#looks.size === 0) {
        clearInterval(this.#timer);
        this.#timer = undefined;
      }
    }
    if (signal.aborted) throw LEFT;
    return version() !== known;
  }

  #look(): void {
    for (const look of this.#looks) look();
  }
}
