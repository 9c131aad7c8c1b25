/** How long somebody waits for an exchange, and what is let go of then. */

import { log } from "../logging/logger.ts";

/** What an exchange has when something has to know of its end. */
export class Lifetime {
  /** Made when somebody wants to know: most only let go of something. */
  #controller: AbortController | undefined;
  #aborted = false;
  readonly #releases: (() => void)[] = [];
  #ended = false;

  /** Aborted when nobody waits for the answer any more. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted) this.#controller.abort();
    }
    return this.#controller.signal;
  }

  /** Calls `release` at the end, or now if that has been. */
  onEnd(release: () => void): void {
    if (this.#ended) attempt(release);
    else this.#releases.push(release);
  }

  /** Nobody waits any more. */
  abort(): void {
    this.#aborted = true;
    this.#controller?.abort();
  }

  /** It is over: the last thing that was acquired is let go of first. */
  end(): void {
    this.#ended = true;
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
