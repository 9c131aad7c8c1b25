/**
 * One accepted connection, whatever protocol is spoken on it: its input
 * buffer, its state, its deadlines, its counters and its one way to end.
 *
 * A read or write is never raced in a promise of its own: when a deadline has
 * passed, closing the transport makes the pending operation reject.
 */

import { ByteBuffer } from "../bytes/byte_buffer.ts";
import type { FilePart, KeptBytes } from "../http/response.ts";
import type { ProxyHeader } from "../http/addresses/proxy_protocol.ts";
import type {
  ConnectionEvents,
  ConnectionOptions,
  ConnectionTimeouts,
} from "./connection_options.ts";
import {
  type ConnectionState,
  type DeadlineKind,
  type EndReason,
  endReasonOf,
  FINAL_STATE,
  transition,
} from "./connection_state.ts";
import type { DeadlineSweep, Timed } from "./deadlines.ts";
import type { ProxySource } from "./proxied_transport.ts";
import type { FairReads } from "../scheduling/fair_reads.ts";
import { InputSlices } from "../scheduling/input_slices.ts";
import { nextTask, pauseAfterWork } from "../scheduling/pause.ts";
import { LEAST_LINGERING_MS, lingerOn } from "./lingering.ts";
import { eventLoop } from "./native/event_loop.ts";
import type { ReadWaiter, Soon, TlsTerms, Transport } from "./transport.ts";
import { WatchedTransport } from "./watched_transport.ts";

/** First size of the input buffer, in bytes: most connections are idle, and
 * what programs send that are no browsers has 100 to 300 bytes. */
export const INITIAL_BUFFER_BYTES = 512;

/** To which size the buffer of a connection stays that has needed it, in bytes
 * (nginx's `client_header_buffer_size 1k`): the head of a browser. */
const KEPT_BUFFER_BYTES = 1024;

/** The slices of all connections of this thread on sockets of the runtime. */
const SLICES = new InputSlices();

/**
 * Those of connections on sockets of the system: who pauses goes on when the
 * others have been told of once. The runtime looks at its own only every few
 * ms, by when more would wait than it lets go on (measured: thousands).
 */
const ROUND_SLICES = new InputSlices(undefined, pauseForRound);

function pauseForRound(action: () => void): void {
  const loop = eventLoop();
  if (loop === undefined) pauseAfterWork(action);
  else loop.again({ ready: action });
}

let connectionsMade = 0;

/** The bytes, the deadlines and the end of one connection. */
export class Connection implements Timed {
  /** The client's address, without brackets; `unix:` of a Unix socket. */
  readonly remoteAddress: string;
  /** The client's port; 0 of a Unix socket. */
  readonly remotePort: number;
  /** The address the client connected to, or `unix:` and a path. */
  readonly localAddress: string;
  /** The port the client connected to; 0 of a Unix socket. */
  readonly localPort: number;
  /** Whether it is a TLS connection. */
  readonly secure: boolean;
  /** What has come and nobody has taken yet. */
  readonly input: ByteBuffer;
  /** Its number; no other connection of the thread has it. */
  readonly serial: number = ++connectionsMade;
  /** When it was accepted, in ms of `performance.now()`. */
  readonly openedAt: number;
  /** When bytes last came or went, in ms of `performance.now()`. */
  lastActivityAt: number;
  /** Bytes received. */
  bytesIn = 0;
  /** Bytes sent. */
  bytesOut = 0;
  /** The deadlines; a request's location may bring others. */
  timeouts: ConnectionTimeouts;
  /** Whether it has ended. Only it sets this. */
  ended = false;
  /** Whether its protocol reads all the time, and sees when the client leaves. */
  readsOn = false;
  /** The deadline that ended it, if one did. */
  timedOut: DeadlineKind | undefined = undefined;
  /** The deadline that was running when it ended. */
  endedIn: DeadlineKind = "none";
  /** When the running deadline passes, in ms of `performance.now()`. */
  deadlineAt = Infinity;
  /** Its place among those that have deadlines. */
  index = -1;

