/**
 * Conditional requests (RFC 9110 §13).
 *
 * A precondition asks about the validators of the selected representation: its
 * entity tag and its modification date. One function per header says what that
 * header's condition comes to; {@linkcode evaluatePreconditions} asks them in
 * the order of §13.2.2. It differs from nginx 1.22 where the RFC says MUST:
 * `If-Unmodified-Since` is ignored beside `If-Match`, and `If-Modified-Since`
 * beside `If-None-Match`, where nginx asks both.
 *
 * Every doubt ends in the answer that cannot be wrong: a condition that would
 * give 304 and cannot be read is not met (full answer); an `If-Match` that
 * cannot be read fails (412, nothing is done).
 */

import { parseHttpDate } from "./date.ts";
import {
  isEntityTag,
  parseEntityTagList,
  strongMatch,
  weakMatch,
} from "./etag.ts";

/** The validators of a representation. Those it does not have are undefined. */
export interface Validators {
  /** The entity tag, as sent in `ETag`. */
  readonly etag: string | undefined;
  /**
   * The modification date in milliseconds since the epoch. Parts of a second
   * do not count.
   */
  readonly lastModified: number | undefined;
}

/** The request headers with conditions; those not sent are undefined. */
export interface Conditions {
  /** `If-Match`, §13.1.1. */
  readonly ifMatch: string | undefined;
  /** `If-None-Match`, §13.1.2. */
  readonly ifNoneMatch: string | undefined;
  /** `If-Modified-Since`, §13.1.3. */
  readonly ifModifiedSince: string | undefined;
  /** `If-Unmodified-Since`, §13.1.4. */
  readonly ifUnmodifiedSince: string | undefined;
}

/**
 * How dates are compared: nginx's `if_modified_since` directive. `off` ignores
 * the header, `exact` wants the very date that was sent as `Last-Modified`,
 * `before` any date not before it (the RFC's rule).
 */
export type IfModifiedSinceMode = "off" | "exact" | "before";

/** What conditions are judged with besides the validators. */
interface PreconditionOptions {
  /** The directive `if_modified_since`; nginx's default is `exact`. */
  readonly ifModifiedSince: IfModifiedSinceMode;
  /** The present, in milliseconds since the epoch. */
  readonly nowMs: number;
}

/** What one header's condition comes to. */
export type ConditionOutcome =
  /** The condition holds: go on. */
  | "true"
  /** The condition does not hold. */
  | "false"
  /** The header does not apply and is treated as if it had not been sent. */
  | "ignored";

/** What all conditions of a request come to. */
export type PreconditionOutcome =
  /** Nothing stands in the way: do what the method says. */
  | "none"
  /** Answer 304 (Not Modified). */
  | "not_modified"
  /** Answer 412 (Precondition Failed). */
  | "precondition_failed";

/**
 * `If-Match` (§13.1.1): strong comparison; `*` holds for any representation.
 * A malformed value is `false`, as is every value without a representation
 * (`undefined` validators).
 */
export function evaluateIfMatch(
  value: string,
  validators: Validators | undefined,
): ConditionOutcome {
  if (validators === undefined) return "false";
  const list = parseEntityTagList(value);
  if (list === undefined) return "false";
  if (list === "*") return "true";
  const { etag } = validators;
  if (etag === undefined) return "false";
  return list.some((tag) => strongMatch(tag, etag)) ? "true" : "false";
}

/**
 * `If-Unmodified-Since` (§13.1.4): ignored when no valid date or when the
 * representation has no date.
 */
export function evaluateIfUnmodifiedSince(
  value: string,
  validators: Validators | undefined,
  nowMs: number,
): ConditionOutcome {
  const lastModified = validators?.lastModified;
  if (lastModified === undefined) return "ignored";
  const date = parseHttpDate(value, nowMs);
  if (date === undefined) return "ignored";
  return wholeSeconds(lastModified) <= date ? "true" : "false";
}

