/**
 * HTTP/1.1 on one connection: a request, its answer, the next request. This
 * loop is the only place that waits for the transport while a request is
 * awaited and the only one that writes an answer; what is read and what is
 * written is worked out without waiting.
 */

import { AnswerQueue } from "../../http/http1/answer_queue.ts";
import { BODY_FIELDS, requestFraming } from "../../http/http1/framing.ts";
import { clientPersists } from "../../http/http1/keep_alive.ts";
import { Outgoing } from "../../http/http1/outgoing.ts";
import type { HeadProgress } from "../../http/http1/request_parser.ts";
import { RequestReader } from "../../http/http1/request_reader.ts";
import { responseFraming } from "../../http/http1/response_encoder.ts";
import { HttpError } from "../../http/errors.ts";
import { Field } from "../../http/fields.ts";
import type { HeadLimits } from "../../http/limits.ts";
import type { RequestHead } from "../../http/request_head.ts";
import type { HttpResponse } from "../../http/response.ts";
import type { DiagnosticContext } from "../../logging/diagnostic_line.ts";
import { contextOf } from "../../core/request_log.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { Connection } from "../../net/connection.ts";
import type { DeadlineKind, EndReason } from "../../net/connection_state.ts";
import type { ReadWaiter } from "../../net/transport.ts";
import { RUNTIME_USE } from "../../scheduling/runtime_use.ts";
import { nextTask } from "../../scheduling/pause.ts";
import { logBroken, sendBody } from "./body_sender.ts";
import { endAfter, endsAsAsked } from "./closing.ts";
import { type Answer, CLOSE_SILENTLY, dispatch, fail } from "../dispatch.ts";
import { closingError, errorResponse } from "../error_response.ts";
import { dropRest, serveWithBody } from "./body_service.ts";
import {
  beginExchange,
  brokenHead,
  CLIENT_CLOSED_REQUEST,
  endExchange,
  plainHttp,
  refusedExchange,
  type RequestOrigin,
} from "./request.ts";
import { sentField } from "./sent_field.ts";
import type { Protocol, ProtocolSession } from "./protocol.ts";
import type { HostGroup } from "../setup/host_group.ts";

/** After so many pipelined requests others may come first. */
const PORTION_REQUESTS = 16;

/** What becomes of a request; `undefined` when its client went away. */
type Result = Answer | Promise<HttpResponse | undefined>;

/** The exchanges of one connection, one after the other. */
export class Http1Protocol implements Protocol, RequestOrigin, ReadWaiter {
  /** The connection it is spoken on. */
  readonly connection: Connection;
  /** How many requests have come. */
  requests = 0;
  /** When the current request began to come, in ms of `performance.now()`. */
  beganAt: number;
  /** Whether it came before the answer to the one before it was sent. */
  pipelined = false;
  /** Whether any request of the connection did. */
  #hasPipelined = false;
  readonly #session: ProtocolSession;
  readonly #reader: RequestReader;
  /** The answer that is being written. */
  #outgoing: Outgoing | undefined;
  /** Answers to pipelined requests that wait to go out in one write. */
  #queue: AnswerQueue | undefined;
  #exchange: Exchange | undefined;
  /** The one that was late, and has been answered for that. */
  #late: Exchange | undefined;
  /** Whether the head that came last did not come at once. */
  #inPieces = false;
  /** Whether the current request has been answered, wholly or in part. */
  #answered = false;

  /** Speaks HTTP/1.1 on the connection of `session`. */
  constructor(session: ProtocolSession) {
    const { connection, place } = session;
    const { limits } = place.group.fallback;
    this.#session = session;
    this.connection = connection;
    this.#reader = new RequestReader(connection.input, limits);
    this.beganAt = connection.lastActivityAt;
  }

  /** Whether nothing is being answered. */
  get isIdle(): boolean {
    return this.#exchange === undefined;
  }

  /** The servers that the next request may be for. */
  get group(): HostGroup {
    return this.#session.place.group;
  }

  /** How far the next one has come. */
  get headProgress(): HeadProgress {
    return this.#reader.progress;
  }

