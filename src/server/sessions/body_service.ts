/**
 * Serving a request that has a body, or a client that waits to send one. Who
 * does not want the body answers at once, as in nginx, and the rest of it is
 * read and dropped behind the answer.
 */

import { HttpError } from "../../http/errors.ts";
import type { Framing } from "../../http/http1/framing.ts";
import type { HttpResponse } from "../../http/response.ts";
import type { Exchange } from "../../core/exchange.ts";
import { contextOf } from "../../core/request_log.ts";
import { log } from "../../logging/logger.ts";
import type { Connection } from "../../net/connection.ts";
import { type Answer, CLOSE_SILENTLY, dispatch, fail } from "../dispatch.ts";
import { expectationOf, RequestBody } from "./request_body.ts";

/**
 * Finds the answer. Answers to earlier requests go out by `flush` before
 * anything is waited for: the client may wait for them.
 */
export function serveWithBody(
  exchange: Exchange,
  framing: Framing,
  connection: Connection,
  flush: () => Promise<boolean>,
): Answer {
  const { request } = exchange;
  request.detach();
  const body = new RequestBody(framing, expectationOf(request), {
    input: connection.input,
    now: () => connection.lastActivityAt,
    discardUntil: () =>
      connection.lastActivityAt + connection.timeouts.lingeringTimeMs,
    fill: async (until) =>
      await flush() &&
      await (until === undefined
        ? connection.fill("body")
        : connection.fillToDrop(until)),
    write: (bytes) => connection.write(bytes),
  });
  exchange.body = body;
  const answer = dispatch(exchange);
  return answer instanceof Promise
    ? waitFor(exchange, answer, body, flush)
    : settle(exchange, answer, body);
}

async function waitFor(
  exchange: Exchange,
  answer: Promise<HttpResponse>,
  body: RequestBody,
  flush: () => Promise<boolean>,
): Promise<HttpResponse> {
  await flush();
  return settle(exchange, await answer, body);
}

/**
 * The answer as it goes out. A fault in what has already come of the body takes
 * its place, within what the locations allow that the request has gone through.
 */
function settle(
  exchange: Exchange,
  response: HttpResponse,
  body: RequestBody,
): Answer {
  if (response === CLOSE_SILENTLY || exchange.endsConnection) return response;
  // The server has answered before any location had its say.
  const unasked = !body.admitted;
  const { root } = exchange.server;
  const refusal = unasked ? body.admit(root.client.maxBodyBytes) : undefined;
  // Whoever waits to be asked is not, as the answer is final; whether it sends
  // its body all the same cannot be known.
  if (refusal !== undefined || body.awaitsContinue) {
    exchange.endsConnection = true;
    return response;
  }
  try {
    body.drop();
    return response;
  } catch (error) {
    if (unasked && error instanceof HttpError && error.status === 413) {
      exchange.endsConnection = true;
      return response;
    }
    response.dispose();
    exchange.error = undefined;
    return fail(exchange, error);
  }
}

/**
 * Reads and drops what is left of a body whose request has been answered,
 * within `lingering_time` and `lingering_timeout`.
 *
 * @returns whether all of it has come; if not, the connection has to end
 */
export async function dropRest(
  exchange: Exchange,
  connection: Connection,
): Promise<boolean> {
  const { body } = exchange;
  if (!(body instanceof RequestBody) || body.done) return true;
  try {
    const discarded = await body.discard();
    if (discarded === "late") connection.end("done");
    return discarded === "whole";
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    // It has had its answer, so nobody is told but the log.
    log.info(`${error.message} behind the answer`, contextOf(exchange));
    exchange.endsConnection = true;
    return false;
  }
}
