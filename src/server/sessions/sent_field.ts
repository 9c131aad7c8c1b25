/** What HTTP/1.1 says in a response head by itself; logs can have it. */

import type { Exchange } from "../../core/exchange.ts";
import { clientPersists } from "../../http/http1/keep_alive.ts";
import { responseFraming } from "../../http/http1/response_encoder.ts";

/**
 * The value of a response field that HTTP/1.1 sends by itself; `undefined` if
 * it sends none.
 */
export function sentField(
  { location, persistent, request, response }: Exchange,
  name: string,
): string | undefined {
  // As in nginx, before there is an answer it is what the client wants.
  const goesOn = persistent ?? clientPersists(request);
  switch (name) {
    case "connection":
      return goesOn ? "keep-alive" : "close";
    case "keep-alive":
      return goesOn && location.client.keepAliveHeader || undefined;
    case "transfer-encoding":
      return response !== undefined &&
          responseFraming(response, request) === "chunked"
        ? "chunked"
        : undefined;
    default:
      return undefined;
  }
}
