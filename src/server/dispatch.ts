/**
 * The way of one exchange through the phases of its location. Whatever can be
 * answered without waiting is: a promise is made only where a handler made
 * one.
 */

import { HttpError } from "../http/errors.ts";
import { HeaderList, HttpResponse } from "../http/response.ts";
import type { Exchange } from "../modules/exchange.ts";
import { InternalRedirect, type Outcome } from "../modules/module.ts";
import {
  endsConnection,
  errorResponse,
  logError,
  toHttpError,
} from "./error_response.ts";

/** Most internal redirects of one request (nginx allows 10). */
export const MAX_INTERNAL_REDIRECTS = 10;

/** A response, now or later. */
export type Answer = HttpResponse | Promise<HttpResponse>;

/** Finds the answer to `exchange`. Errors become answers too. */
export function dispatch(exchange: Exchange): Answer {
  const location = exchange.location = exchange.server.root.find(exchange.uri);
  if (location.internal) {
    return fail(exchange, new HttpError(404, "the location is internal"));
  }
  return run(exchange, 0);
}

/** The answer to an exchange that failed with `thrown`. */
export function fail(exchange: Exchange, thrown: unknown): Answer {
  const error = toHttpError(thrown);
  logError(exchange, error);
  if (exchange.error !== undefined) {
    // The error page has failed too: the first error has the default page.
    return finish(exchange, errorResponse(exchange, exchange.error));
  }
  for (const errorPage of exchange.location.errorPages) {
    const page = errorPage(exchange, error.status);
    if (page === undefined) continue;
    exchange.error = error;
    exchange.errorAnswer = page.status;
    if (exchange.method !== "HEAD") exchange.method = "GET";
    if (!(page.target instanceof InternalRedirect)) {
      return finish(exchange, page.target);
    }
    try {
      redirect(exchange, page.target);
    } catch (again) {
      return fail(exchange, again);
    }
    return run(exchange, 0);
  }
  exchange.error = error;
  return finish(exchange, errorResponse(exchange, error));
}

/** Asks the handlers from the one at `index` on. */
function run(exchange: Exchange, index: number): Answer {
  try {
    for (;;) {
      const handler = exchange.location.handlers[index++];
      if (handler === undefined) return fail(exchange, unanswered(exchange));
      const outcome = handler(exchange);
      if (outcome === undefined) continue;
      if (outcome instanceof HttpResponse) return finish(exchange, outcome);
      if (outcome instanceof HttpError) return fail(exchange, outcome);
      if (outcome instanceof Promise) return resume(exchange, outcome, index);
      redirect(exchange, outcome);
      index = 0;
    }
  } catch (error) {
    return fail(exchange, error);
  }
}

async function resume(
  exchange: Exchange,
  pending: Promise<Outcome>,
  index: number,
): Promise<HttpResponse> {
  try {
    const outcome = await pending;
    if (outcome === undefined) return run(exchange, index);
    if (outcome instanceof HttpError) return fail(exchange, outcome);
    if (outcome instanceof InternalRedirect) {
      redirect(exchange, outcome);
      return run(exchange, 0);
    }
    return finish(exchange, outcome);
  } catch (error) {
    return fail(exchange, error);
  }
}

/** What nobody answers: a directory may not be listed, a file is not there. */
function unanswered(exchange: Exchange): HttpError {
  return exchange.uri.endsWith("/")
    ? new HttpError(403, `directory index of "${exchange.uri}" is forbidden`)
    : new HttpError(404, `nothing answers "${exchange.uri}"`);
}

function redirect(exchange: Exchange, to: InternalRedirect): void {
  if (++exchange.redirects > MAX_INTERNAL_REDIRECTS) {
    throw new HttpError(
      500,
      `rewrite or internal redirection cycle at "${to.uri}"`,
    );
  }
  if (to.uri.startsWith("@")) {
    const named = exchange.server.named.get(to.uri);
    if (named === undefined) {
      throw new HttpError(500, `could not find named location "${to.uri}"`);
    }
    exchange.location = named;
    return;
  }
  exchange.uri = to.uri;
  if (to.args !== undefined) exchange.args = to.args;
  exchange.location = exchange.server.root.find(to.uri);
}

/** The response as it leaves: through the filters, as the error it is for. */
function finish(exchange: Exchange, made: HttpResponse): Answer {
  const { location, error, errorAnswer } = exchange;
  let response = made;
  try {
    if (error !== undefined && errorAnswer !== undefined) {
      response = asErrorPage(response, error, errorAnswer);
    }
    if (location.constantFilters.length > 0) {
      response = response.filtered ?? filterConstantly(exchange, response);
    }
    for (const filter of location.requestFilters) {
      response = filter.apply(exchange, response);
    }
    return response;
  } catch (failure) {
    response.dispose();
    if (error === undefined) return fail(exchange, failure);
    logError(exchange, toHttpError(failure));
    return errorResponse(exchange, error);
  }
}

/**
 * The response as the constant filters leave it. Of a shared one they change
 * a copy, which is kept: the original may also stand in for an error, with
 * another status.
 */
function filterConstantly(
  exchange: Exchange,
  original: HttpResponse,
): HttpResponse {
  let response = original.shared ? original.copy() : original;
  for (const filter of exchange.location.constantFilters) {
    response = filter.apply(exchange, response);
  }
  if (original.shared && response.shared) original.filtered = response;
  return response;
}

/** A page that was found, as the answer to the error it stands in for. */
function asErrorPage(
  page: HttpResponse,
  error: HttpError,
  status: number,
): HttpResponse {
  // What is answered for a page that itself redirects or fails, stays.
  if (page.status !== 200) return page;
  const headers = new HeaderList(
    [...page.headers].filter(([name]) => !isValidator(name)),
  );
  for (const [name, value] of error.headers) headers.set(name, value);
  return page.with({ status, headers, close: endsConnection(error) });
}

/** Fields of a file that make no sense on the error it explains. */
function isValidator(name: string): boolean {
  return name === "Last-Modified" || name === "ETag" ||
    name === "Accept-Ranges";
}
