/**
 * Sending a response on a connection: as one piece if it is small, gathered
 * with others if more requests wait, piece by piece if it is large. Afterwards
 * the exchange is logged, and the connection goes on or ends.
 */

import { BufferPool } from "../bytes/buffer_pool.ts";
import { sourceOf } from "../http/byte_source.ts";
import { Field } from "../http/fields.ts";
import type {
  BodySource,
  EncodedForm,
  HttpResponse,
} from "../http/response.ts";
import {
  encodeChunk,
  encodeHead,
  headText,
  joinHead,
  joinHeadInto,
  lastChunk,
  type ResponseFraming,
  responseFraming,
  sharedForm,
} from "../http/response_encoder.ts";
import { logger } from "../logging/logger.ts";
import type { Exchange } from "../modules/exchange.ts";
import type { Connection } from "../net/connection.ts";
import { SendTurns } from "../net/send_turns.ts";
import { CLOSE_SILENTLY } from "./dispatch.ts";
import { contextOf } from "./error_response.ts";

const log = logger("server");

/** A body up to this size goes out in one piece with its head, in bytes. */
const MAX_JOINED_BYTES = 64 * 1024;

/** Where small answers are put together. */
const SCRATCH = new BufferPool(8 * 1024, 256);

/** The turns of all large bodies of this process. */
const TURNS = new SendTurns();

/** Where a head and a small part of a file are put together. */
const LARGE_SCRATCH = new BufferPool(MAX_JOINED_BYTES + 8 * 1024, 64);

/** A part of a file that goes out in one piece with its head. */
type SmallSource = BodySource & {
  readonly length: number;
  readAll(target: Uint8Array): void;
};

function isSmall(source: BodySource, head: string): source is SmallSource {
  return source.readAll !== undefined && source.length !== undefined &&
    source.length <= MAX_JOINED_BYTES &&
    source.length + head.length <= LARGE_SCRATCH.bytes;
}

/** Whether all of the body is there: such a response has an encoded form. */
function isBytes({ body }: HttpResponse): boolean {
  return body === undefined || body instanceof Uint8Array;
}

const NO_BODY = new Uint8Array(0);

/**
 * What is left to do of a response: nothing, but to go on with the connection
 * or not; to wait for that; or to write these bytes and then to call
 * {@linkcode ResponseSender.sent}. The last is the usual one: whoever runs
 * the connection writes them itself, because each promise in between costs
 * as much as parsing a head (measured).
 */
export type Step = boolean | Promise<boolean> | Uint8Array;

/** What tells the value of `Date`. */
export interface Clock {
  /** The value now. */
  date(): string;
}

/** Whom a sender tells that requests have ended. */
export interface RequestCounter {
  /** A request has ended with `status`, `ms` after its head came. */
  requestEnded(status: number, ms: number): void;
  /** An error with this status was answered. */
  requestFailed(status: number): void;
}

/** See the top of the file. */
export class ResponseSender {
  /** Whether the connection ends after its current response. */
  retiring = false;
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #counter: RequestCounter;
  /** What is being written in one piece, and what of it is given back. */
  #exchange: Exchange | undefined;
  #logged: Exchange | undefined;
  #length = 0;
  #sentBefore = 0;
  #form: EncodedForm | undefined;
  #piece: Uint8Array<ArrayBuffer> | undefined;
  #pool: BufferPool = SCRATCH;

  /** Sends on `connection`; `clock` tells the value of `Date`. */
  constructor(
    connection: Connection,
    clock: Clock,
    counter: RequestCounter,
  ) {
    this.#connection = connection;
    this.#clock = clock;
    this.#counter = counter;
  }

  /** Whether it was said that this exchange is over. */
  hasLogged(exchange: Exchange): boolean {
    return this.#logged === exchange;
  }

  /** Says that an exchange is over, to the counters and its location's logs. */
  log(exchange: Exchange): void {
    const { error, location, status } = exchange;
    const { lastActivityAt, requestBeganAt } = this.#connection;
    this.#counter.requestEnded(status, lastActivityAt - requestBeganAt);
    if (error !== undefined) this.#counter.requestFailed(error.status);
    this.#logged = exchange;
    for (const hook of location.logs) hook(exchange);
  }

