/** Redirects as the client sees them. */

import type { AnyDirective, Directive } from "../config/directive.ts";
import { onOffDirective } from "../config/values.ts";
import { renderErrorPage } from "../http/error_page.ts";
import { HeaderList, HttpResponse } from "../http/response.ts";
import { reasonPhrase } from "../http/status.ts";
import type { Exchange } from "./exchange.ts";
import type { Module } from "./module.ts";
import { hostOf } from "./variables.ts";

const ANYWHERE = ["http", "server", "location"] as const;

/** `absolute_redirect on | off`. */
export const absoluteRedirect: Directive<boolean> = onOffDirective({
  name: "absolute_redirect",
  contexts: ANYWHERE,
  default: true,
  summary: "Whether redirects name scheme, host and port.",
});

/** `port_in_redirect on | off`. */
export const portInRedirect: Directive<boolean> = onOffDirective({
  name: "port_in_redirect",
  contexts: ANYWHERE,
  default: true,
  summary: "Whether absolute redirects name the port.",
});

/** `server_name_in_redirect on | off`. */
export const serverNameInRedirect: Directive<boolean> = onOffDirective({
  name: "server_name_in_redirect",
  contexts: ANYWHERE,
  default: false,
  summary: "Whether absolute redirects name the server, not the Host.",
});

const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  http: 80,
  https: 443,
};

/** The host that redirects name, as a URL has it. */
function redirectHost(exchange: Exchange): string {
  const { connection, location, server } = exchange;
  const named = location.scope.get(serverNameInRedirect)
    ? server.name
    : hostOf(exchange);
  const host = named === "" ? connection.localAddress : named;
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}

/** The origin that redirects name: where the request was sent to. */
export function originOf(exchange: Exchange): string {
  const { scheme, connection, location } = exchange;
  const port = connection.localPort === DEFAULT_PORTS[scheme] ||
      !location.scope.get(portInRedirect)
    ? ""
    : `:${connection.localPort}`;
  return `${scheme}://${redirectHost(exchange)}${port}`;
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

/** A redirect to `location`, with a page for those who do not follow it. */
export function redirectResponse(
  status: number,
  location: string,
): HttpResponse {
  return new HttpResponse(status, {
    headers: new HeaderList([
      ["Content-Type", "text/html; charset=utf-8"],
      ["Location", location],
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
