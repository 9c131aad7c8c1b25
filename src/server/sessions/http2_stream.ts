/**
 * One request of HTTP/2 from its fields to the last piece of its answer. Its
 * connection decides when a piece goes out; what is sent, and how it ends, is
 * decided here.
 */

import { sourceOf } from "../../http/byte_source.ts";
import { HttpError } from "../../http/errors.ts";
import type { Http2Engine } from "../../http/http2/engine.ts";
import { ErrorCode } from "../../http/http2/frames.ts";
import { DEFAULT_PRIORITY } from "../../http/http2/priority.ts";
import {
  type FieldList,
  malformedHead,
  requestOf,
} from "../../http/http2/request_fields.ts";
import {
  fieldBlockOf,
  responseFields,
  trailerFields,
} from "../../http/http2/response_fields.ts";
import type { Http2Stream } from "../../http/http2/stream.ts";
import type { HeadLimits } from "../../http/limits.ts";
import { Representation } from "../../http/representation.ts";
import type { RequestHead } from "../../http/request_head.ts";
import type { BodySource, HttpResponse } from "../../http/response.ts";
import { isBodyless } from "../../http/semantics/status.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { Connection } from "../../net/connection.ts";
import type { DeadlineSweep, Timed } from "../../net/deadlines.ts";
import type { HostGroup } from "../setup/host_group.ts";
import { type Answer, CLOSE_SILENTLY, dispatch, fail } from "../dispatch.ts";
import type { ServerStatistics } from "../statistics.ts";
import { logBroken } from "./body_sender.ts";
import { afterBody } from "./body_service.ts";
import { Http2Body } from "./http2_body.ts";
import {
  beginExchange,
  refusedExchange,
  type RequestOrigin,
} from "./request.ts";
import { expectationOf } from "./request_body.ts";

/** The status of a request whose client has left before its answer (nginx). */
const CLIENT_CLOSED_REQUEST = 499;

/** How much of a body is asked for at a time, in bytes. */
const MAX_PULLED_BYTES = 64 * 1024;

/** What a stream has of its connection. */
export interface StreamHost {
  readonly connection: Connection;
  readonly engine: Http2Engine;
  readonly group: HostGroup;
  readonly requests: number;
  readonly statistics: ServerStatistics;
  /** The clock, and where streams have their deadlines. */
  readonly clock: { readonly date: string; time(): number };
  readonly deadlines: DeadlineSweep<Timed>;
  /** Most bytes of one piece. */
  readonly chunkBytes: number;
  /** There is something to be sent. */
  wake(): void;
  /** Its answer is sent piece by piece. */
  sends(stream: ServedStream): void;
  /** The request is over, and so is all work on it. */
  over(stream: ServedStream): void;
}

/** What a stream is about to send next. */
export type Readiness =
  /** A piece, or the end, can be sent. */
  | "ready"
  /** The client has to allow more. */
  | "blocked"
  /** The source has to bring more, or there is nothing to send. */
  | "waiting";

/** A request, and its answer. */
export class ServedStream implements RequestOrigin, Timed {
  /** Its number, windows and state. */
  readonly stream: Http2Stream;
  /** The connection it came on. */
  readonly connection: Connection;
  /** The servers it may be for. */
  readonly group: HostGroup;
  /** How many requests the connection has brought, this one included. */
  readonly requests: number;
  /** When it came, in ms of `performance.now()`. */
  readonly beganAt: number;
  /** Streams do not wait for each other. */
  readonly pipelined = false;
  /** When it is late, in ms of `performance.now()`. */
  deadlineAt = Infinity;
  /** Its place among those that have deadlines. */
  index = -1;
  readonly #host: StreamHost;
  #exchange: Exchange | undefined;
  #body: Http2Body | undefined;
  #working = true;
  #source: BodySource | undefined;
  #piece: Uint8Array | undefined;
  #pulling = false;
  /** How much of the body is still to come, `Infinity` if nobody knows. */
  #left = 0;
  #trailer: HttpResponse["trailer"];

  /** A request that has come on `stream`. */
  constructor(stream: Http2Stream, host: StreamHost) {
    this.stream = stream;
    this.#host = host;
    this.connection = host.connection;
    this.group = host.group;
    this.requests = host.requests;
    this.beganAt = host.connection.lastActivityAt;
  }

  /** The request, as long as it is not over. */
  get exchange(): Exchange | undefined {
    return this.#exchange;
  }

  /** Fields that are HTTP/1.1's own are not sent. */
  sentField(): undefined {}

  /** Answers the request that the fields are; `ended` if it has no body. */
  serve(list: FieldList, ended: boolean, limits: HeadLimits): void {
    const { stream } = this;
    const request = requestOf(list, limits);
    if (typeof request === "string") return this.#malformed(list, request);
    const { head, refusal, contentLength, priority } = request;
    if (ended && contentLength !== undefined && contentLength > 0) {
      return this.#malformed(list, "body that is not there");
    }
    // What a frame has said of it before it came is newer than its field.
    if (stream.priority === DEFAULT_PRIORITY) {
      stream.priority = priority ?? DEFAULT_PRIORITY;
    }
    stream.contentLength = contentLength;
    this.#settle(this.#answerTo(head, refusal, ended));
  }

