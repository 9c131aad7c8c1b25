/**
 * The exchange loop of one connection: a request, its answer, the next
 * request. Answers that are ready at once are sent without waiting in
 * between; answers to pipelined requests are gathered into one write.
 */

import { Field } from "../http/fields.ts";
import { HttpError } from "../http/errors.ts";
import { type Framing, requestFraming } from "../http/framing.ts";
import { hasToken, requestPersistence } from "../http/keep_alive.ts";
import type { RequestHead } from "../http/request_head.ts";
import type { HttpResponse } from "../http/response.ts";
import { headText, joinHead } from "../http/response_encoder.ts";
import type { Exchange } from "../modules/exchange.ts";
import { Connection, nextTask } from "../net/connection.ts";
import type { ConnectionEvents } from "../net/connection_options.ts";
import type { EndReason } from "../net/connection_state.ts";
import type { DeadlineSweep } from "../net/deadlines.ts";
import type { ReadTurns } from "../net/read_turns.ts";
import type { Seated } from "../net/roster.ts";
import type { Socket } from "../net/socket.ts";
import { type Expectation, RequestBody } from "../net/request_body.ts";
import { type Answer, CLOSE_SILENTLY, dispatch, fail } from "./dispatch.ts";
import { errorResponse, toHttpError } from "./error_response.ts";
import type { HostGroup } from "./plan.ts";
import type { ServerStatistics } from "./statistics.ts";
import { ResponseSender, type Step } from "./response_sender.ts";
import { beginExchange, brokenHead, refusedExchange } from "./request.ts";

/** What sessions share. */
export interface SessionHost {
  /** Where deadlines are looked at. */
  readonly sweep: DeadlineSweep<Connection>;
  /** How connections share the reading. */
  readonly turns: ReadTurns;
  /** What requests are counted by. */
  readonly statistics: ServerStatistics;
  /** The value of `Date` now. */
  date(): string;
  /** A session has ended. */
  ended(session: Session, reason: EndReason, error?: unknown): void;
  /**
   * Where a session goes on whose configuration was replaced; `undefined`
   * when its address is served no more.
   */
  successor(session: Session): SessionPlace | undefined;
}

/** Where a session is: the servers it is for, and their generation. */
export interface SessionPlace {
  /** What accepts for its address; for its server to know. */
  readonly listener: unknown;
  /** The servers of its address. */
  readonly group: HostGroup;
  /** The generation of the configuration they belong to. */
  readonly owner: unknown;
  /** What sessions of that generation share. */
  readonly host: SessionHost;
}

/** How a session came to be. */
export interface SessionOrigin {
  /** Whether its socket speaks TLS. */
  readonly secure: boolean;
  /** See `ConnectionOptions`. */
  readonly keepsMapped: boolean;
}

/** So many pipelined requests are a portion of {@linkcode Connection.slice}. */
const PORTION_REQUESTS = 16;

/** See the top of the file. */
export class Session implements ConnectionEvents, Seated {
  /** Its seat among the sessions of its server. */
  seat = -1;
  /** The connection it serves. */
  readonly connection: Connection;
  #listener: unknown;
  #owner: unknown;
  #host: SessionHost;
  #group: HostGroup;
  #current: Exchange | undefined;
  #pipelined = 0;
  #replaced = false;
  readonly #sender: ResponseSender;

