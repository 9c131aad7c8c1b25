/**
 * The request-head parser (RFC 9112 §2-5): a state machine over bytes that
 * stops wherever the bytes stop and goes on there when more have come, so
 * byte-at-a-time input costs linear time and every fault is answered at the
 * byte that proves it.
 *
 * ```
 * start - CRLF* - method -SP- target -SP- version -CR- lineLf -LF-+
 *   +--------------------------------------------------------------+
 *   +> fieldStart - name - ":" - beforeValue - value -CR- valueLf -LF-+
 *        ^  +-CR- endLf -LF- done                                     |
 *        +------------------------------------------------------------+
 * ```
 *
 * It is stricter than nginx where leniency has been used for smuggling: a
 * line ends with CRLF only, one space separates the parts of the request
 * line, and a field line is never folded. Offsets are relative to the head's
 * first byte: the buffer may move between two calls.
 */

import { INPUT_MEMORY } from "../../bytes/byte_buffer.ts";
import {
  COLON,
  CR,
  FIELD_VALUE,
  HTAB,
  latin1,
  LF,
  PLAIN_NAME,
  SP,
  TARGET,
  TOKEN,
} from "../../bytes/ascii.ts";
import {
  fault,
  IN_FIELDS,
  IN_LINE,
  invalidFieldLine,
  malformed,
  tooLongFieldLine,
  tooLongLine,
} from "./head_faults.ts";
import { Field, fieldId, UNKNOWN_FIELD } from "../fields.ts";
import { knownTarget } from "../known_target.ts";
import {
  type HeadLimits,
  MAX_LEADING_EMPTY_LINES,
  MAX_METHOD_BYTES,
} from "../limits.ts";
import {
  FIELD_STRIDE,
  type HttpVersion,
  RequestHead,
} from "../request_head.ts";

/** Where the parser stands in a head. */
const State = {
  Start: 0,
  StartLf: 1,
  Method: 2,
  Target: 3,
  Version: 4,
  LineLf: 5,
  FieldStart: 6,
  Name: 7,
  BeforeValue: 8,
  Value: 9,
  ValueLf: 10,
  EndLf: 11,
  Done: 12,
} as const;

type State = typeof State[keyof typeof State];

const UNDERSCORE = 0x5f;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const VERSION_PREFIX = [0x48, 0x54, 0x54, 0x50, 0x2f]; // "HTTP/"
const VERSION_BYTES = 8; // "HTTP/1.1"

/** How far a head has come: nothing of it, in its first line, or behind. */
export type HeadProgress = "none" | "line" | "fields";

/** More fields than heads of browsers and proxies have; a power of two. */
const USUAL_FIELDS = 64;

/** What all that is noted of so many fields takes at most, in bytes. */
export function fieldNoteBytes(fields: number): number {
  return 2 * fields * FIELD_STRIDE * Int32Array.BYTES_PER_ELEMENT;
}

/**
 * Parses one request head at a time.
 *
 * Call {@linkcode parse} with the unread bytes until it returns a head; then
 * {@linkcode length} bytes belong to it. Call {@linkcode reset} before the
 * next one. After an error the parser is of no further use to its
 * connection until it is reset.
 */
export class RequestParser {
  #state: State = State.Start;
  #limits: HeadLimits;
  /** The next byte to look at. */
  #at = 0;
  /** Where the part being read (method, target, name, value) started. */
  #mark = 0;
  #lineStart = 0;
  #lineEnd = 0;
  #emptyLines = 0;
  #methodEnd = 0;
  #targetEnd = 0;
  #httpVersion: HttpVersion = "1.1";
  #nameEnd = 0;
  #validName = true;
  #fields: Int32Array = new Int32Array(USUAL_FIELDS * FIELD_STRIDE);
  #fieldCount = 0;
  #present = 0;
  #repeated = 0;

  /** A parser that holds heads to `limits`. */
  constructor(limits: HeadLimits) {
    this.#limits = limits;
  }

  /** How many bytes were looked at: the head's length once it is complete. */
  get length(): number {
    return this.#at;
  }

  /** Whether a byte of a request has been seen (empty lines are not one). */
  get begun(): boolean {
    return this.#state > State.StartLf;
  }

  /** Whether it has had a head of so many fields that it keeps much memory. */
  get isLarge(): boolean {
    return this.#fields.length > USUAL_FIELDS * FIELD_STRIDE;
  }

