/**
 * One request of HTTP/2 from its fields to the last piece of its answer. Its
 * connection decides when a piece goes out; what is sent, and how it ends, is
 * decided here.
 */

import { sourceOf } from "../../../http/byte_source.ts";
import { HttpError } from "../../../http/errors.ts";
import type { Http2Engine } from "../../../http/http2/engine.ts";
import { ErrorCode } from "../../../http/http2/frames.ts";
import {
  DEFAULT_PRIORITY,
  parsePriority,
} from "../../../http/http2/priority.ts";
import {
  type FieldList,
  malformedHead,
  requestOf,
} from "../../../http/http2/request_fields.ts";
import { sentFields } from "../../../http/http2/response_fields.ts";
import type { Http2Stream, StreamUser } from "../../../http/http2/stream.ts";
import type { BudgetShare } from "../../../bytes/budget_share.ts";
import type { HeadLimits } from "../../../http/limits.ts";
import type { RequestHead } from "../../../http/request_head.ts";
import { HttpResponse } from "../../../http/response.ts";
import { isBodyless } from "../../../http/semantics/status.ts";
import type { Exchange } from "../../../core/exchange.ts";
import { contextOf } from "../../../core/request_log.ts";
import { log } from "../../../logging/logger.ts";
import type { Connection } from "../../../net/connection.ts";
import type { DeadlineSweep, Timed } from "../../../net/deadlines.ts";
import type { HostGroup } from "../../setup/host_group.ts";
import { type Answer, CLOSE_SILENTLY, dispatch, fail } from "../../dispatch.ts";
import type { ServerStatistics } from "../../statistics.ts";
import { logBroken } from "../body_sender.ts";
import {
  beginExchange,
  CLIENT_CLOSED_REQUEST,
  endExchange,
  refusedExchange,
  type RequestOrigin,
} from "../request.ts";
import { expectationOf } from "../request_body.ts";
import { Http2Answer } from "./answer.ts";
import { Http2Body, type Http2BodyOrigin } from "./body.ts";
import type { ConnectionHeads } from "./head_memory.ts";
import type { Sendable, SendOrder } from "./order.ts";

/** How long the rest of a request that is not waited for may come when it has
 * had its answer, in ms. */
const REST_MS = 1000;

/** The first status at which clients do not go on with their request. */
const FIRST_REFUSAL = 300;

const NOTHING = new Uint8Array(0);

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
  /** Those whose answers are sent piece by piece. */
  readonly order: SendOrder<ServedStream>;
  /** What of the connection's bodies waits to be read. */
  readonly unread: BudgetShare;
  /** What the heads of its requests hold. */
  readonly heads: ConnectionHeads;
  /** There is something to be sent. */
  wake(): void;
  /** The request is over, and so is all work on it. */
  over(): void;
}

