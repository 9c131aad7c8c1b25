/** What is said of a request head that breaks a rule, in nginx's words. */

import { latin1 } from "../../bytes/ascii.ts";
import { textOf } from "../byte_string.ts";
import { HttpError } from "../errors.ts";
import type { RequestHead } from "../request_head.ts";

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

/** How much of a field line is told, in bytes: as much as nginx tells. */
const TOLD_BYTES = 1748;

/**
 * A 400 for the field line from `start` on, whose byte at `at` is wrong: as in
 * nginx that is told by its number, and how far the line was right.
 */
export function invalidFieldLine(
  bytes: Uint8Array,
  start: number,
  at: number,
  detail: string,
): HttpError {
  const told = lineText(bytes, start, at);
  const byte = bytes[at]!.toString(16).padStart(2, "0");
  return malformed(`header line: "${told}\\x${byte}..."`, IN_FIELDS, detail);
}

/** A 431 for the field line from `start` on, which may go to `end`. */
export function tooLongFieldLine(
  bytes: Uint8Array,
  start: number,
  end: number,
): HttpError {
  const told = lineText(bytes, start, end);
  return fault(431, `too long header line: "${told}..."`, IN_FIELDS);
}

function lineText(bytes: Uint8Array, start: number, end: number): string {
  return textOf(latin1(bytes, start, Math.min(end, start + TOLD_BYTES)));
}

/** What nginx says of a field that may be there once: its first two lines. */
export function duplicateField(
  head: RequestHead,
  name: string,
): string {
  const [first, second] = [...head.entries()]
    .filter(([key]) => key === name.toLowerCase())
    .map(([, value]) => `"${name}: ${textOf(value)}"`);
  return `${second}, previous value: ${first}`;
}

/** 414 for a request line of more bytes than are allowed. */
export function tooLongLine(): HttpError {
  return fault(414, "too long URI", IN_LINE);
}
