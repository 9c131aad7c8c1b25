/**
 * Range requests (RFC 9110 §14). The framing of an answer with several ranges
 * is in `multipart_ranges.ts`.
 *
 * A range here is a half-open interval of byte positions, `start` included and
 * `end` not, as slices are in JavaScript; only header texts have the RFC's
 * inclusive last position.
 *
 * `Range` is a request for less, so ignoring it is always allowed: a value
 * that is malformed or of another unit gives the whole representation (§14.2),
 * where nginx 1.22 answers 416. It is defined for GET only.
 *
 * Two bounds keep a small request from asking for a large answer (§14.2,
 * §17.15): as in nginx, the ranges together may not be longer than the
 * representation, overlaps counted twice, and there may not be more than
 * `max_ranges` of them. Beyond either the whole representation is sent.
 */

import { skipWhitespace } from "../text_scan.ts";

/** Bytes from `start` up to but not including `end`. */
export interface ByteRange {
  /** The first byte, counted from 0. */
  readonly start: number;
  /** The byte after the last one; larger than `start`. */
  readonly end: number;
}

/** What a `Range` header comes to for a representation of known size. */
export type RangeOutcome =
  /** Ignored: answer 200 with everything. */
  | { readonly kind: "none" }
  /** No range has a byte in it: answer 416 with {@linkcode unsatisfiedRange}. */
  | { readonly kind: "unsatisfiable" }
  /** One range, perhaps the only satisfiable one of several. */
  | { readonly kind: "single"; readonly start: number; readonly end: number }
  /** At least two ranges, in the order they were asked for. */
  | { readonly kind: "multiple"; readonly ranges: readonly ByteRange[] };

/** How {@linkcode parseRange} is bounded. */
interface ParseRangeOptions {
  /**
   * The most satisfiable ranges to answer, nginx's `max_ranges`; 0 ignores
   * every `Range`.
   */
  readonly maxRanges: number;
}

/**
 * The most ranges where the configuration says nothing: Apache's `MaxRanges`.
 * nginx has no bound, and each part of one byte costs a head of a hundred.
 */
export const DEFAULT_MAX_RANGES = 200;

const NONE: RangeOutcome = Object.freeze({ kind: "none" });
const UNSATISFIABLE: RangeOutcome = Object.freeze({ kind: "unsatisfiable" });

const UNIT = "bytes=";
const DASH = 0x2d;
const COMMA = 0x2c;

/** A range-spec as written: `first-last`, `first-` or the suffix `-last`. */
interface RangeSpec {
  readonly first: number | undefined;
  readonly last: number | undefined;
}

/**
 * Parses a `Range` header for a representation of `size` bytes.
 *
 * `bytes=` is case-insensitive. Whitespace is allowed where the list grammar
 * has it, around a range and not inside (§14.1.1, §5.6.1); empty members are
 * skipped. Positions saturate, so no number of digits overflows; a last
 * position beyond the end is clamped. One invalid member, such as a last
 * position before the first, makes the whole header invalid. `-0` asks for
 * nothing and is unsatisfiable.
 *
 * A representation without bytes has no range to send and no `Content-Range`
 * to say so: as in nginx, a range from its start is ignored and any other is
 * unsatisfiable. Linear in the length of the header.
 */
export function parseRange(
  header: string,
  size: number,
  options: ParseRangeOptions,
): RangeOutcome {
  const { maxRanges } = options;
  if (maxRanges === 0) return NONE;
  const specs = parseRangeSet(header);
  if (specs === undefined) return NONE;

  const ranges: ByteRange[] = [];
  let total = 0;
  for (const spec of specs) {
    const range = resolveRange(spec, size);
    if (range.start < range.end) {
      ranges.push(range);
      total += range.end - range.start;
    } else if (range.start === 0) {
      return NONE;
    }
  }
  const [first] = ranges;
  if (first === undefined) return UNSATISFIABLE;
  if (ranges.length > maxRanges || total > size) return NONE;
  return ranges.length === 1
    ? { kind: "single", start: first.start, end: first.end }
    : { kind: "multiple", ranges };
}

/** The bytes a range-spec means, with `start >= end` if it means none. */
function resolveRange(spec: RangeSpec, size: number): ByteRange {
  const { first, last } = spec;
  if (first === undefined) {
    return { start: Math.max(size - (last ?? size), 0), end: size };
  }
  return { start: first, end: Math.min((last ?? size) + 1, size) };
}

/** `bytes=` and a list of range-specs; `undefined` when malformed. */
function parseRangeSet(header: string): RangeSpec[] | undefined {
  if (!hasBytesUnit(header)) return undefined;
  const specs: RangeSpec[] = [];
  let at = skipWhitespace(header, UNIT.length);
  while (at < header.length) {
    if (header.charCodeAt(at) !== COMMA) {
      const dash = digitsEnd(header, at);
      if (header.charCodeAt(dash) !== DASH) return undefined;
      const end = digitsEnd(header, dash + 1);
      const first = digits(header, at, dash);
      const last = digits(header, dash + 1, end);
      if (first === undefined && last === undefined) return undefined;
      if (first !== undefined && last !== undefined && last < first) {
        return undefined;
      }
      specs.push({ first, last });
      at = skipWhitespace(header, end);
      if (at === header.length) break;
      if (header.charCodeAt(at) !== COMMA) return undefined;
    }
    at = skipWhitespace(header, at + 1);
  }
  return specs.length === 0 ? undefined : specs;
}

/** Whether the header begins with `bytes=` in any case. */
function hasBytesUnit(header: string): boolean {
  return header.startsWith(UNIT) ||
    header.slice(0, UNIT.length).toLowerCase() === UNIT;
}

/**
 * The decimal number in `[at, end)`, `undefined` when there is no digit. What
 * is larger than any file is `Number.MAX_SAFE_INTEGER`.
 */
function digits(text: string, at: number, end: number): number | undefined {
  if (at === end) return undefined;
  let value = 0;
  for (let i = at; i < end; i++) {
    value = value * 10 + text.charCodeAt(i) - 0x30;
    if (value > Number.MAX_SAFE_INTEGER) return Number.MAX_SAFE_INTEGER;
  }
  return value;
}

/** The position after the decimal digits that begin at `at`. */
function digitsEnd(text: string, at: number): number {
  let i = at;
  for (; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x30 || code > 0x39) break;
  }
  return i;
}

/** `Content-Range` of a 206 or a part (§14.4): `bytes 0-499/1234`. */
export function contentRange(start: number, end: number, size: number): string {
  return `bytes ${start}-${end - 1}/${size}`;
}

/** `Content-Range` of a 416 (§14.4): a star for the range, then the size. */
export function unsatisfiedRange(size: number): string {
  return `bytes */${size}`;
}
