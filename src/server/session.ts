/**
 * The exchange loop of one connection: a request, its answer, the next
 * request. Answers that are ready at once are sent without waiting in
 * between; answers to pipelined requests are gathered into one write.
 */

import { BufferPool } from "../bytes/buffer_pool.ts";
import { Field } from "../http/fields.ts";
import { HttpError } from "../http/errors.ts";
import { type Framing, requestFraming } from "../http/framing.ts";
import { hasToken, requestPersistence } from "../http/keep_alive.ts";
import type { RequestHead } from "../http/request_head.ts";
import type { BodySource, HttpResponse } from "../http/response.ts";
import {
  encodeHead,
  headText,
  joinHead,
  joinHeadInto,
  lastChunk,
  maxHeadBytes,
  type ResponseFraming,
  responseFraming,
  sharedForm,
} from "../http/response_encoder.ts";
import { logger } from "../logging/logger.ts";
import { optionsResponse } from "../modules/methods.ts";
import { CLOSE_SILENTLY } from "../modules/return.ts";
import type { Exchange } from "../modules/exchange.ts";
import { Connection, type Socket } from "../net/connection.ts";
import type { EndReason } from "../net/connection_state.ts";
import type { DeadlineSweep } from "../net/deadlines.ts";
import { RequestBody } from "../net/request_body.ts";
import { type Answer, dispatch, fail } from "./dispatch.ts";
import {
  contextOf,
  endsConnection,
  errorResponse,
  toHttpError,
} from "./error_response.ts";
import type { HostGroup } from "./plan.ts";
import { beginExchange, brokenHead, refusedExchange } from "./request.ts";

const log = logger("server");

/** A body up to this size goes out in one piece with its head, in bytes. */
const MAX_JOINED_BYTES = 64 * 1024;

/** Where small answers are put together. */
const SCRATCH = new BufferPool(8 * 1024, 64);

const NO_BODY = new Uint8Array(0);

/** What sessions share. */
export interface SessionHost {
  /** Where deadlines are looked at. */
  readonly sweep: DeadlineSweep<Connection>;
  /** The value of `Date` now. */
  date(): string;
  /** A session has ended. */
  ended(session: Session, reason: EndReason, error?: unknown): void;
}

/** Whether the connection goes on after a response. */
type GoesOn = boolean | Promise<boolean>;

/** See the top of the file. */
export class Session {
  /** The connection it serves. */
  readonly connection: Connection;
  /** The generation of the configuration it began with. */
  readonly owner: unknown;
  readonly #host: SessionHost;
  readonly #group: HostGroup;
  #current: Exchange | undefined;
  #loggedTimeout = false;
  #retiring = false;

  /** A session of `group`'s servers on an accepted socket. */
  constructor(
    socket: Socket,
    group: HostGroup,
    owner: unknown,
    host: SessionHost,
  ) {
    this.owner = owner;
    this.#host = host;
    this.#group = group;
    this.connection = new Connection(socket, {
      sweep: host.sweep,
      limits: group.fallback.limits,
      timeouts: group.fallback.root.client.timeouts,
      events: {
        ended: (_connection, reason, error) => host.ended(this, reason, error),
        requestTimedOut: () => this.#timedOut(),
      },
    });
  }

  /** Serves until the connection has ended. Never rejects. */
  async run(): Promise<void> {
    const { connection } = this;
    try {
      while (!connection.ended) {
        let head: RequestHead | undefined;
        try {
          head = connection.parseRequest();
        } catch (error) {
          await this.#refuse(error);
          return;
        }
        if (head === undefined) {
          if (connection.hasQueued && !await connection.flush()) return;
          if (this.#retiring && connection.input.length === 0) {
            connection.end("done");
            return;
          }
          if (!await connection.fill()) return;
          continue;
        }
        const goesOn = this.#serve(head);
        if (!(goesOn === true || await goesOn)) return;
        this.#current = undefined;
        connection.finishExchange();
      }
    } catch (error) {
      connection.end("error", error);
    } finally {
      connection.release();
    }
  }

  /** Whether it waits for a request of which nothing has come. */
  get isIdle(): boolean {
    return this.connection.idle && this.connection.input.length === 0;
  }

  /** Ends the connection if it waits for a request; else after the answer. */
  retire(): void {
    this.#retiring = true;
    if (this.isIdle) this.connection.end("done");
  }

