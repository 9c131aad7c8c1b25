/**
 * The face of diagnostics for the rest of the program.
 *
 * Most messages are of a level that nobody reads. {@linkcode Logger.enabled} is
 * one comparison, and a message may be a function, which is only called when
 * the line will be written.
 */

import {
  getLogger,
  type Logger as LogTapeLogger,
  type LogRecord,
} from "@logtape/logtape";
import type { DiagnosticContext } from "./diagnostic_line.ts";
import type { ErrorLog } from "./error_log.ts";
import { isLevel, type Level, rankOf, toLogTapeLevel } from "./level.ts";

/** The LogTape category above all of the program's own. */
export const ROOT_CATEGORY = "webserv";

/** What is logged, or what makes it when somebody will read it. */
export type Message = string | (() => string);

const NO_CONTEXT: DiagnosticContext = Object.freeze({});

/** A rank above every level. */
const RANK_OFF = Infinity;

/** The rank of the least severe level that any target writes. */
let lowestRank = RANK_OFF;

/** Lets through every level from the one with `rank` on. */
export function enableRank(rank: number): void {
  lowestRank = rank;
}

/** Lets nothing through. */
export function enableNothing(): void {
  lowestRank = RANK_OFF;
}

/** Logs under one category. No method ever throws. */
export class Logger {
  readonly #logTape: LogTapeLogger;
  readonly #category: readonly string[];

  /** See {@linkcode logger}. */
  constructor(category: readonly string[]) {
    this.#category = [ROOT_CATEGORY, ...category];
    this.#logTape = getLogger(this.#category);
  }

  /**
   * Whether any target writes `level`: one of `errorLog`, or of the process
   * where that is left out.
   */
  enabled(level: Level, errorLog?: ErrorLog): boolean {
    return rankOf(level) >= lowestRank &&
      (errorLog === undefined || errorLog.enabled(level));
  }

  /** Logs `message` at `level`, with where it happened. */
  log(
    level: Level,
    message: Message,
    context: DiagnosticContext = NO_CONTEXT,
  ): void {
    if (!this.enabled(level, context.errorLog)) return;
    try {
      const text = typeof message === "function" ? message() : message;
      this.#emit(level, text, context);
    } catch (error) {
      this.#emit("error", "a log message could not be made", { error });
    }
  }

  /** What helps to find a fault. */
  debug(message: Message, context?: DiagnosticContext): void {
    this.log("debug", message, context);
  }

  /** What happens every day, such as a client that goes away. */
  info(message: Message, context?: DiagnosticContext): void {
    this.log("info", message, context);
  }

  /** What happens seldom and is in order, such as a reload. */
  notice(message: Message, context?: DiagnosticContext): void {
    this.log("notice", message, context);
  }

  /** What may become a problem. */
  warn(message: Message, context?: DiagnosticContext): void {
    this.log("warn", message, context);
  }

  /** What failed for one request. */
  error(message: Message, context?: DiagnosticContext): void {
    this.log("error", message, context);
  }

  /** What fails for many requests. */
  crit(message: Message, context?: DiagnosticContext): void {
    this.log("crit", message, context);
  }

  /** What somebody should look at now. */
  alert(message: Message, context?: DiagnosticContext): void {
    this.log("alert", message, context);
  }

  /** What keeps the program from running. */
  emerg(message: Message, context?: DiagnosticContext): void {
    this.log("emerg", message, context);
  }

  #emit(level: Level, text: string, context: DiagnosticContext): void {
    const record: LogRecord = {
      // With a category of its own a record is passed on as it is, and else
      // copied property by property (measured: 5 µs).
      category: this.#category,
      level: toLogTapeLevel(level),
      message: [text],
      rawMessage: text,
      timestamp: Date.now(),
      properties: { level, context },
    };
    // Not through `error(text)`: LogTape would look for `{names}` in the text.
    this.#logTape.emit(record);
  }
}

/** A logger of `category`, such as `net` or `["modules", "autoindex"]`. */
export function logger(category: string | readonly string[]): Logger {
  return new Logger(typeof category === "string" ? [category] : category);
}

/** nginx's level of `record`, unless LogTape or a library wrote it. */
export function levelOf(record: LogRecord): Level | undefined {
  const { level } = record.properties;
  return isLevel(level) ? level : undefined;
}

/** The context of `record`, empty if LogTape or a library wrote it. */
export function contextOf(record: LogRecord): DiagnosticContext {
  const { context } = record.properties;
  return typeof context === "object" && context !== null ? context : NO_CONTEXT;
}
