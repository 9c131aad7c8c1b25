/**
 * The way of one exchange through the phases of its location. Whatever can be
 * answered without waiting is: a promise is made only where a handler made
 * one.
 */

import { HttpError } from "../http/errors.ts";
import { HeaderList, HttpResponse } from "../http/response.ts";
import { quote } from "../logging/diagnostic_line.ts";
import type { Exchange } from "../modules/exchange.ts";
import {
  type ErrorPage,
  InternalRedirect,
  type Outcome,
} from "../modules/module.ts";
import { hasParentSegment } from "../routing/path_map.ts";
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
  const asked = exchange.uri;
  const stopped = enter(exchange);
  if (stopped !== undefined) return stop(exchange, stopped);
  // A rewritten URI is not what the client asked for.
  if (exchange.location.internal && exchange.uri === asked) {
    return fail(exchange, new HttpError(404, "the location is internal"));
  }
  return run(exchange, 0);
}

/** Follows what the server says of all requests, and finds the location. */
function enter(exchange: Exchange): HttpResponse | HttpError | undefined {
  const { root, rewrite } = exchange.server;
  if (rewrite !== undefined) {
    exchange.location = root;
    const outcome = rewrite(exchange);
    if (outcome !== undefined && !(outcome instanceof InternalRedirect)) {
      return outcome;
    }
  }
  exchange.location = root.find(exchange.uri, exchange);
  return undefined;
}

function stop(exchange: Exchange, outcome: HttpResponse | HttpError): Answer {
  return outcome instanceof HttpError
    ? fail(exchange, outcome)
    : finish(exchange, outcome);
}

/** The answer to an exchange that failed with `thrown`. */
export function fail(exchange: Exchange, thrown: unknown): Answer {
  const error = toHttpError(thrown);
  logError(exchange, error);
  const page = errorPageFor(exchange, error.status);
  if (page === undefined) {
    // If an error page has failed too, the first error has the default page.
    exchange.error ??= error;
    return finish(exchange, errorResponse(exchange, exchange.error));
  }
  const { target, status, last } = page;
  exchange.error = error;
  exchange.hadLastErrorPage = last;
  exchange.errorAnswer = status;
  if (!(target instanceof InternalRedirect)) return finish(exchange, target);
  // A page is read; a named location may do something else (nginx).
  const isPage = !target.uri.startsWith("@");
  if (isPage && exchange.method !== "HEAD") exchange.method = "GET";
  return follow(exchange, target);
}

/** What stands in for an error, as long as the request does not go in circles. */
function errorPageFor(exchange: Exchange, status: number): ErrorPage {
  if (
    exchange.hadLastErrorPage || exchange.redirects > MAX_INTERNAL_REDIRECTS
  ) return undefined;
  for (const errorPage of exchange.location.errorPages) {
    const page = errorPage(exchange, status);
    if (page !== undefined) return page;
  }
  return undefined;
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
      const stopped = redirect(exchange, outcome);
      if (stopped !== undefined) return stop(exchange, stopped);
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
    if (outcome instanceof InternalRedirect) return follow(exchange, outcome);
    return finish(exchange, outcome);
  } catch (error) {
    return fail(exchange, error);
  }
}

/** What nobody answers: a directory may not be listed, a file is not there. */
function unanswered(exchange: Exchange): HttpError {
  return exchange.uri.endsWith("/")
    ? new HttpError(
      403,
      `directory index of ${quote(exchange.uri)} is forbidden`,
      { severity: "error" },
    )
    : new HttpError(404, `nothing answers ${quote(exchange.uri)}`);
}

/** Goes where a redirect leads. */
function follow(exchange: Exchange, to: InternalRedirect): Answer {
  try {
    const stopped = redirect(exchange, to);
    return stopped === undefined ? run(exchange, 0) : stop(exchange, stopped);
  } catch (error) {
    return fail(exchange, error);
  }
}

/** Finds where a redirect leads, unless the server has an answer itself. */
function redirect(
  exchange: Exchange,
  to: InternalRedirect,
): HttpResponse | HttpError | undefined {
  if (++exchange.redirects > MAX_INTERNAL_REDIRECTS) {
    throw new HttpError(
      500,
      `rewrite or internal redirection cycle while ${
        to.kind === "rewrite" ? "processing" : "internally redirecting to"
      } ${quote(to.uri)}`,
    );
  }
  if (to.uri.startsWith("@")) {
    const named = exchange.server.named.get(to.uri);
    if (named === undefined) {
      throw new HttpError(
        500,
        `could not find named location ${quote(to.uri)}`,
      );
    }
    exchange.location = named;
    return undefined;
  }
  // The URI may be made of variables, which a client may have a say in.
  if (!to.uri.startsWith("/") || hasParentSegment(to.uri)) {
    throw new HttpError(
      404,
      `internal redirect to ${quote(to.uri)} leads nowhere`,
    );
  }
  exchange.uri = to.uri;
  if (to.args !== undefined) exchange.args = to.args;
  if (to.kind === "redirect") return enter(exchange);
  exchange.location = exchange.server.root.find(to.uri, exchange);
  return undefined;
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
  if (page.status >= 300) return page;
  const headers = new HeaderList(
    [...page.headers].filter(([name]) => status === 200 || !isValidator(name)),
  );
  for (const [name, value] of error.headers) headers.set(name, value);
  return page.with({ status, headers, close: endsConnection(error) });
}

/** Fields of a file that make no sense on the error it explains. */
function isValidator(name: string): boolean {
  return name === "Last-Modified" || name === "ETag" ||
    name === "Accept-Ranges";
}
