/** What is said of a request head that breaks a rule, in nginx's words. */

import { HttpError } from "../errors.ts";

/** Where a fault is: what nginx calls that part of a head in its log. */
export const IN_LINE = "while reading client request line";

/** The same, for the fields. */
export const IN_FIELDS = "while reading client request headers";

/** A 400 after which the position in the stream is unknown. */
export function malformed(what: string, where: string, detail = ""): HttpError {
  return fault(400, `invalid ${what}`, where, detail);
}

/** An error with this status, after which the connection ends. */
export function fault(
  status: number,
  what: string,
  where: string,
  detail = "",
): HttpError {
  const text = `client sent ${what} ${where}${detail && `: ${detail}`}`;
  return new HttpError(status, text, { close: true });
}

/** 414 for a request line of more bytes than are allowed. */
export function tooLongLine(): HttpError {
  return fault(414, "too long URI", IN_LINE);
}
