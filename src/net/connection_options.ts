/** What a connection is made with, and whom it tells. */

import type { DeadlineKind, EndReason } from "./connection_state.ts";
import type { DeadlineSweep, Timed } from "./deadlines.ts";
import type { ProxySource } from "./proxied_transport.ts";
import type { FairReads } from "../scheduling/fair_reads.ts";

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

/** Both ends of a connection, as they are logged. */
export interface ConnectionAddresses {
  /** The client's address, without brackets; `unix:` of a Unix socket. */
  readonly remoteAddress: string;
  /** The client's port; 0 of a Unix socket. */
  readonly remotePort: number;
  /** The address the client connected to, or `unix:` and a path. */
  readonly localAddress: string;
  /** The port the client connected to; 0 of a Unix socket. */
  readonly localPort: number;
}

/** What a connection tells its server. */
export interface ConnectionEvents {
  /** It has ended, for this reason; `error` is what failed, if anything. */
  ended(reason: EndReason, error?: unknown): void;
  /**
   * The deadline of `kind` has passed. Whoever has a last word for the client
   * says it by `Connection.sendLast` and returns `true`; else the connection
   * ends at once.
   */
  deadlinePassed(kind: DeadlineKind): boolean;
}

/** What a connection is made with. */
export interface ConnectionOptions {
  /** Where its deadline is looked at; it adds and removes itself. */
  readonly sweep: DeadlineSweep<Timed>;
  /** How it shares the reading; without it its transport knows. */
  readonly fairReads: FairReads | undefined;
  /** Most bytes of input before some of it must be consumed. */
  readonly maxInputBytes: number;
  /** Its deadlines until a request says which server it is for. */
  readonly timeouts: ConnectionTimeouts;
  /** Whom it tells. */
  readonly events: ConnectionEvents;
  /** Whether the transport speaks TLS. Default `false`. */
  readonly secure?: boolean;
  /** Both its ends. */
  readonly addresses: ConnectionAddresses;
  /** Where the header of a proxy is when it has come, if one has to come. */
  readonly proxySource?: ProxySource | undefined;
}