/** A request, and its answer. */
export class ServedStream
  implements RequestOrigin, StreamUser, Http2BodyOrigin, Sendable, Timed {
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
  /** See {@linkcode Sendable.queue}. */
  queue: Sendable[] | undefined = undefined;
  /** See {@linkcode Sendable.turn}. */
  turn = 0;
  readonly #host: StreamHost;
  #exchange: Exchange | undefined;
  #body: Http2Body | undefined;
  #answer: Http2Answer | undefined;
  #working = true;
  #isOver = false;
  /** Gives back the memory of its head. */
  #letGo: (() => void) | undefined;
  #isUnread = false;
  /** How long the next piece of a body that nobody wants may take, in ms. */
  #restMs = REST_MS;
  /** Until when such pieces are taken, in ms of `performance.now()`. */
  #restUntil = Infinity;
  /**
   * Whether only the fields of the answer go out before its request is whole:
   * there are clients that never go on when they have all of an answer (curl
   * 7.88). One that is refused, or sent elsewhere, sends no more.
   */
  #isHeld = false;

  /** A request that has come on `stream`. */
  constructor(stream: Http2Stream, host: StreamHost) {
    this.stream = stream;
    stream.user = this;
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

  /** How much of its answer's body has been sent, in bytes. */
  get sentBytes(): number {
    return this.#exchange?.bodyBytesSent ?? 0;
  }

  /** Fields that are HTTP/1.1's own are not sent. */
  sentField(): undefined {}

  /** Answers the request that the fields are; `ended` if it has no body. */
  serve(list: FieldList, ended: boolean, limits: HeadLimits): void {
    const { stream } = this;
    const request = requestOf(list, limits);
    if (typeof request === "string") return this.#malformed(list, request);
    const { head, refusal, contentLength, priority } = request;
    this.#letGo = this.#host.heads.hold(head);
    if (this.#letGo === undefined) return this.#postpone(list);
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
    this.#refuse(list, 400, ErrorCode.ProtocolError, why);
  }

  /** What there is no memory for may be asked for again (RFC 9113 §8.7). */
  #postpone(list: FieldList): void {
    const why = "more heads of requests than there is memory for (64m)";
    this.#refuse(list, 503, ErrorCode.RefusedStream, why);
  }

  #refuse(
    list: FieldList,
    status: number,
    code: ErrorCode,
    why: string,
  ): void {
    const exchange = this.#exchange = refusedExchange(
      malformedHead(list),
      this,
    );
    exchange.status = status;
    this.#working = false;
    this.#host.engine.refuse(this.stream, code, why);
  }

  #answerTo(
    head: RequestHead,
    refusal: HttpError | undefined,
    ended: boolean,
  ): Answer {
    try {
      if (refusal !== undefined) throw refusal;
      const exchange = this.#exchange = beginExchange(head, this);
      if (ended) return dispatch(exchange);
      const { contentLength = 0 } = this.stream;
      exchange.body = this.#body = new Http2Body(
        contentLength,
        expectationOf(head),
        this,
        this.#host.unread,
      );
      return dispatch(exchange);
    } catch (error) {
      this.#exchange ??= refusedExchange(head, this);
      return fail(this.#exchange, error);
    }
  }

  #settle(answer: Answer): void {
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

  /**
   * Sends what there is to be said. What is left of the request's body is of
   * no use any more, and dropped as it comes: there are clients that look at
   * no answer before they have sent all, so they may go on for as long as over
   * HTTP/1.1. One that is refused for its body may not.
   */
  #respond(response: HttpResponse): void {
    this.#working = false;
    const { engine } = this.#host;
    const { stream } = this;
    this.#answerBody(response);
    const exchange = this.#exchange;
    if (exchange === undefined || !stream.sends) {
      response.dispose();
      if (exchange !== undefined && exchange.status === 0) {
        exchange.status = CLIENT_CLOSED_REQUEST;
      }
      return this.end(false);
    }
    exchange.status = response.status;
    exchange.response = response;
    exchange.persistent = true;
    if (response === CLOSE_SILENTLY) {
      engine.silence(stream);
      this.end(false);
    } else {
      try {
        this.#begin(exchange, response);
      } catch (error) {
        return this.#broken(error);
      }
    }
    this.#host.wake();
  }

  #answerBody(response: HttpResponse): void {
    const body = this.#body;
    if (body === undefined) return;
    const { engine } = this.#host;
    const { stream } = this;
    if (this.#exchange?.endsConnection !== false) {
      body.release();
      return engine.dropped(stream, stream.unread);
    }
    const { lingeringMs, lingeringTimeMs } = this.#timeouts;
    if (!body.isUnasked) this.#restMs = lingeringMs || lingeringTimeMs;
    this.#restUntil = this.#host.clock.time() + lingeringTimeMs;
    body.answered();
    stream.mayStop = response.status >= FIRST_REFUSAL;
    this.#isHeld = stream.receives && !stream.mayStop && !body.isUnasked;
    engine.consumed(stream, stream.unread);
    engine.invite(stream);
  }

  #begin(exchange: Exchange, response: HttpResponse): void {
    const { clock, engine, order } = this.#host;
    const { stream } = this;
    const { body } = response;
    const isEmpty = body === undefined || exchange.request.method === "HEAD" ||
      isBodyless(response.status) || response.length === 0;
    // Only now, so that nothing has been said when it cannot be opened.
    if (!isEmpty) {
      const source = body instanceof Uint8Array ? body : sourceOf(body);
      this.#answer = new Http2Answer(source, response);
    } else if (this.#isHeld) {
      this.#answer = new Http2Answer(NOTHING, new HttpResponse(200));
    }
    const { bytes, fields, priority } = sentFields(response, {
      date: clock.date,
      server: exchange.location.serverToken,
    });
    const ends = this.#answer === undefined;
    exchange.headBytesSent = engine.sendFields(stream, bytes, fields, ends);
    if (isEmpty) response.dispose();
    if (ends) return this.end(true);
    if (priority !== undefined) {
      // What the site says of it is more than the client knows (RFC 9218 §8).
      stream.priority = parsePriority(priority, stream.priority);
    }
    if (this.#isHeld) this.#expectRest();
    else order.put(this);
  }

  #release(): void {
    this.#isHeld = false;
    this.#host.order.put(this);
  }

  /**
   * It is its turn to send a piece of at most `space` bytes. Its source may be
   * asked for `ahead` bytes, if so many may be sent later.
   */
  takeTurn(space: number, ahead: number): void {
    const { engine, order } = this.#host;
    const answer = this.#answer!;
    const { http2ChunkBytes } = this.#exchange!.location;
    const room = Math.min(
      engine.roomOf(this.stream),
      http2ChunkBytes,
      space,
    );
    const window = engine.windowOf(this.stream);
    const before = engine.sendWindow;
    try {
      const turn = answer.send(engine, this.stream, {
        room,
        most: http2ChunkBytes,
        ahead: Math.min(window, ahead),
      });
      this.#exchange!.bodyBytesSent += before - engine.sendWindow;
      if (turn === "blocked") {
        order.delete(this);
        return this.#blocked();
      }
      this.deadlineAt = Infinity;
      if (turn === "ended") this.end(true);
      else if (turn === "waits") this.#await(answer);
    } catch (error) {
      this.#broken(error);
    }
  }

  /** The source has to bring more. */
  #await(answer: Http2Answer): void {
    this.#host.order.delete(this);
    answer.pending!.then((piece) => {
      if (this.#answer === answer) this.#arrived(answer, piece);
    }).catch((error) => {
      if (this.#answer === answer) this.#broken(error);
    });
  }

  #arrived(answer: Http2Answer, piece: Uint8Array | undefined): void {
    const { engine, order, wake } = this.#host;
    if (answer.take(piece)) order.put(this);
    else {
      answer.finish(engine, this.stream);
      this.end(true);
    }
    wake();
  }

  /** The client has to allow more before anything is sent. */
  #blocked(): void {
    if (this.deadlineAt === Infinity) this.#expect(this.#timeouts.sendMs);
  }

  /** More may be sent, or something else is more urgent. */
  changed(): void {
    const answer = this.#answer;
    if (
      answer !== undefined && answer.pending === undefined && !this.#isHeld &&
      this.stream.sendWindow > 0
    ) this.#host.order.put(this);
  }

  get #timeouts() {
    const location = this.#exchange?.location ?? this.group.fallback.root;
    return location.client.timeouts;
  }

  /** A piece of the request's body has come. */
  data(piece: Uint8Array): void {
    const { stream } = this;
    const { clock, engine } = this.#host;
    const became = this.#body?.push(piece) ?? "refused";
    if (became === "waits") return;
    if (became === "refused" || clock.time() >= this.#restUntil) {
      return engine.dropped(stream, piece.length);
    }
    engine.consumed(stream, piece.length);
    if (this.#exchange === undefined || this.#isHeld) this.#expectRest();
  }

  /** All of it has come. */
  bodyEnded(): void {
    this.#body?.close("whole");
    if (this.#exchange === undefined) this.#host.deadlines.delete(this);
    else if (this.#isHeld) this.#release();
  }

  /** See {@linkcode Http2BodyOrigin}. */
  consumed(bytes: number): void {
    this.#host.engine.consumed(this.stream, bytes);
    this.#host.wake();
  }

  /** See {@linkcode Http2BodyOrigin}. */
  invite(): void {
    const { stream } = this;
    if (!stream.sends) return;
    const { engine, wake } = this.#host;
    engine.sendFields(stream, undefined, [[":status", "100"]], false);
    wake();
  }

  /** See {@linkcode Http2BodyOrigin}. */
  waits(waiting: boolean): void {
    this.#expect(waiting ? this.#timeouts.bodyMs : 0);
    if (!waiting) return;
    const { engine, wake } = this.#host;
    engine.invite(this.stream);
    wake();
  }

  /**
   * The response was sent before all of its request has come, which is not
   * needed any more: the stream is reset with `NO_ERROR` (RFC 9113 §8.1), but
   * not at once. There are clients that do not look at a response when they
   * see both together.
   */
  unread(): void {
    this.#isUnread = true;
  }

  #expectRest(): void {
    const left = this.#restUntil - this.#host.clock.time();
    this.#expect(Math.max(1, Math.min(this.#restMs, left)));
  }

  #expect(ms: number): void {
    const { clock, deadlines } = this.#host;
    this.deadlineAt = ms > 0 ? clock.time() + ms : Infinity;
    if (ms > 0 && this.index === -1) deadlines.add(this);
  }

  /** The client is late. */
  expire(): void {
    this.deadlineAt = Infinity;
    const { deadlines, engine, wake } = this.#host;
    if (this.#exchange === undefined) {
      // The rest of a request that has had its answer is not waited for.
      deadlines.delete(this);
      engine.reset(this.stream, ErrorCode.NoError);
    } else if (this.#answer === undefined) {
      this.#body?.close("lost", new HttpError(408, "client timed out"));
    } else if (this.#isHeld) {
      this.#release();
    } else {
      engine.reset(this.stream, ErrorCode.Cancel);
      this.abandon();
    }
    wake();
  }

  /** Nobody waits for the answer any more, and the log says why. */
  abandoned(why: string): void {
    const exchange = this.#exchange;
    if (exchange !== undefined) {
      this.#host.statistics.http2.abandoned++;
      log.info(`${why} while processing HTTP/2 stream`, contextOf(exchange));
    }
    this.abandon();
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
    const { clock, connection, deadlines, order, statistics } = this.#host;
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.deadlineAt = Infinity;
    deadlines.delete(this);
    order.delete(this);
    this.#answer?.close();
    this.#answer = undefined;
    this.#body?.release();
    if (exchange !== undefined) {
      // The next write has it; logs tell the time from this one on.
      connection.lastActivityAt = clock.time();
      endExchange(exchange, statistics, whole);
    }
    if (whole && this.#isUnread) this.#expectRest();
    this.#over();
  }

  /** Work that has not come to an end counts until it has. */
  #over(): void {
    if (this.#working || this.#isOver) return;
    this.#isOver = true;
    this.#letGo?.();
    this.#host.over();
  }
}
