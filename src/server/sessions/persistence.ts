/** Whether a connection goes on after an exchange, and what a client expects. */

import { Field } from "../../http/fields.ts";
import { hasToken } from "../../http/http1/keep_alive.ts";
import { responseFraming } from "../../http/http1/response_encoder.ts";
import type { RequestHead } from "../../http/request_head.ts";
import type { HttpResponse } from "../../http/response.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { Expectation } from "./request_body.ts";

/**
 * Whether the connection may go on after `response` (RFC 9112 §9.3, §9.6):
 * as long as the client wants it, nothing has gone wrong, the end of the body
 * is not the end of the connection, and the connection has not brought all the
 * requests it may.
 */
export function persists(exchange: Exchange, response: HttpResponse): boolean {
  const { persistent, endsConnection, location, requestNumber, request } =
    exchange;
  return persistent && !response.close && !endsConnection &&
    requestNumber < location.client.maxRequests &&
    responseFraming(response, request) !== "close";
}

/** What the client expects before it sends its body (RFC 9110 §10.1.1). */
export function expectationOf(request: RequestHead): Expectation {
  const value = request.value(Field.Expect);
  if (value === undefined || request.minorVersion === 0) return "none";
  return hasToken(value, "100-continue") && !value.includes(",")
    ? "continue"
    : "unknown";
}
