/**
 * The levels of nginx's `error_log`, and what they are called in LogTape.
 *
 * nginx has eight and LogTape six, so several share one: LogTape routes by its
 * own coarse level, while nginx's travels with the record, is what a target is
 * filtered by, and is what the line says.
 */

import type { LogLevel } from "@logtape/logtape";

/** nginx's levels, the least severe first. */
export const LEVELS = [
  "debug",
  "info",
  "notice",
  "warn",
  "error",
  "crit",
  "alert",
  "emerg",
] as const;

/** A level as `error_log` names it. */
export type Level = typeof LEVELS[number];

/** What LogTape calls each of nginx's levels. */
const LOGTAPE_LEVELS: Readonly<Record<Level, LogLevel>> = {
  debug: "debug",
  info: "info",
  notice: "info",
  warn: "warning",
  error: "error",
  crit: "fatal",
  alert: "fatal",
  emerg: "fatal",
};

/** The mildest of nginx's levels that fits each of LogTape's. */
const NGINX_LEVELS: Readonly<Record<LogLevel, Level>> = {
  trace: "debug",
  debug: "debug",
  info: "info",
  warning: "warn",
  error: "error",
  fatal: "crit",
};

const RANKS: Readonly<Record<Level, number>> = Object.freeze(
  Object.fromEntries(LEVELS.map((level, rank) => [level, rank])),
) as Record<Level, number>;

/** How severe `level` is: 0 for `debug`, 7 for `emerg`. */
export function rankOf(level: Level): number {
  return RANKS[level];
}

/** The least severe of some levels; `emerg` if there is none. */
export function leastSevere(levels: readonly Level[]): Level {
  return LEVELS.find((level) => levels.includes(level)) ?? "emerg";
}

/** Whether `text` names a level. */
export function isLevel(text: unknown): text is Level {
  return typeof text === "string" && Object.hasOwn(RANKS, text);
}

/** The LogTape level under which `level` travels. */
export function toLogTapeLevel(level: Level): LogLevel {
  return LOGTAPE_LEVELS[level];
}

/** The level of a record that a library wrote, which knows only LogTape's. */
export function fromLogTapeLevel(level: LogLevel): Level {
  return NGINX_LEVELS[level];
}