  /** Sends a response to the end, whatever it takes. */
  async sendAll(exchange: Exchange, response: HttpResponse): Promise<boolean> {
    const step = this.send(exchange, response);
    if (!(step instanceof Uint8Array)) return await step;
    return await this.sent(await this.#connection.write(step));
  }

  /** Begins to send a response. */
  send(exchange: Exchange, response: HttpResponse): Step {
    const connection = this.#connection;
    const { client } = exchange.location;
    connection.timeouts = client.timeouts;
    exchange.status = response.status;
    exchange.response = response;
    if (response === CLOSE_SILENTLY) {
      this.#finish(exchange);
      return this.#leave("done");
    }
    connection.keepAlive = connection.keepAlive && !response.close &&
      !exchange.endsConnection &&
      connection.requestsServed < client.maxRequests && !this.retiring;
    const { request } = exchange;
    const isHead = request.method === "HEAD";
    const context = {
      minorVersion: request.minorVersion,
      isHead,
      persistent: connection.keepAlive,
      date: this.#clock.date(),
      server: exchange.location.serverToken,
      keepAlive: client.keepAliveHeader,
    };
    if (
      response.shared && !isHead && connection.keepAlive && isBytes(response)
    ) {
      const form = sharedForm(response, context);
      exchange.headBytesSent = form.headLength;
      exchange.bodyBytesSent = form.bytes.length - form.headLength;
      if (this.#gathers(exchange, form.bytes)) return this.#finish(exchange);
      form.inFlight++;
      this.#form = form;
      return this.#write(exchange, form.bytes);
    }
    const framing = responseFraming(response, context);
    if (framing === "close") connection.keepAlive = false;
    const text = headText(response, framing, context);
    const { body } = response;
    if (isHead || framing === "none" || body === undefined) {
      response.dispose();
      return this.#sendJoined(exchange, text, NO_BODY);
    }
    if (!(body instanceof Uint8Array)) {
      return this.#sendOpened(exchange, response, framing, text);
    }
    exchange.bodyBytesSent = body.length;
    if (body.length <= MAX_JOINED_BYTES) {
      return this.#sendJoined(exchange, text, body);
    }
    connection.sendAtOnce();
    return this.#sendParts(exchange, encodeHead(text), body);
  }

  /** Queues an answer if there are more requests to answer at once. */
  #gathers(exchange: Exchange, bytes: Uint8Array): boolean {
    const connection = this.#connection;
    return exchange.completed = connection.keepAlive &&
      connection.input.length > 0 && connection.queue(bytes);
  }

  /** Sends a head and a small body, or none, in one piece. */
  #sendJoined(exchange: Exchange, head: string, body: Uint8Array): Step {
    const connection = this.#connection;
    const gathers = connection.keepAlive && connection.input.length > 0;
    const needed = head.length + body.length;
    if (gathers || needed > SCRATCH.bytes) {
      const bytes = joinHead(head, body);
      exchange.headBytesSent = bytes.length - body.length;
      return this.#gathers(exchange, bytes)
        ? this.#finish(exchange)
        : this.#write(exchange, bytes);
    }
    const scratch = SCRATCH.acquire();
    const length = joinHeadInto(scratch, head, body);
    exchange.headBytesSent = length - body.length;
    return this.#writePiece(exchange, scratch, length, SCRATCH);
  }

