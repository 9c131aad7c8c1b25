/**
 * A log that is written behind the back of whoever logs.
 *
 * Two buffers take turns. Lines are appended to the one that
 * {@linkcode LogFile.buffer} hands out, while the other is on its way to the
 * disk; nobody who logs ever waits. A *round* is one such turn: the buffers are
 * exchanged, and the full one is written until nothing is left of it. A round
 * starts when 64 KiB have gathered, when lines have waited as long as they may,
 * when {@linkcode LogFile.tick} finds anything at all (once a second), or when
 * somebody asks. A log whose lines are to be read at once has them in the file
 * after an instant, and while there are thousands of them after some
 * milliseconds.
 *
 * A disk that is full or slow costs lines, never memory and never answers: each
 * buffer has a limit, a line that does not fit is dropped whole and counted,
 * and the count is reported, once a second at most. What could not be written
 * stays and is tried again at the next tick, from the very byte where the last
 * write ended, so a full disk that gets room again has every line once.
 *
 * A line must be appended without waiting in between: `buffer` is another one
 * after each `await`.
 */

import type { MemoryUse } from "../bytes/memory_budget.ts";
import { sleepSync } from "./file_sinks.ts";
import { LogBuffer } from "./log_buffer.ts";
import {
  canonicalLogPath,
  isStandardStream,
  type LogSink,
} from "./log_sink.ts";
import { openLogSink } from "./open_log_sink.ts";
import { type TroubleListener, TroubleReporter } from "./log_trouble.ts";

/**
 * How many bytes gather before they are written. nginx takes the same 64 KiB
 * for a buffered log that names no size (`access_log ... gzip`).
 */
const DEFAULT_FLUSH_BYTES: number = 64 * 1024;

/** How many bytes of lines one log may hold in memory, both buffers together. */
const DEFAULT_MEMORY_BYTES: number = 4 * 1024 * 1024;

/**
 * How long {@linkcode LogFile.flushSync} leaves a write that is already under
 * way to finish, in ms. It cannot be waited for without giving up the thread.
 */
const LAST_WRITE_GRACE_MS = 50;

/**
 * How long {@linkcode LogFile.close} waits for a write that makes no progress,
 * in ms: a pipe whose reader is stuck must not keep the program from ending.
 */
const STUCK_MS = 1000;

/**
 * About the most that is written at once, in bytes, in whole lines: as much as
 * a pipe holds, so that one which is read slowly is seen to make progress.
 */
const PIECE_BYTES = 64 * 1024;

/**
 * How many times the flush size a buffer may keep of the memory that a burst
 * of lines made it take.
 */
const KEPT_FLUSHES = 4;

/**
 * How long lines that are to be written at once wait for others after such a
 * write, in ms. Somebody may cause thousands of them in a second, and each
 * write costs as much as making ten lines.
 */
const URGENT_INTERVAL_MS = 10;

/** The time between two ticks of a log, in ms. */
export const TICK_MS = 1000;

const LINE_FEED = 0x0a;

/** How a {@linkcode LogFile} is made. */
export interface LogFileOptions {
  /** See {@linkcode DEFAULT_FLUSH_BYTES}. */
  readonly flushBytes?: number;
  /** How long lines may gather, in ms; to the next tick by default. */
  readonly flushMs?: number;
  /** Whether each line is written at once, as {@linkcode LogFile.appendLine} does. */
  readonly isPrompt?: boolean;
  /** See {@linkcode DEFAULT_MEMORY_BYTES}. */
  readonly memoryBytes?: number;
  /** Told about trouble once a second at most; what it throws is ignored. */
  readonly onTrouble?: TroubleListener;
  /** Opens the path; {@linkcode openLogSink} by default. */
  readonly open?: (path: string) => LogSink;
}

/** One log file, with the lines that are on their way to it. */
export class LogFile {
  /** The path, or `/dev/stdout` or `/dev/stderr`. */
  readonly path: string;
  /** Takes the next line; call {@linkcode lineDone} when it is complete. */
  buffer: LogBuffer;

  readonly #flushBytes: number;
  readonly #flushMs: number;
  readonly #isPrompt: boolean;
  readonly #trouble: TroubleReporter;
  readonly #open: (path: string) => LogSink;
  #sink: LogSink;
  /** The buffer that is being written, and how much of it has been. */
  #writing: LogBuffer;
  #written = 0;
  /** The round under way. It never rejects. */
  #round: Promise<void> | undefined;
  /** Whether the last write failed: only a tick or a flush tries again. */
  #failing = false;
  /** Whether lines wait that want a round of their own at once. */
  #urgent: boolean;
  /** When the last round began, in ms of `performance.now()`. */
  #roundBeganAt = -Infinity;
  /** Starts a round when the lines have waited as long as they may. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  #reopening = false;
  #closing: Promise<void> | undefined;
  /** Where the piece ends that is being written. */
  #pieceEnd = 0;
  /** Bytes that have been written, for who waits for progress. */
  #progress = 0;