  /** What is no request is logged, and has no answer (RFC 9113 §8.1.1). */
  #malformed(list: FieldList, why: string): void {
    const exchange = this.#exchange = refusedExchange(
      malformedHead(list),
      this,
    );
    exchange.status = 400;
    this.#working = false;
    this.#host.engine.refuse(this.stream, ErrorCode.ProtocolError, why);
  }

  #answerTo(
    head: RequestHead,
    refusal: HttpError | undefined,
    ended: boolean,
  ): Answer | Promise<HttpResponse | undefined> {
    try {
      if (refusal !== undefined) throw refusal;
      const exchange = this.#exchange = beginExchange(head, this);
      if (ended) return dispatch(exchange);
      const body = exchange.body = this.#body = this.#newBody(head);
      const answer = dispatch(exchange);
      return Promise.resolve(answer).then((response) =>
        afterBody(exchange, body, response)
      );
    } catch (error) {
      this.#exchange ??= refusedExchange(head, this);
      return fail(this.#exchange, error);
    }
  }

  #newBody(head: RequestHead): Http2Body {
    const { engine, wake } = this.#host;
    const { stream } = this;
    const { contentLength = 0 } = stream;
    return new Http2Body(contentLength, expectationOf(head), {
      discardUntil: () => performance.now() + this.#timeouts.lingeringTimeMs,
      consumed: (bytes) => {
        engine.consumed(stream, bytes);
        wake();
      },
      invite: () => {
        if (!stream.sends) return;
        engine.sendFields(stream, undefined, [[":status", "100"]], false);
        wake();
      },
      waits: (waiting) => {
        this.#expect(waiting ? this.#timeouts.bodyMs : 0);
        if (!waiting) return;
        engine.invite(stream);
        wake();
      },
    });
  }

  get #timeouts() {
    const location = this.#exchange?.location ?? this.group.fallback.root;
    return location.client.timeouts;
  }

  #settle(answer: Answer | Promise<HttpResponse | undefined>): void {
    if (!(answer instanceof Promise)) return this.#respond(answer);
    answer.then(
      (response) => this.#respond(response),
      (error) => this.#broken(error),
    ).catch((error) => this.#broken(error));
  }

  /** Something in this program failed. */
  #broken(error: unknown): void {
    this.#working = false;
    const exchange = this.#exchange;
    if (exchange === undefined) return this.#over();
    logBroken(exchange, error);
    if (exchange.status === 0) exchange.status = 500;
    this.#host.engine.reset(this.stream, ErrorCode.InternalError);
    this.end(false);
    this.#host.wake();
  }

  /** Sends what there is to be said; `undefined` when the client has gone. */
  #respond(response: HttpResponse | undefined): void {
    this.#working = false;
    const { engine, clock, wake } = this.#host;
    const { stream } = this;
    const exchange = this.#exchange;
    if (exchange === undefined || response === undefined || !stream.sends) {
      response?.dispose();
      if (exchange !== undefined && exchange.status === 0) {
        exchange.status = CLIENT_CLOSED_REQUEST;
      }
      return this.end(false);
    }
    exchange.status = response.status;
    exchange.response = response;
    exchange.persistent = true;
    if (response === CLOSE_SILENTLY) {
      engine.reset(stream, ErrorCode.InternalError);
      this.end(false);
      return wake();
    }
    try {
      this.#begin(exchange, response, clock.date);
    } catch (error) {
      return this.#broken(error);
    }
    wake();
  }

  #begin(exchange: Exchange, response: HttpResponse, date: string): void {
    const { engine } = this.#host;
    const { stream } = this;
    const { body } = response;
    const context = { date, server: exchange.location.serverToken };
    const isEmpty = body === undefined || exchange.request.method === "HEAD" ||
      isBodyless(response.status) || response.length === 0;
    const isKnown = response instanceof Representation;
    // Only now, so that nothing has been said when it cannot be opened.
    const source = isEmpty || body instanceof Uint8Array
      ? undefined
      : sourceOf(body);
    exchange.headBytesSent = engine.sendFields(
      stream,
      isKnown ? fieldBlockOf(response, context) : undefined,
      isKnown ? [] : responseFields(response, context),
      isEmpty,
    );
    if (isEmpty) {
      response.dispose();
      return this.end(true);
    }
    this.#left = response.length ?? Infinity;
    this.#trailer = response.trailer;
    if (body instanceof Uint8Array) this.#piece = body;
    else this.#source = source;
    this.#host.sends(this);
  }

  /** Whether something can be sent. */
  get readiness(): Readiness {
    if (this.#pulling || !this.stream.sends) return "waiting";
    if (this.#source === undefined && this.#piece === undefined) return "ready";
    return this.#host.engine.roomOf(this.stream) > 0 ? "ready" : "blocked";
  }

  /**
   * Sends the next piece, if there is one by now.
   *
   * @returns how many bytes of it
   */
  send(): number {
    const { engine, chunkBytes } = this.#host;
    const room = Math.min(engine.roomOf(this.stream), chunkBytes);
    try {
      if (this.#piece === undefined && !this.#pull()) return 0;
      const piece = this.#piece;
      if (piece === undefined) {
        this.#finish();
        return 0;
      }
      if (piece.length === 0) {
        this.#piece = undefined;
        return 0;
      }
      const count = Math.min(room, piece.length);
      this.#left -= count;
      const isLast = this.#left === 0 && count === piece.length &&
        this.#trailer === undefined;
      engine.sendData(this.stream, piece.subarray(0, count), isLast);
      this.#exchange!.bodyBytesSent += count;
      this.#piece = count < piece.length ? piece.subarray(count) : undefined;
      if (this.deadlineAt < Infinity) this.#expect(0);
      if (isLast) this.end(true);
      return count;
    } catch (error) {
      this.#broken(error);
      return 0;
    }
  }

  /** Asks the source for more; whether it has answered at once. */
  #pull(): boolean {
    const window = this.#host.engine.windowOf(this.stream);
    const limit = Math.max(1, Math.min(window, MAX_PULLED_BYTES));
    const pulled = this.#source?.pull(limit);
    if (!(pulled instanceof Promise)) {
      this.#take(pulled);
      return true;
    }
    this.#pulling = true;
    pulled.then((piece) => {
      this.#pulling = false;
      if (this.#source === undefined) return;
      this.#take(piece);
      this.#host.wake();
    }).catch((error) => {
      this.#pulling = false;
      if (this.#source !== undefined) this.#broken(error);
    });
    return false;
  }

  #take(piece: Uint8Array | undefined): void {
    if (piece === undefined) {
      if (this.#left > 0 && this.#left < Infinity) {
        throw new Error("the body is shorter than announced");
      }
      this.#left = 0;
      this.#piece = undefined;
      this.#source?.close();
      this.#source = undefined;
      return;
    }
    if (piece.length > this.#left) {
      throw new Error("the body is longer than announced");
    }
    this.#piece = piece;
  }

  /** Says that the body is over. */
  #finish(): void {
    const { engine } = this.#host;
    const trailers = [...trailerFields(this.#trailer?.() ?? "")];
    if (trailers.length === 0) {
      engine.sendData(this.stream, new Uint8Array(0), true);
    } else engine.sendFields(this.stream, undefined, trailers, true);
    this.end(true);
  }

  /** Says that the client has to allow more before anything is sent. */
  blocked(): void {
    if (this.deadlineAt === Infinity) this.#expect(this.#timeouts.sendMs);
  }

  /** A piece of the request's body has come. */
  data(piece: Uint8Array): void {
    this.#body?.push(piece);
  }

  /** All of it has come. */
  bodyEnded(): void {
    this.#body?.close("whole");
  }

  #expect(ms: number): void {
    const { clock, deadlines } = this.#host;
    this.deadlineAt = ms > 0 ? clock.time() + ms : Infinity;
    if (ms > 0 && this.index === -1) deadlines.add(this);
  }

  /** The client is late, with its body or with allowing more of the answer. */
  expire(): void {
    this.deadlineAt = Infinity;
    const { engine, wake } = this.#host;
    if (this.#source === undefined && this.#piece === undefined) {
      this.#body?.close("lost", new HttpError(408, "client timed out"));
      return;
    }
    engine.reset(this.stream, ErrorCode.Cancel);
    this.abandon();
    wake();
  }

  /** Nobody waits for the answer any more. */
  abandon(): void {
    const exchange = this.#exchange;
    exchange?.abort();
    this.#body?.close("lost");
    if (exchange !== undefined && exchange.status === 0) {
      exchange.status = CLIENT_CLOSED_REQUEST;
    }
    this.end(false);
  }

  /** Says that the request is over: counters, logs, whoever else asked. */
  end(whole: boolean): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.deadlineAt = Infinity;
    this.#host.deadlines.delete(this);
    this.#source?.close();
    this.#source = this.#piece = undefined;
    if (exchange !== undefined) {
      exchange.completed = whole;
      const { error, location, status, beganAt } = exchange;
      const { statistics, clock, connection } = this.#host;
      // The next write has it; logs tell the time from this one on.
      connection.lastActivityAt = clock.time();
      statistics.requestEnded(status, connection.lastActivityAt - beganAt);
      if (error !== undefined) statistics.requestFailed(error.status);
      try {
        for (const hook of location.logs) hook(exchange);
      } finally {
        exchange.end();
      }
    }
    this.#over();
  }

  /** Work that has not come to an end counts until it has. */
  #over(): void {
    if (!this.#working) this.#host.over(this);
  }
}