  #transport: Transport;
  /** The transport, once its client is watched. */
  #watched: WatchedTransport | undefined;
  readonly #proxySource: ProxySource | undefined;
  readonly #sweep: DeadlineSweep<Timed>;
  readonly #fairReads: FairReads | undefined;
  readonly #events: ConnectionEvents;
  /** The deadline of heads: that of the server that has the connection. */
  #headerMs: number;
  #noDelay = false;
  #state: ConnectionState = "reading";
  #deadline: DeadlineKind = "none";

  /** Takes over an accepted transport. */
  constructor(transport: Transport, options: ConnectionOptions) {
    const { addresses } = options;
    this.remoteAddress = addresses.remoteAddress;
    this.remotePort = addresses.remotePort;
    this.localAddress = addresses.localAddress;
    this.localPort = addresses.localPort;
    this.#proxySource = options.proxySource;
    this.secure = options.secure ?? false;
    this.timeouts = options.timeouts;
    this.#headerMs = options.timeouts.headerMs;
    this.#transport = transport;
    if (this.secure) transport.reader = this;
    this.#sweep = options.sweep;
    this.#fairReads = options.fairReads;
    this.#events = options.events;
    this.openedAt = this.lastActivityAt = options.sweep.time();
    const { maxInputBytes } = options;
    this.input = new ByteBuffer(
      Math.min(INITIAL_BUFFER_BYTES, maxInputBytes),
      maxInputBytes,
      KEPT_BUFFER_BYTES,
    );
    this.#sweep.add(this);
    this.#arm("connect", this.#headerMs);
  }

  /** When it was accepted, in ms since the epoch, by the clock as it is now. */
  get connectedAt(): number {
    return Date.now() - (performance.now() - this.openedAt);
  }

  /** Says what the deadlines are until a request has found its location. */
  renew(timeouts: ConnectionTimeouts): void {
    this.timeouts = timeouts;
    this.#headerMs = timeouts.headerMs;
  }

  /** What a proxy has said of its client, if it was to say something. */
  get proxied(): ProxyHeader | undefined {
    return this.#proxySource?.header;
  }

  /** Whether a proxy has yet to say who its client is. */
  get awaitsProxy(): boolean {
    return this.#proxySource !== undefined && this.proxied === undefined;
  }

  /** Whether its client speaks HTTP in the clear where it had to speak TLS. */
  get isPlain(): boolean {
    return this.#transport.isPlain === true;
  }

  /** What was agreed on, if it is a TLS connection. */
  get tls(): TlsTerms | undefined {
    return this.#transport.tls;
  }

  /** Where it is in its life. */
  get state(): ConnectionState {
    return this.#state;
  }

  /** The deadline that is running. */
  get deadline(): DeadlineKind {
    return this.#deadline;
  }

  /** Whether it waits for a request of which nothing has come. */
  get idle(): boolean {
    return this.#deadline === "idle" || this.#deadline === "connect";
  }

