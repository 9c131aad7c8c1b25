/**
 * Requests out of the input of one connection: bytes in, a head or an error
 * out. It holds a parser only while there is something to parse, because most
 * connections are idle.
 */

import type { ByteBuffer } from "../../bytes/byte_buffer.ts";
import type { HeadLimits } from "../limits.ts";
import type { RequestHead } from "../request_head.ts";
import {
  fieldNoteBytes,
  type HeadProgress,
  RequestParser,
} from "./request_parser.ts";

/** How many parsers are kept for reuse. */
const MAX_IDLE_PARSERS = 256;

const idleParsers: RequestParser[] = [];

/** Most bytes of input that limits let wait: a head, and a byte too many. */
export function maxInputBytes({ headBytes }: HeadLimits): number {
  return headBytes + 1;
}

/** What the input of one connection takes at most with these limits. */
export function inputBytes(limits: HeadLimits): number {
  return maxInputBytes(limits) + fieldNoteBytes(limits.fields);
}

/** Reads the heads of one connection, one at a time. */
export class RequestReader {
  #limits: HeadLimits;
  readonly #input: ByteBuffer;
  #parser: RequestParser | undefined;

  /** A reader of `input` that holds heads to `limits`. */
  constructor(input: ByteBuffer, limits: HeadLimits) {
    this.#input = input;
    this.#limits = limits;
    input.allow(maxInputBytes(limits));
  }

  /**
   * Holds heads to `limits`; the one that has begun, to what was in force when
   * it did.
   */
  renew(limits: HeadLimits): void {
    this.#limits = limits;
    this.#input.allow(maxInputBytes(limits));
    if (!this.begun) this.#parser?.reset(limits);
  }

  /** Whether a part of a head has come (empty lines are none). */
  get begun(): boolean {
    return this.#parser?.begun === true;
  }

  /**
   * The next head, taken off the input. It stands in the input's memory, so
   * nothing may be read before {@linkcode reset}, or before it is detached.
   *
   * @returns `undefined` when more bytes are needed
   * @throws {HttpError} 400, 414, 431 or 505, each with `close`
   */
  next(): RequestHead | undefined {
    const input = this.#input;
    if (input.length === 0) return undefined;
    const parser = this.#parser ??= this.#newParser();
    const head = parser.parse(input.bytes, input.start, input.end);
    if (head !== undefined) input.consume(parser.length);
    return head;
  }

  /** Where the line of a head that could not be parsed stands in the input. */
  partialLine(): [start: number, end: number] {
    const { bytes, start, end } = this.#input;
    return this.#parser?.partialLine(bytes, start, end) ?? [start, start];
  }

  /** Where its `Host` stands in the input, if it was read. */
  partialHost(): [from: number, to: number] | undefined {
    return this.#parser?.partialHost(this.#input.start);
  }

  /** How far the next head has come. */
  get progress(): HeadProgress {
    return this.#parser?.progress ?? "none";
  }

  /**
   * The exchange is over: what comes next is a head of its own. If nothing of
   * it is here, the connection may be idle for long.
   */
  reset(): void {
    if (this.#input.length === 0) this.rest();
    else this.#parser?.reset(this.#limits);
  }

  /** Gives back what an idle connection does not need. */
  rest(): void {
    this.#input.shrink();
    const parser = this.#parser;
    if (parser === undefined) return;
    const isKept = idleParsers.length < MAX_IDLE_PARSERS && !parser.isLarge;
    if (isKept) idleParsers.push(parser);
    else parser.dispose();
    this.#parser = undefined;
  }

  #newParser(): RequestParser {
    const parser = idleParsers.pop();
    if (parser === undefined) return new RequestParser(this.#limits);
    parser.reset(this.#limits);
    return parser;
  }
}
