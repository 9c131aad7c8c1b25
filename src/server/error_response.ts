/**
 * The one place where errors become answers. The client reads the status and
 * a page that says no more; the log has the rest.
 */

import { renderErrorPage } from "../http/error_page.ts";
import { textOf } from "../http/byte_string.ts";
import { HttpError } from "../http/errors.ts";
import { HeaderList, HttpResponse } from "../http/response.ts";
import { reasonPhrase } from "../http/status.ts";
import type { DiagnosticContext } from "../logging/diagnostic_line.ts";
import { logger } from "../logging/logger.ts";
import type { Exchange } from "../modules/exchange.ts";
import { hostOf } from "../modules/variables.ts";

const log = logger("server");

/** Default pages by `server_tokens` and status. */
const pages = new Map<string, Uint8Array>();

/** The default page of a status. */
function pageOf(status: number, serverName: string): Uint8Array {
  const key = `${status} ${serverName}`;
  let page = pages.get(key);
  if (page === undefined) {
    const reason = reasonPhrase(status);
    page = renderErrorPage(
      status,
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

/** Whether the connection ends after an error: see RFC 9112 §9.6. */
export function endsConnection(error: HttpError): boolean {
  return error.close || error.status === 400;
}

/** The default answer to an error. Plain ones are shared by a location. */
export function errorResponse(
  exchange: Exchange,
  error: HttpError,
): HttpResponse {
  const close = endsConnection(error);
  const plain = !close && error.headers.length === 0;
  const { errorResponses } = exchange.location;
  const known = plain ? errorResponses.get(error.status) : undefined;
  if (known !== undefined) return known;
  const response = new HttpResponse(error.status, {
    headers: new HeaderList([
      ["Content-Type", "text/html; charset=utf-8"],
      ...error.headers,
    ]),
    body: pageOf(error.status, exchange.location.serverToken),
    close,
    shared: plain,
  });
  if (plain) errorResponses.set(error.status, response);
  return response;
}

/** Logs an error: the server's own at `error`, the client's at `info`. */
export function logError(exchange: Exchange, error: HttpError): void {
  const level = error.status >= 500 && error.status !== 501 &&
      error.status !== 505
    ? "error"
    : "info";
  if (!log.enabled(level)) return;
  log.log(level, error.message, {
    ...contextOf(exchange),
    ...(error.cause === undefined ? {} : { error: error.cause }),
  });
}

/** What a log line says about an exchange. */
export function contextOf(exchange: Exchange): DiagnosticContext {
  return {
    client: exchange.remoteAddress,
    server: exchange.server.name,
    request: textOf(exchange.request.line),
    host: hostOf(exchange),
  };
}