  #serve(head: RequestHead): GoesOn {
    const { connection } = this;
    connection.keepAlive = requestPersistence(head) === "persist";
    let exchange: Exchange | undefined;
    let answer: Answer;
    try {
      const framing = requestFraming(head);
      exchange = beginExchange(head, connection, this.#group);
      this.#current = exchange;
      if (framing.kind !== "none" || head.has(Field.Expect)) {
        return this.#serveWithBody(exchange, framing);
      }
      answer = this.#answer(exchange);
    } catch (error) {
      exchange ??= refusedExchange(head, connection, this.#group);
      this.#current = exchange;
      answer = fail(exchange, error);
    }
    if (!(answer instanceof Promise)) return this.#respond(exchange, answer);
    const waiting = exchange;
    return answer.then((response) => this.#respond(waiting, response));
  }

  #answer(exchange: Exchange): Answer {
    return exchange.uri === "*" ? optionsResponse() : dispatch(exchange);
  }

  /**
   * A request is complete when its body is: what no handler has read is read
   * and dropped before the answer is sent, within `client_max_body_size`.
   */
  async #serveWithBody(exchange: Exchange, framing: Framing): Promise<boolean> {
    const { connection } = this;
    const { request } = exchange;
    request.detach();
    let response: HttpResponse | undefined;
    try {
      const expectsContinue = expectation(request);
      if (framing.kind === "none") {
        return await this.#respond(exchange, await this.#answer(exchange));
      }
      // A body that is refused is refused by the rules of its location.
      exchange.location = exchange.server.root.find(exchange.uri);
      const { client } = exchange.location;
      connection.timeouts = client.timeouts;
      const body = new RequestBody(connection, framing, {
        maxBytes: client.maxBodyBytes,
        expectsContinue,
      });
      response = await this.#answer(exchange);
      if (body.awaitsContinue) {
        // The answer is final without the body, so the client is not asked
        // for it; whether it sends it all the same cannot be known.
        connection.keepAlive = false;
      } else if (!await body.discard()) {
        response.dispose();
        return false;
      }
    } catch (error) {
      response?.dispose();
      // The fault of the body takes the place of what was to be answered.
      exchange.error = exchange.errorAnswer = undefined;
      response = await fail(exchange, error);
    }
    return await this.#respond(exchange, response);
  }

  /** Sends a response. Only one that can be queued or fails is synchronous. */
  #respond(exchange: Exchange, response: HttpResponse): GoesOn {
    const { connection } = this;
    const { client } = exchange.location;
    connection.timeouts = client.timeouts;
    exchange.status = response.status;
    if (response.status === CLOSE_SILENTLY) {
      this.#finish(exchange);
      connection.end("done");
      return false;
    }
    const { error } = exchange;
    // A page or redirect in the place of an error ends what the error ends.
    const ends = response.close ||
      (error !== undefined && endsConnection(error));
    connection.keepAlive = connection.keepAlive && !ends &&
      connection.requestsServed < client.maxRequests && !this.#retiring;
    const { request } = exchange;
    const isHead = request.method === "HEAD";
    const context = {
      minorVersion: request.minorVersion,
      isHead,
      persistent: connection.keepAlive,
      date: this.#host.date(),
      server: exchange.location.serverToken,
      keepAlive: client.keepAliveHeader,
    };
    if (
      response.shared && !isHead && connection.keepAlive &&
      request.minorVersion === 1
    ) {
      const form = sharedForm(response, context);
      exchange.bodyBytesSent = form.bytes.length - form.headLength;
      if (this.#gathers(form.bytes)) return this.#finish(exchange);
      form.inFlight++;
      return this.#write(exchange, form.bytes).finally(() => form.inFlight--);
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
      const { trailer } = response;
      const head = encodeHead(text);
      return this.#sendSource(exchange, head, body, framing, trailer);
    }
    exchange.bodyBytesSent = body.length;
    if (body.length <= MAX_JOINED_BYTES) {
      return this.#sendJoined(exchange, text, body);
    }
    connection.sendAtOnce();
    return this.#sendParts(exchange, encodeHead(text), body);
  }

