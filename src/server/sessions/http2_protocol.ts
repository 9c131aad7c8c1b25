/**
 * HTTP/2 on one connection. One loop reads: it takes the frames that have
 * come, which begin requests and bring their bodies. Beside it what there is
 * to be sent is written, one write at a time; the next one is put together of
 * what has become ready by then.
 */

import { Http2Engine, type Http2Events } from "../../http/http2/engine.ts";
import {
  ConnectionFault,
  ErrorCode,
  FRAME_HEAD_BYTES,
  MAX_31_BITS,
  MAX_PAYLOAD_BYTES,
} from "../../http/http2/frames.ts";
import { OUTPUT_MEMORY } from "../../http/http1/output_memory.ts";
import type { FieldList } from "../../http/http2/request_fields.ts";
import type { Http2Stream } from "../../http/http2/stream.ts";
import type { HeadProgress } from "../../http/http1/request_parser.ts";
import type { HeadLimits } from "../../http/limits.ts";
import type { Http2GroupSettings } from "../../core/settings/http2.ts";
import { contextOf } from "../../core/request_log.ts";
import type { DiagnosticContext } from "../../logging/diagnostic_line.ts";
import { log } from "../../logging/logger.ts";
import type { Connection } from "../../net/connection.ts";
import type { DeadlineKind } from "../../net/connection_state.ts";
import { DeadlineSweep, type Timed } from "../../net/deadlines.ts";
import { nextTask } from "../../scheduling/pause.ts";
import type { HostGroup } from "../setup/host_group.ts";
import type { ServerStatistics } from "../statistics.ts";
import { BODY_BUDGET } from "./body_sender.ts";
import { ServedStream, type StreamHost } from "./http2_stream.ts";
import type { Protocol, ProtocolSession } from "./protocol.ts";
import { nextToSend } from "./http2_order.ts";

/** Most bytes of input: a frame, and the head of the next one. */
const MAX_INPUT_BYTES = MAX_PAYLOAD_BYTES + 2 * FRAME_HEAD_BYTES;

/** After so many frames others may come first. */
const PORTION_FRAMES = 16;

/** How much is put together for one write, in bytes. */
const WRITE_BYTES = 48 * 1024;

/** How much of it when answers that wait take too much memory, in bytes. */
const SMALL_WRITE_BYTES = 4 * 1024;

/** While so much waits to be written nothing more is read, in bytes. */
const MAX_WAITING_BYTES = 64 * 1024;

/** How long requests that are on their way may take to come, in ms. */
const FAREWELL_MS = 1000;

/** Where all streams of this thread have their deadlines. */
const DEADLINES = new DeadlineSweep<Timed>();

/** The exchanges of one connection, side by side. */
export class Http2Protocol implements Protocol, Http2Events, StreamHost, Timed {
  /** The connection it is spoken on. */
  readonly connection: Connection;
  /** Its frames. */
  readonly engine: Http2Engine;
  /** How many requests have come. */
  requests = 0;
  /** When a farewell has taken too long, in ms of `performance.now()`. */
  deadlineAt = Infinity;
  /** Its place among those that have deadlines. */
  index = -1;
  /** Most bytes of one piece of a body. */
  readonly chunkBytes: number;
  /** Where streams have their deadlines. */
  readonly deadlines = DEADLINES;
  readonly #session: ProtocolSession;
  #limits: HeadLimits;
  readonly #served = new Map<Http2Stream, ServedStream>();
  /** Those whose answers go out piece by piece. */
  readonly #sending = new Set<ServedStream>();
  #turns = 0;
  #writing: Promise<void> | undefined;
  /** Called after each write. */
  #written: (() => void) | undefined;
  /** Called when nothing is being answered any more. */
  #emptied: (() => void) | undefined;
  /** Since when nothing is being answered, in ms of `performance.now()`. */
  #idleSince: number;
  /** Whether a farewell was said: the first, or both. */
  #farewell: "none" | "first" | "last" = "none";
  /** Whether nothing that comes is looked at any more. */
  #deaf = false;
  #closed = false;