  /**
   * Opens the log at `path` for appending, so that a path that cannot be
   * written is found at startup.
   *
   * @throws {Deno.errors.PermissionDenied} and the other errors of opening
   */
  constructor(path: string, options: LogFileOptions = {}) {
    const bufferBytes = (options.memoryBytes ?? DEFAULT_MEMORY_BYTES) / 2;
    this.path = canonicalLogPath(path);
    this.buffer = new LogBuffer(bufferBytes);
    this.#writing = new LogBuffer(bufferBytes);
    this.#flushBytes = options.flushBytes ?? DEFAULT_FLUSH_BYTES;
    this.#flushMs = options.flushMs ?? 0;
    this.#isPrompt = options.isPrompt ?? false;
    this.#urgent = this.#isPrompt;
    this.#trouble = new TroubleReporter(this.path, options.onTrouble);
    this.#open = options.open ?? openLogSink;
    this.#sink = this.#open(this.path);
  }

  /** What its buffers take, and may. */
  get memory(): MemoryUse {
    return {
      bytes: this.buffer.capacity + this.#writing.capacity,
      budget: this.buffer.limit + this.#writing.limit,
    };
  }

  /** How many bytes are in memory and not yet in the file. */
  get pendingBytes(): number {
    return this.buffer.length + this.#writing.length - this.#written;
  }