  /** Queues an answer if there are more requests to answer at once. */
  #gathers(bytes: Uint8Array): boolean {
    const { connection } = this;
    return connection.keepAlive && connection.input.length > 0 &&
      connection.queue(bytes);
  }

  /** Sends a head and a small body, or none, in one piece. */
  #sendJoined(exchange: Exchange, head: string, body: Uint8Array): GoesOn {
    const { connection } = this;
    const gathers = connection.keepAlive && connection.input.length > 0;
    const needed = maxHeadBytes(head) + body.length;
    if (gathers || needed > SCRATCH.bytes) {
      const bytes = joinHead(head, body);
      return this.#gathers(bytes)
        ? this.#finish(exchange)
        : this.#write(exchange, bytes);
    }
    const scratch = SCRATCH.acquire();
    const length = joinHeadInto(scratch, head, body);
    return this.#write(exchange, scratch.subarray(0, length))
      .finally(() => SCRATCH.release(scratch));
  }

  /** Sends a head and a body that is too large to be copied behind it. */
  async #sendParts(
    exchange: Exchange,
    head: Uint8Array,
    body: Uint8Array,
  ): Promise<boolean> {
    if (await this.connection.write(head)) return this.#write(exchange, body);
    exchange.bodyBytesSent = 0;
    this.#finish(exchange);
    return false;
  }

  async #write(exchange: Exchange, bytes: Uint8Array): Promise<boolean> {
    const before = this.connection.bytesOut;
    const written = await this.connection.write(bytes);
    if (!written) this.#countPartial(exchange, bytes.length, before);
    return this.#finish(exchange) && written ? true : this.#close(written);
  }

  /** How much of the body a client that went away has taken. */
  #countPartial(exchange: Exchange, length: number, before: number): void {
    const head = length - exchange.bodyBytesSent;
    const sent = this.connection.bytesOut - before - Math.max(0, head);
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
    const { connection } = this;
    let before = Infinity;
    let written = false;
    connection.sendAtOnce();
    try {
      written = await connection.write(head);
      // Answers that were queued have gone out with the head.
      before = connection.bytesOut;
      written = written && await this.#sendPieces(source, framing) &&
        (framing !== "chunked" || await connection.write(lastChunk(trailer)));
    } catch (error) {
      // The client was promised more: only a close tells it that this is not
      // all of it.
      log.error("the body of a response could not be continued", {
        ...contextOf(exchange),
        error,
      });
      connection.end("error");
    } finally {
      source.close();
    }
    exchange.bodyBytesSent = Math.max(0, connection.bytesOut - before);
    return this.#finish(exchange) && written ? true : this.#close(written);
  }

  async #sendPieces(
    source: BodySource,
    framing: ResponseFraming,
  ): Promise<boolean> {
    const { connection } = this;
    let left = source.length ?? Infinity;
    for (;;) {
      const pulled = source.pull();
      const piece = pulled instanceof Promise ? await pulled : pulled;
      if (piece === undefined) break;
      left -= piece.length;
      if (left < 0) throw new Error("the body is longer than announced");
      if (piece.length === 0) continue;
      const bytes = framing === "chunked" ? chunk(piece) : piece;
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
    for (const hook of exchange.location.logs) hook(exchange);
    return this.connection.keepAlive;
  }

  /** Ends a connection whose last response has been sent. */
  async #close(written: boolean): Promise<false> {
    const { connection } = this;
    if (!written || connection.ended) return false;
    // What the client has sent and nobody has read would make the kernel
    // reset the connection, and the client lose the answer.
    if (this.#mayHaveMore()) await connection.linger();
    else connection.end("done");
    return false;
  }

  #mayHaveMore(): boolean {
    const exchange = this.#current;
    const lingering = exchange?.location.client.lingering ?? "on";
    if (lingering !== "on") return lingering === "always";
    return this.connection.input.length > 0 || exchange === undefined ||
      exchange.error !== undefined && endsConnection(exchange.error) ||
      exchange.request.has(Field.Expect);
  }

  /** Answers what could not be parsed, and ends the connection. */
  async #refuse(thrown: unknown): Promise<void> {
    const { connection } = this;
    const error = toHttpError(thrown);
    const [start, end] = connection.partialLine();
    const head = brokenHead(connection.input.bytes, start, end);
    const exchange = refusedExchange(head, connection, this.#group);
    this.#current = exchange;
    connection.beginErrorAnswer();
    connection.keepAlive = false;
    const response = await fail(
      exchange,
      error.close ? error : new HttpError(error.status, error.message, {
        close: true,
        cause: error.cause,
      }),
    );
    await this.#respond(exchange, response);
  }

  /** The answer to a request that did not come in time: 408, and its log. */
  #timedOut(): Uint8Array {
    const { connection } = this;
    let exchange = this.#current;
    if (exchange === undefined) {
      const [start, end] = connection.partialLine();
      exchange = refusedExchange(
        brokenHead(connection.input.bytes, start, end),
        connection,
        this.#group,
      );
    }
    const error = new HttpError(408, "client timed out", { close: true });
    const response = errorResponse(exchange, error);
    exchange.status = response.status;
    const text = headText(response, "length", {
      minorVersion: exchange.request.minorVersion,
      isHead: false,
      persistent: false,
      date: this.#host.date(),
      server: exchange.location.serverToken,
      keepAlive: "",
    });
    const body = response.body as Uint8Array;
    exchange.bodyBytesSent = body.length;
    if (!this.#loggedTimeout) {
      this.#loggedTimeout = true;
      for (const hook of exchange.location.logs) hook(exchange);
    }
    return joinHead(text, body);
  }
}

/** RFC 9110 §10.1.1: whether the client waits for `100 Continue`. */
function expectation(request: RequestHead): boolean {
  const value = request.value(Field.Expect);
  if (value === undefined || request.minorVersion === 0) return false;
  if (!hasToken(value, "100-continue") || value.includes(",")) {
    throw new HttpError(417, `unknown expectation "${value}"`, { close: true });
  }
  return true;
}

const ENCODER = new TextEncoder();

/** A piece of a body as a chunk (RFC 9112 §7.1). */
function chunk(piece: Uint8Array): Uint8Array {
  const size = ENCODER.encode(`${piece.length.toString(16)}\r\n`);
  const bytes = new Uint8Array(size.length + piece.length + 2);
  bytes.set(size);
  bytes.set(piece, size.length);
  bytes.set([0x0d, 0x0a], size.length + piece.length);
  return bytes;
}
