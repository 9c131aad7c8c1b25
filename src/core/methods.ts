/** Which methods a read-only resource has (RFC 9110 §9, §15.5.6, §15.6.2). */

import { HttpError } from "../http/errors.ts";
import { IN_LINE } from "../http/http1/head_faults.ts";
import { HeaderList, HttpResponse } from "../http/response.ts";
import { quote } from "../logging/diagnostic_line.ts";
import type { Exchange } from "./exchange.ts";

/** The value of `Allow` for what is only read. */
export const READ_METHODS = "GET, HEAD, OPTIONS";

/** Methods that are known; any other one is not implemented. */
const KNOWN_METHODS: ReadonlySet<string> = new Set(
  ("GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH MKCOL COPY MOVE " +
    "PROPFIND PROPPATCH LOCK UNLOCK").split(" "),
);

/** What a method asks of something that is only read. */
type ReadMethod = "read" | "options";

/**
 * @throws {HttpError} 405 with `Allow` for a method that does not read, 501
 * for one that nobody knows
 */
export function checkReadMethod(exchange: Exchange): ReadMethod {
  const { method } = exchange;
  if (method === "GET" || method === "HEAD") return "read";
  if (method === "OPTIONS") return "options";
  if (!KNOWN_METHODS.has(method)) {
    throw new HttpError(
      501,
      `client sent invalid method ${IN_LINE}: ${quote(method)}`,
    );
  }
  // The access log has it all, and nginx's error log has nothing.
  throw new HttpError(405, "not allowed", {
    headers: [["Allow", READ_METHODS]],
    severity: "silent",
  });
}

/** The answer to OPTIONS. */
export function optionsResponse(): HttpResponse {
  return new HttpResponse(204, {
    headers: new HeaderList([["Allow", READ_METHODS]]),
  });
}
