/**
 * From a request head to an exchange: which host and server it is for, and
 * which path (RFC 9110 §7.1-7.4, RFC 9112 §3.2-3.3).
 */

import { latin1 } from "../../bytes/ascii.ts";
import { HttpError } from "../../http/errors.ts";
import {
  Field,
  FIELD_NAMES,
  fieldBits,
  type FieldId,
} from "../../http/fields.ts";
import { parseHost } from "../../http/host.ts";
import { duplicateField, IN_FIELDS } from "../../http/http1/head_faults.ts";
import { KnownTarget } from "../../http/known_target.ts";
import { decodedHead, type RequestHead } from "../../http/request_head.ts";
import type { RequestTarget } from "../../http/target.ts";
import { PLAIN_HTTP } from "../../net/tls/tls_refusal.ts";
import { Exchange, type ExchangeProtocol } from "../../core/exchange.ts";
import type { CaptureHolder } from "../../regex/pattern.ts";
import type { HostGroup, KnownHost } from "../setup/host_group.ts";
import type { ServerStatistics } from "../statistics.ts";

/** Where a request comes from. */
export interface RequestOrigin extends ExchangeProtocol {
  /** The servers it may be for. */
  readonly group: HostGroup;
}

/** A 400 after which nothing the client says is trusted. */
function bad(what: string, detail = ""): HttpError {
  const text = `client sent ${what} ${IN_FIELDS}`;
  return new HttpError(400, text + (detail && `: ${detail}`), { close: true });
}

/**
 * Fields that are no lists: two of them contradict each other (RFC 9110 §5.3).
 * `Host` and those of framing are looked at where they are read.
 */
const SINGLE_FIELDS: readonly FieldId[] = [
  Field.Authorization,
  Field.IfModifiedSince,
  Field.IfRange,
  Field.IfUnmodifiedSince,
];

const SINGLE_FIELD_BITS = fieldBits(...SINGLE_FIELDS);

/** A 400 for a head that has one of {@linkcode SINGLE_FIELDS} twice. */
function repeatedField(head: RequestHead): HttpError {
  const field = SINGLE_FIELDS.find((one) => (head.repeated & 1 << one) !== 0)!;
  const name = FIELD_NAMES[field].replace(/\b[a-z]/g, (c) => c.toUpperCase());
  return bad(`duplicate header line: ${duplicateField(head, name)}`);
}

/**
 * Whom `Host` names: exactly one valid host in HTTP/1.1, at most one in
 * HTTP/1.0 (RFC 9112 §3.2).
 */
function hostField(head: RequestHead, group: HostGroup): KnownHost {
  if (!head.has(Field.Host)) {
    if (head.version === "1.0") return serverOf("", group);
    throw bad('HTTP/1.1 request without "Host" header');
  }
  if ((head.repeated & (1 << Field.Host)) !== 0) {
    throw bad(`duplicate host header: ${duplicateField(head, "Host")}`);
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
      throw new HttpError(405, `client sent CONNECT method ${IN_FIELDS}`, {
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
  const named = hostField(head, group);
  if ((head.repeated & SINGLE_FIELD_BITS) !== 0) throw repeatedField(head);
  const { knownTarget, method } = head;
  const target = knownTarget.parsed;
  if (target.form === "origin" && method !== "CONNECT") {
    const { path, query = "" } = target;
    return new Exchange(head, origin, named, {
      requestUri: knownTarget.text,
      uri: knownTarget.normalized(path, named.server),
      args: query,
    });
  }
  checkTarget(target, method);
  if (target.form !== "absolute") {
    const requestUri = knownTarget.text;
    return new Exchange(head, origin, named, {
      requestUri,
      uri: "*",
      args: "",
    });
  }
  const { path, query, authority } = target;
  const asked = serverOf(authority.host, group);
  return new Exchange(head, origin, asked, {
    requestUri: query === undefined ? path : `${path}?${query}`,
    uri: knownTarget.normalized(path, asked.server),
    args: query ?? "",
  });
}

/**
 * What a request comes to that was sent in the clear to an address of TLS:
 * nginx's status, for which there can be a page (`error_page 497`).
 */
export function plainHttp(): HttpError {
  return new HttpError(497, `${PLAIN_HTTP} ${IN_FIELDS}`, { close: true });
}

/** The exchange of a request that is refused before it is for anything. */
export function refusedExchange(
  head: RequestHead,
  origin: RequestOrigin,
): Exchange {
  const asked = { server: origin.group.fallback, host: "" };
  const requestUri = head.target;
  return new Exchange(head, origin, asked, { requestUri, uri: "/", args: "" });
}

/** The status of a request whose client has left before its answer (nginx). */
export const CLIENT_CLOSED_REQUEST = 499;

/** Says that an exchange is over: counters, logs, whoever else asked. */
export function endExchange(
  exchange: Exchange,
  statistics: ServerStatistics,
  whole: boolean,
): void {
  exchange.completed = whole;
  const { beganAt, connection, error, location, server, status } = exchange;
  server.counters.ended(
    status,
    connection.lastActivityAt - beganAt,
    exchange.headBytesSent + exchange.bodyBytesSent,
  );
  if (error !== undefined) statistics.requestFailed(error.status);
  try {
    for (const hook of location.logs) hook(exchange);
  } finally {
    exchange.end();
  }
}

/** A request line that was right, where it is a field that was not. */
const WHOLE_LINE = /^([A-Z]+) (\/\S*) HTTP\/1\.\d$/;

/**
 * Stands in for a head that could not be parsed; the log has its line, what
 * that says, and its `Host` if that was read.
 */
export function brokenHead(
  bytes: Uint8Array,
  [start, end]: readonly [start: number, end: number],
  host?: readonly [start: number, end: number],
): RequestHead {
  const line = end > start ? latin1(bytes, start, end) : undefined;
  const [, method = "", target = ""] = WHOLE_LINE.exec(line ?? "") ?? [];
  return decodedHead({
    method,
    target: new KnownTarget(target),
    version: "1.1",
    line,
    fields: host === undefined
      ? []
      : [{ name: "host", value: latin1(bytes, ...host) }],
    length: end - start,
  });
}
