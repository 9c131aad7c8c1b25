/**
 * The way of one exchange through the phases of its locations. Whatever can
 * be answered without waiting is: a promise is made only where a handler made
 * one.
 *
 * ```
 * enterServer -> locate -> enterLocation -> askHandlers -> deliver -> staged
 *     ^            ^            ^           |     |
 *     +------------+- redirect -+-----------+     +- fail -> errorPageFor
 * ```
 *
 * What belongs to a location is judged when it is found, however the request
 * came there: {@linkcode locate} is the only way into one by a path.
 */

import { HttpError } from "../http/errors.ts";
import { IN_FIELDS } from "../http/http1/head_faults.ts";
import { Representation } from "../http/representation.ts";
import { HeaderList, HttpResponse } from "../http/response.ts";
import { NO_RESPONSE } from "../http/semantics/status.ts";
import { quote } from "../logging/diagnostic_line.ts";
import type { Exchange } from "../core/exchange.ts";
import { optionsResponse, READ_METHODS } from "../core/methods.ts";
import {
  type ErrorPage,
  InternalRedirect,
  type LocationPlan,
  type Outcome,
} from "../core/module.ts";
import { REDIRECTS } from "../core/redirect.ts";
import { trace } from "../core/trace.ts";
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

/** Nothing is said, and the connection is closed: `return 444`. */
export const CLOSE_SILENTLY: HttpResponse = new HttpResponse(NO_RESPONSE, {
  close: true,
});

/** As in nginx the log says nothing of it, as of a `return 404`. */
const INTERNAL = { severity: "silent" } as const;

/** Finds the answer to `exchange`. Errors become answers too. */
export function dispatch(exchange: Exchange): Answer {
  const refused = exchange.server.admit?.(exchange);
  if (refused !== undefined) return fail(exchange, refused);
  if (exchange.uri === "*") return optionsResponse();
  if (exchange.method === "TRACE") {
    return fail(
      exchange,
      new HttpError(405, `client sent TRACE method ${IN_FIELDS}`, {
        headers: [["Allow", READ_METHODS]],
      }),
    );
  }
  return begin(exchange, enterServer);
}

/** The answer to a request of the server's own: nobody's access is in doubt. */
export function dispatchSubrequest(exchange: Exchange): Answer {
  return begin(exchange, enterServer);
}

/** Goes where `way` leads, unless it has an answer itself. */
function begin(
  exchange: Exchange,
  way: (exchange: Exchange) => HttpResponse | HttpError | undefined,
): Answer {
  try {
    const stopped = way(exchange);
    return stopped === undefined
      ? askHandlers(exchange, 0)
      : conclude(exchange, stopped);
  } catch (error) {
    return fail(exchange, error);
  }
}

/** The server's rewrite phase; then the location is found. */
function enterServer(exchange: Exchange): HttpResponse | HttpError | undefined {
  const { root, rewrite } = exchange.server;
  if (rewrite !== undefined) {
    exchange.location = root;
    const outcome = rewrite(exchange);
    if (outcome !== undefined && !(outcome instanceof InternalRedirect)) {
      return outcome;
    }
  }
  return locate(exchange);
}

/**
 * Finds the location of the URI, and whether the request may be there, until
 * there is one whose rewrite phase has no other.
 */
function locate(exchange: Exchange): HttpResponse | HttpError | undefined {
  const location = exchange.server.root.find(exchange.uri, exchange);
  exchange.location = location;
  trace.steps?.push({
    kind: "location",
    text: exchange.uri,
    scope: location.scope,
    place: location.scope.place,
  });
  if (location.internal && !exchange.internal) {
    return new HttpError(404, "the location is internal", INTERNAL);
  }
  return exchange.body?.admit(location.client.maxBodyBytes) ??
    enterLocation(exchange, location);
}

/** Goes into a location: its block for the request, and its rewrite phase. */
function enterLocation(
  exchange: Exchange,
  location: LocationPlan,
): HttpResponse | HttpError | undefined {
  const { choose } = location;
  const chosen = choose === undefined ? location : choose(exchange) ?? location;
  exchange.location = chosen;
  const outcome = chosen.rewrite?.(exchange);
  return outcome instanceof InternalRedirect
    ? redirect(exchange, outcome)
    : outcome;
}

