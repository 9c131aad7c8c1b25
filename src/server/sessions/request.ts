/**
 * From a request head to an exchange: which host and server it is for, and
 * which path (RFC 9110 §7.1–7.4, RFC 9112 §3.2–3.3).
 */

import { HttpError } from "../../http/errors.ts";
import { Field } from "../../http/fields.ts";
import { parseHost } from "../../http/host.ts";
import { requestPersistence } from "../../http/http1/keep_alive.ts";
import { KnownTarget } from "../../http/known_target.ts";
import { RequestHead } from "../../http/request_head.ts";
import type { RequestTarget } from "../../http/target.ts";
import { type ConnectionInfo, Exchange } from "../../core/exchange.ts";
import type { CaptureHolder } from "../../regex/pattern.ts";
import type { HostGroup, KnownHost, ServerPlan } from "../setup/plan.ts";

/** Where a request comes from. */
export interface RequestOrigin {
  /** The connection it came on. */
  readonly connection: ConnectionInfo;
  /** The servers it may be for. */
  readonly group: HostGroup;
  /** How many requests the connection has brought, this one included. */
  readonly requestNumber: number;
  /** When it began to come, in ms of `performance.now()`. */
  readonly beganAt: number;
}

/** A 400 after which nothing the client says is trusted. */
function bad(what: string, detail = ""): HttpError {
  const text = `client sent ${what} while reading client request headers`;
  return new HttpError(400, text + (detail && `: ${detail}`), { close: true });
}

/**
 * Whom `Host` names: exactly one valid host in HTTP/1.1, at most one in
 * HTTP/1.0 (RFC 9112 §3.2).
 */
function hostField(head: RequestHead, group: HostGroup): KnownHost {
  if (!head.has(Field.Host)) {
    if (head.minorVersion === 0) return serverOf("", group);
    throw bad('HTTP/1.1 request without "Host" header');
  }
  if ((head.repeated & (1 << Field.Host)) !== 0) {
    throw bad("duplicate host header");
  }
  const { bytes } = head;
  const start = head.valueStart(Field.Host);
  const end = head.valueEnd(Field.Host);
  const known = group.known.find(bytes, start, end);
  if (known !== undefined) return known;
  const parsed = parseHost(head.first(Field.Host)!);
  if (parsed === undefined) throw bad("invalid host header");
  const fresh = serverOf(parsed.host, group);
  group.known.keep(bytes, start, end, fresh);
  return fresh;
}

function serverOf(host: string, group: HostGroup): KnownHost {
  const took: CaptureHolder = { captures: undefined, values: undefined };
  const server = group.hosts.match(host, took);
  return { host, server, took };
}

/** RFC 9112 §3.2: which forms of target go with which methods. */
function checkTarget(target: RequestTarget, method: string): void {
  switch (target.form) {
    case "origin":
      if (method === "CONNECT") {
        throw bad("invalid request", "CONNECT to a path");
      }
      break;
    case "absolute":
      if (method === "CONNECT") {
        throw bad("invalid request", "CONNECT to a URL");
      }
      if (target.scheme !== "http" && target.scheme !== "https") {
        throw bad("invalid request", `scheme "${target.scheme}"`);
      }
      break;
    case "authority":
      if (method !== "CONNECT") {
        throw bad("invalid request", "an authority as target");
      }
      throw new HttpError(405, "client sent CONNECT method", {
        close: true,
        headers: [["Allow", "GET, HEAD, OPTIONS"]],
      });
    case "asterisk":
      if (method !== "OPTIONS") {
        throw bad("invalid request", "* is for OPTIONS");
      }
  }
}

/**
 * The exchange of a request.
 *
 * @throws {HttpError} 400 when the request is not for anything
 */
export function beginExchange(
  head: RequestHead,
  origin: RequestOrigin,
): Exchange {
  const { group } = origin;
  let named = hostField(head, group);
  const { knownTarget } = head;
  const target = knownTarget.parsed;
  checkTarget(target, head.method);
  let requestUri = knownTarget.text;
  let uri = "*";
  let args = "";
  if (target.form === "origin" || target.form === "absolute") {
    if (target.form === "absolute") {
      named = serverOf(target.authority.host, group);
      requestUri = target.query === undefined
        ? target.path
        : `${target.path}?${target.query}`;
    }
    uri = knownTarget.normalized(target.path, named.server);
    args = target.query ?? "";
  }
  const { host, server, took } = named;
  return newExchange(head, origin, server, {
    host,
    requestUri,
    uri,
    args,
    took,
  });
}

/** The exchange of a request that is refused before it is for anything. */
export function refusedExchange(
  head: RequestHead,
  origin: RequestOrigin,
): Exchange {
  return newExchange(head, origin, origin.group.fallback, {
    host: "",
    requestUri: head.target,
    uri: "/",
    args: "",
  });
}

function newExchange(
  request: RequestHead,
  { connection, requestNumber, beganAt }: RequestOrigin,
  server: ServerPlan,
  target: {
    readonly host: string;
    readonly requestUri: string;
    readonly uri: string;
    readonly args: string;
    readonly took?: CaptureHolder;
  },
): Exchange {
  return new Exchange({
    ...target,
    request,
    connection,
    server,
    requestNumber,
    beganAt,
    persistent: requestPersistence(request) === "persist",
  });
}

/**
 * Stands in for a head that could not be parsed; the log has its line, and its
 * `Host` if that was read.
 */
export function brokenHead(
  bytes: Uint8Array,
  lineStart: number,
  lineEnd: number,
  host?: readonly [from: number, to: number],
): RequestHead {
  const end = host === undefined ? lineEnd : Math.max(lineEnd, host[1]);
  return new RequestHead({
    bytes: bytes.slice(lineStart, end),
    base: 0,
    method: "",
    target: new KnownTarget(""),
    minorVersion: 1,
    length: lineEnd - lineStart,
    lineStart: lineEnd > lineStart ? 0 : -1,
    lineEnd: lineEnd - lineStart,
    fields: Int32Array.from(
      host === undefined
        ? []
        : [0, 0, host[0] - lineStart, host[1] - lineStart, Field.Host],
    ),
    fieldCount: host === undefined ? 0 : 1,
    present: host === undefined ? 0 : 1 << Field.Host,
    repeated: 0,
  });
}
