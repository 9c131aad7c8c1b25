/** Serving a request that has a body, or a client that waits to send one. */

import type { Framing } from "../../http/http1/framing.ts";
import type { HttpResponse } from "../../http/response.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { Connection } from "../../net/connection.ts";
import { CLOSE_SILENTLY, dispatch, fail } from "../dispatch.ts";
import {
  discardBody,
  expectationOf,
  type LimitedBody,
  RequestBody,
} from "./request_body.ts";

/**
 * Finds the answer. A request is complete when its body is: what no handler has
 * read is read and dropped before the answer is sent, within what the locations
 * that the request has gone through allow. Answers to earlier requests go out
 * by `flush` before anything is waited for: the client may wait for them.
 *
 * @returns the answer; `undefined` when the client has gone
 */
export async function serveWithBody(
  exchange: Exchange,
  framing: Framing,
  connection: Connection,
  flush: () => Promise<boolean>,
): Promise<HttpResponse | undefined> {
  const { request } = exchange;
  request.detach();
  const body = new RequestBody(framing, expectationOf(request), {
    input: connection.input,
    now: () => connection.lastActivityAt,
    discardUntil: () => performance.now() + connection.timeouts.lingeringTimeMs,
    fill: async () => await flush() && await connection.fill("body"),
    write: (bytes) => connection.write(bytes),
  });
  exchange.body = body;
  const answer = dispatch(exchange);
  if (answer instanceof Promise) await flush();
  const response = await answer;
  connection.timeouts = exchange.location.client.timeouts;
  return await afterBody(exchange, body, response);
}

/**
 * The answer to a request when its body is complete, or will not be: what no
 * handler has read is dropped.
 *
 * @returns the answer; `undefined` when the client has gone
 */
export async function afterBody(
  exchange: Exchange,
  body: LimitedBody,
  response: HttpResponse,
): Promise<HttpResponse | undefined> {
  if (response === CLOSE_SILENTLY || exchange.endsConnection) return response;
  try {
    if (await discardBody(exchange, body)) return response;
    response.dispose();
    return undefined;
  } catch (error) {
    response.dispose();
    // The fault of the body takes the place of what was to be answered.
    exchange.error = undefined;
    return await fail(exchange, error);
  }
}
