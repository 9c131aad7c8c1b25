/** A request that is answered later. */

import type { Exchange } from "../../core/exchange.ts";
import type { Outcome } from "../../core/module.ts";
import { HttpError } from "../../http/errors.ts";
import { NO_RESPONSE } from "../../http/semantics/status.ts";

/** The longest time of a timer, in ms: beyond it, it is none at all. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** What is said to a client that has left. */
const NOTHING = new HttpError(NO_RESPONSE, "the client has left", {
  severity: "silent",
});

/**
 * Lets a request wait for `ms`. It holds a timer and nothing else, and no more
 * is done for it when its client has left.
 */
export function delayed(exchange: Exchange, ms: number): Promise<Outcome> {
  const { signal } = exchange;
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", left);
      resolve(undefined);
    }, Math.min(ms, MAX_TIMER_MS));
    function left(): void {
      clearTimeout(timer);
      resolve(NOTHING);
    }
    if (signal.aborted) left();
    else signal.addEventListener("abort", left, { once: true });
  });
}
