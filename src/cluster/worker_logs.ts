/**
 * The logs of workers on threads, written by the master alone. Lines come in
 * batches by message; with one writer for each file no line is ever torn,
 * whatever the disk does, and a rotation has one file to open again.
 */

import type { LogFile } from "../logging/log_file.ts";
import type { LogFiles } from "../logging/log_files.ts";

/** The logs that one worker has open. */
export class WorkerLogs {
  readonly #files: LogFiles;
  readonly #open = new Map<string, LogFile[]>();
  readonly #trouble: (path: string, error: unknown) => void;

  /** Opens in `files`; `trouble` is told of those that cannot be opened. */
  constructor(
    files: LogFiles,
    trouble: (path: string, error: unknown) => void,
  ) {
    this.#files = files;
    this.#trouble = trouble;
  }

  /** The worker opens a log, perhaps once more. */
  open(path: string): void {
    const uses = this.#open.get(path) ?? [];
    this.#open.set(path, uses);
    try {
      uses.push(this.#files.open(path));
    } catch (error) {
      this.#trouble(path, error);
    }
  }

  /** The worker has whole lines for a log. */
  append(path: string, lines: Uint8Array): void {
    this.#open.get(path)?.at(-1)?.appendLines(lines);
  }

  /** The worker closes a log that it has opened. */
  close(path: string): void {
    const file = this.#open.get(path)?.pop();
    if (file !== undefined) void this.#files.release(file);
  }

  /** The worker is gone. */
  closeAll(): void {
    for (const path of this.#open.keys()) {
      while (this.#open.get(path)!.length > 0) this.close(path);
    }
  }
}
