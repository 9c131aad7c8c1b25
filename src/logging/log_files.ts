/**
 * The open logs of the program, one {@linkcode LogFile} for each path, however
 * many servers and configurations write to it.
 *
 * Each user opens its path and releases what it got; the file is closed with
 * its last user. So a reload opens the logs of the new configuration, and those
 * that only the old one used are closed once it has no connections left.
 *
 * Two spellings of one path give two logs. Both append, so no line is harmed.
 */

import { type MemoryUse, sumOfUses } from "../bytes/memory_budget.ts";
import { LogFile, type LogFileOptions, TICK_MS } from "./log_file.ts";
import { canonicalLogPath } from "./log_sink.ts";

interface OpenLog {
  readonly file: LogFile;
  users: number;
}

/** The logs of one program, by path. */
export class LogFiles {
  readonly #options: LogFileOptions;
  readonly #logs = new Map<string, OpenLog>();
  /** The canonical names of paths: thousands of locations have one log. */
  readonly #names = new Map<string, string>();
  /** Files that have lost their last user and are still being written. */
  readonly #closing = new Set<Promise<void>>();
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(options: LogFileOptions = {}) {
    this.#options = options;
  }

  /**
   * The log at `path`, opened with `options` if nobody uses it yet. Every call
   * needs its own {@linkcode release}.
   *
   * @throws {Deno.errors.PermissionDenied} and the other errors of opening
   */
  open(
    path: string,
    options: Omit<LogFileOptions, "open" | "onTrouble"> = {},
  ): LogFile {
    let name = this.#names.get(path);
    if (name === undefined) {
      name = canonicalLogPath(path);
      this.#names.set(path, name);
    }
    let log = this.#logs.get(name);
    if (log === undefined) {
      const file = new LogFile(name, { ...this.#options, ...options });
      log = { file, users: 0 };
      this.#logs.set(name, log);
    }
    log.users++;
    return log.file;
  }

  /** Gives one use of `file` back; the last one writes and closes it. */
  async release(file: LogFile): Promise<void> {
    const log = this.#logs.get(file.path);
    if (log?.file !== file) return;
    log.users--;
    if (log.users > 0) return;
    this.#logs.delete(file.path);
    this.#names.delete(file.path);
    const closing = file.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
    await closing;
  }

  /**
   * Looks at every log once a second until {@linkcode stop}. The timer does not
   * keep the program alive.
   */
  start(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.tick(), TICK_MS);
    Deno.unrefTimer(this.#timer);
  }

  /** Ends what {@linkcode start} began. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** What the buffers of all of them take, and may. */
  get memory(): MemoryUse {
    return sumOfUses([...this.#logs.values()].map(({ file }) => file.memory));
  }

  tick(): void {
    for (const { file } of this.#logs.values()) file.tick();
  }

  async flush(): Promise<boolean> {
    const results = await this.#forEach((file) => file.flush());
    return results.every((written) => written);
  }

  /** See {@linkcode LogFile.reopen}: what `-s reopen` asks for. */
  async reopen(): Promise<void> {
    await this.#forEach((file) => file.reopen());
  }

  flushSync(): void {
    for (const { file } of this.#logs.values()) file.flushSync();
  }

  /** Stops the timer, then writes and closes every log, whoever uses it. */
  async close(): Promise<void> {
    this.stop();
    const closed = this.#forEach((file) => file.close());
    this.#logs.clear();
    await Promise.all([closed, ...this.#closing]);
  }

  #forEach<T>(action: (file: LogFile) => Promise<T>): Promise<T[]> {
    return Promise.all(
      [...this.#logs.values()].map(({ file }) => action(file)),
    );
  }
}
