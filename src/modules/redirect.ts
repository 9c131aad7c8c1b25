/** Redirects as the client sees them. */

import { HeaderList, HttpResponse } from "../http/response.ts";
import { renderErrorPage } from "../http/error_page.ts";
import { reasonPhrase } from "../http/status.ts";
import type { Exchange } from "./exchange.ts";
import { hostOf } from "./variables.ts";

const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  http: 80,
  https: 443,
};

/**
 * The origin that redirects name: the host the request was for and the port
 * the server listens on, as nginx's `absolute_redirect` and
 * `port_in_redirect` have it.
 */
export function originOf(exchange: Exchange): string {
  const { scheme, connection } = exchange;
  const host = hostOf(exchange) || connection.localAddress;
  const bare = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
  const port = connection.localPort === DEFAULT_PORTS[scheme]
    ? ""
    : `:${connection.localPort}`;
  return `${scheme}://${bare}${port}`;
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
