/**
 * The bytes of log lines on their way to a file.
 *
 * A server that answers 100,000 requests a second writes as many lines, so
 * nothing here makes a string, a view or an array per line: every append puts
 * bytes straight into one array, which grows by doubling up to a limit.
 *
 * A line that does not fit into the limit is dropped whole. The first append
 * that fails marks the line as lost, the rest of the line is ignored, and
 * {@linkcode LogBuffer.endLine} takes the buffer back to where the line began.
 * So a reader of the log never meets half a line.
 *
 * Text that comes from a client is escaped as nginx's `log_format` does with
 * `escape=default`: `"`, `\` and every byte below 0x20 or above 0x7E become
 * `\xHH` with upper-case digits. What is written is therefore always printable
 * ASCII, and a client can neither end a line nor leave its quotes.
 */

import { byteTable } from "../bytes/ascii.ts";

const ENCODER = new TextEncoder();

/** Where a buffer starts, in bytes: some dozens of lines. */
const INITIAL_BYTES = 8 * 1024;

/** The longest escape: `\xHH`, in bytes. */
const ESCAPE_BYTES = 4;

const BACKSLASH = 0x5c;
const LETTER_X = 0x78;
const DIGIT_0 = 0x30;
const HYPHEN = 0x2d;

/** What `escape=default` writes as `\xHH`: nginx's `ngx_http_log_escape`. */
const ESCAPED: Uint8Array = byteTable((byte) =>
  byte < 0x20 || byte > 0x7e || byte === 0x22 || byte === BACKSLASH
);

/** The digits of `\xHH`. */
const HEX_DIGITS: Uint8Array = ENCODER.encode("0123456789ABCDEF");

/** The most decimal digits that a 32-bit integer has. */
const MAX_INT32_DIGITS = 10;

/** Log lines as bytes, in an array that grows up to a limit. */
export class LogBuffer {
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;
  #lineStart = 0;
  #lineLost = false;
  readonly #limit: number;

  /** An empty buffer that never holds more than `limit` bytes. */
  constructor(limit: number) {
    this.#limit = limit;
    this.#bytes = new Uint8Array(Math.min(INITIAL_BYTES, limit));
  }

  /** How many bytes it may hold. */
  get limit(): number {
    return this.#limit;
  }

  /** How many bytes are held, an unfinished line included. */
  get length(): number {
    return this.#length;
  }

  /** How many bytes belong to lines that {@linkcode endLine} has kept. */
  get completeLength(): number {
    return this.#lineStart;
  }

  /** How many bytes of memory the buffer occupies. */
  get capacity(): number {
    return this.#bytes.length;
  }

