/**
 * The head of a request: bytes, and where in them its line and its fields are.
 * A field becomes a string when somebody asks for it. An HTTP/1.1 head borrows
 * the connection's input buffer: it is valid until its exchange ends, and
 * whoever reads more input before that (a body) calls
 * {@linkcode RequestHead.detach} first. What was decoded from something else
 * than such lines is put into memory of its own (`decodedHead`).
 */

import { latin1 } from "../bytes/ascii.ts";
import {
  equalsIgnoreCase,
  FIELD_NAMES,
  type FieldId,
  fieldId,
  UNKNOWN_FIELD,
} from "./fields.ts";
import type { KnownTarget } from "./known_target.ts";

/**
 * A version of HTTP. What follows from it is the protocol's alone, but for
 * what was new in HTTP/1.1. A minor version above 1 is treated as 1.
 */
export type HttpVersion = "1.0" | "1.1" | "2.0";

/** Numbers kept per field: name start and end, value start and end, id. */
export const FIELD_STRIDE = 5;

/** What a head is made of, offsets relative to `base`. */
export interface RequestHeadParts {
  /** The memory the head stands in. */
  readonly bytes: Uint8Array;
  /** The offset of the head's first byte in `bytes`. */
  readonly base: number;
  /** The method, as sent. */
  readonly method: string;
  /** The request target. */
  readonly target: KnownTarget;
  /** See {@linkcode RequestHead.version}. */
  readonly version: HttpVersion;
  /** How long the head is, its empty line included, in bytes. */
  readonly length: number;
  /** Start of the request line. */
  readonly lineStart: number;
  /** End of the request line, without CRLF. */
  readonly lineEnd: number;
  /** {@linkcode FIELD_STRIDE} numbers per field, in order of arrival. */
  readonly fields: Int32Array;
  /** How many fields there are. */
  readonly fieldCount: number;
  /** One bit per known field that is there. */
  readonly present: number;
  /** One bit per known field that is there more than once. */
  readonly repeated: number;
}

/** The request line and the fields of one request. */
export class RequestHead {
  /** The method, as sent: methods are case-sensitive (RFC 9110 §9.1). */
  readonly method: string;
  /** The request target, as sent and what it means. */
  readonly knownTarget: KnownTarget;
  /** The version of HTTP it came by. */
  readonly version: HttpVersion;
  /** One bit per known field that is there; see `fieldBits`. */
  readonly present: number;
  /** One bit per known field that is there more than once. */
  readonly repeated: number;
  /** How many fields there are. */
  readonly fieldCount: number;
  /** How long it is, its empty line included, in bytes. */
  readonly length: number;
  #bytes: Uint8Array;
  #base: number;
  readonly #fields: Int32Array;
  readonly #lineStart: number;
  readonly #lineEnd: number;

  /** A head over these offsets. */
  constructor(parts: RequestHeadParts) {
    this.method = parts.method;
    this.knownTarget = parts.target;
    this.version = parts.version;
    this.present = parts.present;
    this.repeated = parts.repeated;
    this.fieldCount = parts.fieldCount;
    this.length = parts.length;
    this.#bytes = parts.bytes;
    this.#base = parts.base;
    this.#fields = parts.fields;
    this.#lineStart = parts.lineStart;
    this.#lineEnd = parts.lineEnd;
  }

  /** The request target, as sent, one character per byte. */
  get target(): string {
    return this.knownTarget.text;
  }

  /** The memory that {@linkcode lineStart} and the spans refer to. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Where the request line starts in {@linkcode bytes}. */
  get lineStart(): number {
    return this.#base + this.#lineStart;
  }

  /** Where the request line ends in {@linkcode bytes}, without CRLF. */
  get lineEnd(): number {
    return this.#base + this.#lineEnd;
  }

