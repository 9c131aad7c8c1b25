/**
 * The life of a connection as a table.
 *
 * ```
 * reading <-> writing        a request is awaited or read / answered
 *    +--------+--> closed  ended as agreed, or because a client went away
 *             +--> error   ended because something failed
 * ```
 */

import { osErrorCode } from "../os_error.ts";

/** Which states may follow which. */
export const TRANSITIONS = {
  reading: ["writing", "closed", "error"],
  writing: ["reading", "closed", "error"],
  closed: [],
  error: [],
} as const satisfies Record<string, readonly string[]>;

/** Where a connection is in its life. */
export type ConnectionState = keyof typeof TRANSITIONS;

/**
 * The state that follows `from`.
 *
 * @throws {Error} when the table does not allow it: a fault of the program
 */
export function transition(
  from: ConnectionState,
  to: ConnectionState,
): ConnectionState {
  if (!(TRANSITIONS[from] as readonly ConnectionState[]).includes(to)) {
    throw new Error(`A connection cannot go from ${from} to ${to}`);
  }
  return to;
}

/** Which of a connection's deadlines is running. */
export type DeadlineKind =
  /** Nothing has come of a first request: `client_header_timeout`. */
  | "connect"
  /** Waiting for the next request: `keepalive_timeout`. */
  | "idle"
  /** A request head has begun: `client_header_timeout`. */
  | "head"
  /** Between two reads of a body: `client_body_timeout`. */
  | "body"
  /** Between two writes: `send_timeout`. */
  | "send"
  /** Waiting for the client to close: `lingering_timeout`. */
  | "linger"
  /** None. */
  | "none";

/** How a connection ended; told to the server once. */
export type EndReason =
  /** After a response that said so, or a shutdown. */
  | "done"
  /** The client closed between two requests. */
  | "eof"
  /** The client closed within a request. */
  | "premature_eof"
  /** The client reset the connection. */
  | "reset"
  /** The client does not keep to TLS, or would not have our certificate. */
  | "tls_failure"
  /** The client was gone when a response was written. */
  | "broken_pipe"
  /** The network has given the client up: it is gone without a word. */
  | "unreachable"
  /** A deadline passed. */
  | "timeout"
  /** The server stopped, or needed the place. */
  | "evicted"
  /** Something failed that is not the client's going away. */
  | "error";

/** The final state each reason leads to. */
export const FINAL_STATE = {
  done: "closed",
  eof: "closed",
  premature_eof: "closed",
  reset: "closed",
  tls_failure: "closed",
  broken_pipe: "closed",
  unreachable: "closed",
  timeout: "closed",
  evicted: "closed",
  error: "error",
} as const satisfies Record<EndReason, ConnectionState>;

/**
 * What the system says when nothing has come of a client for too long, or its
 * network is gone. Whoever pulls a plug causes it, so as in nginx it is no
 * fault of this server.
 */
const UNREACHABLE: ReadonlySet<string | undefined> = new Set([
  "ENETDOWN",
  "ENETUNREACH",
  "ETIMEDOUT",
  "ECONNREFUSED",
  "EHOSTDOWN",
  "EHOSTUNREACH",
]);

/** Why a read or write failed, as far as the operating system says. */
export function endReasonOf(error: unknown): EndReason {
  if (
    error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.ConnectionAborted
  ) return "reset";
  if (error instanceof Deno.errors.UnexpectedEof) return "premature_eof";
  // What the runtime's TLS says of a client; a plain socket never says it.
  if (error instanceof Deno.errors.InvalidData) return "tls_failure";
  if (
    error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.NotConnected
  ) return "broken_pipe";
  const isUnreachable = error instanceof Deno.errors.TimedOut ||
    UNREACHABLE.has(osErrorCode(error));
  return isUnreachable ? "unreachable" : "error";
}
