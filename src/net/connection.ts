/**
 * One accepted connection: its buffer, its parser, its deadlines and its one
 * way to end. It knows requests and bytes, not what is answered.
 *
 * A read or write is never raced in a promise of its own: every connection
 * has one `AbortSignal`, aborted by the sweep when the running deadline has
 * passed, and closing the socket makes the pending operation reject.
 */

import { ByteBuffer } from "../bytes/byte_buffer.ts";
import { type HeadLimits, INITIAL_BUFFER_BYTES } from "../http/limits.ts";
import type { RequestHead } from "../http/request_head.ts";
import { giveParserBack, takeParser } from "../http/parser_pool.ts";
import type { RequestParser } from "../http/request_parser.ts";
import { plainAddress } from "./address.ts";
import { AnswerQueue } from "./answer_queue.ts";
import type {
  ConnectionEvents,
  ConnectionOptions,
  ConnectionTimeouts,
} from "./connection_options.ts";
import {
  type ConnectionState,
  type DeadlineKind,
  type EndReason,
  failureReason,
  FINAL_STATE,
  transition,
} from "./connection_state.ts";
import type { DeadlineSweep, Timed } from "./deadlines.ts";
import type { ReadTurns } from "./read_turns.ts";
import type { Socket } from "./socket.ts";
import { TimeSlices } from "./time_slices.ts";

/** How much is read and dropped at a time before a close, in bytes (nginx). */
const LINGERING_BUFFER_BYTES = 4096;

/** How long the last bytes have to go out, whatever is configured, in ms. */
const LEAST_LINGERING_MS = 500;

/** The slices of all connections of this thread. */
const SLICES = new TimeSlices();

let connectionsMade = 0;

/** See the top of the file. */
export class Connection implements Timed {
  /** The client's address, without brackets. */
  readonly remoteAddress: string;
  /** The client's port. */
  readonly remotePort: number;
  /** The address the client connected to, without brackets. */
  readonly localAddress: string;
  /** The port the client connected to. */
  readonly localPort: number;
  /** Whether it is a TLS connection. */
  readonly secure: boolean;
  /** When it was accepted, in ms since the epoch. */
  readonly connectedAt: number = Date.now();
  /** When bytes last came or went, in ms of `performance.now()`. */
  lastActivityAt: number;
  /** Its number; no other connection of the thread has it. */
  readonly serial: number = ++connectionsMade;
  /** When its current request began to come, in ms of `performance.now()`. */
  requestBeganAt: number;
  /** How many requests it has brought. */
  requestsServed = 0;
  /** Whether it goes on after the current response. */
  keepAlive = true;
  /** Bytes received. */
  bytesIn = 0;
  /** Bytes sent. */
  bytesOut = 0;
  /** Whether the current request has been answered, wholly or in part. */
  answered = false;
  /** The deadlines; a request's virtual server may bring others. */
  timeouts: ConnectionTimeouts;
  /** The deadline that ended it, if one did. */
  timedOut: DeadlineKind | undefined = undefined;
  /** When the running deadline passes, in ms of `performance.now()`. */
  deadlineAt = Infinity;
  /** Its seat among those that have deadlines. */
  seat = -1;

  readonly #socket: Socket;
  readonly #sweep: DeadlineSweep<Timed>;
  readonly #turns: ReadTurns | undefined;
  readonly #events: ConnectionEvents;
  readonly #buffer: ByteBuffer;
  #abort: AbortController | undefined;
  #noDelay = false;
  readonly #queue = new AnswerQueue();
  #limits: HeadLimits;
  #headerMs: number;
  #parser: RequestParser | undefined;
  #state: ConnectionState = "reading";
  #deadline: DeadlineKind = "none";
  #socketClosed = false;