  /** The request line as sent, one character per byte. */
  get line(): string {
    return latin1(this.#bytes, this.lineStart, this.lineEnd);
  }

  /** Whether a known field is there. */
  has(field: FieldId): boolean {
    return (this.present & (1 << field)) !== 0;
  }

  /** The position of the first field with this id, or -1. */
  #find(field: FieldId): number {
    if ((this.present & (1 << field)) === 0) return -1;
    const end = this.fieldCount * FIELD_STRIDE;
    let i = 0;
    while (i < end && this.#fields[i + 4] !== field) i += FIELD_STRIDE;
    return i;
  }

  /** Where the first value of a known field starts in `bytes`, or -1. */
  valueStart(field: FieldId): number {
    const i = this.#find(field);
    return i < 0 ? -1 : this.#base + this.#fields[i + 2]!;
  }

  /** Where the first value of a known field ends in `bytes`, or -1. */
  valueEnd(field: FieldId): number {
    const i = this.#find(field);
    return i < 0 ? -1 : this.#base + this.#fields[i + 3]!;
  }

  /** Whether a known field is there once and is `value`, to the byte. */
  is(field: FieldId, value: string): boolean {
    const i = this.#onlyOne(field);
    if (i < 0) return false;
    const bytes = this.#bytes;
    const start = this.#base + this.#fields[i + 2]!;
    const { length } = value;
    if (this.#base + this.#fields[i + 3]! - start !== length) return false;
    for (let n = 0; n < length; n++) {
      if (bytes[start + n] !== value.charCodeAt(n)) return false;
    }
    return true;
  }

  /** Whether a known field is there once and is `lower` in any ASCII case. */
  isToken(field: FieldId, lower: string): boolean {
    const i = this.#onlyOne(field);
    return i >= 0 && equalsIgnoreCase(
      this.#bytes,
      this.#base + this.#fields[i + 2]!,
      this.#base + this.#fields[i + 3]!,
      lower,
    );
  }

  /** The position of a field that is there exactly once, or -1. */
  #onlyOne(field: FieldId): number {
    return (this.repeated & (1 << field)) === 0 ? this.#find(field) : -1;
  }

  /** The first value of a known field, one character per byte. */
  first(field: FieldId): string | undefined {
    const i = this.#find(field);
    return i < 0 ? undefined : this.#value(i);
  }

  /**
   * The value of a known field; several lines are joined by `, `, which is
   * what they mean for a list field (RFC 9110 §5.3).
   */
  value(field: FieldId): string | undefined {
    if ((this.repeated & (1 << field)) === 0) return this.first(field);
    return this.get(FIELD_NAMES[field]!);
  }

  /** The values of every field called `name` (lower case), joined. */
  get(name: string, separator = ", "): string | undefined {
    let joined: string | undefined;
    for (const [key, value] of this.entries()) {
      if (key !== name) continue;
      joined = joined === undefined ? value : joined + separator + value;
    }
    return joined;
  }

  /**
   * As {@linkcode get}, also of names that have `_` where `name` has `-`, which
   * are there with `underscores_in_headers on` alone.
   */
  getSpelledLike(name: string, separator: string): string | undefined {
    let joined: string | undefined;
    for (const [key, value] of this.entries()) {
      if (key.replaceAll("_", "-") !== name) continue;
      joined = joined === undefined ? value : joined + separator + value;
    }
    return joined;
  }

  /** Every field in order of arrival, names in lower case. */
  *entries(): Generator<[name: string, value: string]> {
    for (let n = 0; n < this.fieldCount; n++) {
      const i = n * FIELD_STRIDE;
      const start = this.#base + this.#fields[i]!;
      const end = this.#base + this.#fields[i + 1]!;
      yield [latin1(this.#bytes, start, end).toLowerCase(), this.#value(i)];
    }
  }

  /** This head with other fields, in memory of its own. */
  withFields(
    fields: readonly (readonly [name: string, value: string])[],
  ): RequestHead {
    return decodedHead({
      method: this.method,
      target: this.knownTarget,
      version: this.version,
      line: this.#lineStart < 0 ? undefined : this.line,
      fields: fields.map(([name, value]) => ({ name, value })),
      length: this.length,
    });
  }

  /**
   * Copies the head out of the input buffer, so that more input can be read
   * while it is still needed.
   */
  detach(): void {
    const last = (this.fieldCount - 1) * FIELD_STRIDE;
    const length = this.fieldCount === 0
      ? this.#lineEnd
      : this.#fields[last + 3]!;
    this.#bytes = this.#bytes.slice(this.#base, this.#base + length);
    this.#base = 0;
  }

  #value(i: number): string {
    return latin1(
      this.#bytes,
      this.#base + this.#fields[i + 2]!,
      this.#base + this.#fields[i + 3]!,
    );
  }
}

/** A field by its texts. */
export interface NamedValue {
  /** The name, in lower case. */
  readonly name: string;
  /** The value. */
  readonly value: string;
}

/** A request as it was decoded. All texts are byte strings. */
export interface DecodedHead {
  /** The method. */
  readonly method: string;
  /** The request target: of HTTP/2 its `:path`. */
  readonly target: KnownTarget;
  /** The version of HTTP it came by. */
  readonly version: HttpVersion;
  /** What logs call the request line; `undefined` if there is none. */
  readonly line: string | undefined;
  /** The fields in order; a `Host` stands for an `:authority`. */
  readonly fields: readonly NamedValue[];
  /** How long it was as it came, in bytes. */
  readonly length: number;
}

/**
 * The head of a request that is no text with such lines: of HTTP/2, of one
 * whose fields were changed, of what is known of one that could not be parsed.
 * Whoever answers sees no difference, and neither does the log.
 */
export function decodedHead(decoded: DecodedHead): RequestHead {
  const { line = "", fields } = decoded;
  const fieldCount = fields.length;
  let size = line.length;
  for (const { name, value } of fields) size += name.length + value.length;
  const bytes = new Uint8Array(size);
  const spans = new Int32Array(fieldCount * FIELD_STRIDE);
  const lineEnd = put(line, bytes, 0);
  let at = lineEnd;
  let [span, present, repeated] = [0, 0, 0];
  for (const { name, value } of fields) {
    const middle = put(name, bytes, at);
    const end = put(value, bytes, middle);
    const id = fieldId(bytes, at, middle);
    spans[span++] = at;
    spans[span++] = middle;
    spans[span++] = middle;
    spans[span++] = end;
    spans[span++] = id;
    at = end;
    if (id === UNKNOWN_FIELD) continue;
    repeated |= present & (1 << id);
    present |= 1 << id;
  }
  return new RequestHead({
    method: decoded.method,
    target: decoded.target,
    version: decoded.version,
    length: decoded.length,
    bytes,
    base: 0,
    lineStart: decoded.line === undefined ? -1 : 0,
    lineEnd,
    fields: spans,
    fieldCount,
    present,
    repeated,
  });
}

/** Writes a byte string; where it ends. */
function put(text: string, bytes: Uint8Array, start: number): number {
  const { length } = text;
  for (let i = 0; i < length; i++) bytes[start + i] = text.charCodeAt(i);
  return start + length;
}
