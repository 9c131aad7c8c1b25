/**
 * HTTP/2 on one connection. One loop reads: it takes the frames that have
 * come, which begin requests and bring their bodies. Beside it what there is
 * to be sent is written, one write at a time; the next one is put together of
 * what has become ready by then.
 */

import { BudgetShare } from "../../../bytes/budget_share.ts";
import { Http2Engine, type Http2Events } from "../../../http/http2/engine.ts";
import {
  ConnectionFault,
  ErrorCode,
  FRAME_HEAD_BYTES,
  MAX_PAYLOAD_BYTES,
} from "../../../http/http2/frames.ts";
import type { FieldList } from "../../../http/http2/request_fields.ts";
import type { Http2Stream } from "../../../http/http2/stream.ts";
import type { HeadProgress } from "../../../http/http1/request_parser.ts";
import type { HeadLimits } from "../../../http/limits.ts";
import { contextOf } from "../../../core/request_log.ts";
import type { DiagnosticContext } from "../../../logging/diagnostic_line.ts";
import { log } from "../../../logging/logger.ts";
import type { Connection } from "../../../net/connection.ts";
import type { DeadlineKind } from "../../../net/connection_state.ts";
import { DeadlineSweep, type Timed } from "../../../net/deadlines.ts";
import { nextTask } from "../../../scheduling/pause.ts";
import type { HostGroup } from "../../setup/host_group.ts";
import type { ServerPlan } from "../../setup/server_plan.ts";
import type { ServerStatistics } from "../../statistics.ts";
import type { Protocol, ProtocolSession } from "../protocol.ts";
import { UNREAD_MEMORY } from "./body.ts";
import { Farewell } from "./farewell.ts";
import { ConnectionHeads } from "./head_memory.ts";
import type { SendOrder } from "./order.ts";
import { ServedStream, type StreamHost } from "./stream.ts";
import { Http2Writer } from "./writer.ts";

/** Most bytes of input: a frame, and the head of the next one. */
const MAX_INPUT_BYTES = MAX_PAYLOAD_BYTES + 2 * FRAME_HEAD_BYTES;

/** After so many frames others may come first. */
const PORTION_FRAMES = 16;

/** Where all streams of this thread have their deadlines. */
const DEADLINES = new DeadlineSweep<Timed>();

/** The exchanges of one connection, side by side. */
export class Http2Protocol implements Protocol, Http2Events, StreamHost {
  /** The connection it is spoken on. */
  readonly connection: Connection;
  /** Its frames. */
  readonly engine: Http2Engine;
  /** How many requests have come. */
  requests = 0;
  /** How many are worked on, also those whose streams are gone. */
  busy = 0;
  /** Where streams have their deadlines. */
  readonly deadlines = DEADLINES;
  /** What of its bodies waits to be read. */
  readonly unread = new BudgetShare(UNREAD_MEMORY);
  /** What the heads of its requests hold. */
  readonly heads = new ConnectionHeads();
  readonly #session: ProtocolSession;
  readonly #writer: Http2Writer;
  readonly #farewell: Farewell;
  #limits: HeadLimits;
  /** Called when nothing is being answered any more. */
  #emptied: (() => void) | undefined;
  /** Since when nothing is being answered, in ms of `performance.now()`. */
  #idleSince: number;
  /** Whether nothing that comes is looked at any more. */
  #deaf = false;

