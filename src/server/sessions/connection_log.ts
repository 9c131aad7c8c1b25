/**
 * What the error log says of connections: at `info` what a client did wrong,
 * in nginx's words; at `debug` one line when a connection is accepted and one
 * when it has ended.
 */

import type { HeadProgress } from "../../http/http1/request_parser.ts";
import type { DiagnosticContext } from "../../logging/diagnostic_line.ts";
import type { Level } from "../../logging/level.ts";
import { log } from "../../logging/logger.ts";
import { failureReason } from "../../os_error.ts";
import type { Connection } from "../../net/connection.ts";
import type { DeadlineKind, EndReason } from "../../net/connection_state.ts";
import { ProxyHeaderError } from "../../net/proxied_transport.ts";
import { PLAIN_HTTP } from "../../net/tls/tls_refusal.ts";
import { addressText } from "../../core/settings/listen_address.ts";

/** The directive of each deadline. */
const DIRECTIVES = {
  connect: "client_header_timeout",
  idle: "keepalive_timeout",
  head: "client_header_timeout",
  body: "client_body_timeout",
  send: "send_timeout",
  linger: "lingering_timeout",
  none: undefined,
} as const satisfies Record<DeadlineKind, string | undefined>;

const READING_HEADERS = "reading client request headers";

const CLOSED = "client prematurely closed connection";

const RESET = "104: Connection reset by peer";

/** What nginx calls what a connection was doing. */
type Action =
  | "reading PROXY protocol"
  | "SSL handshaking"
  | "waiting for request"
  | "reading client request line"
  | typeof READING_HEADERS
  | "reading client request body"
  | "sending response to client"
  | "keepalive"
  | "closing request";

/** What is known of a connection, part of {@linkcode Connection}. */
export type LoggedConnection = Pick<
  Connection,
  | "serial"
  | "remoteAddress"
  | "remotePort"
  | "localAddress"
  | "localPort"
  | "connectedAt"
  | "secure"
  | "tls"
  | "awaitsProxy"
  | "bytesIn"
  | "bytesOut"
  | "endedIn"
>;

/** How a connection has ended. */
export interface ConnectionEnd {
  /** Why. */
  readonly reason: EndReason;
  /** What failed, if the reason has more to say. */
  readonly error?: unknown;
  /** How many connections are left. */
  readonly open: number;
  /** How many requests it has brought. */
  readonly requests: number;
  /** How far the head of the next one has come. */
  readonly headProgress: HeadProgress;
  /** What a line says about its request, if one has begun. */
  context(): DiagnosticContext;
}

/** Logs that a connection was accepted; `open` are there now. */
export function logAccepted(
  connection: LoggedConnection,
  open: number,
  errorLog: DiagnosticContext["errorLog"],
): void {
  log.debug(() => {
    const { serial, remoteAddress, remotePort } = connection;
    const from = addressText({ hostname: remoteAddress, port: remotePort });
    return `connection accepted: *${serial} from ${from} at ${
      serverAddress(connection)
    }, ${open} open`;
  }, { errorLog });
}

/** Logs how a connection has ended. */
export function logEnded(
  connection: LoggedConnection,
  end: ConnectionEnd,
): void {
  const { error, context, reason } = end;
  // Connections come and go by the thousand, and mostly nobody wants to know.
  if (reason !== "error" && !log.enabled("info")) return;
  const fault = faultOf(connection, end);
  if (fault !== undefined && log.enabled(fault.level)) {
    log.log(fault.level, fault.message, {
      ...(fault.isAlone ? lone(context()) : withServer(connection, context())),
      ...(fault.isOurs ? { error } : {}),
    });
  }
  if (!log.enabled("debug")) return;
  const { errorLog, client } = context();
  log.debug(endText(connection, end), { errorLog, client });
}

/** A line about the end of a connection. */
interface Fault {
  readonly level: Level;
  readonly message: string;
  /** Whether the message says all there is to be said. */
  readonly isAlone?: boolean;
  /** Whether the error that was thrown says more. */
  readonly isOurs?: boolean;
}

