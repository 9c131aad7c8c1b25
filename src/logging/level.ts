/** The levels of nginx's `error_log`. */

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
export function isLevel(text: string): text is Level {
  return Object.hasOwn(RANKS, text);
}
