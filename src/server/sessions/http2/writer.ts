/**
 * What goes out on one connection of HTTP/2, one write at a time. What has
 * become ready by the end of a write goes out with the next one.
 */

import type { Http2Engine } from "../../../http/http2/engine.ts";
import { FRAME_HEAD_BYTES } from "../../../http/http2/frames.ts";
import { OUTPUT_MEMORY } from "../../../http/http1/output_memory.ts";
import type { Connection } from "../../../net/connection.ts";
import { SLOW_READ_MS } from "../../../scheduling/send_budget.ts";
import { BODY_BUDGET } from "../body_sender.ts";
import { SendOrder } from "./order.ts";
import type { ServedStream } from "./stream.ts";

/** How much is put together for one write, in bytes: three full records, as
 * many as are encrypted at a time. */
const WRITE_BYTES = 48 * 1024;

/** Room for a smaller piece than this is left to the next write, in bytes. */
const LEAST_PIECE_BYTES = 512;

/** How much of it when answers that wait take too much memory, in bytes. */
const SMALL_WRITE_BYTES = 4 * 1024;

/** While so much waits to be written nothing more is read, in bytes. */
const MAX_WAITING_BYTES = 64 * 1024;

/** How much of bodies the streams of a connection have ahead, in bytes. */
const MAX_AHEAD_BYTES = 64 * 1024;

/** What the writer asks of its connection. */
interface WriterHost {
  /** Whether nothing will be said after what waits to be written. */
  readonly isDone: boolean;
  /** Nothing is ready to be written any more. */
  wrote(): void;
}

/** The writes of one connection. */
export class Http2Writer {
  /** Those whose answers go out piece by piece. */
  readonly order = new SendOrder<ServedStream>();
  /** Whether the sending side was closed. */
  isClosed = false;
  readonly #connection: Connection;
  readonly #engine: Http2Engine;
  readonly #host: WriterHost;
  #writing: Promise<void> | undefined;
  /** Called after each write. */
  #written: (() => void) | undefined;

  /** Writes what the engine has to say. */
  constructor(connection: Connection, engine: Http2Engine, host: WriterHost) {
    this.#connection = connection;
    this.#engine = engine;
    this.#host = host;
  }

  /** The write that is under way; it never rejects. */
  get writing(): Promise<void> | undefined {
    return this.#writing;
  }

  /** Whether too much waits to be written for more to be read. */
  get isFull(): boolean {
    return this.#engine.output.length > MAX_WAITING_BYTES &&
      !this.#connection.ended;
  }

  /** Waits for the next write to end. */
  written(): Promise<void> {
    this.wake();
    return new Promise((resolve) => this.#written = resolve);
  }

  /** There is something to be written, or nothing will be any more. */
  wake(): void {
    if (this.#writing === undefined && this.#mayWrite) {
      this.#writing = this.#write();
    }
  }

  /** The connection has ended: nobody waits for a write. */
  end(): void {
    this.#written?.();
  }

  get #mayWrite(): boolean {
    if (this.#connection.ended || this.isClosed) return false;
    return this.#engine.output.length > 0 || this.order.size > 0 ||
      this.#host.isDone;
  }

  /** Writes until nothing is ready. Never rejects. */
  async #write(): Promise<void> {
    const connection = this.#connection;
    const { output } = this.#engine;
    // What becomes ready in the same turn goes out with the first write.
    await undefined;
    let taken = 0;
    let isCounted = false;
    try {
      while (!connection.ended) {
        if (taken === 0 && OUTPUT_MEMORY.take(WRITE_BYTES)) taken = WRITE_BYTES;
        const beganAt = performance.now();
        const goesOn = this.#fill(
          taken === 0 ? SMALL_WRITE_BYTES : WRITE_BYTES,
        );
        const readMs = performance.now() - beganAt;
        if (output.length === 0) break;
        if (goesOn && !isCounted) {
          isCounted = true;
          BODY_BUDGET.enter();
        }
        const bytes = output.take();
        const sharesBudget = goesOn && !connection.isFair;
        const turn = sharesBudget || readMs >= SLOW_READ_MS
          ? BODY_BUDGET.take(bytes.length, readMs)
          : undefined;
        if (turn !== undefined) await turn;
        if (!await connection.write(bytes)) break;
        output.recycle();
        this.#written?.();
      }
      if (this.#host.isDone && !connection.ended) {
        this.isClosed = true;
        await connection.closeWrite();
      }
    } catch (error) {
      connection.end("error", error);
    } finally {
      if (taken > 0) OUTPUT_MEMORY.give(taken);
      if (isCounted) BODY_BUDGET.leave();
      this.#writing = undefined;
      this.#written?.();
      this.#host.wrote();
    }
  }

  /**
   * Adds pieces of bodies to what will be written, in their order.
   *
   * @returns whether one of them has sent a whole write before, so that it is
   * a large body among others. Nobody else stands in their line: a small answer
   * would wait until each of them had sent a piece (measured with 200: three
   * times 20 ms)
   */
  #fill(bytes: number): boolean {
    const { order } = this;
    let goesOn = false;
    const engine = this.#engine;
    while (order.size > 0) {
      const space = bytes - FRAME_HEAD_BYTES - engine.output.length;
      if (space < LEAST_PIECE_BYTES) break;
      const next = order.next()!;
      if (next.sentBytes >= WRITE_BYTES) goesOn = true;
      next.takeTurn(space, MAX_AHEAD_BYTES / order.size);
    }
    return goesOn;
  }
}
