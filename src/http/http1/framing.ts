/**
 * Where a request's body ends (RFC 9112 §6). There is never a second
 * opinion: a head that two servers could frame differently is refused and
 * its connection closed.
 */

import { textOf } from "../byte_string.ts";
import type { HttpError } from "../errors.ts";
import { Field, fieldBits } from "../fields.ts";
import type { RequestHead } from "../request_head.ts";
import { trimWhitespace } from "../text_scan.ts";
import { duplicateField, fault, IN_FIELDS } from "./head_faults.ts";

/** How the end of a request's body is known. */
export type Framing =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly length: number }
  | { readonly kind: "chunked" };

const NONE: Framing = { kind: "none" };
const CHUNKED: Framing = { kind: "chunked" };

const FRAMING_FIELDS = fieldBits(Field.ContentLength, Field.TransferEncoding);

/** A head with none of these has no body, and nothing is expected for one. */
export const BODY_FIELDS: number = FRAMING_FIELDS | fieldBits(Field.Expect);

/** Longest `Content-Length`, in digits: more could exceed 2^53 - 1. */
const MAX_LENGTH_DIGITS = 15;

const INVALID_CODING = 'invalid "Transfer-Encoding" header';

function ambiguous(what: string): HttpError {
  return fault(400, what, IN_FIELDS);
}

/**
 * The framing of the body that follows `head`.
 *
 * @throws {HttpError} 400 when it is malformed or ambiguous, 501 for a
 * transfer coding other than `chunked`; each with `close`
 */
export function requestFraming(head: RequestHead): Framing {
  if ((head.present & FRAMING_FIELDS) === 0) return NONE;
  if (head.has(Field.TransferEncoding)) return transferFraming(head);
  if ((head.repeated & (1 << Field.ContentLength)) !== 0) {
    const lines = duplicateField(head, "Content-Length");
    throw ambiguous(`duplicate header line: ${lines}`);
  }
  return lengthFraming(head.first(Field.ContentLength)!);
}

/** RFC 9112 §6.1: `chunked`, alone, in HTTP/1.1, without Content-Length. */
function transferFraming(head: RequestHead): Framing {
  if (head.version === "1.0") {
    throw ambiguous('HTTP/1.0 request with "Transfer-Encoding" header');
  }
  if (head.has(Field.ContentLength)) {
    throw ambiguous(
      '"Content-Length" and "Transfer-Encoding" headers at the same time',
    );
  }
  const codings = head.value(Field.TransferEncoding)!.split(",")
    .map((coding) => trimWhitespace(coding).toLowerCase());
  if (codings.length === 1 && codings[0] === "chunked") return CHUNKED;
  if (codings.includes("")) {
    throw ambiguous(INVALID_CODING);
  }
  if (codings.indexOf("chunked") !== codings.lastIndexOf("chunked")) {
    throw ambiguous(INVALID_CODING);
  }
  if (codings.includes("chunked") && codings.at(-1) !== "chunked") {
    throw ambiguous(INVALID_CODING);
  }
  const coding = textOf(head.value(Field.TransferEncoding)!);
  throw fault(501, `unknown "Transfer-Encoding": "${coding}"`, IN_FIELDS);
}

/** RFC 9112 §6.3: digits only; a list or a sign is malformed. */
function lengthFraming(value: string): Framing {
  if (!/^[0-9]+$/.test(value)) {
    throw ambiguous('invalid "Content-Length" header');
  }
  const digits = value.replace(/^0+(?=.)/, "");
  if (digits.length > MAX_LENGTH_DIGITS) {
    throw ambiguous('too large "Content-Length" header');
  }
  const length = Number(digits);
  return length === 0 ? NONE : { kind: "length", length };
}