  /** Ends the line in {@linkcode buffer}, which is written when it is time. */
  lineDone(): void {
    if (this.#closing !== undefined) this.buffer.abandonLine();
    else if (this.buffer.endLine()) return this.#startRoundIfDue();
    this.#trouble.dropped(1);
  }

  /**
   * Takes whole lines and has them written at once, or as soon as the write
   * under way has ended. Those that do not fit are dropped, each one whole.
   */
  appendLines(lines: Uint8Array): void {
    this.#hurry();
    if (this.#append(lines)) return this.#startRoundIfDue();
    for (let start = 0; start < lines.length;) {
      const end = lines.indexOf(LINE_FEED, start) + 1 || lines.length;
      if (!this.#append(lines.subarray(start, end))) this.#trouble.dropped(1);
      start = end;
    }
    this.#startRoundIfDue();
  }

  /** As {@linkcode appendLines} with one line, which ends with its line feed. */
  appendLine(line: string): void {
    this.#hurry();
    if (this.#closing === undefined) this.buffer.appendText(line);
    this.lineDone();
  }

  /** To be called once a second: writes what there is, reports trouble. */
  tick(): void {
    if (this.#closing !== undefined) return;
    this.#trouble.report();
    if (this.#round !== undefined || this.pendingBytes === 0) return;
    if (performance.now() - this.#roundBeganAt >= this.#flushMs) {
      this.#startRound();
    }
  }

  /**
   * Writes every line that is complete now. Never rejects: an error of writing
   * is reported as trouble, and the lines stay.
   *
   * @returns whether all of them are in the file
   */
  async flush(): Promise<boolean> {
    await this.#round;
    // The lines are still here, or in the round that followed at once.
    await (this.#round ?? this.#startRound());
    return !this.#failing;
  }

  /**
   * Opens the path again, after a log rotation has renamed the file. The old
   * file is not written to once this has resolved, and every line is in exactly
   * one of the two. If the path cannot be opened, the old file stays in use and
   * the error is reported as trouble.
   */
  async reopen(): Promise<void> {
    if (isStandardStream(this.path) || this.#closing !== undefined) return;
    this.#reopening = true;
    while (this.#reopening) await (this.#round ?? this.#startRound());
  }

  /** Writes every complete line and closes the file. Later lines are lost. */
  close(): Promise<void> {
    this.#closing ??= this.#flushAndClose();
    return this.#closing;
  }

  /**
   * Writes every complete line before it returns, for the very end of the
   * program, when nothing can be awaited; {@linkcode close} is better. A write
   * under way is given a moment to finish and is not written a second time.
   */
  flushSync(): void {
    if (this.#closing !== undefined) return;
    try {
      if (this.#round !== undefined) {
        sleepSync(LAST_WRITE_GRACE_MS);
        this.#written = Math.max(this.#written, this.#pieceEnd);
      }
      while (this.#written < this.#writing.length) {
        this.#written += this.#writeSync(this.#writing, this.#written);
      }
      while (this.buffer.completeLength > 0) {
        this.buffer.discard(this.#writeSync(this.buffer, 0));
      }
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Whether `bytes`, which end with a line, could be kept. */
  #append(bytes: Uint8Array): boolean {
    if (this.#closing !== undefined) return false;
    this.buffer.appendBytes(bytes);
    return this.buffer.endLine();
  }

  #startRoundIfDue(): void {
    if (this.#round !== undefined || this.#failing) return;
    if (this.buffer.length >= this.#flushBytes) return void this.#startRound();
    if (this.#timer !== undefined) return;
    const wait = this.#urgent
      ? this.#roundBeganAt + URGENT_INTERVAL_MS - performance.now()
      : this.#flushMs;
    if (wait > 0) this.#startRoundAfter(wait);
    else if (this.#urgent) void this.#startRound();
  }

  /** Has the lines there are, and the next one, written at once. */
  #hurry(): void {
    if (this.#urgent) return;
    this.#urgent = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #startRoundAfter(ms: number): void {
    // A tick finds what may wait for one, or for ever.
    if (ms >= TICK_MS) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#round === undefined) void this.#startRound();
    }, ms);
    Deno.unrefTimer(this.#timer);
  }

  #startRound(): Promise<void> {
    this.#urgent = this.#isPrompt;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#roundBeganAt = performance.now();
    this.#round = this.#runRound().then(() => {
      this.#round = undefined;
      if (this.buffer.completeLength > 0) this.#startRoundIfDue();
    });
    return this.#round;
  }

  async #runRound(): Promise<void> {
    this.#failing = false;
    try {
      // What an earlier round left behind comes first.
      await this.#finishWriting();
      this.#exchangeBuffers();
      await this.#finishWriting();
    } catch (error) {
      this.#failed(error);
    }
    if (this.#reopening) this.#openAgain();
  }

  async #finishWriting(): Promise<void> {
    const { bytes, length } = this.#writing;
    while (this.#written < length) {
      this.#pieceEnd = pieceEnd(bytes, this.#written, length);
      const rest = bytes.subarray(this.#written, this.#pieceEnd);
      const count = checkProgress(await this.#sink.write(rest));
      this.#written += count;
      this.#progress += count;
    }
  }

  #writeSync(buffer: LogBuffer, start: number): number {
    const rest = buffer.bytes.subarray(start, buffer.completeLength);
    return checkProgress(this.#sink.writeSync(rest));
  }

  #exchangeBuffers(): void {
    const empty = this.#writing;
    empty.clear(KEPT_FLUSHES * this.#flushBytes);
    this.buffer.abandonLine();
    this.#writing = this.buffer;
    this.#written = 0;
    this.buffer = empty;
  }

  #openAgain(): void {
    this.#reopening = false;
    try {
      const sink = this.#open(this.path);
      this.#sink.close();
      this.#sink = sink;
    } catch (error) {
      this.#trouble.failed(error);
      return;
    }
    // After a write that failed in the middle of a line, the old file ends with
    // a part of that line; the new one gets the line whole.
    this.#written = this.#written === this.#writing.length
      ? this.#written
      : lineStartBefore(this.#writing.bytes, this.#written);
  }

  /** Writes what there is; gives up when the file takes no more. */
  async #flushAndClose(): Promise<void> {
    const written = this.#flushAll();
    for (;;) {
      const before = this.#progress;
      const isDone = await settlesWithin(written, STUCK_MS);
      if (isDone || this.#progress === before) break;
    }
    const lost = countLines(this.#writing, this.#written) +
      countLines(this.buffer, 0);
    if (lost > 0) this.#trouble.dropped(lost);
    this.#trouble.reportNow();
    this.#sink.close();
  }

  async #flushAll(): Promise<void> {
    await this.flush();
    while (this.#round !== undefined) await this.#round;
  }

  #failed(error: unknown): void {
    this.#failing = true;
    this.#trouble.failed(error);
  }
}

/**
 * A write of nothing is no progress and would be tried for ever.
 *
 * @throws {Error} when `count` is 0
 */
function checkProgress(count: number): number {
  if (count === 0) throw new Error("the log takes no more bytes");
  return count;
}

/** Whether `promise` settles in `ms`. */
async function settlesWithin(
  promise: Promise<void>,
  ms: number,
): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const isDone = await Promise.race([promise.then(() => true), late]);
  clearTimeout(timer);
  return isDone;
}

/**
 * Where the lines end that are written at once, from `start` on: whoever gets
 * a piece must not find half a line in it.
 */
function pieceEnd(bytes: Uint8Array, start: number, length: number): number {
  const most = start + PIECE_BYTES;
  if (length <= most) return length;
  const end = bytes.lastIndexOf(LINE_FEED, most - 1) + 1;
  if (end > start) return end;
  // A line that is longer than a piece.
  const next = bytes.indexOf(LINE_FEED, most);
  return next < 0 || next >= length ? length : next + 1;
}

/** Where the line begins that the byte before `end` belongs to. */
function lineStartBefore(bytes: Uint8Array, end: number): number {
  return end === 0 ? 0 : bytes.lastIndexOf(LINE_FEED, end - 1) + 1;
}

/** How many lines end in the complete part of `buffer` from `start` on. */
function countLines(buffer: LogBuffer, start: number): number {
  let count = 0;
  for (let i = start; i < buffer.completeLength; i++) {
    if (buffer.bytes[i] === LINE_FEED) count++;
  }
  return count;
}