  /** Says that a request is being answered: nothing of the client is late. */
  startExchange(): void {
    if (this.#state === "reading") this.#state = "writing";
    this.#arm("none", 0);
  }

  /** Says that a request has been answered: the next one is awaited. */
  finishExchange(): void {
    this.#state = this.#state === "writing"
      ? "reading"
      : transition(this.#state, "reading");
  }

  /**
   * Says what is waited for, under whose deadline. A deadline that runs goes
   * on: neither the bytes of a head nor empty lines before it put it off, and
   * as in nginx the first head has the time from the accept on. Only of a body
   * each piece has a deadline of its own.
   */
  expect(kind: "idle" | "head" | "body" | "send"): void {
    if (this.#deadline === kind && kind !== "body") return;
    if (kind === "head" && this.#deadline === "connect") {
      this.#deadline = kind;
      return;
    }
    const { keepaliveMs, bodyMs, sendMs } = this.timeouts;
    this.#arm(
      kind,
      kind === "idle"
        ? keepaliveMs
        : kind === "head"
        ? this.#headerMs
        : kind === "body"
        ? bodyMs
        : sendMs,
    );
  }

  /**
   * Whether others come first: what to wait for before {@linkcode read}. The
   * connection may have ended by then. What is here already takes nothing of
   * what a round of the runtime has for all.
   */
  turn(): Promise<void> | undefined {
    if (!this.#fairReads?.crowded || this.#transport.hasInput) return undefined;
    return this.#fairReads.wait();
  }

  /**
   * Whether others come first who do not work through so much input without
   * waiting for it: what to wait for between two portions of it.
   */
  slice(): Promise<void> | undefined {
    return (this.isFair ? ROUND_SLICES : SLICES).take();
  }

  /**
   * Reads once: what comes is given to {@linkcode received}, and what fails
   * to {@linkcode failed}. Whoever waits here waits for the transport itself;
   * a promise in between would cost as much as parsing a head (measured).
   */
  read(): Soon<number | null> {
    const free = this.input.writable();
    // A read into nothing would bring nothing, for ever.
    if (free.length === 0) throw new Error("the input buffer is full");
    return this.#transport.read(free);
  }

  /**
   * As {@linkcode read}, but where the transport can do so without a promise
   * `undefined` says that `waiter` is told when there is something.
   */
  readNow(waiter: ReadWaiter): Soon<number | null> | undefined {
    const transport = this.#transport;
    if (transport.readNow === undefined) return this.read();
    const free = this.input.writable();
    if (free.length === 0) throw new Error("the input buffer is full");
    const count = transport.readNow(free, waiter);
    // An idle connection needs none.
    if (count === undefined) this.input.rest();
    return count;
  }

  /**
   * Takes what a read has brought, at `now` in ms of `performance.now()`, where
   * that is known.
   *
   * @returns whether the connection goes on; a read may have brought nothing
   */
  received(count: number | null, now?: number): boolean {
    if (this.#fairReads?.counts) this.#fairReads.received();
    if (this.ended || this.timedOut !== undefined) return false;
    if (count === null) {
      const within = this.#deadline === "head" || this.#deadline === "body";
      // Whoever had its answer, and goes, is one less to be waited for.
      const isDone = this.#deadline === "linger";
      this.end(isDone ? "done" : within ? "premature_eof" : "eof");
      return false;
    }
    this.lastActivityAt = this.#sweep.time(now);
    this.input.commit(count);
    this.bytesIn += count;
    return true;
  }

  /** Ends the connection because a read or write was rejected. */
  failed(error: unknown): void {
    if (this.ended || this.timedOut !== undefined) return;
    const reason = endReasonOf(error);
    const saysMore = reason === "error" || reason === "tls_failure" ||
      reason === "unreachable";
    this.end(reason, saysMore ? error : undefined);
  }

  /**
   * Reads on while a request is worked on, so that the connection ends when
   * the client leaves, until {@linkcode unwatch} or the next read.
   */
  watch(): void {
    if (this.ended || this.readsOn) return;
    this.#transport = this.#watched ??= new WatchedTransport(
      this.#transport,
      (error) => this.#left(error),
    );
    this.#watched.watch();
  }

  /** Leaves what comes to the next read. */
  unwatch(): void {
    this.#watched?.unwatch();
  }

  #left(error?: unknown): void {
    if (error !== undefined) this.failed(error);
    else if (!this.ended) this.end("premature_eof");
  }

  /**
   * Waits for more input under the deadline of `kind`, in fair turns.
   *
   * @returns whether some has come; if not, the connection has ended
   */
  fill(kind: "idle" | "head" | "body"): Promise<boolean> {
    this.#sweep.time();
    if (kind === "body") this.input.growIfFilled();
    this.expect(kind);
    return this.#fill();
  }

  /**
   * Waits for more input that nobody wants, but not beyond `until` or, where
   * none comes, `lingering_timeout`: then the connection has done its work.
   *
   * @returns as {@linkcode fill}
   */
  fillToDrop(until: number): Promise<boolean> {
    const { lingeringMs } = this.timeouts;
    const left = until - this.#sweep.time();
    this.input.growIfFilled();
    this.#arm("linger", Math.max(1, Math.min(left, lingeringMs || left)));
    return this.#fill();
  }

  async #fill(): Promise<boolean> {
    try {
      while (!this.ended) {
        const turn = this.turn() ?? this.slice();
        if (turn !== undefined) {
          await this.#whileOthersRead(turn);
          if (this.ended) break;
        }
        const count = await this.read();
        if (!this.received(count)) return false;
        if (count !== 0) return true;
        await nextTask();
      }
    } catch (error) {
      this.failed(error);
    }
    return false;
  }

  /**
   * Waits for a turn. What it takes is no delay of a client that is asked for
   * the next piece of a body.
   */
  async #whileOthersRead(turn: Promise<void>): Promise<void> {
    const kind = this.#deadline;
    if (kind !== "body" && kind !== "linger") return await turn;
    const left = this.deadlineAt - this.#sweep.time();
    this.deadlineAt = Infinity;
    await turn;
    if (this.ended || this.#deadline !== kind) return;
    this.deadlineAt = this.#sweep.time() + left;
  }

  /**
   * Writes all of `bytes`, which may be of a body that is `kept`, the remainder
   * after each short write.
   *
   * @returns whether they were written; if not, the connection has ended
   */
  async write(bytes: Uint8Array, kept?: KeptBytes): Promise<boolean> {
    if (bytes.length === 0) return !this.ended;
    let rest = bytes;
    try {
      while (!this.ended) {
        const isWhole = rest === bytes;
        const count = await this.writeOnce(
          rest,
          false,
          isWhole ? kept : undefined,
        );
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
   * Writes once, under its deadline, perhaps with `more` to follow at once, or
   * with a body that is `kept`: how much was taken is given to
   * {@linkcode wrote}, and what fails to {@linkcode failed}. As with
   * {@linkcode read} there is no promise in between.
   */
  writeOnce(
    bytes: Uint8Array,
    more = false,
    kept?: KeptBytes,
  ): Soon<number> {
    this.#arm("send", this.timeouts.sendMs);
    return this.#transport.write(bytes, more, kept);
  }

  /** Whether its client has sent more than was taken, where that is known. */
  get hasUnread(): boolean | undefined {
    return this.input.length > 0 || this.#transport.hasUnread;
  }

  /** Whether it sends files without reading them. */
  get sendsFiles(): boolean {
    return this.#transport.sendsFiles === true;
  }

  /** Whether its transport gives others their turn. */
  get isFair(): boolean {
    return this.#transport.isFair === true;
  }

  /**
   * Sends some of a file, under a deadline.
   *
   * @returns how many bytes, 0 where the file ends, `NOT_BY_DESCRIPTOR` where
   * it has to be read; `undefined` when the connection has ended
   */
  async sendFile(part: FilePart): Promise<number | undefined> {
    try {
      this.#arm("send", this.timeouts.sendMs);
      const count = await this.#transport.sendFile!(part);
      this.bytesOut += Math.max(count, 0);
      this.#arm("none", 0);
      this.lastActivityAt = this.#sweep.time();
      return this.ended ? undefined : count;
    } catch (error) {
      this.failed(error);
      return undefined;
    }
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
   * Waits until the socket has taken all that was written, under the deadline
   * of a write. What is done before that is lost when the connection ends, and
   * a client that is slow has not even begun to read it.
   *
   * @returns whether it has; if not, the connection has ended
   */
  flush(): Soon<boolean> {
    try {
      const pending = this.#transport.flush?.();
      return pending === undefined ? !this.ended : this.#flushed(pending);
    } catch (error) {
      this.failed(error);
      return false;
    }
  }

  async #flushed(pending: Promise<void>): Promise<boolean> {
    this.#arm("send", this.timeouts.sendMs);
    try {
      await pending;
    } catch (error) {
      this.failed(error);
    }
    if (this.ended) return false;
    // A request may have come in the meantime, which has a deadline of its own.
    if (this.#deadline === "send") this.#arm("none", 0);
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
      this.#transport.setNoDelay?.(true);
    } catch {
      // The client has gone: the next read or write says so.
    }
  }

  /**
   * Ends the connection so that the client sees the last answer and not a
   * reset (RFC 9112 §9.6): the sending side is closed first, and what the
   * client still sends is read and dropped for a bounded time.
   */
  async linger(reason: "done" | "error" = "done"): Promise<void> {
    if (!await this.flush()) return;
    await lingerOn(this.#transport, this, {
      time: () => this.#sweep.time(),
      allow: (ms) => this.#arm("linger", ms),
    });
    this.end(reason);
  }

  /**
   * Closes the sending side, when all has been written. Whoever reads on, and
   * drops what comes, ends the connection when the client has closed its side
   * too; that may take as long as lingering may.
   */
  async closeWrite(): Promise<void> {
    if (!await this.flush()) return;
    this.#arm(
      "linger",
      Math.max(this.timeouts.lingeringMs, LEAST_LINGERING_MS),
    );
    try {
      await this.#transport.closeWrite();
    } catch {
      this.end("done");
    }
  }

  /**
   * Sends the last bytes beside a read that is pending, closes the sending
   * side, and ends. Only for a client that has had no answer yet: its socket
   * takes so much at once.
   */
  async sendLast(
    bytes: Uint8Array,
    reason: "timeout" | "evicted" = "timeout",
  ): Promise<void> {
    this.#arm("send", Math.max(this.timeouts.lingeringMs, LEAST_LINGERING_MS));
    try {
      this.bytesOut += await this.#transport.write(bytes);
      await this.#transport.closeWrite();
    } catch {
      // The client has gone; it is counted as late all the same.
    }
    this.end(reason);
  }

  /** Ends the connection, once; a later call does nothing. */
  end(reason: EndReason, error?: unknown): void {
    if (this.ended) return;
    this.endedIn = this.timedOut ?? this.#deadline;
    this.#state = transition(this.#state, FINAL_STATE[reason]);
    this.ended = true;
    this.#arm("none", 0);
    this.#sweep.delete(this);
    this.#close(this.#isWhole(reason));
    this.#events.ended(reason, error);
  }

  /**
   * Whether its client has all that it was promised. One that has asked for
   * nothing, or has its answers, is told so whoever ends the connection: else
   * it could not tell that from an attack (RFC 8446 §6.1).
   */
  #isWhole(reason: EndReason): boolean {
    if (reason === "done" || reason === "eof") return true;
    const isBetween = this.endedIn === "idle" || this.endedIn === "connect";
    return isBetween && (reason === "timeout" || reason === "evicted");
  }

  /**
   * Gives its memory back. The last thing its user does: no read may be
   * pending, and what was parsed in place is gone with it.
   */
  release(): void {
    this.#watched?.release();
    this.input.dispose();
  }

  /**
   * Called by the sweep when the deadline has passed: the protocol may have a
   * last word; without one, or when that takes too long as well, it ends.
   */
  expire(): void {
    this.deadlineAt = Infinity;
    if (this.timedOut !== undefined) return this.end("timeout");
    const kind = this.timedOut = this.#deadline;
    // Lingering has done its work when its time is up.
    if (kind === "linger") return this.end("done");
    if (!this.#events.deadlinePassed(kind)) this.end("timeout");
  }

  #arm(kind: DeadlineKind, ms: number): void {
    this.#deadline = kind;
    this.deadlineAt = ms > 0 ? this.#sweep.now + ms : Infinity;
  }

  #close(isWhole: boolean): void {
    const transport = this.#transport;
    try {
      if (isWhole && transport.finish !== undefined) transport.finish();
      else transport.close();
    } catch {
      // Already closed by the runtime when its peer went away.
    }
  }
}