/** Asks the handlers from the one at `index` on. */
function askHandlers(exchange: Exchange, index: number): Answer {
  try {
    for (;;) {
      const handler = exchange.location.handlers[index++];
      // Files answer whatever is left, so it is a registry without them.
      if (handler === undefined) throw new HttpError(404, "no module answers");
      const outcome = handler(exchange);
      if (outcome === undefined) continue;
      if (outcome instanceof HttpResponse) return deliver(exchange, outcome);
      if (outcome instanceof HttpError) return fail(exchange, outcome);
      if (outcome instanceof Promise) return resume(exchange, outcome, index);
      const stopped = redirect(exchange, outcome);
      if (stopped !== undefined) return conclude(exchange, stopped);
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
    if (outcome === undefined) return askHandlers(exchange, index);
    if (outcome instanceof InternalRedirect) return follow(exchange, outcome);
    return conclude(exchange, outcome);
  } catch (error) {
    return fail(exchange, error);
  }
}

/** Goes where a redirect leads. */
function follow(exchange: Exchange, to: InternalRedirect): Answer {
  return begin(exchange, () => redirect(exchange, to));
}

/** Finds where a redirect leads, unless the server has an answer itself. */
function redirect(
  exchange: Exchange,
  to: InternalRedirect,
): HttpResponse | HttpError | undefined {
  exchange.internal = true;
  trace.steps?.push({
    kind: "redirect",
    text: `within the server, to ${to.uri}`,
  });
  if (++exchange.redirects > MAX_INTERNAL_REDIRECTS) {
    return new HttpError(
      500,
      `rewrite or internal redirection cycle while ${
        to.kind === "rewrite" ? "processing" : "internally redirecting to"
      } ${quote(to.uri)}`,
    );
  }
  if (to.uri.startsWith("@")) {
    const named = exchange.server.named.get(to.uri);
    if (named === undefined) {
      return new HttpError(
        500,
        `could not find named location ${quote(to.uri)}`,
      );
    }
    trace.steps?.push({
      kind: "location",
      text: to.uri,
      scope: named.scope,
      place: named.scope.place,
    });
    // As in nginx the body has been judged by where the request was before.
    return enterLocation(exchange, named);
  }
  // The URI may be made of variables, which a client may have a say in.
  if (hasParentSegment(to.uri)) {
    return new HttpError(
      404,
      `internal redirect to ${quote(to.uri)} leads nowhere`,
    );
  }
  exchange.uri = to.uri;
  if (to.args !== undefined) exchange.args = to.args;
  return to.kind === "redirect" ? enterServer(exchange) : locate(exchange);
}

/** What a phase has come to. */
function conclude(
  exchange: Exchange,
  outcome: HttpResponse | HttpError,
): Answer {
  return outcome instanceof HttpError
    ? fail(exchange, outcome)
    : deliver(exchange, outcome);
}

/**
 * The answer that was found. As in nginx an `error_page` may stand in for a
 * redirect, and a redirect in the place of an error keeps its own status.
 */
function deliver(exchange: Exchange, response: HttpResponse): Answer {
  const { status } = response;
  if (status < 300 || !REDIRECTS.has(status)) return finish(exchange, response);
  const page = errorPageFor(exchange, status);
  if (page === undefined) return finishAsMade(exchange, response);
  const location = response.headers.get("Location") ?? "";
  exchange.errorFields = [["Location", location]];
  return standIn(exchange, page);
}

/** The answer to an exchange that failed with `thrown`. */
export function fail(exchange: Exchange, thrown: unknown): Answer {
  const error = toHttpError(thrown);
  if (error.status === NO_RESPONSE) return CLOSE_SILENTLY;
  logError(exchange, error);
  trace.steps?.push({
    kind: "error",
    text: `${error.status}: ${error.message}`,
  });
  exchange.error ??= error;
  if (endsConnection(error)) exchange.endsConnection = true;
  const page = errorPageFor(exchange, error.status);
  if (page === undefined) {
    // As in nginx the last error is the one that is told.
    return finishAsMade(exchange, errorResponse(exchange, error));
  }
  exchange.errorFields = error.headers;
  return standIn(exchange, page);
}

/** What stands in for an answer, as long as it does not go in circles. */
function errorPageFor(exchange: Exchange, status: number): ErrorPage {
  if (
    exchange.hadLastErrorPage || exchange.redirects > MAX_INTERNAL_REDIRECTS
  ) return undefined;
  try {
    for (const errorPage of exchange.location.errorPages) {
      const page = errorPage(exchange, status);
      if (page !== undefined) return page;
    }
  } catch (failure) {
    // A page that cannot be made, such as a redirect to where a line breaks.
    logError(exchange, toHttpError(failure));
  }
  return undefined;
}

/** Answers with an error page. */
function standIn(
  exchange: Exchange,
  { target, status, last }: NonNullable<ErrorPage>,
): Answer {
  exchange.hadLastErrorPage = last;
  trace.steps?.push({
    kind: "error_page",
    text: target instanceof InternalRedirect
      ? target.uri
      : target.headers.get("Location") ?? "",
  });
  exchange.errorStatus = status;
  if (!(target instanceof InternalRedirect)) {
    return finishAsMade(exchange, target);
  }
  // A page is read; a named location may do something else (nginx).
  const isPage = !target.uri.startsWith("@");
  if (isPage && exchange.method !== "HEAD") exchange.method = "GET";
  return follow(exchange, target);
}

/** The answer of a handler as it leaves, as the error it stands in for. */
function finish(exchange: Exchange, made: HttpResponse): Answer {
  const { errorStatus, errorFields } = exchange;
  const response = exchange.standsIn
    ? asErrorPage(made, errorStatus ?? made.status, errorFields)
    : made;
  try {
    return staged(exchange, response);
  } catch (failure) {
    return fail(exchange, failure);
  }
}

/**
 * An answer as it leaves that has a status of its own, such as an error. If a
 * stage fails with it, it leaves as it was made.
 */
function finishAsMade(exchange: Exchange, response: HttpResponse): Answer {
  exchange.errorStatus = undefined;
  exchange.errorFields = [];
  try {
    return staged(exchange, response);
  } catch (failure) {
    logError(exchange, toHttpError(failure));
    return response;
  }
}

/** A response as the stages of its location leave it. */
function staged(exchange: Exchange, made: HttpResponse): HttpResponse {
  const { location } = exchange;
  let response = made;
  try {
    if (!(made instanceof Representation)) location.represent(made);
    for (const stage of location.stages) response = stage(exchange, response);
    return response;
  } catch (failure) {
    response.dispose();
    throw failure;
  }
}

/** A page that was found, as the answer to the error it stands in for. */
function asErrorPage(
  page: HttpResponse,
  status: number,
  fields: Exchange["errorFields"],
): HttpResponse {
  const headers = new HeaderList(
    [...page.headers].filter(([name]) => status === 200 || !isValidator(name)),
  );
  for (const [name, value] of fields) headers.set(name, value);
  return page.with({ status, headers });
}

/** Fields of a file that make no sense on the error it explains. */
function isValidator(name: string): boolean {
  return name === "Last-Modified" || name === "ETag" ||
    name === "Accept-Ranges";
}
