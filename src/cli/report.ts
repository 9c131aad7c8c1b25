/** Messages for the person at the terminal, in nginx's form. */

import { ConfigError } from "../config/errors.ts";
import type { Level } from "../logging/level.ts";

/** Prints `webserv: [level] message` to standard error. */
export function report(level: Level, message: string): void {
  console.error(`webserv: [${level}] ${message}`);
}

/** What an error says; a hint is a second line. */
export function describeError(error: unknown): string {
  if (error instanceof ConfigError && error.hint !== undefined) {
    return `${error.message}\n         ${error.hint}`;
  }
  return error instanceof Error ? error.message : String(error);
}