  /** What a log line says of the current request; `undefined` without one. */
  requestContext(): DiagnosticContext | undefined {
    const exchange = this.#exchange ?? this.#late ??
      (this.#reader.begun ? this.#partialExchange() : undefined);
    return exchange === undefined ? undefined : contextOf(exchange);
  }

  /** The value of a response field that HTTP/1.1 sends by itself. */
  sentField(exchange: Exchange, name: string): string | undefined {
    return sentField(exchange, name);
  }

  /** Requests to come have these limits. */
  limit(limits: HeadLimits): void {
    this.#reader.renew(limits);
  }

  /** Ends the connection if it waits for a request; else after the answer. */
  retire(waits: boolean): void {
    const { connection } = this;
    if (waits || !connection.idle) return;
    const flushed = connection.flush();
    if (flushed instanceof Promise) flushed.then(() => this.#endIdle());
    else this.#endIdle();
  }

  /**
   * Its last answer is sent. A request that has come since, or is there to be
   * read, has one more.
   */
  #endIdle(): void {
    const { connection } = this;
    if (connection.ended || !this.isIdle || this.#reader.begun) return;
    if (!connection.hasUnread) connection.end("done");
    // What has come may be no request, nor become one.
    else if (connection.deadline === "none") connection.expect("idle");
  }

  /**
   * Serves until the connection has ended, or until it waits for input without
   * a promise: an idle connection needs none. Then it `resumes` with a read, at
   * `now` if that is known. Never rejects.
   */
  async run(resumes = false, now?: number): Promise<void> {
    const connection = this.connection;
    let waits = false;
    try {
      while (!connection.ended) {
        const result = resumes ? undefined : this.#next();
        if (result === undefined) {
          if (!resumes) {
            if (this.#queue?.length && !await this.#flush()) return;
            if (!this.#awaitRequest()) return;
            const turn = connection.turn();
            if (turn !== undefined) {
              await turn;
              if (connection.ended) return;
            }
          }
          resumes = false;
          try {
            const pending = connection.readNow(this);
            if (pending === undefined) {
              waits = true;
              return;
            }
            const count = pending instanceof Promise ? await pending : pending;
            if (!connection.received(count, now)) return;
            now = undefined;
            if (count === 0) await nextTask();
          } catch (error) {
            return connection.failed(error);
          }
          this.#inPieces = this.#reader.begun;
          if (!this.#inPieces) this.beganAt = connection.lastActivityAt;
          continue;
        }
        let response: HttpResponse | undefined;
        if (result instanceof Promise) {
          RUNTIME_USE.waiting++;
          try {
            response = (await this.#awaitResponse(result))[0];
          } finally {
            RUNTIME_USE.waiting--;
          }
        } else response = result;
        const exchange = this.#exchange;
        if (exchange === undefined) {
          // The client has left in the meantime, or was late and told so.
          response?.dispose();
          return;
        }
        const prepared = this.#prepare(exchange, response);
        let whole = prepared === "queued";
        if (prepared === "write") {
          if (this.#queue?.length && !await this.#flush()) return;
          const outgoing = this.#outgoing!;
          const { bytes } = outgoing;
          const before = connection.bytesOut;
          this.#answered = true;
          try {
            const pending = connection.writeOnce(
              bytes,
              outgoing.follows ||
                exchange.persistent === false && endsAsAsked(exchange),
              outgoing.kept,
            );
            const count = pending instanceof Promise ? await pending : pending;
            whole = connection.wrote(count, bytes.length) ||
              await connection.write(bytes.subarray(count));
          } catch (error) {
            connection.failed(error);
          }
          if (whole && outgoing.source !== undefined) {
            outgoing.headWritten();
            whole = await sendBody(connection, outgoing, exchange);
          }
          countSent(exchange, outgoing, connection.bytesOut - before);
        }
        this.#retireOutgoing();
        if (whole && exchange.persistent !== true) {
          const flushed = connection.flush();
          whole = flushed instanceof Promise ? await flushed : flushed;
        }
        let goesOn = whole && exchange.persistent === true;
        if (goesOn && exchange.body?.done === false) {
          goesOn = await dropRest(exchange, connection);
        }
        this.#end(exchange, whole);
        if (!goesOn) {
          // Answers to earlier requests go out, whatever became of this one.
          const owed = (this.#queue?.length ?? 0) > 0;
          if (owed && !await this.#flush()) return;
          const ending = endAfter(connection, exchange, {
            whole,
            owed,
            inPieces: this.#inPieces,
            hasPipelined: this.#hasPipelined,
          });
          if (ending !== undefined) await ending;
          return;
        }
        connection.finishExchange();
        this.#reader.reset();
        this.pipelined = connection.input.length > 0;
        if (this.pipelined) this.#hasPipelined = true;
        if (this.#session.replaced) this.#session.move();
        if (
          this.requests % PORTION_REQUESTS === 0 && connection.input.length > 0
        ) await this.#giveWay();
      }
    } catch (error) {
      await this.#fault(error);
    } finally {
      if (!waits) this.#leave();
    }
  }

  /** There is input again for {@linkcode run}, or the connection has ended. */
  readable(now?: number): void {
    this.run(true, now);
  }

  #leave(): void {
    this.#retireOutgoing();
    this.#queue?.release();
    if (this.#exchange !== undefined) this.#end(this.#exchange, false);
    this.#reader.rest();
    this.connection.release();
    this.#session.leave();
  }

  /**
   * Waits for an answer. Earlier answers do not wait for one that takes its
   * time; where a body is waited for, they go out before that.
   */
  #awaitResponse(
    result: Promise<HttpResponse | undefined>,
  ): Promise<[HttpResponse | undefined, unknown]> {
    const { body } = this.#exchange!;
    return Promise.all([
      result,
      body === undefined ? this.#flush() : undefined,
    ]);
  }

  /** A head or body that is late is answered 408, unless it was answered. */
  deadlinePassed(kind: DeadlineKind): boolean {
    if ((kind !== "head" && kind !== "body") || this.#answered) return false;
    const exchange = this.#exchange ??= this.#brokenExchange();
    const error = new HttpError(408, "client timed out", { close: true });
    const response = exchange.response = errorResponse(exchange, error);
    exchange.status = response.status;
    exchange.persistent = false;
    const outgoing = Outgoing.acquire();
    this.#encode(exchange, response, outgoing, false);
    countSent(exchange, outgoing, outgoing.bytes.length);
    this.#late = exchange;
    this.connection.sendLast(outgoing.bytes).then(() => outgoing.retire());
    this.#end(exchange, true);
    return true;
  }

  /** The exchange is over if the client has left before its answer. */
  ended(reason: EndReason): void {
    const exchange = this.#exchange;
    exchange?.abort();
    const isLeft = reason === "premature_eof" || reason === "reset" ||
      reason === "unreachable";
    if (
      exchange?.status === 0 && isLeft && this.connection.endedIn === "none"
    ) {
      exchange.status = CLIENT_CLOSED_REQUEST;
      this.#end(exchange, false);
    }
  }

  /** An idle connection needs none. */
  #retireOutgoing(): void {
    this.#outgoing?.retire();
    this.#outgoing = undefined;
  }

  /** Writes the answers that were gathered, if there are any. */
  async #flush(): Promise<boolean> {
    const queue = this.#queue;
    if (queue === undefined || queue.length === 0) return true;
    const written = await this.connection.write(queue.take());
    queue.release();
    return written;
  }

  /** Lets others come first, as long as there are more requests at hand. */
  async #giveWay(): Promise<void> {
    const turn = this.connection.slice();
    if (turn === undefined) return;
    if (this.#queue?.length && !await this.#flush()) return;
    await turn;
  }

  /** Something in this program failed: earlier answers are sent all the same. */
  async #fault(error: unknown): Promise<void> {
    if (this.#exchange !== undefined) {
      this.#exchange.status = 500;
      this.#end(this.#exchange, false);
    }
    await this.#flush();
    this.connection.end("error", error);
  }

  /**
   * Says what the connection waits for, as far as the next request has come.
   *
   * @returns whether it waits at all
   */
  #awaitRequest(): boolean {
    const connection = this.connection;
    this.#answered = false;
    if (this.#reader.begun) connection.expect("head");
    else if (this.#session.leaving && !connection.hasUnread) {
      connection.end("done");
      return false;
    } else if (this.requests > 0) connection.expect("idle");
    return true;
  }

  /** What becomes of the next request, if its head is here. */
  #next(): Result | undefined {
    let head: RequestHead | undefined;
    try {
      head = this.#reader.next();
    } catch (error) {
      return this.#refuse(error);
    }
    if (head === undefined) return undefined;
    const connection = this.connection;
    connection.startExchange();
    this.#answered = false;
    if (++this.requests === 2) connection.sendAtOnce();
    this.#session.place.shared.statistics.requests++;
    try {
      const exchange = this.#exchange = beginExchange(head, this);
      if (connection.secure && connection.isPlain) throw plainHttp();
      if ((head.present & BODY_FIELDS) === 0) return dispatch(exchange);
      const framing = requestFraming(head);
      return framing.kind === "none" && !head.has(Field.Expect)
        ? dispatch(exchange)
        : serveWithBody(exchange, framing, connection, () => this.#flush());
    } catch (error) {
      this.#exchange ??= refusedExchange(head, this);
      return fail(this.#exchange, error);
    }
  }

  /** Answers what could not be parsed; the connection ends with it. */
  #refuse(thrown: unknown): Answer {
    this.connection.startExchange();
    this.#answered = false;
    const exchange = this.#exchange = this.#brokenExchange();
    return fail(exchange, closingError(thrown));
  }

  /** An exchange for a request whose head is not there, or not whole. */
  #brokenExchange(): Exchange {
    this.requests++;
    this.#session.place.shared.statistics.requests++;
    return this.#partialExchange();
  }

  /** The request as far as it has come. */
  #partialExchange(): Exchange {
    const line = this.#reader.partialLine();
    const host = this.#reader.partialHost();
    const head = brokenHead(this.connection.input.bytes, line, host);
    return refusedExchange(head, this);
  }

  /**
   * Makes a response ready to be written, or puts it behind those that wait
   * when more requests are to be answered at once.
   */
  #prepare(
    exchange: Exchange,
    response: HttpResponse | undefined,
  ): "write" | "queued" | "nothing" {
    const connection = this.connection;
    connection.unwatch();
    if (response === undefined) {
      if (exchange.status === 0) exchange.status = 400;
      return "nothing";
    }
    connection.timeouts = exchange.location.client.timeouts;
    exchange.status = response.status;
    exchange.response = response;
    exchange.persistent = this.#persists(exchange, response);
    if (response === CLOSE_SILENTLY) return "nothing";
    const outgoing = this.#outgoing = Outgoing.acquire();
    // The last of several answers goes out with the others.
    const gathers = exchange.persistent &&
      (connection.input.length > 0 || (this.#queue?.length ?? 0) > 0);
    try {
      this.#encode(exchange, response, outgoing, gathers);
    } catch (error) {
      logBroken(exchange, error);
      return "nothing";
    }
    if (outgoing.source !== undefined) connection.sendAtOnce();
    else if (gathers) {
      this.#queue ??= new AnswerQueue();
      if (this.#queue.add(outgoing.bytes)) {
        countSent(exchange, outgoing, outgoing.bytes.length);
        return "queued";
      }
    }
    return "write";
  }

  /**
   * Whether the connection goes on after `response` (RFC 9112 §9.3, §9.6): as
   * long as the client wants it, nothing has gone wrong, the end of the body is
   * not the end of the connection, it has not brought all the requests it may,
   * and it is not too old. Asked once for each exchange, when its answer is known.
   */
  #persists(exchange: Exchange, response: HttpResponse): boolean {
    const { request, location } = exchange;
    const { connection } = this;
    const isPlain = request.version === "1.1" && !request.has(Field.Connection);
    return !response.close && !exchange.endsConnection &&
      !this.#session.retiring && this.requests < location.client.maxRequests &&
      connection.lastActivityAt - connection.openedAt <=
        location.client.maxAgeMs &&
      (isPlain ||
        clientPersists(request) &&
          responseFraming(response, request) !== "close");
  }

  #encode(
    exchange: Exchange,
    response: HttpResponse,
    outgoing: Outgoing,
    gathers: boolean,
  ): void {
    const { request, location } = exchange;
    const { client, serverToken } = location;
    const { connection } = this;
    const { shared } = this.#session.place;
    outgoing.encode(response, {
      version: request.version,
      isHead: request.method === "HEAD",
      persistent: exchange.persistent === true,
      date: shared.sweep.date,
      server: serverToken,
      keepAlive: client.keepAliveHeader,
      gathers,
      takesKept: connection.sendsFiles,
    });
  }

  /** Says that an exchange is over: counters, logs, whoever else asked. */
  #end(exchange: Exchange, whole: boolean): void {
    if (exchange !== this.#exchange) return;
    this.#exchange = undefined;
    endExchange(exchange, this.#session.place.shared.statistics, whole);
  }
}

/** Shares out the bytes that were sent between head and body. */
function countSent(
  exchange: Exchange,
  { headLength }: Outgoing,
  bytes: number,
): void {
  exchange.headBytesSent = Math.min(bytes, headLength);
  exchange.bodyBytesSent = bytes - exchange.headBytesSent;
}
