/** Messages for the person at the terminal, in nginx's form. */

import { ConfigError, faultsOf } from "../config/errors.ts";
import { ConfigFileError } from "../config/syntax/include.ts";
import type { Level } from "../logging/level.ts";
import { log } from "../logging/logger.ts";

/** Prints `webserv: [level] message` to standard error. */
export function report(level: Level, message: string): void {
  console.error(`webserv: [${level}] ${message}`);
}

/** Prints all faults that `error` stands for. */
export function reportFaults(level: Level, error: unknown): void {
  for (const fault of faultsOf(error)) report(level, describeError(fault));
}

/** Logs all faults that `error` stands for, each in one line. */
export function logFaults(error: unknown): void {
  for (const fault of faultsOf(error)) {
    log.emerg(describeError(fault).replace(/\n\s*/, ": "));
  }
}

/** What an error says; a hint is a second line. */
export function describeError(error: unknown): string {
  const canHint = error instanceof ConfigError ||
    error instanceof ConfigFileError;
  if (canHint && error.hint !== undefined) {
    return `${error.message}\n         ${error.hint}`;
  }
  return error instanceof Error ? error.message : String(error);
}
