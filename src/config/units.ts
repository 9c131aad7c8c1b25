/**
 * Numbers, sizes and times as nginx writes them. Each function returns
 * `undefined` for a text that is not one; `values.ts` makes errors of that.
 *
 * Results stay below 2^53, where every number is exact; nginx ends at 2^63.
 */

const KIBI = 1024;
const MEBI = 1024 * KIBI;
const GIBI = 1024 * MEBI;

/** A number without sign: `ngx_atoi()`. */
export function parseInteger(text: string): number | undefined {
  return /^[0-9]+$/.test(text) ? exact(Number(text)) : undefined;
}

/** A size in bytes, with `k` or `m` in either case: `ngx_parse_size()`. */
export function parseSize(text: string): number | undefined {
  return parseScaled(text, { k: KIBI, m: MEBI });
}

/**
 * An offset in bytes, with `k`, `m` or `g` in either case:
 * `ngx_parse_offset()`.
 */
export function parseOffset(text: string): number | undefined {
  return parseScaled(text, { k: KIBI, m: MEBI, g: GIBI });
}

function parseScaled(
  text: string,
  scales: Readonly<Record<string, number>>,
): number | undefined {
  const match = /^([0-9]+)([kmg]?)$/i.exec(text);
  const [, digits = "", unit = ""] = match ?? [];
  const scale = unit === "" ? 1 : scales[unit.toLowerCase()];
  if (match === null || scale === undefined) return undefined;
  return exact(Number(digits) * scale);
}

/** `bytes` as a file would say them: `1m`, the inverse of {@linkcode parseSize}. */
export function sizeText(bytes: number): string {
  for (const [unit, scale] of [["m", MEBI], ["k", KIBI]] as const) {
    if (bytes > 0 && bytes % scale === 0) return `${bytes / scale}${unit}`;
  }
  return String(bytes);
}

/** A unit of time: how long it is, and its rank; ranks must rise. */
interface TimeUnit {
  readonly ms: number;
  readonly rank: number;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const TIME_UNITS: Readonly<Record<string, TimeUnit>> = {
  y: { ms: 365 * DAY, rank: 1 },
  M: { ms: 30 * DAY, rank: 2 },
  w: { ms: 7 * DAY, rank: 3 },
  d: { ms: DAY, rank: 4 },
  h: { ms: HOUR, rank: 5 },
  m: { ms: MINUTE, rank: 6 },
  s: { ms: SECOND, rank: 7 },
  ms: { ms: 1, rank: 8 },
};

/** Seconds may be written with no unit, at the end only. */
const BARE_SECONDS: TimeUnit = { ms: SECOND, rank: 9 };

/**
 * A time in milliseconds, from weeks to `ms`; without a unit it is seconds.
 * `1h30m` and `1h 30m` add up. nginx knows no years and months here.
 */
export function parseTime(text: string): number | undefined {
  return sumOfTimes(text, ["w", "d", "h", "m", "s", "ms"]);
}

/**
 * A time in seconds, from years (365 days) and months (30 days) to seconds;
 * without a unit it is seconds. nginx knows no milliseconds here.
 */
export function parseSeconds(text: string): number | undefined {
  const ms = sumOfTimes(text, ["y", "M", "w", "d", "h", "m", "s"]);
  return ms === undefined ? undefined : ms / SECOND;
}

/** `ms` as a file would say them: `60s`, the inverse of {@linkcode parseTime}. */
export function timeText(ms: number): string {
  return ms % SECOND === 0 ? `${ms / SECOND}s` : `${ms}ms`;
}

/** `ngx_parse_time()`: parts with units that get smaller from left to right. */
function sumOfTimes(
  text: string,
  allowed: readonly string[],
): number | undefined {
  if (text === "" || text.startsWith(" ")) return undefined;
  let total = 0;
  let rank = 0;
  let position = 0;
  const part = /([0-9]+)(ms|[yMwdhms]?) */y;
  while (position < text.length) {
    part.lastIndex = position;
    const [whole = "", digits = "", name = ""] = part.exec(text) ?? [];
    if (whole === "" || (name !== "" && !allowed.includes(name))) {
      return undefined;
    }
    const unit = TIME_UNITS[name] ?? BARE_SECONDS;
    if (unit.rank <= rank) return undefined;
    rank = unit.rank;
    total += Number(digits) * unit.ms;
    position += whole.length;
  }
  return exact(total);
}

function exact(value: number): number | undefined {
  return Number.isSafeInteger(value) ? value : undefined;
}
