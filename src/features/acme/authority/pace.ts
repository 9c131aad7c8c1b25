/**
 * How fast an authority is asked that has had too much, or has trouble: each
 * certificate has its own waits, and a hundred of them would still come one
 * after the other. Then one alone tries, and the others when it was heard.
 */

import { type Clock, MAX_SLEEP_MS } from "./clock.ts";
import { AuthorityError, Unreachable } from "./failure.ts";

/** The first and the longest pause between two that try, in ms. */
const PAUSES = {
  /** Limits are for minutes or hours. */
  limited: { firstMs: 60_000, mostMs: 3_600_000 },
  /** Whoever is there again is not to be left alone for long. */
  down: { firstMs: 10_000, mostMs: 5 * 60_000 },
} as const satisfies Readonly<
  Record<string, { readonly firstMs: number; readonly mostMs: number }>
>;

/** What a failure says of the authority, and not of one certificate. */
function troubleOf(error: unknown): keyof typeof PAUSES | undefined {
  if (error instanceof AuthorityError) {
    if (error.kind === "rateLimited" || error.status === 429) return "limited";
    return error.status >= 500 ? "down" : undefined;
  }
  // Without a cause, an answer was understood and is not the right one.
  return error instanceof Unreachable && error.cause !== undefined
    ? "down"
    : undefined;
}

/** Whether a failure shows that the authority is as it was before `trouble`. */
function isHeard(error: unknown, trouble: keyof typeof PAUSES): boolean {
  if (!(error instanceof AuthorityError)) return false;
  // What it says of a proof is of an order that it has taken.
  return trouble === "down" || error.status === 0;
}

/** The pace of what is asked of one authority. */
export class Pace {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  /** In ms; 0: nothing is in the way. */
  #pauseMs = 0;
  /** When the next one may try, in ms since 1970. */
  #nextAt = 0;
  /** How often the pace has changed. */
  #changes = 0;
  /** Whose failure it was, and of what kind. */
  #failed = "";
  #trouble: keyof typeof PAUSES = "down";

  /** Waits by `clock`, until `signal` is aborted. */
  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
  }

  /** Does `work` for the certificate `id` as soon as it may. */
  async keep<T>(id: string, work: () => Promise<T>): Promise<T> {
    await this.#wait();
    const changes = this.#changes;
    try {
      const result = await work();
      this.#goOn();
      return result;
    } catch (error) {
      const trouble = troubleOf(error);
      // What was under way at the same time says nothing new.
      if (changes === this.#changes) {
        if (trouble !== undefined) this.#slowDown(id, trouble);
        else if (isHeard(error, this.#trouble)) this.#goOn();
      }
      throw error;
    }
  }

  #goOn(): void {
    this.#pauseMs = 0;
    this.#nextAt = 0;
  }

  #slowDown(id: string, trouble: keyof typeof PAUSES): void {
    const { firstMs, mostMs } = PAUSES[trouble];
    // One that fails again and again may be the only one that does.
    const longer = this.#pauseMs * (id === this.#failed ? 1 : 2);
    this.#pauseMs = Math.min(Math.max(longer, firstMs), mostMs);
    this.#nextAt = this.#clock.now() + this.#pauseMs;
    this.#failed = id;
    this.#trouble = trouble;
    this.#changes++;
  }

  async #wait(): Promise<void> {
    for (;;) {
      const wait = this.#nextAt - this.#clock.now();
      // It is longer if the clock was set back.
      if (wait <= 0 || wait > this.#pauseMs) break;
      await this.#clock.sleep(Math.min(wait, MAX_SLEEP_MS), this.#signal);
    }
    if (this.#pauseMs > 0) this.#nextAt = this.#clock.now() + this.#pauseMs;
  }
}
