/**
 * From a request head to an exchange: which host and server it is for, and
 * which path (RFC 9110 §7.1–7.4, RFC 9112 §3.2–3.3).
 */

import { HttpError } from "../http/errors.ts";
import { Field } from "../http/fields.ts";
import { type HostPort, parseHost } from "../http/host.ts";
import { RequestHead } from "../http/request_head.ts";
import { normalizePath, parseTarget } from "../http/target.ts";
import { type ConnectionInfo, Exchange } from "../modules/exchange.ts";
import type { HostGroup } from "./plan.ts";

/** A 400 after which nothing the client says is trusted. */
function bad(detail: string): HttpError {
  return new HttpError(400, detail, { close: true });
}

/**
 * The host of `Host`: exactly one valid one in HTTP/1.1, at most one in
 * HTTP/1.0 (RFC 9112 §3.2).
 */
function hostField(head: RequestHead): HostPort | undefined {
  if (!head.has(Field.Host)) {
    if (head.minorVersion === 0) return undefined;
    throw bad("no Host in an HTTP/1.1 request");
  }
  if ((head.repeated & (1 << Field.Host)) !== 0) {
    throw bad("more than one Host");
  }
  const host = parseHost(head.first(Field.Host)!);
  if (host === undefined) throw bad("malformed Host");
  return host;
}

/** What a request is for. */
interface Destination {
  readonly host: string;
  readonly path: string;
  readonly query: string | undefined;
}

/** RFC 9112 §3.2: which forms of target go with which methods. */
function destination(head: RequestHead): Destination {
  const own = hostField(head)?.host ?? "";
  const target = parseTarget(head.target);
  switch (target.form) {
    case "origin":
      if (head.method === "CONNECT") throw bad("CONNECT to a path");
      return { host: own, path: target.path, query: target.query };
    case "absolute":
      if (head.method === "CONNECT") throw bad("CONNECT to a URL");
      if (target.scheme !== "http" && target.scheme !== "https") {
        throw bad(`scheme "${target.scheme}" is not served`);
      }
      return {
        host: target.authority.host,
        path: target.path,
        query: target.query,
      };
    case "authority":
      if (head.method !== "CONNECT") throw bad("authority as a target");
      throw new HttpError(405, "CONNECT is for proxies", {
        close: true,
        headers: [["Allow", "GET, HEAD, OPTIONS"]],
      });
    case "asterisk":
      if (head.method !== "OPTIONS") throw bad("* is for OPTIONS");
      return { host: own, path: "*", query: undefined };
  }
}

/**
 * The exchange of a request.
 *
 * @throws {HttpError} 400 when the request is not for anything
 */
export function beginExchange(
  head: RequestHead,
  connection: ConnectionInfo,
  group: HostGroup,
): Exchange {
  const { host, path, query } = destination(head);
  const server = group.hosts.match(host);
  const uri = path === "*" ? path : normalizePath(path, server);
  return new Exchange({
    request: head,
    connection,
    server,
    host,
    requestUri: query === undefined ? path : `${path}?${query}`,
    uri,
    args: query ?? "",
  });
}

/** The exchange of a request that is refused before it is for anything. */
export function refusedExchange(
  head: RequestHead,
  connection: ConnectionInfo,
  group: HostGroup,
): Exchange {
  return new Exchange({
    request: head,
    connection,
    server: group.fallback,
    host: "",
    requestUri: head.target,
    uri: "/",
    args: "",
  });
}

/** Stands in for a head that could not be parsed; the log has its line. */
export function brokenHead(
  bytes: Uint8Array,
  lineStart: number,
  lineEnd: number,
): RequestHead {
  return new RequestHead({
    bytes: bytes.slice(lineStart, lineEnd),
    base: 0,
    method: "",
    target: "",
    minorVersion: 1,
    lineStart: lineEnd > lineStart ? 0 : -1,
    lineEnd: lineEnd - lineStart,
    fields: [],
    fieldCount: 0,
    present: 0,
    repeated: 0,
  });
}
