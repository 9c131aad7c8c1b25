/**
 * Where lines about the process go, or about requests of a server or location
 * that has an `error_log` of its own.
 */

import { type Level, rankOf } from "./level.ts";
import type { LogFile } from "./log_file.ts";

/** One file of an {@linkcode ErrorLog}. */
interface ErrorLogTarget {
  readonly file: LogFile;
  /** The least severe level that is written. */
  readonly level: Level;
}

/** Some files, each with the level from which on it takes lines. */
export class ErrorLog {
  /** What it writes to. */
  readonly targets: readonly ErrorLogTarget[];
  readonly #lowestRank: number;

  constructor(targets: readonly ErrorLogTarget[]) {
    this.targets = targets;
    this.#lowestRank = Math.min(...targets.map(({ level }) => rankOf(level)));
  }

  /** Whether any file takes `level`. */
  enabled(level: Level): boolean {
    return rankOf(level) >= this.#lowestRank;
  }

  /** Writes a line, which ends with its line feed, to those that take it. */
  write(level: Level, line: string): void {
    for (const target of this.targets) {
      if (rankOf(level) >= rankOf(target.level)) target.file.appendLine(line);
    }
  }
}
