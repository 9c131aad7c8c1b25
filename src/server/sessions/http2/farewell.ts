/**
 * How a connection ends without a request being lost (RFC 9113 §6.8): the
 * client is told twice. After the first time, which names no last stream, it
 * begins none; when it has answered the ping behind that, or takes too long to,
 * all that it had sent before is here, and the second time names the last.
 */

import type { Http2Engine } from "../../../http/http2/engine.ts";
import { ErrorCode, MAX_31_BITS } from "../../../http/http2/frames.ts";
import type { DeadlineSweep, Timed } from "../../../net/deadlines.ts";

/** How long requests that are on their way may take to come, in ms. */
const FAREWELL_MS = 1000;

/** What may follow what, by what happens. */
const TRANSITIONS = {
  none: { begin: "first", fail: "last" },
  first: { heard: "last", fail: "last" },
  last: {},
} as const;

/** What a farewell needs of its connection. */
interface FarewellHost {
  readonly engine: Http2Engine;
  /** Whether the connection has ended. */
  readonly hasEnded: boolean;
  /** The clock. */
  readonly clock: { time(): number };
  /** There is something to be sent. */
  wake(): void;
}

/** The farewell of one connection. */
export class Farewell implements Timed {
  /** When its first part has taken too long, in ms of `performance.now()`. */
  deadlineAt = Infinity;
  /** Its place among those that have deadlines. */
  index = -1;
  readonly #host: FarewellHost;
  readonly #deadlines: DeadlineSweep<Timed>;
  #state: keyof typeof TRANSITIONS = "none";

  /** None was said. */
  constructor(host: FarewellHost, deadlines: DeadlineSweep<Timed>) {
    this.#host = host;
    this.#deadlines = deadlines;
  }

  /** Whether all of it was said: no request will come. */
  get isSaid(): boolean {
    return this.#state === "last";
  }

  /** Says the first part, unless that was done. */
  begin(): void {
    const { clock, engine, hasEnded } = this.#host;
    if (hasEnded || !this.#go("begin")) return;
    engine.goAway(ErrorCode.NoError, MAX_31_BITS);
    engine.ping();
    this.deadlineAt = clock.time() + FAREWELL_MS;
    this.#deadlines.add(this);
    this.#host.wake();
  }

  /** The client has heard the first part, or takes too long to say so. */
  heard(): void {
    this.end();
    if (this.#host.hasEnded || !this.#go("heard")) return;
    this.#host.engine.goAway(ErrorCode.NoError);
    this.#host.wake();
  }

  /** The client is told why there is nothing to wait for. */
  fail(code: ErrorCode): void {
    this.end();
    this.#go("fail");
    this.#host.engine.goAway(code);
  }

  /** See {@linkcode Timed}. */
  expire(): void {
    this.heard();
  }

  /** It has no deadline any more. */
  end(): void {
    this.deadlineAt = Infinity;
    this.#deadlines.delete(this);
  }

  #go(what: "begin" | "heard" | "fail"): boolean {
    const next: Partial<Record<string, keyof typeof TRANSITIONS>> =
      TRANSITIONS[this.#state];
    const state = next[what];
    if (state !== undefined) this.#state = state;
    return state !== undefined;
  }
}