  /** Speaks HTTP/2 on the connection of `session`. */
  constructor(session: ProtocolSession, settings: Http2GroupSettings) {
    const { connection, place } = session;
    this.#session = session;
    this.connection = connection;
    this.chunkBytes = settings.chunkBytes;
    this.#limits = place.group.fallback.limits;
    this.engine = new Http2Engine(settings, this.#limits, this);
    this.#idleSince = connection.lastActivityAt;
    connection.readsOn = true;
    connection.input.allow(MAX_INPUT_BYTES);
  }

  /** Whether nothing is being answered. */
  get isIdle(): boolean {
    return this.#served.size === 0;
  }

  /** How many requests are worked on, also those whose streams are gone. */
  get busy(): number {
    return this.#served.size;
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
    for (const { exchange } of this.#served.values()) {
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
        if (count === null && this.#closed) connection.end("done");
        if (!connection.received(count)) break;
        if (count === 0) await nextTask();
      }
    } catch (error) {
      connection.failed(error);
    }
    connection.end("done");
    await this.#writing;
    if (!this.isIdle) {
      await new Promise<void>((resolve) => this.#emptied = resolve);
    }
    DEADLINES.delete(this);
    connection.release();
    this.#session.leave();
  }

  /** Takes the frames that have come; others come first between portions. */
  async #takeFrames(): Promise<void> {
    const { connection, engine } = this;
    const { input } = connection;
    try {
      for (let count = 1; !this.#deaf && engine.receive(input); count++) {
        while (engine.output.length > MAX_WAITING_BYTES && !connection.ended) {
          this.wake();
          await new Promise<void>((resolve) => this.#written = resolve);
        }
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
    this.engine.goAway(code);
    this.#deaf = true;
    this.#farewell = "last";
    this.#abandonAll();
  }

  #abandonAll(): void {
    for (const served of this.#served.values()) served.abandon();
  }

  /** Says what the connection waits for. */
  #expect(): void {
    const { connection, engine } = this;
    if (this.#writing !== undefined || this.#closed || connection.ended) return;
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
      if (this.#writing !== undefined) connection.expect("send");
    }
    const served = new ServedStream(stream, this);
    this.#served.set(stream, served);
    served.serve(list, ended, this.#limits);
    const { client } = served.exchange?.location ?? this.group.fallback.root;
    if (
      this.requests >= client.maxRequests ||
      connection.lastActivityAt - connection.openedAt > client.maxAgeMs
    ) this.retire();
  }

  /** A piece of a body has come. */
  data(stream: Http2Stream, piece: Uint8Array): void {
    this.#served.get(stream)?.data(piece);
  }

  /** A body has come as a whole. */
  ended(stream: Http2Stream): void;
  /** The connection has ended: nobody waits for what is being answered. */
  ended(reason: string): void;
  ended(what: Http2Stream | string): void {
    if (typeof what !== "string") {
      return this.#served.get(what)?.bodyEnded();
    }
    this.#abandonAll();
    this.#written?.();
  }

  /** Nobody waits for a response any more. */
  abandoned(stream: Http2Stream, why: string): void {
    const served = this.#served.get(stream);
    const exchange = served?.exchange;
    if (exchange !== undefined) {
      this.statistics.http2.abandoned++;
      log.info(`${why} while processing HTTP/2 stream`, contextOf(exchange));
    }
    served?.abandon();
  }

  /** A response was sent before all of its request has come. */
  unread(stream: Http2Stream): void {
    const { engine, clock, wake } = this;
    const late: Timed = {
      deadlineAt: clock.time() + FAREWELL_MS,
      index: -1,
      expire: () => {
        DEADLINES.delete(late);
        engine.reset(stream, ErrorCode.NoError);
        wake();
      },
    };
    DEADLINES.add(late);
  }

  /** The client has got the first farewell, and all it knew is here. */
  answered(): void {
    if (this.#farewell === "first") this.expire();
  }

  /** An answer goes out piece by piece. */
  sends(served: ServedStream): void {
    this.#sending.add(served);
  }

  /** A request is over, and so is all work on it. */
  over(served: ServedStream): void {
    this.#sending.delete(served);
    if (!this.#served.delete(served.stream) || !this.isIdle) return;
    const { connection } = this;
    this.#idleSince = this.clock.time();
    this.#emptied?.();
    if (connection.ended) return;
    connection.finishExchange();
    if (this.#session.replaced) this.#session.move();
    this.wake();
  }

  /** Ends the connection after what is under way (RFC 9113 §6.8). */
  retire(): void {
    if (this.#farewell !== "none" || this.connection.ended) return;
    this.#farewell = "first";
    this.engine.goAway(ErrorCode.NoError, MAX_31_BITS);
    this.engine.ping();
    this.deadlineAt = this.clock.time() + FAREWELL_MS;
    DEADLINES.add(this);
    this.wake();
  }

  /** What was on its way has come, or takes too long. */
  expire(): void {
    this.deadlineAt = Infinity;
    DEADLINES.delete(this);
    if (this.#farewell !== "first" || this.connection.ended) return;
    this.#farewell = "last";
    this.engine.goAway(ErrorCode.NoError);
    this.wake();
  }

  /** The client of an idle connection is told that it ends. */
  deadlinePassed(kind: DeadlineKind): boolean {
    if (kind !== "idle" && kind !== "head") return false;
    const { engine, connection } = this;
    engine.goAway(ErrorCode.NoError);
    connection.sendLast(engine.output.take());
    return true;
  }

  /** There is something to be sent, or to be done when all has been. */
  readonly wake = (): void => {
    this.#writing ??= this.#mayWrite() ? this.#write() : undefined;
  };

  #mayWrite(): boolean {
    return !this.connection.ended && !this.#closed &&
      (this.engine.output.length > 0 || this.#sending.size > 0 ||
        this.#isDone);
  }

  /** Whether nothing will be said after what waits to be written. */
  get #isDone(): boolean {
    return this.#farewell === "last" && (this.#deaf || this.isIdle);
  }

  /** Writes until nothing is ready. Never rejects. */
  async #write(): Promise<void> {
    const { connection, engine: { output } } = this;
    // What becomes ready in the same turn goes out with the first write.
    await undefined;
    BODY_BUDGET.enter();
    let taken = 0;
    try {
      while (!connection.ended) {
        if (taken === 0 && OUTPUT_MEMORY.take(WRITE_BYTES)) taken = WRITE_BYTES;
        this.#fill(taken === 0 ? SMALL_WRITE_BYTES : WRITE_BYTES);
        if (output.length === 0) break;
        const bytes = output.take();
        const turn = BODY_BUDGET.take(bytes.length);
        if (turn !== undefined) await turn;
        if (!await connection.write(bytes)) break;
        output.recycle();
        this.#written?.();
      }
      if (this.#isDone && !connection.ended) {
        this.#closed = this.#deaf = true;
        await connection.closeWrite();
      }
    } catch (error) {
      connection.end("error", error);
    } finally {
      if (taken > 0) OUTPUT_MEMORY.give(taken);
      BODY_BUDGET.leave();
      this.#writing = undefined;
      this.#written?.();
      this.#expect();
    }
  }

  /** Adds pieces of bodies to what will be written, in their order. */
  #fill(bytes: number): void {
    const { output } = this.engine;
    while (output.length < bytes) {
      const next = nextToSend(this.#sending, this.#turns++);
      if (next === undefined) break;
      // Whoever has sent goes behind the others of its kind.
      this.#sending.delete(next);
      this.#sending.add(next);
      next.send();
      if (next.exchange === undefined) this.#sending.delete(next);
    }
  }
}