  /** Sends a body that is to be opened or is a source already. */
  #sendOpened(
    exchange: Exchange,
    { body, trailer }: HttpResponse,
    framing: ResponseFraming,
    head: string,
  ): Step {
    let source: BodySource;
    try {
      source = sourceOf(body);
    } catch (error) {
      return this.#fail(exchange, error);
    }
    if (framing === "length" && isSmall(source, head)) {
      return this.#sendSmall(exchange, head, source);
    }
    const bytes = encodeHead(head);
    return this.#sendSource(exchange, bytes, source, framing, trailer);
  }

  /** Sends a head and a small part of a file in one piece. */
  #sendSmall(exchange: Exchange, head: string, source: SmallSource): Step {
    const scratch = LARGE_SCRATCH.acquire();
    const headBytes = joinHeadInto(scratch, head, NO_BODY);
    const { length } = source;
    try {
      source.readAll(scratch.subarray(headBytes));
    } catch (error) {
      LARGE_SCRATCH.release(scratch);
      return this.#fail(exchange, error);
    } finally {
      source.close();
    }
    exchange.headBytesSent = headBytes;
    exchange.bodyBytesSent = length;
    const total = headBytes + length;
    return this.#writePiece(exchange, scratch, total, LARGE_SCRATCH);
  }

  /** Ends a connection whose response cannot be sent. */
  #fail(exchange: Exchange, error: unknown): false | Promise<false> {
    this.#logBroken(exchange, error);
    this.#finish(exchange);
    return this.#leave("error");
  }

  /**
   * Ends the connection without an answer. Those to earlier requests have been
   * logged as sent, so they go out first, and what the client has sent behind
   * this request must not make the kernel throw them away.
   */
  #leave(reason: "done" | "error"): false | Promise<false> {
    const connection = this.#connection;
    if (connection.hasQueued) return connection.leave(reason);
    connection.end(reason);
    return false;
  }

  /**
   * The client was promised more: only a close tells it that this is not all
   * of it.
   */
  #logBroken(exchange: Exchange, error: unknown): void {
    log.error("the body of a response could not be continued", {
      ...contextOf(exchange),
      error,
    });
  }

  /** Sends a head and a body that is too large to be copied behind it. */
  async #sendParts(
    exchange: Exchange,
    head: Uint8Array,
    body: Uint8Array,
  ): Promise<boolean> {
    exchange.headBytesSent = head.length;
    if (await this.#connection.write(head)) {
      const step = this.#write(exchange, body) as Uint8Array;
      return await this.sent(await this.#connection.write(step));
    }
    exchange.bodyBytesSent = 0;
    this.#finish(exchange);
    return false;
  }

  /** Writes what was put together in a piece of `pool`. */
  #writePiece(
    exchange: Exchange,
    piece: Uint8Array<ArrayBuffer>,
    length: number,
    pool: BufferPool,
  ): Step {
    this.#piece = piece;
    this.#pool = pool;
    return this.#write(exchange, piece.subarray(0, length));
  }

  /** Writes what ends with the body of a response. */
  #write(exchange: Exchange, bytes: Uint8Array): Step {
    const connection = this.#connection;
    this.#exchange = exchange;
    this.#length = bytes.length;
    this.#sentBefore = connection.bytesOut;
    return connection.hasQueued ? this.#writeLater(bytes) : bytes;
  }

  /** Writes behind answers that were queued. */
  async #writeLater(bytes: Uint8Array): Promise<boolean> {
    const connection = this.#connection;
    const flushed = await connection.flush();
    this.#sentBefore = connection.bytesOut;
    return await this.sent(flushed && await connection.write(bytes));
  }

  /**
   * Ends an exchange whose answer was written, or could not be.
   *
   * @returns whether the connection goes on
   */
  sent(written: boolean): boolean | Promise<boolean> {
    const exchange = this.#exchange!;
    this.#exchange = undefined;
    if (this.#form !== undefined) {
      this.#form.inFlight--;
      this.#form = undefined;
    } else if (this.#piece !== undefined) {
      this.#pool.release(this.#piece);
      this.#piece = undefined;
    }
    exchange.completed = written;
    if (!written) this.#countPartial(exchange, this.#length, this.#sentBefore);
    return this.#finish(exchange) && written
      ? true
      : this.#close(exchange, written);
  }

  /** How much of the body a client that went away has taken. */
  #countPartial(exchange: Exchange, length: number, before: number): void {
    const head = length - exchange.bodyBytesSent;
    const sent = this.#connection.bytesOut - before - Math.max(0, head);
    exchange.headBytesSent += Math.min(0, sent);
    exchange.bodyBytesSent = Math.max(
      0,
      Math.min(exchange.bodyBytesSent, sent),
    );
  }

  /**
   * Sends a body piece by piece: the next piece is only asked for when the
   * one before is written.
   */
  async #sendSource(
    exchange: Exchange,
    head: Uint8Array,
    source: BodySource,
    framing: ResponseFraming,
    trailer: HttpResponse["trailer"],
  ): Promise<boolean> {
    const connection = this.#connection;
    let before = Infinity;
    let written = false;
    exchange.headBytesSent = head.length;
    connection.sendAtOnce();
    TURNS.enter();
    try {
      written = await connection.write(head);
      // Answers that were queued have gone out with the head.
      before = connection.bytesOut;
      written = written && await this.#sendPieces(source, framing) &&
        (framing !== "chunked" || await connection.write(lastChunk(trailer)));
    } catch (error) {
      this.#logBroken(exchange, error);
      connection.end("error");
    } finally {
      TURNS.leave();
      source.close();
    }
    exchange.bodyBytesSent = Math.max(0, connection.bytesOut - before);
    exchange.completed = written;
    return this.#finish(exchange) && written
      ? true
      : this.#close(exchange, written);
  }

  async #sendPieces(
    source: BodySource,
    framing: ResponseFraming,
  ): Promise<boolean> {
    const connection = this.#connection;
    let left = source.length ?? Infinity;
    for (;;) {
      const pulled = source.pull();
      const piece = pulled instanceof Promise ? await pulled : pulled;
      if (piece === undefined) break;
      left -= piece.length;
      if (left < 0) throw new Error("the body is longer than announced");
      if (piece.length === 0) continue;
      const turn = TURNS.take(piece.length);
      if (turn !== undefined) await turn;
      const bytes = framing === "chunked" ? encodeChunk(piece) : piece;
      if (!await connection.write(bytes)) return false;
    }
    if (left > 0 && left < Infinity) {
      throw new Error("the body is shorter than announced");
    }
    return true;
  }

  /**
   * Logs the exchange, once.
   *
   * @returns whether the connection may go on
   */
  #finish(exchange: Exchange): boolean {
    this.log(exchange);
    return this.#connection.keepAlive;
  }

  /** Ends a connection whose last response has been sent. */
  async #close(exchange: Exchange, written: boolean): Promise<false> {
    const connection = this.#connection;
    if (!written || connection.ended) return false;
    // What the client has sent and nobody has read would make the kernel
    // reset the connection, and the client lose the answer.
    if (this.#mayHaveMore(exchange)) await connection.linger();
    else connection.end("done");
    return false;
  }

  #mayHaveMore(exchange: Exchange): boolean {
    const lingering = exchange.location.client.lingering;
    if (lingering !== "on") return lingering === "always";
    return this.#connection.input.length > 0 ||
      exchange.endsConnection || exchange.request.has(Field.Expect);
  }
}