  /** A session of `group`'s servers on an accepted socket. */
  constructor(
    socket: Socket,
    { listener, group, owner, host }: SessionPlace,
    { secure, keepsMapped }: SessionOrigin,
  ) {
    this.#listener = listener;
    this.#owner = owner;
    this.#host = host;
    this.#group = group;
    this.connection = new Connection(socket, {
      sweep: host.sweep,
      // TLS reads by itself: see `net/turn_socket.ts`.
      turns: secure ? undefined : host.turns,
      limits: group.fallback.limits,
      timeouts: group.fallback.root.client.timeouts,
      events: this,
      secure,
      keepsMapped,
    });
    this.#sender = new ResponseSender(
      this.connection,
      host,
      host.statistics,
    );
  }

  /** See {@linkcode ConnectionEvents}. */
  ended(reason: EndReason, error?: unknown): void {
    this.#host.ended(this, reason, error);
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
          if (this.#sender.retiring && !connection.requestBegun) {
            connection.end("done");
            return;
          }
          connection.awaitRequest();
          const turn = connection.turn();
          if (turn !== undefined) {
            await turn;
            if (connection.ended) return;
          }
          let count: number | null;
          try {
            count = await connection.read();
          } catch (error) {
            connection.failed(error);
            return;
          }
          if (!connection.received(count)) return;
          if (count === 0) await nextTask();
          continue;
        }
        let step = this.#serve(head);
        if (step instanceof Uint8Array) {
          let written = false;
          try {
            const count = await connection.writeOnce(step);
            written = connection.wrote(count, step.length) ||
              await connection.write(step.subarray(count));
          } catch (error) {
            connection.failed(error);
          }
          step = this.#sender.sent(written);
        }
        if (!(step === true || await step)) return;
        this.#current = undefined;
        if (this.#replaced) this.#move();
        connection.finishExchange();
        if (
          connection.input.length > 0 &&
          ++this.#pipelined % PORTION_REQUESTS === 0
        ) await this.#giveWay();
      }
    } catch (error) {
      await this.#fault(error);
    } finally {
      connection.release();
    }
  }

  /** Lets others come first, as long as there are more requests at hand. */
  async #giveWay(): Promise<void> {
    const { connection } = this;
    const turn = connection.slice();
    if (turn === undefined) return;
    if (connection.hasQueued && !await connection.flush()) return;
    await turn;
  }

  /** Something in this program failed: earlier answers are sent all the same. */
  async #fault(error: unknown): Promise<void> {
    const { connection } = this;
    const exchange = this.#current;
    if (exchange !== undefined && !this.#sender.hasLogged(exchange)) {
      exchange.status = 500;
      this.#sender.log(exchange);
    }
    await this.#sendQueued();
    connection.end("error", error);
  }

  /** Whether it waits for a request of which nothing has come. */
  get isIdle(): boolean {
    return this.connection.idle;
  }

  /** See {@linkcode SessionPlace.listener}. */
  get listener(): unknown {
    return this.#listener;
  }

  /** The generation of the configuration that its next request is for. */
  get owner(): unknown {
    return this.#owner;
  }

  /**
   * The configuration was replaced. What is being answered is answered by the
   * old one; from then on the connection belongs to the new one, so that no
   * request of a client that was promised a persistent connection is lost.
   */
  renew(): void {
    this.#replaced = true;
    if (this.#current === undefined) this.#move();
  }

  #move(): void {
    this.#replaced = false;
    const place = this.#host.successor(this);
    if (place === undefined) return this.retire();
    this.#listener = place.listener;
    ({ group: this.#group, owner: this.#owner, host: this.#host } = place);
    const { root, limits } = this.#group.fallback;
    this.connection.renew(limits, root.client.timeouts);
  }

  /**
   * Ends the connection after its next answer, and says so in it. No request
   * is lost that is on its way, unlike with {@linkcode retire}.
   */
  retireLater(): void {
    this.#sender.retiring = true;
  }

  /** Ends the connection if it waits for a request; else after the answer. */
  retire(): void {
    this.#sender.retiring = true;
    if (this.isIdle) this.connection.end("done");
  }

  #serve(head: RequestHead): Step {
    const { connection } = this;
    connection.keepAlive = requestPersistence(head) === "persist";
    this.#host.statistics.requests++;
    let exchange: Exchange | undefined;
    let answer: Answer;
    try {
      exchange = beginExchange(head, connection, this.#group);
      this.#current = exchange;
      const framing = requestFraming(head);
      if (framing.kind !== "none" || head.has(Field.Expect)) {
        return this.#serveWithBody(exchange, framing);
      }
      answer = dispatch(exchange);
    } catch (error) {
      exchange ??= refusedExchange(head, connection, this.#group);
      this.#current = exchange;
      answer = fail(exchange, error);
    }
    return answer instanceof Promise
      ? this.#serveLater(exchange, answer)
      : this.#sender.send(exchange, answer);
  }

  /** Answers to earlier requests do not wait for one that takes its time. */
  async #serveLater(
    exchange: Exchange,
    answer: Promise<HttpResponse>,
  ): Promise<boolean> {
    await this.#sendQueued();
    return await this.#sender.sendAll(exchange, await answer);
  }

  async #sendQueued(): Promise<void> {
    if (this.connection.hasQueued) await this.connection.flush();
  }

  /**
   * A request is complete when its body is: what no handler has read is read
   * and dropped before the answer is sent, within what the locations that the
   * request has gone through allow.
   */
  async #serveWithBody(exchange: Exchange, framing: Framing): Promise<boolean> {
    const { connection } = this;
    const { request } = exchange;
    request.detach();
    const body = new RequestBody(connection, framing, expectation(request));
    exchange.body = body;
    const answer = dispatch(exchange);
    if (answer instanceof Promise) await this.#sendQueued();
    let response = await answer;
    if (response !== CLOSE_SILENTLY && !exchange.endsConnection) {
      connection.timeouts = exchange.location.client.timeouts;
      try {
        if (!await this.#discard(exchange, body)) {
          response.dispose();
          return this.#lost(exchange);
        }
      } catch (error) {
        response.dispose();
        // The fault of the body takes the place of what was to be answered.
        exchange.error = undefined;
        response = await fail(exchange, error);
      }
    }
    return await this.#sender.sendAll(exchange, response);
  }

  /**
   * Drops the body, or decides to end the connection because it is not worth
   * waiting for.
   *
   * @returns whether the client is still there
   * @throws {HttpError} when the body cannot be accepted
   */
  async #discard(exchange: Exchange, body: RequestBody): Promise<boolean> {
    if (body.awaitsContinue) {
      // The answer is final without the body, so the client is not asked
      // for it; whether it sends it all the same cannot be known.
      exchange.endsConnection = true;
      return true;
    }
    // The server has answered before any location had its say.
    const unasked = !body.admitted;
    try {
      const { root } = exchange.server;
      const refusal = unasked
        ? body.admit(root.client.maxBodyBytes)
        : undefined;
      if (refusal !== undefined) throw refusal;
      const discarded = await body.discard();
      if (discarded === "late") exchange.endsConnection = true;
      return discarded !== "lost";
    } catch (error) {
      if (!unasked || toHttpError(error).status === 400) throw error;
      exchange.endsConnection = true;
      return true;
    }
  }

  /** Logs a request whose client went away before it was complete, as 400. */
  #lost(exchange: Exchange): false {
    if (!this.#sender.hasLogged(exchange)) {
      exchange.status = 400;
      this.#sender.log(exchange);
    }
    return false;
  }

  /** Answers what could not be parsed, and ends the connection. */
  async #refuse(thrown: unknown): Promise<void> {
    const { connection } = this;
    const error = toHttpError(thrown);
    this.#host.statistics.requests++;
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
    await this.#sender.sendAll(exchange, response);
  }

  /** The answer to a request that did not come in time: 408, and its log. */
  requestTimedOut(): Uint8Array {
    const { connection } = this;
    let exchange = this.#current;
    if (exchange === undefined) {
      const [start, end] = connection.partialLine();
      this.#host.statistics.requests++;
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
    const answer = joinHead(text, body);
    exchange.headBytesSent = answer.length - body.length;
    exchange.bodyBytesSent = body.length;
    if (!this.#sender.hasLogged(exchange)) {
      this.#sender.log(exchange);
    }
    return answer;
  }
}

/** RFC 9110 §10.1.1: what the client waits for. */
function expectation(request: RequestHead): Expectation {
  const value = request.value(Field.Expect);
  if (value === undefined || request.minorVersion === 0) return "none";
  return hasToken(value, "100-continue") && !value.includes(",")
    ? "continue"
    : "unknown";
}
