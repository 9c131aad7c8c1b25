/** Redirects as the client sees them. */

import type { AnyDirective } from "../config/directive.ts";
import type { SourcePlace } from "../config/errors.ts";
import { onOffDirective } from "../config/values.ts";
import type { Template } from "../config/template.ts";
import type { AnyVariables } from "../config/configured_variables.ts";
import { text, type Variable } from "../config/variables.ts";
import { renderErrorPage } from "./default_page.ts";
import { HeaderList, HttpResponse } from "../http/response.ts";
import { reasonPhrase } from "../http/semantics/status.ts";
import type { ConnectionInfo, Exchange } from "./exchange.ts";
import type { Module } from "./module.ts";

const ANYWHERE = ["http", "server", "location"] as const;

const absoluteRedirect = onOffDirective({
  name: "absolute_redirect",
  contexts: ANYWHERE,
  default: true,
  summary: "Whether redirects name scheme, host and port.",
});

const portInRedirect = onOffDirective({
  name: "port_in_redirect",
  contexts: ANYWHERE,
  default: true,
  summary: "Whether absolute redirects name the port.",
});

const serverNameInRedirect = onOffDirective({
  name: "server_name_in_redirect",
  contexts: ANYWHERE,
  default: false,
  summary: "Whether absolute redirects name the server, not the Host.",
});

/** The statuses that send a client to a `Location`. */
export const REDIRECTS: ReadonlySet<number> = new Set([
  301,
  302,
  303,
  307,
  308,
]);

const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  http: 80,
  https: 443,
};

/** An address as the host of a URL. */
function urlHost(host: string): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}

/**
 * Where the request was sent to: its `Host`, or else the server's address. Of
 * a Unix socket nginx makes `http://unix:/path/`, which leads nowhere; the
 * server's name, or that of this machine, may.
 */
function requestedHost({ connection, host, server }: Exchange): string {
  if (host !== "") return host;
  return isUnixSocket(connection)
    ? server.hostName ?? "localhost"
    : urlHost(connection.localAddress);
}

/** Only connections by a Unix socket have no port. */
function isUnixSocket({ localPort }: ConnectionInfo): boolean {
  return localPort === 0;
}

/** The host of the server by its own name, if it has one. */
function ownHost(exchange: Exchange): string {
  return exchange.server.hostName ?? requestedHost(exchange);
}

/** The origin that redirects name. */
function originOf(exchange: Exchange): string {
  const { scheme, connection, location } = exchange;
  const host = location.scope.get(serverNameInRedirect)
    ? ownHost(exchange)
    : requestedHost(exchange);
  const port = isUnixSocket(connection) ||
      connection.localPort === DEFAULT_PORTS[scheme] ||
      !location.scope.get(portInRedirect)
    ? ""
    : `:${connection.localPort}`;
  return `${scheme}://${host}${port}`;
}

/**
 * The variables as they stand in a URL that clients are sent to. `$host` and
 * `$server_name` are always a host there: without `Host`, or where the server
 * is called `_`, nginx would lead clients to `http://_/` or nowhere.
 */
const HOSTS: ReadonlyMap<string, Variable<Exchange>> = new Map([
  ["host", text((x) => x.host === "" ? ownHost(x) : x.host)],
  ["server_name", text(ownHost)],
]);

/** A variable as it stands in such a URL. */
export function inRedirect(
  name: string,
  variable: Variable<Exchange>,
): Variable<Exchange> {
  return HOSTS.get(name) ?? variable;
}

/** Compiles a URL or path that clients are sent to; see above. */
export function redirectTemplate(
  text: string,
  place: SourcePlace,
  variables: AnyVariables,
): Template<Exchange> {
  return variables.template(text, place, {
    form: "bytes",
    instead: inRedirect,
  });
}

/**
 * `Location` for a path with query on this server, as `absolute_redirect`
 * has it. A path that begins with two slashes would name another host.
 */
export function absoluteLocation(exchange: Exchange, path: string): string {
  if (exchange.location.scope.get(absoluteRedirect)) {
    return originOf(exchange) + path;
  }
  return path.startsWith("//") ? `/%2F${path.slice(2)}` : path;
}

/** Whether a configured target leads to another server (nginx's rule). */
export function isUrl(text: string): boolean {
  return /^(?:https?:\/\/|\$scheme)/.test(text);
}

/** A redirect to a path with query on this server, or to a URL. */
export function redirectTo(
  exchange: Exchange,
  status: number,
  target: string,
): HttpResponse {
  return redirectResponse(
    status,
    target.startsWith("/") ? absoluteLocation(exchange, target) : target,
  );
}

/**
 * What a browser takes out of a URL. Line breaks and NUL are not among it: a
 * field with them is refused as a whole.
 */
// deno-lint-ignore no-control-regex -- they are what is looked for
const BLANKS = /[\x01-\x09\x0b\x0c\x0e-\x20\x7f]/g;

/**
 * A URL reference in which nothing means to a browser what it does not say. A
 * decoded path may hold anything: browsers drop tabs, and take a backslash
 * before the query for a slash, so that `/\evil.example` and
 * `/<TAB>/evil.example` would be other hosts.
 */
export function safeReference(reference: string): string {
  const safe = reference.replace(
    BLANKS,
    (blank) =>
      `%${blank.charCodeAt(0).toString(16).padStart(2, "0").toUpperCase()}`,
  );
  if (!safe.includes("\\")) return safe;
  const end = safe.search(/[?#]/);
  return end < 0
    ? safe.replaceAll("\\", "%5C")
    : safe.slice(0, end).replaceAll("\\", "%5C") + safe.slice(end);
}

/**
 * A redirect to `location`, a byte string, with a page for those who do not
 * follow it.
 */
export function redirectResponse(
  status: number,
  location: string,
): HttpResponse {
  return new HttpResponse(status, {
    headers: new HeaderList([
      ["Content-Type", "text/html; charset=utf-8"],
      ["Location", safeReference(location)],
    ]),
    body: renderErrorPage(status, { reason: reasonPhrase(status) }),
  });
}

const directives: readonly AnyDirective[] = [
  absoluteRedirect,
  portInRedirect,
  serverNameInRedirect,
];

/** What redirects name. */
export const redirectModule: Module = { name: "redirect", directives };