  /**
   * The array that holds the bytes; only the first {@linkcode length} count.
   * It is another array after the buffer has grown.
   */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  /** Appends one byte, 0 to 255. */
  appendByte(byte: number): void {
    if (!this.#reserve(1)) return;
    this.#bytes[this.#length++] = byte;
  }

  /**
   * Appends text whose characters are all below U+0100, one byte each. It is
   * for the server's own words: nothing is escaped.
   */
  appendLatin1(text: string): void {
    const count = text.length;
    if (!this.#reserve(count)) return;
    const bytes = this.#bytes;
    let at = this.#length;
    for (let i = 0; i < count; i++) bytes[at++] = text.charCodeAt(i);
    this.#length = at;
  }

  /** Appends the UTF-8 bytes of `text`: nothing is escaped. */
  appendText(text: string): void {
    const count = text.length;
    if (!this.#reserve(count)) return;
    const before = this.#length;
    const target = this.#bytes.subarray(before);
    const { read, written } = ENCODER.encodeInto(text, target);
    this.#length = before + written;
    if (read === count) return;
    // There was no room for more than one byte of each character.
    this.appendBytes(ENCODER.encode(text.slice(read)));
  }

  /** Appends `source` from `start` up to `end` (not included) as it is. */
  appendBytes(source: Uint8Array, start = 0, end = source.length): void {
    if (!this.#reserve(end - start)) return;
    const bytes = this.#bytes;
    let at = this.#length;
    for (let i = start; i < end; i++) bytes[at++] = source[i]!;
    this.#length = at;
  }

  /** Appends a whole number in decimal. */
  appendInteger(value: number): void {
    if ((value | 0) !== value || value < 0) {
      // Above 2 GiB or below zero: too rare to have digits of its own.
      this.appendLatin1(String(Math.trunc(value)));
      return;
    }
    if (!this.#reserve(MAX_INT32_DIGITS)) return;
    const bytes = this.#bytes;
    let digits = 1;
    for (let rest = (value / 10) | 0; rest > 0; rest = (rest / 10) | 0) {
      digits++;
    }
    let rest = value;
    for (let at = this.#length + digits - 1; at >= this.#length; at--) {
      const quotient = (rest / 10) | 0;
      bytes[at] = DIGIT_0 + rest - quotient * 10;
      rest = quotient;
    }
    this.#length += digits;
  }

  /**
   * Appends `source` from `start` up to `end` (not included), escaped, or as
   * nginx says that there is nothing, `-`, if `start` is below zero.
   */
  appendValue(source: Uint8Array, start: number, end: number): void {
    if (start < 0) this.appendByte(HYPHEN);
    else this.appendEscaped(source, start, end);
  }

  /** Appends `source` from `start` up to `end` (not included), escaped. */
  appendEscaped(source: Uint8Array, start: number, end: number): void {
    if (!this.#reserve(end - start)) return;
    const bytes = this.#bytes;
    let at = this.#length;
    let i = start;
    for (; i < end; i++) {
      const byte = source[i]!;
      if (ESCAPED[byte] !== 0) break;
      bytes[at++] = byte;
    }
    this.#length = at;
    if (i < end) this.#appendEscapedFrom(source, i, end);
  }

  /** Appends the UTF-8 bytes of `text`, escaped. */
  appendEscapedString(text: string): void {
    const count = text.length;
    if (!this.#reserve(count)) return;
    const bytes = this.#bytes;
    let at = this.#length;
    let i = 0;
    for (; i < count; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f || ESCAPED[code] !== 0) break;
      bytes[at++] = code;
    }
    this.#length = at;
    if (i === count) return;
    // What no UTF-8 can be made of, half a pair, becomes U+FFFD.
    const rest = ENCODER.encode(text.slice(i));
    this.#appendEscapedFrom(rest, 0, rest.length);
  }

  /**
   * Ends a line: everything appended since the last call stays if all of it
   * fitted, and else is taken back.
   *
   * @returns whether the line was kept
   */
  endLine(): boolean {
    if (this.#lineLost) {
      this.abandonLine();
      return false;
    }
    this.#lineStart = this.#length;
    return true;
  }

  /** Takes back whatever was appended since the last line ended. */
  abandonLine(): void {
    this.#length = this.#lineStart;
    this.#lineLost = false;
  }

  /** Forgets the first `count` bytes, at most {@linkcode completeLength}. */
  discard(count: number): void {
    this.#bytes.copyWithin(0, count, this.#length);
    this.#length -= count;
    this.#lineStart -= count;
  }

  /** Forgets every byte; an array larger than `keepBytes` is given back. */
  clear(keepBytes: number = this.#limit): void {
    this.#length = 0;
    this.#lineStart = 0;
    this.#lineLost = false;
    if (this.#bytes.length > Math.max(keepBytes, INITIAL_BYTES)) {
      this.#bytes = new Uint8Array(Math.min(INITIAL_BYTES, this.#limit));
    }
  }

  /** The slow half of {@linkcode appendEscaped}: something needs an escape. */
  #appendEscapedFrom(source: Uint8Array, start: number, end: number): void {
    if (!this.#reserve((end - start) * ESCAPE_BYTES)) return;
    for (let i = start; i < end; i++) this.#putEscaped(source[i]!);
  }

  /** Puts one byte, escaped if need be, where room is already reserved. */
  #putEscaped(byte: number): void {
    const bytes = this.#bytes;
    if (ESCAPED[byte] === 0) {
      bytes[this.#length++] = byte;
      return;
    }
    bytes[this.#length++] = BACKSLASH;
    bytes[this.#length++] = LETTER_X;
    bytes[this.#length++] = HEX_DIGITS[byte >> 4]!;
    bytes[this.#length++] = HEX_DIGITS[byte & 0xf]!;
  }

  /**
   * Makes room for `count` more bytes.
   *
   * The worst case of an escape is reserved at once, so a line may be lost
   * that would have fitted by a few bytes; the limit is never passed.
   *
   * @returns whether there is room, and the line is not yet lost
   */
  #reserve(count: number): boolean {
    if (this.#lineLost) return false;
    const needed = this.#length + count;
    return needed <= this.#bytes.length || this.#grow(needed);
  }

  #grow(needed: number): boolean {
    if (needed > this.#limit) {
      this.#lineLost = true;
      return false;
    }
    let capacity = this.#bytes.length;
    while (capacity < needed) capacity *= 2;
    const grown = new Uint8Array(Math.min(capacity, this.#limit));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    return true;
  }
}
