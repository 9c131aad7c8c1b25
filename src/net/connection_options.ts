/** What a connection is made with, and whom it tells. */

import type { HeadLimits } from "../http/limits.ts";
import type { EndReason } from "./connection_state.ts";
import type { DeadlineSweep, Timed } from "./deadlines.ts";
import type { ReadTurns } from "./read_turns.ts";

/** The deadlines of a connection, in ms; 0 means none. */
export interface ConnectionTimeouts {
  /** nginx's `client_header_timeout`. */
  readonly headerMs: number;
  /** nginx's `client_body_timeout`. */
  readonly bodyMs: number;
  /** nginx's `send_timeout`. */
  readonly sendMs: number;
  /** nginx's `keepalive_timeout`. */
  readonly keepaliveMs: number;
  /** nginx's `lingering_time`: all of the lingering. */
  readonly lingeringTimeMs: number;
  /** nginx's `lingering_timeout`: between two reads of it. */
  readonly lingeringMs: number;
}

/** What a connection tells its server. */
export interface ConnectionEvents {
  /** It has ended, for this reason; `error` is what failed, if anything. */
  ended(reason: EndReason, error?: unknown): void;
  /**
   * A deadline passed within a request that has had no answer.
   *
   * @returns the bytes to send before the close
   */
  requestTimedOut(): Uint8Array;
}

/** What a connection is made with. */
export interface ConnectionOptions {
  /** Where its deadline is looked at; it adds and removes itself. */
  readonly sweep: DeadlineSweep<Timed>;
  /** How it shares the reading; without them its socket knows. */
  readonly turns: ReadTurns | undefined;
  /** Limits of its request heads. */
  readonly limits: HeadLimits;
  /** Its deadlines until a request says which server it is for. */
  readonly timeouts: ConnectionTimeouts;
  /** Whom it tells. */
  readonly events: ConnectionEvents;
  /** Whether the socket speaks TLS. Default `false`. */
  readonly secure?: boolean;
  /**
   * Whether an IPv4 client of an IPv6 socket keeps its IPv4-mapped address, as
   * with nginx's `ipv6only=off`. Default `false`: it has its IPv4 address.
   */
  readonly keepsMapped?: boolean;
}
