/** What HTTP/1.1 says in a response head by itself; logs can have it. */

import type { Exchange } from "../../core/exchange.ts";
import { responseFraming } from "../../http/http1/response_encoder.ts";

/**
 * The value of a response field that HTTP/1.1 sends by itself; `undefined` if
 * it sends none.
 */
export function sentField(
  { location, persistent, request, response }: Exchange,
  name: string,
): string | undefined {
  switch (name) {
    case "connection":
      return persistent ? "keep-alive" : "close";
    case "keep-alive":
      return persistent && location.client.keepAliveHeader || undefined;
    case "transfer-encoding":
      return response !== undefined &&
          responseFraming(response, request) === "chunked"
        ? "chunked"
        : undefined;
    default:
      return undefined;
  }
}