  /** Gives its memory back; it is of no further use. */
  dispose(): void {
    if (this.isLarge) INPUT_MEMORY.give(this.#fields.byteLength);
    this.#fields = new Int32Array(0);
  }

  /** Makes the parser ready for the next head, held to `limits`. */
  reset(limits: HeadLimits = this.#limits): void {
    this.#limits = limits;
    this.#state = State.Start;
    this.#at = 0;
    this.#mark = 0;
    this.#emptyLines = 0;
    this.#fieldCount = 0;
    this.#present = 0;
    this.#repeated = 0;
  }

  /**
   * Goes on with the unread bytes of `bytes`, which start at `start` (the
   * head's first byte, at every call) and end at `end`.
   *
   * @returns the head, or `undefined` when more bytes are needed
   * @throws {HttpError} 400, 414, 431 or 505, each with `close`
   */
  parse(
    bytes: Uint8Array,
    start: number,
    end: number,
  ): RequestHead | undefined {
    // One byte more than is allowed shows that it is too much: what is behind
    // it must not decide between this error and another one.
    const stop = Math.min(end, start + this.#limits.headBytes + 1);
    let at = start + this.#at;
    try {
      while (at < stop && this.#state !== State.Done) {
        at = this.#step(bytes, start, at, stop);
      }
    } finally {
      this.#at = at - start;
    }
    if (this.#state === State.Done) return this.#head(bytes, start);
    this.#checkUnfinished(bytes, start);
    return undefined;
  }

  /**
   * The request line as far as it was read, for the log of a request whose
   * head cannot be completed.
   */
  partialLine(bytes: Uint8Array, start: number, end: number): [number, number] {
    const from = start + this.#lineStart;
    if (this.#state > State.LineLf) return [from, start + this.#lineEnd];
    let to = from;
    while (to < end && bytes[to] !== CR && bytes[to] !== LF) to++;
    return [from, Math.min(to, from + this.#limits.lineBytes)];
  }

  /** How far the head has come. */
  get progress(): HeadProgress {
    if (this.#state < State.Method) return "none";
    return this.#state <= State.LineLf ? "line" : "fields";
  }

  /**
   * Where the value of `Host` is, if it was read before the head turned out to
   * be broken; for the log.
   */
  partialHost(start: number): [from: number, to: number] | undefined {
    const end = this.#fieldCount * FIELD_STRIDE;
    for (let i = 0; i < end; i += FIELD_STRIDE) {
      if (this.#fields[i + 4] !== Field.Host) continue;
      return [start + this.#fields[i + 2]!, start + this.#fields[i + 3]!];
    }
    return undefined;
  }

  /** One state's share of the bytes: returns the next byte to look at. */
  #step(bytes: Uint8Array, start: number, at: number, end: number): number {
    switch (this.#state) {
      case State.Start:
        return this.#startLine(bytes[at]!, start, at);
      case State.StartLf:
        if (bytes[at] !== LF) {
          throw malformed("request", IN_LINE, "CR without LF");
        }
        if (++this.#emptyLines > MAX_LEADING_EMPTY_LINES) {
          throw malformed("request", IN_LINE, "too many empty lines");
        }
        this.#state = State.Start;
        return at + 1;
      case State.Method:
        return this.#method(bytes, start, at, end);
      case State.Target:
        return this.#target(bytes, start, at, end);
      case State.Version:
        return this.#version(bytes, start, at, end);
      case State.LineLf:
        if (bytes[at] !== LF) {
          throw malformed("request", IN_LINE, "CR without LF");
        }
        this.#state = State.FieldStart;
        return at + 1;
      case State.FieldStart:
        return this.#fieldStart(bytes, start, at);
      case State.Name:
        return this.#name(bytes, start, at, end);
      case State.BeforeValue:
        while (at < end && (bytes[at] === SP || bytes[at] === HTAB)) at++;
        if (at < end) {
          this.#mark = at - start;
          this.#state = State.Value;
        }
        return at;
      case State.Value:
        return this.#value(bytes, start, at, end);
      case State.ValueLf:
        if (bytes[at] !== LF) {
          throw malformed("header line", IN_FIELDS, "CR without LF");
        }
        this.#state = State.FieldStart;
        return at + 1;
      case State.EndLf:
        if (bytes[at] !== LF) {
          throw malformed("header line", IN_FIELDS, "CR without LF");
        }
        this.#state = State.Done;
        return at + 1;
      case State.Done:
        throw new Error("The head is complete: reset the parser first");
    }
  }

  #startLine(byte: number, start: number, at: number): number {
    if (byte === CR) {
      this.#state = State.StartLf;
      return at + 1;
    }
    if (TOKEN[byte] === 0) {
      throw malformed("method", IN_LINE, `byte 0x${byte.toString(16)}`);
    }
    this.#lineStart = this.#mark = at - start;
    this.#state = State.Method;
    return at;
  }

  #method(bytes: Uint8Array, start: number, at: number, end: number): number {
    while (at < end && TOKEN[bytes[at]!] === 1) at++;
    if (at - start - this.#mark > MAX_METHOD_BYTES) {
      throw malformed("method", IN_LINE, "too long");
    }
    if (at === end) return at;
    if (bytes[at] !== SP) throw malformed("method", IN_LINE);
    this.#methodEnd = at - start;
    this.#mark = at + 1 - start;
    this.#state = State.Target;
    return at + 1;
  }

  #target(bytes: Uint8Array, start: number, at: number, end: number): number {
    while (at < end && TARGET[bytes[at]!] === 1) at++;
    if (at - start - this.#lineStart > this.#limits.lineBytes) {
      throw tooLongLine();
    }
    if (at === end) return at;
    if (bytes[at] !== SP) {
      const bare = bytes[at] === CR || bytes[at] === LF;
      throw malformed(
        "request",
        IN_LINE,
        bare ? "no version" : "invalid byte in the target",
      );
    }
    if (at - start === this.#mark) {
      throw malformed("request", IN_LINE, "no target");
    }
    this.#targetEnd = at - start;
    this.#mark = at + 1 - start;
    this.#state = State.Version;
    return at + 1;
  }

  /** `HTTP/1.x` and nothing else may stand between the target and CRLF. */
  #version(bytes: Uint8Array, start: number, at: number, end: number): number {
    const from = start + this.#mark;
    for (; at < end; at++) {
      const offset = at - from;
      const byte = bytes[at]!;
      if (offset === VERSION_BYTES) {
        if (byte !== CR) throw malformed("request", IN_LINE, "version");
        return this.#lineComplete(bytes, start, at);
      }
      const valid = offset < VERSION_PREFIX.length
        ? byte === VERSION_PREFIX[offset]
        : offset === 6
        ? byte === 0x2e
        : byte >= DIGIT_0 && byte <= DIGIT_9;
      if (!valid) throw malformed("request", IN_LINE, "version");
    }
    return at;
  }

  #lineComplete(bytes: Uint8Array, start: number, at: number): number {
    const major = bytes[at - 3]! - DIGIT_0;
    if (major === 0) throw malformed("request", IN_LINE, "version");
    if (major !== 1) {
      throw fault(505, "invalid version", IN_LINE, `HTTP/${major}`);
    }
    this.#httpVersion = bytes[at - 1] === DIGIT_0 ? "1.0" : "1.1";
    this.#lineEnd = at - start;
    if (this.#lineEnd - this.#lineStart > this.#limits.lineBytes) {
      throw tooLongLine();
    }
    this.#state = State.LineLf;
    return at + 1;
  }

  #fieldStart(bytes: Uint8Array, start: number, at: number): number {
    const byte = bytes[at]!;
    if (byte === CR) {
      this.#state = State.EndLf;
      return at + 1;
    }
    if (byte === SP || byte === HTAB) {
      throw invalidFieldLine(bytes, at, at, "folded line");
    }
    if (this.#fieldCount >= this.#limits.fields) {
      throw fault(431, "too many header lines", IN_FIELDS);
    }
    this.#mark = at - start;
    this.#validName = true;
    this.#state = State.Name;
    return at;
  }

  #name(bytes: Uint8Array, start: number, at: number, end: number): number {
    for (; at < end; at++) {
      const byte = bytes[at]!;
      if (PLAIN_NAME[byte] === 1) continue;
      if (byte === COLON) break;
      if (TOKEN[byte] === 0) {
        this.#checkFieldLine(bytes, start, at);
        throw invalidFieldLine(bytes, start + this.#mark, at, "name");
      }
      if (byte !== UNDERSCORE || !this.#limits.underscores) {
        this.#validName = false;
      }
    }
    if (at === end) return at;
    if (at - start === this.#mark) {
      throw invalidFieldLine(bytes, at, at, "no name");
    }
    this.#nameEnd = at - start;
    const i = this.#fieldCount * FIELD_STRIDE;
    if (i === this.#fields.length) this.#growFields();
    this.#fields[i] = this.#mark;
    this.#state = State.BeforeValue;
    return at + 1;
  }

  #growFields(): void {
    const larger = new Int32Array(2 * this.#fields.length);
    larger.set(this.#fields);
    INPUT_MEMORY.takeAnyway(
      larger.byteLength - (this.isLarge ? this.#fields.byteLength : 0),
    );
    this.#fields = larger;
  }

  #value(bytes: Uint8Array, start: number, at: number, end: number): number {
    while (at < end && FIELD_VALUE[bytes[at]!] === 1) at++;
    this.#checkFieldLine(bytes, start, at);
    if (at === end) return at;
    if (bytes[at] !== CR) {
      const line = start + this.#fieldLineStart();
      throw invalidFieldLine(bytes, line, at, "value");
    }
    let valueEnd = at;
    const valueStart = start + this.#mark;
    while (
      valueEnd > valueStart &&
      (bytes[valueEnd - 1] === SP || bytes[valueEnd - 1] === HTAB)
    ) valueEnd--;
    this.#addField(bytes, start, valueEnd);
    this.#state = State.ValueLf;
    return at + 1;
  }

  #addField(bytes: Uint8Array, start: number, valueEnd: number): void {
    const i = this.#fieldCount * FIELD_STRIDE;
    const fields = this.#fields;
    const nameStart = fields[i]!;
    if (!this.#validName && this.#limits.ignoreInvalidFields) return;
    const id = fieldId(bytes, start + nameStart, start + this.#nameEnd);
    fields[i + 1] = this.#nameEnd;
    fields[i + 2] = this.#mark;
    fields[i + 3] = valueEnd - start;
    fields[i + 4] = id;
    this.#fieldCount++;
    if (id !== UNKNOWN_FIELD) {
      const bit = 1 << id;
      if ((this.#present & bit) !== 0) this.#repeated |= bit;
      this.#present |= bit;
    }
  }

  /** Limits that must hold before a line or the head is complete. */
  #checkUnfinished(bytes: Uint8Array, start: number): void {
    if (this.#at > this.#limits.headBytes) {
      throw fault(431, "too large request", IN_FIELDS);
    }
    if (this.#state >= State.Name && this.#state <= State.Value) {
      this.#checkFieldLine(bytes, start, start + this.#at);
    }
  }

  /** The same at every byte, so that it does not matter how they arrive. */
  #checkFieldLine(bytes: Uint8Array, start: number, at: number): void {
    const line = start + this.#fieldLineStart();
    const { lineBytes } = this.#limits;
    if (at - line > lineBytes) {
      throw tooLongFieldLine(bytes, line, line + lineBytes);
    }
  }

  #fieldLineStart(): number {
    return this.#state === State.Name
      ? this.#mark
      : this.#fields[this.#fieldCount * FIELD_STRIDE]!;
  }

  #head(bytes: Uint8Array, start: number): RequestHead {
    if (this.#at > this.#limits.headBytes) {
      throw fault(431, "too large request", IN_FIELDS);
    }
    return new RequestHead({
      bytes,
      base: start,
      method: methodName(
        bytes,
        start + this.#lineStart,
        start,
        this.#methodEnd,
      ),
      target: knownTarget(
        bytes,
        start + this.#methodEnd + 1,
        start + this.#targetEnd,
      ),
      version: this.#httpVersion,
      length: this.#at,
      lineStart: this.#lineStart,
      lineEnd: this.#lineEnd,
      fields: this.#fields,
      fieldCount: this.#fieldCount,
      present: this.#present,
      repeated: this.#repeated,
    });
  }
}

/** The method as a string; the commonest needs no new one. */
function methodName(
  bytes: Uint8Array,
  from: number,
  start: number,
  methodEnd: number,
): string {
  const to = start + methodEnd;
  const isGet = to - from === 3 && bytes[from] === 0x47 &&
    bytes[from + 1] === 0x45 && bytes[from + 2] === 0x54;
  return isGet ? "GET" : latin1(bytes, from, to);
}
