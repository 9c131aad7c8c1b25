/**
 * Lines on their way from a worker to the master, which writes them. The
 * master may be slower than all workers together, and messages that it has not
 * read are in memory. So it says when it has taken something: until then a log
 * has to wait, as for a slow disk, and lines for the error log gather up to a
 * limit, beyond which they are dropped whole and counted.
 */

import type { Level } from "../logging/level.ts";
import type { FromWorker } from "./messages.ts";

/** How many characters of error lines may wait for the master. */
export const MAX_WAITING_CHARACTERS = 1024 * 1024;

/** Says something to the master, which owns `transfer` from then on. */
type PostToMaster = (
  message: FromWorker,
  transfer?: Transferable[],
) => void;

/** Sends the lines of one worker. */
export class LineSender {
  readonly #post: PostToMaster;
  /** Writes of logs that the master has not taken, in order. */
  readonly #writes: (() => void)[] = [];
  #waiting: { level: Level; line: string }[] = [];
  #characters = 0;
  #dropped = 0;
  #isSending = false;

  constructor(post: PostToMaster) {
    this.#post = post;
  }

  /** Sends whole lines of a log; resolves when the master has taken them. */
  sendLog(path: string, lines: Uint8Array): Promise<void> {
    const copy = lines.slice();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#writes.push(resolve);
    this.#post({ kind: "log", path, lines: copy }, [copy.buffer]);
    return promise;
  }

  /** The master has taken the oldest lines of a log. */
  logTaken(): void {
    this.#writes.shift()?.();
  }

  /** Sends a line for the error log, alone or with those that follow. */
  sendDiagnostic(level: Level, line: string): void {
    if (this.#characters + line.length > MAX_WAITING_CHARACTERS) {
      this.#dropped++;
      return;
    }
    this.#waiting.push({ level, line });
    this.#characters += line.length;
    if (!this.#isSending) this.flushDiagnostics();
  }

  /** The master has taken the lines that were sent for the error log. */
  diagnosticsTaken(): void {
    this.#isSending = false;
    this.flushDiagnostics();
  }

  /** Sends what waits for the error log, whatever the master has taken. */
  flushDiagnostics(): void {
    if (this.#waiting.length === 0 && this.#dropped === 0) return;
    this.#isSending = true;
    this.#post({
      kind: "diagnostics",
      lines: this.#waiting,
      dropped: this.#dropped,
    });
    this.#waiting = [];
    this.#characters = this.#dropped = 0;
  }
}
