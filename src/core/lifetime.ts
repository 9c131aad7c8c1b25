/** How long somebody waits for an exchange, and what is let go of then. */

import { log } from "../logging/logger.ts";

/** What an exchange has when something has to know of its end. */
export class Lifetime {
  readonly #connection: AbortSignal | undefined;
  readonly #controller = new AbortController();
  readonly #releases: (() => void)[] = [];
  #ended = false;

  /** Lasts as long as the connection with this signal, at most. */
  constructor(connection?: AbortSignal) {
    this.#connection = connection;
    if (connection?.aborted) this.abort();
    else connection?.addEventListener("abort", this.abort, { once: true });
  }

  /** Aborted when nobody waits for the answer any more. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Calls `release` at the end, or now if that has been. */
  onEnd(release: () => void): void {
    if (this.#ended) attempt(release);
    else this.#releases.push(release);
  }

  /** Nobody waits any more. */
  readonly abort = (): void => this.#controller.abort();

  /** It is over: the last thing that was acquired is let go of first. */
  end(): void {
    this.#ended = true;
    this.#connection?.removeEventListener("abort", this.abort);
    this.abort();
    for (
      let release: (() => void) | undefined;
      (release = this.#releases.pop()) !== undefined;
    ) attempt(release);
  }
}

/** One that cannot be let go of must not keep the others. */
function attempt(release: () => void): void {
  try {
    release();
  } catch (error) {
    log.error("what a request held could not be let go of", { error });
  }
}

/** That of exchanges that ended before anybody asked. */
export const ENDED: Lifetime = new Lifetime();
ENDED.end();