  /** Takes over an accepted socket. */
  constructor(socket: Socket, options: ConnectionOptions) {
    const remote = socket.remoteAddr as Deno.NetAddr;
    const local = socket.localAddr as Deno.NetAddr;
    const { keepsMapped = false } = options;
    this.remoteAddress = keepsMapped
      ? remote.hostname
      : plainAddress(remote.hostname);
    this.remotePort = remote.port;
    this.localAddress = keepsMapped
      ? local.hostname
      : plainAddress(local.hostname);
    this.localPort = local.port;
    this.secure = options.secure ?? false;
    this.timeouts = options.timeouts;
    this.#socket = socket;
    this.#sweep = options.sweep;
    this.#turns = options.turns;
    this.#limits = options.limits;
    this.#headerMs = options.timeouts.headerMs;
    this.#events = options.events;
    this.lastActivityAt = this.requestBeganAt = options.sweep.time();
    this.#buffer = new ByteBuffer(
      Math.min(INITIAL_BUFFER_BYTES, options.limits.headBytes + 1),
      options.limits.headBytes + 1,
    );
    this.#sweep.add(this);
    this.#arm("connect", this.#headerMs);
  }

  /**
   * Says what its next request heads may cost; the one that is being read is
   * held to what was in force when it began.
   */
  renew(limits: HeadLimits, timeouts: ConnectionTimeouts): void {
    this.#limits = limits;
    this.timeouts = timeouts;
    this.#headerMs = timeouts.headerMs;
    this.#buffer.allow(limits.headBytes + 1);
    if (this.#parser?.begun === false) this.#parser.reset(limits);
  }

  /** Where it is in its life. */
  get state(): ConnectionState {
    return this.#state;
  }

  /** The deadline that is running. */
  get deadline(): DeadlineKind {
    return this.#deadline;
  }

  /** Whether it has ended. */
  get ended(): boolean {
    return this.#state === "closed" || this.#state === "error";
  }

  /** Whether it waits for a request of which nothing has come. */
  get idle(): boolean {
    return (this.#deadline === "idle" || this.#deadline === "connect") &&
      !this.requestBegun;
  }

  /** Whether a byte of the next request has come; empty lines are not one. */
  get requestBegun(): boolean {
    return this.#parser?.begun === true;
  }

  /**
   * Aborted when a deadline passes; that ends whatever is pending. It is made
   * when it is first needed: most connections end without.
   */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      this.#abort.signal.addEventListener("abort", () => this.#timedOut());
    }
    return this.#abort.signal;
  }

  /** Whether a deadline has passed. */
  get #aborted(): boolean {
    return this.#abort !== undefined && this.#abort.signal.aborted;
  }

  /** The unread input; a body is read from it. */
  get input(): ByteBuffer {
    return this.#buffer;
  }

  /**
   * The next request, if its head is already here.
   *
   * @throws {HttpError} when the head cannot be accepted
   */
  parseRequest(): RequestHead | undefined {
    const buffer = this.#buffer;
    if (buffer.length === 0) return undefined;
    const parser = this.#parser ??= takeParser(this.#limits);
    const head = parser.parse(buffer.bytes, buffer.start, buffer.end);
    if (head === undefined) return undefined;
    this.#state = transition(this.#state, "writing");
    this.#arm("none", 0);
    if (++this.requestsServed === 2) this.sendAtOnce();
    this.answered = false;
    buffer.consume(parser.length);
    return head;
  }

  /** Where the line of a request that could not be parsed is in `input`. */
  partialLine(): [start: number, end: number] {
    const { bytes, start, end } = this.#buffer;
    return this.#parser?.partialLine(bytes, start, end) ?? [start, start];
  }

  /** Says that a request which could not be parsed is being answered. */
  beginErrorAnswer(): void {
    if (this.#state === "reading") {
      this.#state = transition(this.#state, "writing");
      this.requestsServed++;
      this.answered = false;
    }
    this.#arm("none", 0);
  }

  /** Ends the current exchange: the next head is read from here. */
  finishExchange(): void {
    this.#state = transition(this.#state, "reading");
    this.#parser?.reset(this.#limits);
  }

  /**
   * Says that more of a request is waited for, under its deadline. A deadline
   * that runs goes on: neither the bytes of a head nor empty lines before it
   * may be used to put it off.
   */
  awaitRequest(): void {
    this.answered = false;
    if (this.requestBegun) {
      // As in nginx the first head has the time from the accept on.
      if (this.#deadline === "connect") this.#deadline = "head";
      else if (this.#deadline !== "head") this.#arm("head", this.#headerMs);
    } else if (this.requestsServed > 0 && this.#deadline !== "idle") {
      this.#arm("idle", this.timeouts.keepaliveMs);
    }
    if (this.#buffer.length === 0) this.#rest();
  }

  /**
   * Whether others come first: what to wait for before {@linkcode read}. The
   * connection may have ended by then.
   */
  turn(): Promise<void> | undefined {
    return this.#turns?.crowded ? this.#turns.wait() : undefined;
  }

  /**
   * Whether others come first who do not work through so much input without
   * waiting for it: what to wait for between two portions of it.
   */
  slice(): Promise<void> | undefined {
    return SLICES.take();
  }

  /**
   * Reads once: what comes is given to {@linkcode received}, and what fails
   * to {@linkcode failed}. Whoever waits here waits for the socket itself; a
   * promise in between would cost as much as parsing a head (measured).
   */
  read(): Promise<number | null> {
    return this.#socket.read(this.#buffer.writable());
  }

  /**
   * Takes what a read has brought.
   *
   * @returns whether the connection goes on; a read may have brought nothing
   */
  received(count: number | null): boolean {
    this.#turns?.received();
    if (this.ended || this.#aborted) return false;
    if (count === null) {
      const within = this.requestBegun || this.#deadline === "body";
      this.end(within ? "premature_eof" : "eof");
      return false;
    }
    this.lastActivityAt = this.#sweep.time();
    if (!this.requestBegun) this.requestBeganAt = this.lastActivityAt;
    this.#buffer.commit(count);
    this.bytesIn += count;
    return true;
  }

  /** Ends the connection because a read or write was rejected. */
  failed(error: unknown): void {
    if (this.ended || this.#aborted) return;
    const reason = failureReason(error);
    this.end(reason, reason === "error" ? error : undefined);
  }

  /**
   * Waits for more of a body, under its deadline.
   * Answers to earlier requests go out first: the client may wait for them,
   * and nothing that is said of this request may overtake them.
   */
  async fillBody(): Promise<boolean> {
    if (this.hasQueued) {
      if (!await this.flush()) return false;
      this.answered = false;
    }
    this.#buffer.growIfFilled();
    this.#sweep.time();
    this.#arm("body", this.timeouts.bodyMs);
    try {
      while (!this.ended) {
        const turn = this.turn() ?? this.slice();
        if (turn !== undefined) {
          await turn;
          if (this.ended) break;
        }
        const count = await this.read();
        if (!this.received(count)) return false;
        if (count !== 0) return true; // 0 is not the end of the stream
        await nextTask();
      }
    } catch (error) {
      this.failed(error);
    }
    return false;
  }

  /**
   * Puts a small answer behind those that wait for {@linkcode flush}: answers
   * to pipelined requests go out together.
   *
   * @returns whether there is room for it; if not, flush first
   */
  queue(bytes: Uint8Array): boolean {
    return this.#queue.add(bytes);
  }

  /** Whether answers wait for {@linkcode flush}. */
  get hasQueued(): boolean {
    return this.#queue.length > 0;
  }

  /** Writes what was queued; see {@linkcode write}. */
  flush(): Promise<boolean> {
    return this.#writeAll(this.#queue.take());
  }

  /**
   * Writes what was queued and then all of `bytes`, the remainder after each
   * short write.
   *
   * @returns whether they were written; if not, the connection has ended
   */
  write(bytes: Uint8Array): Promise<boolean> {
    if (this.#queue.length === 0) return this.#writeAll(bytes);
    return this.flush().then((written) => written && this.#writeAll(bytes));
  }

  async #writeAll(bytes: Uint8Array): Promise<boolean> {
    if (bytes.length === 0) return !this.ended;
    let rest = bytes;
    try {
      while (!this.ended) {
        const count = await this.writeOnce(rest);
        if (this.wrote(count, rest.length)) return true;
        if (count === 0) await nextTask();
        rest = rest.subarray(count);
      }
    } catch (error) {
      this.failed(error);
    }
    return false;
  }

  /**
   * Writes once, under its deadline: how much was taken is given to
   * {@linkcode wrote}, and what fails to {@linkcode failed}. See
   * {@linkcode read} for why.
   */
  writeOnce(bytes: Uint8Array): Promise<number> {
    this.answered = true;
    this.#arm("send", this.timeouts.sendMs);
    return this.#socket.write(bytes);
  }

  /**
   * Takes how much a write has written.
   *
   * @returns whether that is all of it; if not, {@linkcode write} the rest
   */
  wrote(count: number, length: number): boolean {
    this.bytesOut += count;
    if (count < length) return false;
    this.#arm("none", 0);
    this.lastActivityAt = this.#sweep.time();
    return true;
  }

  /**
   * Sends what is written without waiting for more (`TCP_NODELAY`). An answer
   * that is one write, the only one of its connection, does not need it, and
   * short connections are spared the call.
   */
  sendAtOnce(): void {
    if (this.#noDelay || this.ended) return;
    this.#noDelay = true;
    try {
      this.#socket.setNoDelay?.(true);
    } catch {
      // The client has gone: the next read or write says so.
    }
  }

  /** Writes an interim (1xx) response, which does not answer the request. */
  async writeInterim(bytes: Uint8Array): Promise<boolean> {
    const written = await this.write(bytes);
    this.answered = false;
    return written;
  }

  /**
   * Ends the connection so that the client sees the last answer and not a
   * reset (RFC 9112 §9.6): the sending side is closed first, and what the
   * client still sends is read and dropped for a bounded time.
   */
  async linger(): Promise<void> {
    if (this.ended) return;
    await this.#untilClosed();
    this.end("done");
  }

  /** Reads and drops what comes until the client closes, or time is up. */
  async #untilClosed(): Promise<void> {
    const { lingeringMs, lingeringTimeMs } = this.timeouts;
    const until = this.#sweep.time() + lingeringTimeMs;
    try {
      // Over TLS this waits until everything is written.
      this.#arm("linger", Math.max(lingeringMs, LEAST_LINGERING_MS));
      await this.#socket.closeWrite();
      const scratch = new Uint8Array(LINGERING_BUFFER_BYTES);
      while (!this.ended) {
        const left = until - this.#sweep.time();
        if (left <= 0) break;
        this.#arm("linger", Math.min(left, lingeringMs || left));
        const turn = this.slice();
        if (turn !== undefined) await turn;
        if (this.ended) break;
        const count = await this.#socket.read(scratch);
        if (count === null) break;
        this.bytesIn += count;
        if (count === 0) await nextTask();
      }
    } catch {
      // The client has gone: that is what was waited for.
    }
  }

  /**
   * Ends the connection once the answers that wait for {@linkcode flush} are
   * written, so that the client sees them.
   *
   * @returns `false`: it does not go on
   */
  async leave(reason: "done" | "error"): Promise<false> {
    if (this.hasQueued && await this.flush()) await this.#untilClosed();
    this.end(reason);
    return false;
  }

  /** Ends the connection, once; a later call does nothing. */
  end(reason: EndReason, error?: unknown): void {
    if (this.ended) return;
    this.#state = transition(this.#state, FINAL_STATE[reason]);
    this.#arm("none", 0);
    this.#sweep.delete(this);
    const isWhole = reason === "done" || reason === "eof" ||
      (reason === "timeout" && this.timedOut === "idle");
    this.#closeSocket(isWhole);
    this.#events.ended(reason, error);
  }

  /**
   * Gives its memory back. The last thing its user does: no read may be
   * pending, and the heads it parsed are gone with it.
   */
  release(): void {
    this.#rest();
    this.#buffer.dispose();
  }

  /** Called by the sweep: aborts what is pending. */
  expire(): void {
    this.deadlineAt = Infinity;
    if (this.signal.aborted) return this.end("timeout");
    this.#abort!.abort();
  }

  #arm(kind: DeadlineKind, ms: number): void {
    this.#deadline = kind;
    this.deadlineAt = ms > 0 ? this.#sweep.now + ms : Infinity;
  }

  /** Gives back what an idle connection does not need. */
  #rest(): void {
    this.#buffer.shrink();
    if (this.#parser === undefined) return;
    giveParserBack(this.#parser);
    this.#parser = undefined;
  }

  #timedOut(): void {
    const kind = this.timedOut = this.#deadline;
    const unanswered = (kind === "head" ||
      (kind === "connect" && this.requestBegun) ||
      kind === "body") && !this.answered;
    // Lingering has done its work when its time is up.
    if (!unanswered) return this.end(kind === "linger" ? "done" : "timeout");
    this.#arm(
      "send",
      Math.max(this.timeouts.lingeringMs, LEAST_LINGERING_MS),
    );
    const answer = this.#events.requestTimedOut();
    // A read is pending, so the answer is written beside it; the socket of a
    // client that has had no answer yet always takes it at once.
    this.#socket.write(answer)
      .then((count) => {
        this.bytesOut += count;
        return this.#socket.closeWrite();
      })
      .catch(() => {})
      .finally(() => this.end("timeout"));
  }

  #closeSocket(isWhole: boolean): void {
    if (this.#socketClosed) return;
    this.#socketClosed = true;
    try {
      if (isWhole && this.#socket.finish !== undefined) this.#socket.finish();
      else this.#socket.close();
    } catch {
      // Already closed by the runtime when its peer went away.
    }
  }
}

/** Lets timers and other connections run before a fruitless call is retried. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}
