/**
 * Errors of `node:tls` that nobody can catch. It is thousands of lines between
 * hostile bytes and callbacks, and what it throws in a callback of its own
 * would end the program with all its connections. (Seen once: a handshake
 * that failed while it was being set up.) The connection it belongs to ends
 * by its deadline.
 */

import { log } from "../../logging/logger.ts";

/** How Deno calls the files of `node:tls`. */
const ORIGIN = /\bext:deno_node\/_tls/;

/** Whether an error was thrown by `node:tls`, going by its stack. */
export function isStray(error: unknown): boolean {
  return error instanceof Error && error.stack !== undefined &&
    ORIGIN.test(error.stack);
}

let isWatching = false;

/** Logs such errors from now on, and lets the program go on. */
export function guardAgainstStrayErrors(): void {
  if (isWatching) return;
  isWatching = true;
  const survive = (event: Event, error: unknown) => {
    if (!isStray(error)) return;
    event.preventDefault();
    log.error("an error in TLS was not caught", { error });
  };
  addEventListener("error", (event) => survive(event, event.error));
  addEventListener(
    "unhandledrejection",
    (event) => survive(event, event.reason),
  );
}