  /** Speaks HTTP/2 on the connection of `session`, which is for `server`. */
  constructor(session: ProtocolSession, server: ServerPlan) {
    const { connection } = session;
    this.#session = session;
    this.connection = connection;
    this.#limits = server.limits;
    this.engine = new Http2Engine(server.http2, this.#limits, this);
    this.#writer = new Http2Writer(connection, this.engine, this);
    this.#farewell = new Farewell(this, DEADLINES);
    this.#idleSince = connection.lastActivityAt;
    connection.readsOn = true;
    connection.input.allow(MAX_INPUT_BYTES);
  }

  /** Whether nothing is being answered. */
  get isIdle(): boolean {
    return this.busy === 0;
  }

  /** Whether the connection has ended. */
  get hasEnded(): boolean {
    return this.connection.ended;
  }

  /** Whether nothing will be said after what waits to be written. */
  get isDone(): boolean {
    return this.#farewell.isSaid && (this.#deaf || this.isIdle);
  }

  /** Those whose answers are sent piece by piece. */
  get order(): SendOrder<ServedStream> {
    return this.#writer.order;
  }

  /** The servers that the next request may be for. */
  get group(): HostGroup {
    return this.#session.place.group;
  }

  /** What requests are counted by. */
  get statistics(): ServerStatistics {
    return this.#session.place.shared.statistics;
  }

  /** The time, and the date. */
  get clock(): DeadlineSweep<Connection> {
    return this.#session.place.shared.sweep;
  }

  /** How far the head of the next request has come. */
  get headProgress(): HeadProgress {
    return this.engine.isWithinHead ? "fields" : "none";
  }

  /** What a log line says of a request; `undefined` without one. */
  requestContext(): DiagnosticContext | undefined {
    for (const { user } of this.engine.streams.values()) {
      const exchange = user instanceof ServedStream ? user.exchange : undefined;
      if (exchange !== undefined) return contextOf(exchange);
    }
    return undefined;
  }

  /** Requests to come have these limits. */
  limit(limits: HeadLimits): void {
    this.#limits = limits;
    this.engine.renew(limits);
    // The servers it has come to may not speak HTTP/2.
    if (this.group.http2 === undefined) this.retire();
  }

  /** Serves until the connection has ended. Never rejects. */
  async run(): Promise<void> {
    const { connection, engine } = this;
    try {
      this.statistics.http2.connections++;
      connection.sendAtOnce();
      engine.begin();
      // It may have been told before it was known what is spoken.
      if (this.#session.retiring || this.group.http2 === undefined) {
        this.retire();
      }
      while (!connection.ended) {
        if (connection.input.length > 0) await this.#takeFrames();
        this.wake();
        this.#expect();
        const turn = connection.turn();
        if (turn !== undefined) await turn;
        if (connection.ended) break;
        // Who sends much is read from in large pieces.
        if (!this.isIdle) connection.input.growIfFilled();
        const count = await connection.read();
        if (count === null && this.#writer.isClosed) connection.end("done");
        if (!connection.received(count)) break;
        if (count === 0) await nextTask();
      }
    } catch (error) {
      connection.failed(error);
    }
    connection.end("done");
    await this.#writer.writing;
    if (!this.isIdle) {
      await new Promise<void>((resolve) => this.#emptied = resolve);
    }
    this.#farewell.end();
    connection.release();
    this.#session.leave();
  }

  /** Takes the frames that have come; others come first between portions. */
  async #takeFrames(): Promise<void> {
    const { connection, engine } = this;
    const { input } = connection;
    const writer = this.#writer;
    try {
      for (let count = 1; !this.#deaf && engine.receive(input); count++) {
        while (writer.isFull) await writer.written();
        if (count % PORTION_FRAMES !== 0) continue;
        const turn = connection.slice();
        if (turn !== undefined) {
          this.wake();
          await turn;
        }
        if (connection.ended) return;
      }
    } catch (error) {
      if (!(error instanceof ConnectionFault)) throw error;
      this.#fail(error);
    }
    if (this.#deaf) input.consume(input.length);
    else if (input.length === 0 && this.isIdle) {
      input.shrink();
    }
  }

  /** Ends the connection for what its client has done. */
  #fail({ code, message }: ConnectionFault): void {
    const { remoteAddress, serial } = this.connection;
    log.info(`${message} while processing HTTP/2 connection`, {
      ...this.requestContext() ?? {
        errorLog: this.group.fallback.root.errorLog,
        connection: serial,
        client: remoteAddress,
      },
    });
    this.statistics.http2.faults++;
    this.#farewell.fail(code);
    this.#deaf = true;
    this.#abandonAll();
  }

  #abandonAll(): void {
    for (const { user } of this.engine.streams.values()) {
      if (user instanceof ServedStream) user.abandon();
    }
  }

  /** Says what the connection waits for. */
  #expect(): void {
    const { connection, engine } = this;
    const { isClosed, writing } = this.#writer;
    if (writing !== undefined || isClosed || connection.ended) return;
    if (engine.isWithinHead || !engine.isOpen) return connection.expect("head");
    if (!this.isIdle) return connection.startExchange();
    const { keepaliveMs } = connection.timeouts;
    // Where no connection is kept, it is there for its first request.
    if (keepaliveMs === 0) return connection.expect("head");
    connection.expect("idle");
    // What brings no request does not keep a connection.
    connection.deadlineAt = Math.min(
      connection.deadlineAt,
      this.#idleSince + keepaliveMs,
    );
  }

  /** A request has come. */
  request(stream: Http2Stream, list: FieldList, ended: boolean): void {
    const { connection } = this;
    this.requests++;
    this.statistics.requests++;
    this.statistics.http2.requests++;
    if (this.isIdle) {
      connection.startExchange();
      if (this.#writer.writing !== undefined) connection.expect("send");
    }
    this.busy++;
    const served = new ServedStream(stream, this);
    served.serve(list, ended, this.#limits);
    const { client } = served.exchange?.location ?? this.group.fallback.root;
    if (
      this.requests >= client.maxRequests ||
      connection.lastActivityAt - connection.openedAt > client.maxAgeMs
    ) this.retire();
  }

  /** The connection has ended: nobody waits for what is being answered. */
  ended(): void {
    this.#abandonAll();
    this.#writer.end();
  }

  /** The client has got the first farewell, and all it knew is here. */
  answered(): void {
    this.#farewell.heard();
  }

  /** A request is over, and so is all work on it. */
  over(): void {
    if (--this.busy > 0) return;
    const { connection } = this;
    this.#idleSince = this.clock.time();
    this.#emptied?.();
    if (connection.ended) return;
    connection.finishExchange();
    if (this.#session.replaced) this.#session.move();
    this.wake();
  }

  /** Ends the connection after what is under way. */
  retire(): void {
    this.#farewell.begin();
  }

  /** The client of an idle connection is told that it ends. */
  deadlinePassed(kind: DeadlineKind): boolean {
    if (kind !== "idle" && kind !== "head") return false;
    this.#sayLast("timeout");
    return true;
  }

  /** See {@linkcode Protocol.evicted}: what its client sends now is not lost. */
  evicted(): boolean {
    this.#sayLast("evicted");
    return true;
  }

  #sayLast(reason: "timeout" | "evicted"): void {
    const { engine, connection } = this;
    this.#farewell.fail(ErrorCode.NoError);
    connection.sendLast(engine.output.take(), reason);
  }

  /** There is something to be sent, or to be done when all has been. */
  readonly wake = (): void => this.#writer.wake();

  /** Nothing is ready to be written any more. */
  wrote(): void {
    if (this.#writer.isClosed) this.#deaf = true;
    this.#expect();
  }
}
