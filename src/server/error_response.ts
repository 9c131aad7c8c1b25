/**
 * The one place where errors become answers. The client reads the status and
 * a page that says no more; the log has the rest.
 */

import { renderErrorPage } from "../core/default_page.ts";
import { textOf } from "../http/byte_string.ts";
import { HttpError } from "../http/errors.ts";
import { Representation } from "../http/representation.ts";
import { HeaderList, HttpResponse } from "../http/response.ts";
import { errorReason, toldStatus } from "../http/semantics/status.ts";
import { log } from "../logging/logger.ts";
import type { Exchange } from "../core/exchange.ts";
import { contextOf } from "../core/request_log.ts";
import { osErrorText } from "../os_error.ts";
import { logNotFound } from "../core/settings/error_log.ts";

/** Default pages by `server_tokens` and status. */
const pages = new Map<string, Uint8Array>();

/** The default page of a status. */
function pageOf(status: number, serverName: string): Uint8Array {
  const told = toldStatus(status);
  const key = `${status} ${serverName}`;
  let page = pages.get(key);
  if (page === undefined) {
    const reason = errorReason(status);
    page = renderErrorPage(
      told,
      serverName === ""
        ? { reason }
        : { reason, serverName: textOf(serverName) },
    );
    pages.set(key, page);
  }
  return page;
}

/** Whatever was thrown, as an error with a status. */
export function toHttpError(error: unknown): HttpError {
  return error instanceof HttpError
    ? error
    : new HttpError(500, "internal error", { cause: error });
}

/** What was thrown, as an error after which the connection ends in any case. */
export function closingError(thrown: unknown): HttpError {
  const error = toHttpError(thrown);
  const { status, message, cause } = error;
  return error.close ? error : new HttpError(status, message, {
    close: true,
    cause,
  });
}

/** Whether the connection ends after an error: see RFC 9112 §9.6. */
export function endsConnection(error: HttpError): boolean {
  return error.close || toldStatus(error.status) === 400;
}

/** The default answer to an error. Plain ones are made once per location. */
export function errorResponse(
  exchange: Exchange,
  error: HttpError,
): HttpResponse {
  const close = endsConnection(error);
  const plain = !close && error.headers.length === 0;
  const { errorResponses } = exchange.location;
  const status = toldStatus(error.status);
  const known = plain ? errorResponses.get(status) : undefined;
  if (known !== undefined) return known;
  const response = new HttpResponse(status, {
    headers: new HeaderList([
      ["Content-Type", "text/html; charset=utf-8"],
      ...error.headers,
    ]),
    body: pageOf(error.status, exchange.location.serverToken),
    close,
  });
  if (!plain) return response;
  exchange.location.represent(response);
  const representation = new Representation(response);
  errorResponses.set(status, representation);
  return representation;
}

/**
 * Logs an error at its own level. What led to a client's fault is no fault of
 * the program, and of no interest.
 */
export function logError(exchange: Exchange, error: HttpError): void {
  const { severity, status, cause } = error;
  if (severity === "silent" || !log.enabled(severity)) return;
  // Only a file that is not there is an error with this status.
  const isMissing = status === 404 && severity === "error";
  if (isMissing && !exchange.location.scope.get(logNotFound)) return;
  log.log(severity, error.message, {
    ...contextOf(exchange),
    ...(status < 500 || cause === undefined ? {} : { error: reasonOf(cause) }),
  });
}

/**
 * What a log line says of an error: of one that only has a message no more than
 * that, since nobody who reads the log asks for its class.
 */
export function reasonOf(error: unknown): unknown {
  const isPlain = error instanceof Error && error.cause === undefined &&
    Object.getPrototypeOf(error) === Error.prototype;
  return isPlain ? osErrorText(error) ?? error.message : error;
}
