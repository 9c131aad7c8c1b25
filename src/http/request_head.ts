/**
 * A parsed request head. It borrows the connection's input buffer and keeps
 * offsets: a field becomes a string when somebody asks for it. It is valid
 * until its exchange ends; whoever reads more input before that (a body)
 * calls {@linkcode RequestHead.detach} first.
 */

import { equalsIgnoreCase, latin1 } from "../bytes/ascii.ts";
import { bytesOf } from "./byte_string.ts";
import {
  FIELD_NAMES,
  fieldBits,
  type FieldId,
  fieldId,
  UNKNOWN_FIELD,
} from "./fields.ts";
import type { KnownTarget } from "./known_target.ts";

/** Numbers kept per field: name start and end, value start and end, id. */
export const FIELD_STRIDE = 5;

/** What the parser hands over, offsets relative to `base`. */
export interface RequestHeadParts {
  /** The memory the head stands in. */
  readonly bytes: Uint8Array;
  /** The offset of the head's first byte in `bytes`. */
  readonly base: number;
  /** The method, as sent. */
  readonly method: string;
  /** The request target. */
  readonly target: KnownTarget;
  /** The minor version, 0 or 1: a higher one is treated as 1. */
  readonly minorVersion: 0 | 1;
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
  /** The minor version, 0 or 1. */
  readonly minorVersion: 0 | 1;
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

  /** A head over the parser's offsets. */
  constructor(parts: RequestHeadParts) {
    this.method = parts.method;
    this.knownTarget = parts.target;
    this.minorVersion = parts.minorVersion;
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

  /** The values of every field called `name` (lower case), joined by `, `. */
  get(name: string): string | undefined {
    let joined: string | undefined;
    for (const [key, value] of this.entries()) {
      if (key !== name) continue;
      joined = joined === undefined ? value : `${joined}, ${value}`;
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
    const spans = new Int32Array(fields.length * FIELD_STRIDE);
    let text = this.line;
    let present = 0;
    let repeated = 0;
    const bytes = bytesOf(
      text + fields.map(([name, value]) => name + value).join(""),
    );
    fields.forEach(([name, value], n) => {
      const start = text.length;
      text += name + value;
      const middle = start + name.length;
      const id = fieldId(bytes, start, middle);
      spans.set([start, middle, middle, text.length, id], n * FIELD_STRIDE);
      if (id === UNKNOWN_FIELD) return;
      repeated |= present & fieldBits(id as FieldId);
      present |= fieldBits(id as FieldId);
    });
    const { method, minorVersion, length } = this;
    return new RequestHead({
      bytes,
      base: 0,
      method,
      target: this.knownTarget,
      minorVersion,
      length,
      lineStart: 0,
      lineEnd: this.line.length,
      fields: spans,
      fieldCount: fields.length,
      present,
      repeated,
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
