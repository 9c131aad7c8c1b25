/**
 * The face of diagnostics for the rest of the program.
 *
 * Most messages are of a level that nobody reads. {@linkcode Logger.enabled} is
 * one comparison, and a message may be a function, which is only called when
 * the line will be written.
 */

import type { DiagnosticContext } from "./diagnostic_line.ts";
import type { ErrorLog } from "./error_log.ts";
import { type Level, rankOf } from "./level.ts";

/** What is logged, or what makes it when somebody will read it. */
type Message = string | (() => string);

/** Takes the messages that somebody will read. */
type Writer = (
  level: Level,
  message: string,
  context: DiagnosticContext,
) => void;

const NO_CONTEXT: DiagnosticContext = Object.freeze({});

/** A rank above every level. */
const RANK_OFF = Infinity;

/** The program's messages about itself. No method ever throws. */
class Logger {
  /** Whether any target writes `debug`: what is asked of every connection. */
  debugs = false;
  #lowestRank = RANK_OFF;
  #write: Writer = () => {};

  /** Sends what is `level` or more severe to `write`. */
  start(level: Level, write: Writer): void {
    this.#lowestRank = rankOf(level);
    this.debugs = level === "debug";
    this.#write = write;
  }

  /** Lets nothing through any more. */
  stop(): void {
    this.#lowestRank = RANK_OFF;
    this.debugs = false;
  }

  /**
   * Whether any target writes `level`: one of `errorLog`, or of the process
   * where that is left out.
   */
  enabled(level: Level, errorLog?: ErrorLog): boolean {
    return rankOf(level) >= this.#lowestRank &&
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
      this.#write(level, text, context);
    } catch (error) {
      this.#write("error", "a log message could not be made", { error });
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
}

/** Logs; does nothing until diagnostics are configured. */
export const log: Logger = new Logger();
