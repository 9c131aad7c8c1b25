/**
 * Where lines about requests of a server or location go: its own `error_log`,
 * in place of that of the whole process.
 */

import { type Level, rankOf } from "./level.ts";
import type { LogFile } from "./log_file.ts";

/** One file of an {@linkcode ErrorLog}. */
export interface ErrorLogTarget {
  /** The file. */
  readonly file: LogFile;
  /** The least severe level that is written. */
  readonly level: Level;
}

const encoder = new TextEncoder();

/** The error logs of a server or location. */
export class ErrorLog {
  readonly #targets: readonly {
    readonly file: LogFile;
    readonly rank: number;
  }[];
  readonly #lowestRank: number;

  /** A line goes to each of `targets` whose level admits it. */
  constructor(targets: readonly ErrorLogTarget[]) {
    this.#targets = targets.map(({ file, level }) => ({
      file,
      rank: rankOf(level),
    }));
    this.#lowestRank = Math.min(...this.#targets.map(({ rank }) => rank));
  }

  /** Whether any file takes `level`. */
  enabled(level: Level): boolean {
    return rankOf(level) >= this.#lowestRank;
  }

  /** Writes a line, which ends with its line feed, to those that take it. */
  write(level: Level, line: string): void {
    const rank = rankOf(level);
    const bytes = encoder.encode(line);
    for (const target of this.#targets) {
      if (rank < target.rank) continue;
      target.file.buffer.appendBytes(bytes);
      target.file.urgentLineDone();
    }
  }
}
