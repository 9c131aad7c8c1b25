/**
 * Body decoders: given the unread bytes they say how many belong to the body
 * and which of those are content. {@linkcode LengthDecoder} counts;
 * {@linkcode ChunkedDecoder} is the state machine of RFC 9112 §7.1, strict
 * about sizes and line ends, with bounded extensions and trailers.
 *
 * ```
 * size -(ext)-CR- sizeLf -LF-> data -> dataCr -> dataLf -> size
 *                     + size 0 -> trailerStart - name - value -CR- trailerLf +
 *                                  ^ +-CR- endLf -LF- done                   |
 *                                  +-----------------------------------------+
 * ```
 */

import {
  COLON,
  CR,
  FIELD_VALUE,
  HTAB,
  isDigit,
  LF,
  SP,
  TOKEN,
} from "../../bytes/ascii.ts";
import { HttpError } from "../errors.ts";

/** What reads the body of one request. */
export interface BodyDecoder {
  /** Whether the whole body has been consumed. */
  readonly done: boolean;
  /** Start of the content found by the last {@linkcode decode}. */
  readonly dataStart: number;
  /** End of the content found by the last {@linkcode decode}. */
  readonly dataEnd: number;
  /** How much more content is said to come of the chunk that has begun. */
  readonly announced: number;
  /**
   * Takes bytes from `start` up to `end`, at most one run of content.
   *
   * @returns how many bytes belong to the body and are done with
   * @throws {HttpError} 400 with `close` when the framing is broken
   */
  decode(bytes: Uint8Array, start: number, end: number): number;
}

/** A body of a declared length. */
export class LengthDecoder implements BodyDecoder {
  #left: number;
  dataStart = 0;
  dataEnd = 0;
  /** There are no chunks. */
  readonly announced = 0;

  /** A decoder for `length` bytes of content. */
  constructor(length: number) {
    this.#left = length;
  }

  get done(): boolean {
    return this.#left === 0;
  }

  decode(_bytes: Uint8Array, start: number, end: number): number {
    const count = Math.min(this.#left, end - start);
    this.#left -= count;
    this.dataStart = start;
    this.dataEnd = start + count;
    return count;
  }
}

/** Longest chunk size, in hexadecimal digits: 2^52 fits a number. */
const MAX_SIZE_DIGITS = 13;

/** Chunk extensions of one body, in bytes (Go's net/http allows 16 KiB). */
const MAX_EXTENSION_BYTES = 16 * 1024;

/** Trailer section of one body, in bytes (one nginx header buffer, 8k). */
const MAX_TRAILER_BYTES = 8 * 1024;

const State = {
  SizeStart: 0,
  Size: 1,
  BeforeExtension: 2,
  Extension: 3,
  SizeLf: 4,
  Data: 5,
  DataCr: 6,
  DataLf: 7,
  TrailerStart: 8,
  TrailerName: 9,
  TrailerValue: 10,
  TrailerLf: 11,
  EndLf: 12,
  Done: 13,
} as const;

type State = typeof State[keyof typeof State];

const SEMICOLON = 0x3b;

/** The value of a hexadecimal digit, or -1. */
function hexValue(byte: number): number {
  if (isDigit(byte)) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : -1;
}

function broken(detail: string): HttpError {
  return new HttpError(400, `client sent invalid chunked body: ${detail}`, {
    close: true,
    severity: "error",
  });
}

/** A body in chunks. Trailers are checked and dropped. */
export class ChunkedDecoder implements BodyDecoder {
  #state: State = State.SizeStart;
  #size = 0;
  #digits = 0;
  #extensionBytes = 0;
  #trailerBytes = 0;
  dataStart = 0;
  dataEnd = 0;

  get done(): boolean {
    return this.#state === State.Done;
  }

  get announced(): number {
    return this.#state === State.Data ? this.#size : 0;
  }

  decode(bytes: Uint8Array, start: number, end: number): number {
    this.dataStart = this.dataEnd = start;
    let at = start;
    while (at < end && this.#state !== State.Done) {
      if (this.#state === State.Data) {
        const count = Math.min(this.#size, end - at);
        this.dataStart = at;
        this.dataEnd = at += count;
        this.#size -= count;
        if (this.#size === 0) this.#state = State.DataCr;
        break;
      }
      this.#state = this.#next(bytes[at]!);
      at++;
    }
    return at - start;
  }

  /** The state after a byte of framing. */
  #next(byte: number): State {
    switch (this.#state) {
      case State.SizeStart:
      case State.Size:
        return this.#sizeByte(byte);
      case State.BeforeExtension:
        this.#countExtension();
        if (byte === SEMICOLON) return State.Extension;
        if (byte === SP || byte === HTAB) return State.BeforeExtension;
        throw broken("invalid byte after a size");
      case State.Extension:
        if (byte === CR) return State.SizeLf;
        this.#countExtension();
        if (FIELD_VALUE[byte] === 0) throw broken("invalid extension");
        return State.Extension;
      case State.SizeLf:
        if (byte !== LF) throw broken("CR without LF after a size");
        this.#digits = 0;
        return this.#size === 0 ? State.TrailerStart : State.Data;
      case State.DataCr:
        if (byte !== CR) throw broken("a chunk is longer than its size");
        return State.DataLf;
      case State.DataLf:
        if (byte !== LF) throw broken("CR without LF after a chunk");
        return State.SizeStart;
      case State.TrailerStart:
        if (byte === CR) return State.EndLf;
        if (TOKEN[byte] === 0) throw broken("invalid trailer");
        this.#countTrailer();
        return State.TrailerName;
      case State.TrailerName:
        this.#countTrailer();
        if (byte === COLON) return State.TrailerValue;
        if (TOKEN[byte] === 0) throw broken("invalid trailer name");
        return State.TrailerName;
      case State.TrailerValue:
        if (byte === CR) return State.TrailerLf;
        this.#countTrailer();
        if (FIELD_VALUE[byte] === 0) throw broken("invalid trailer value");
        return State.TrailerValue;
      case State.TrailerLf:
        if (byte !== LF) throw broken("CR without LF after a trailer");
        return State.TrailerStart;
      case State.EndLf:
        if (byte !== LF) throw broken("CR without LF after the trailers");
        return State.Done;
      case State.Data:
      case State.Done:
        throw new Error("Content is not read byte by byte");
    }
  }

  #sizeByte(byte: number): State {
    const value = hexValue(byte);
    if (value >= 0) {
      if (++this.#digits > MAX_SIZE_DIGITS) throw broken("size too large");
      this.#size = this.#size * 16 + value;
      return State.Size;
    }
    if (this.#digits === 0) throw broken("invalid size");
    if (byte === CR) return State.SizeLf;
    if (byte === SEMICOLON) return State.Extension;
    if (byte === SP || byte === HTAB) return State.BeforeExtension;
    throw broken("invalid size");
  }

  #countExtension(): void {
    if (++this.#extensionBytes > MAX_EXTENSION_BYTES) {
      throw broken("extensions too large");
    }
  }

  #countTrailer(): void {
    if (++this.#trailerBytes > MAX_TRAILER_BYTES) {
      throw broken("trailers too large");
    }
  }
}