/**
 * `If-None-Match` (§13.1.2): weak comparison; `*` matches any representation.
 * `false` means that a tag matched. A malformed value matches nothing.
 */
export function evaluateIfNoneMatch(
  value: string,
  validators: Validators | undefined,
): ConditionOutcome {
  if (validators === undefined) return "true";
  const { etag } = validators;
  // Nearly every request sends back the one tag it was given.
  if (value === etag) return "false";
  const list = parseEntityTagList(value);
  if (list === undefined) return "true";
  if (list === "*") return "false";
  if (etag === undefined) return "true";
  return list.some((tag) => weakMatch(tag, etag)) ? "false" : "true";
}

/**
 * `If-Modified-Since` (§13.1.3): `false` means not modified. Ignored when no
 * valid date, when the representation has no date, or in mode `off`.
 */
export function evaluateIfModifiedSince(
  value: string,
  validators: Validators | undefined,
  options: PreconditionOptions,
): ConditionOutcome {
  if (options.ifModifiedSince === "off") return "ignored";
  const lastModified = validators?.lastModified;
  if (lastModified === undefined) return "ignored";
  const date = parseHttpDate(value, options.nowMs);
  if (date === undefined) return "ignored";
  const modified = wholeSeconds(lastModified);
  const unchanged = options.ifModifiedSince === "exact"
    ? modified === date
    : modified <= date;
  return unchanged ? "false" : "true";
}

/**
 * `If-Range` (§13.1.5): `true` when the client's part is of this very
 * representation, so that `Range` may be followed; `false` when the whole is
 * to be sent. Never ignored: what is malformed is `false`.
 *
 * A tag is compared strongly. A date must be exactly the modification date,
 * and that must be a strong validator (§8.8.2.2): a file modified in this very
 * second, or in the future, could change again under the same date.
 */
export function evaluateIfRange(
  value: string,
  validators: Validators,
  nowMs: number,
): Exclude<ConditionOutcome, "ignored"> {
  const { etag, lastModified } = validators;
  if (isEntityTag(value)) {
    return etag !== undefined && strongMatch(value, etag) ? "true" : "false";
  }
  if (lastModified === undefined) return "false";
  const modified = wholeSeconds(lastModified);
  if (modified >= wholeSeconds(nowMs)) return "false";
  return parseHttpDate(value, nowMs) === modified ? "true" : "false";
}

/**
 * Judges the conditions of a request in the order of §13.2.2. `validators` is
 * undefined when the target has no representation. Only for requests that
 * would otherwise succeed (§13.2.1): a 404 stays a 404.
 */
export function evaluatePreconditions(
  conditions: Conditions,
  method: string,
  validators: Validators | undefined,
  options: PreconditionOptions,
): PreconditionOutcome {
  const { ifMatch, ifUnmodifiedSince, ifNoneMatch, ifModifiedSince } =
    conditions;

  // Steps 1 and 2: the state the client wants to work on.
  if (ifMatch !== undefined) {
    if (evaluateIfMatch(ifMatch, validators) === "false") {
      return "precondition_failed";
    }
  } else if (ifUnmodifiedSince !== undefined) {
    const outcome = evaluateIfUnmodifiedSince(
      ifUnmodifiedSince,
      validators,
      options.nowMs,
    );
    if (outcome === "false") return "precondition_failed";
  }

  // Steps 3 and 4: the state the client has already.
  const reads = method === "GET" || method === "HEAD";
  if (ifNoneMatch !== undefined) {
    if (evaluateIfNoneMatch(ifNoneMatch, validators) === "false") {
      return reads ? "not_modified" : "precondition_failed";
    }
  } else if (ifModifiedSince !== undefined && reads) {
    const outcome = evaluateIfModifiedSince(
      ifModifiedSince,
      validators,
      options,
    );
    if (outcome === "false") return "not_modified";
  }
  return "none";
}

/** A moment without its parts of a second, in milliseconds. */
function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}