/** What a client did wrong, or what failed; `undefined` if all went well. */
function faultOf(
  connection: LoggedConnection,
  { reason, error, requests, headProgress }: ConnectionEnd,
): Fault | undefined {
  const action = actionOf(connection, headProgress);
  const info = (message: string): Fault => ({
    level: "info",
    message: `${message} while ${action}`,
  });
  // As in nginx a client that leaves while its request waits does so anyhow.
  const isWaiting = connection.endedIn === "none";
  const call = connection.endedIn === "send" ? "send" : "recv";
  switch (reason) {
    case "eof":
      return requests === 0 ? info("client closed connection") : {
        level: "info",
        message: `client ${connection.remoteAddress} closed ` +
          "keepalive connection",
        isAlone: true,
      };
    case "premature_eof":
      if (isWaiting) return { level: "info", message: CLOSED };
      return info(
        action === "SSL handshaking"
          ? "peer closed connection in SSL handshake"
          : CLOSED,
      );
    case "reset":
      return isWaiting
        ? { level: "info", message: `${CLOSED} (${RESET})` }
        : info(`${call}() failed (${RESET})`);
    case "broken_pipe":
      return info("send() failed (32: Broken pipe)");
    case "unreachable":
      return info(`${call}() failed (${failureReason(error)})`);
    case "tls_failure":
      return error instanceof Error && error.message === PLAIN_HTTP
        ? { level: "info", message: `${PLAIN_HTTP} while ${READING_HEADERS}` }
        : info(error instanceof Error ? error.message : "SSL_read() failed");
    case "timeout":
      return connection.endedIn === "idle"
        ? undefined
        : info("client timed out (110: Connection timed out)");
    case "error":
      if (error instanceof ProxyHeaderError) {
        return { level: "error", message: `${error.message} while ${action}` };
      }
      // What failed within a response has been logged there.
      return error === undefined ? undefined : {
        level: "error",
        message: `connection failed while ${action}`,
        isOurs: true,
      };
    case "done":
    case "evicted":
      return undefined;
  }
}

/** What a connection was doing when it ended. */
function actionOf(
  connection: LoggedConnection,
  headProgress: HeadProgress,
): Action {
  if (connection.awaitsProxy) return "reading PROXY protocol";
  const { bytesIn, secure, tls } = connection;
  if (secure && tls === undefined && bytesIn === 0) return "SSL handshaking";
  switch (connection.endedIn) {
    case "connect":
    case "head":
      return headProgress === "none"
        ? "waiting for request"
        : headProgress === "line"
        ? "reading client request line"
        : READING_HEADERS;
    case "idle":
      return "keepalive";
    case "body":
      return "reading client request body";
    case "linger":
      return "closing request";
    case "send":
    case "none":
      return "sending response to client";
  }
}

function lone({ errorLog, connection }: DiagnosticContext): DiagnosticContext {
  return { errorLog, connection };
}

/** Without a request there is no server, but the address it came to. */
function withServer(
  connection: LoggedConnection,
  context: DiagnosticContext,
): DiagnosticContext {
  return context.server === undefined
    ? { ...context, server: serverAddress(connection) }
    : context;
}

function serverAddress({ localAddress, localPort }: LoggedConnection): string {
  return addressText({ hostname: localAddress, port: localPort });
}

function endText(
  connection: LoggedConnection,
  { reason, open, requests }: ConnectionEnd,
): string {
  const { serial, endedIn, connectedAt } = connection;
  const directive = reason === "timeout" ? DIRECTIVES[endedIn] : undefined;
  const deadline = directive === undefined ? "" : ` (${directive})`;
  const seconds = ((Date.now() - connectedAt) / 1000).toFixed(3);
  return `connection ended: *${serial} ${reason.replace("_", " ")}` +
    `${deadline} after ${seconds} s, ${requests} requests, ` +
    `${connection.bytesIn} bytes in, ${connection.bytesOut} bytes out, ` +
    `${open} open`;
}

/** Logs how many connections a look at the deadlines has closed. */
export function logSweep(expired: number, before: number): void {
  log.debug(() =>
    `deadline sweep closed ${expired} of ${before} connections that were late`
  );
}
