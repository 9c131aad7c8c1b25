/**
 * The body of one request as its consumer sees it: pieces on demand, so that
 * a slow consumer slows the client down. What nobody wants is read and
 * dropped when the request has had its answer, so that the next one on the
 * connection starts in its place.
 */

import type { ByteBuffer } from "../../bytes/byte_buffer.ts";
import {
  type BodyDecoder,
  ChunkedDecoder,
  LengthDecoder,
} from "../../http/http1/body_decoder.ts";
import { HttpError } from "../../http/errors.ts";
import { Field } from "../../http/fields.ts";
import type { Framing } from "../../http/http1/framing.ts";
import { hasToken } from "../../http/http1/keep_alive.ts";
import type { RequestHead } from "../../http/request_head.ts";
import type { BodyReader } from "../../core/exchange.ts";

const CONTINUE = new TextEncoder().encode("HTTP/1.1 100 Continue\r\n\r\n");

/** What a client expects before it sends its body (RFC 9110 §10.1.1). */
export type Expectation =
  | "none"
  /** A `100 Continue`. */
  | "continue"
  /** Something nobody knows. */
  | "unknown";

/** What the client of `request` expects. */
export function expectationOf(request: RequestHead): Expectation {
  const value = request.value(Field.Expect);
  if (value === undefined || request.version === "1.0") return "none";
  return hasToken(value, "100-continue") && !value.includes(",")
    ? "continue"
    : "unknown";
}

/** What became of a body that nobody wants. */
export type Discarded =
  /** All of it has come. */
  | "whole"
  /** The client takes so long that it is not waited for any more. */
  | "late"
  /** The client has gone: the connection has ended. */
  | "lost";

/** Where a {@linkcode RequestBody} comes from. */
export interface RequestBodyOrigin {
  /** What has come already. */
  readonly input: ByteBuffer;
  /** Until when a body may be discarded, in ms of {@linkcode now}. */
  readonly discardUntil: () => number;
  /** When bytes last came, in ms. */
  readonly now: () => number;
  /**
   * Waits for more; whether some has come. What is only dropped is not waited
   * for beyond `until`, in ms of {@linkcode now}.
   */
  readonly fill: (until?: number) => Promise<boolean>;
  /** Writes an interim response; whether it was written. */
  readonly write: (bytes: Uint8Array) => Promise<boolean>;
}

/** A body, whatever protocol it comes by, and what it may cost. */
export abstract class LimitedBody implements BodyReader {
  /** Content bytes received so far. */
  received = 0;
  /** Whether a location has looked at its size. */
  admitted = false;
  readonly #declared: number;
  #maxBytes = Infinity;
  #refused = false;
  /** What the client expects, until it is told. */
  protected expectation: Expectation;

  /** A body that is said to have `declared` bytes, 0 if nothing is said. */
  constructor(declared: number, expectation: Expectation) {
    this.#declared = declared;
    this.expectation = expectation;
  }

  /** Whether all of it has been read. */
  abstract get done(): boolean;

  /** See {@linkcode BodyReader}. */
  abstract read(): Promise<Uint8Array | undefined>;

  /**
   * Holds the body to what a location allows: `maxBytes` of content, 0 for
   * any. Of several locations that a request goes through, each has its say.
   *
   * @returns why it is refused, once; what stands in for that error may have
   * it, because it is not read any more
   */
  admit(maxBytes: number): HttpError | undefined {
    this.admitted = true;
    if (this.#refused) return undefined;
    if (this.expectation === "unknown") {
      this.#refused = true;
      return new HttpError(417, "client sent unknown expectation", {
        close: true,
      });
    }
    if (maxBytes === 0) return undefined;
    this.#maxBytes = Math.min(this.#maxBytes, maxBytes);
    if (this.#declared <= maxBytes) return undefined;
    this.#refused = true;
    return tooLarge(this.#declared);
  }

  /**
   * So many bytes of content have come, and `announced` more are said to.
   *
   * @throws {HttpError} 413 above the limit
   */
  protected count(bytes: number, announced = 0): void {
    this.received += bytes;
    const known = this.received + announced;
    if (known <= this.#maxBytes) return;
    this.#refused = true;
    throw tooLarge(known);
  }
}

/** A body on its way from the connection's input to its consumer. */
export class RequestBody extends LimitedBody {
  readonly #origin: RequestBodyOrigin;
  readonly #decoder: BodyDecoder;

  /** The body that `framing` announces; perhaps none. */
  constructor(
    framing: Framing,
    expectation: Expectation,
    origin: RequestBodyOrigin,
  ) {
    const declared = framing.kind === "length" ? framing.length : 0;
    super(declared, expectation);
    this.#origin = origin;
    this.#decoder = framing.kind === "chunked"
      ? new ChunkedDecoder()
      : new LengthDecoder(declared);
  }

  /** Whether all of it has been read. */
  get done(): boolean {
    return this.#decoder.done;
  }

  /** Whether the client waits for a word before it sends anything. */
  get awaitsContinue(): boolean {
    return this.expectation === "continue" && !this.done &&
      this.#origin.input.length === 0;
  }

  /**
   * The next piece of content, valid until the next call; `undefined` at the
   * end of the body, or when the connection has ended.
   *
   * @throws {HttpError} 400 for broken chunks, 413 above the limit
   */
  async read(): Promise<Uint8Array | undefined> {
    while (!this.done) {
      const piece = this.#decode();
      if (piece !== undefined) return piece;
      if (!this.done && !await this.#more()) return undefined;
    }
    return undefined;
  }

  /**
   * Drops what has come, in one go: a body may be all tiny chunks.
   *
   * @returns whether that was all of it
   * @throws {HttpError} as {@linkcode read}
   */
  drop(): boolean {
    while (this.#decode() !== undefined);
    this.count(0, this.#decoder.announced);
    return this.done;
  }

  /**
   * Reads and drops what is left when the request has had its answer. A client
   * that sends on and on, but slowly, is waited for as long as nginx reads a
   * body that it discards, which is `lingering_time`.
   *
   * @throws {HttpError} as {@linkcode read}
   */
  async discard(): Promise<Discarded> {
    const { discardUntil, fill, now } = this.#origin;
    const until = discardUntil();
    // Whoever has had its answer is not asked for anything.
    this.expectation = "none";
    while (!this.drop()) {
      if (now() >= until) return "late";
      if (!await fill(until)) return "lost";
    }
    return "whole";
  }

  /** The next piece of content that has come. */
  #decode(): Uint8Array | undefined {
    const { input } = this.#origin;
    const decoder = this.#decoder;
    while (input.length > 0 && !decoder.done) {
      const { bytes, start, end } = input;
      input.consume(decoder.decode(bytes, start, end));
      const { dataStart, dataEnd } = decoder;
      if (dataEnd === dataStart) continue;
      this.count(dataEnd - dataStart, decoder.announced);
      return bytes.subarray(dataStart, dataEnd);
    }
    return undefined;
  }

  async #more(): Promise<boolean> {
    if (this.expectation === "continue") {
      this.expectation = "none";
      if (!await this.#origin.write(CONTINUE)) return false;
    }
    return await this.#origin.fill();
  }
}

function tooLarge(bytes: number): HttpError {
  return new HttpError(
    413,
    `client intended to send too large body: ${bytes} bytes`,
    { close: true, severity: "error" },
  );
}
