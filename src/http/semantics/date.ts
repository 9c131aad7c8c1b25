/**
 * HTTP dates (RFC 9110 §5.6.7).
 *
 * A sender writes one format, IMF-fixdate; a recipient reads three:
 *
 *     Sun, 06 Nov 1994 08:49:37 GMT    IMF-fixdate
 *     Sunday, 06-Nov-94 08:49:37 GMT   RFC 850, a year of two digits
 *     Sun Nov  6 08:49:37 1994         asctime
 *
 * All are in UTC, are case-sensitive and have whole seconds. Reading is strict
 * in grammar and ranges, because a date that cannot be read makes its
 * condition be ignored, which costs a full answer and is never wrong. The day
 * name must be one of the seven, but is not compared with the date: nothing is
 * decided by it.
 */

/** The last millisecond of the year 9999, the last that has four digits. */
export const MAX_HTTP_DATE_MS = 253_402_300_799_999;

/** The first millisecond of the year 0, the first that has four digits. */
export const MIN_HTTP_DATE_MS = -62_167_219_200_000;

/** The months as an HTTP date names them (RFC 9110 §5.6.7). */
export const MONTHS: readonly string[] =
  "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

const DAY_NAMES: readonly string[] =
  "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(" ");

const SHORT_DAY_NAMES: readonly string[] = DAY_NAMES.map((name) =>
  name.slice(0, 3)
);

/**
 * The IMF-fixdate of a moment in milliseconds since the epoch; parts of a
 * second are dropped.
 *
 * @throws {RangeError} when the moment is no number or its year has not four
 * digits ({@linkcode MIN_HTTP_DATE_MS} to {@linkcode MAX_HTTP_DATE_MS})
 */
export function formatHttpDate(ms: number): string {
  if (!(ms >= MIN_HTTP_DATE_MS && ms <= MAX_HTTP_DATE_MS)) {
    throw new RangeError(`no HTTP date has the time ${ms}`);
  }
  // ECMA-262 §21.4.4.43 fixes this to IMF-fixdate for years of four digits.
  return new Date(Math.floor(ms)).toUTCString();
}

/**
 * Reads an HTTP date in any of the three formats. Milliseconds since the
 * epoch, or `undefined` when the text is not a valid date. `nowMs` decides the
 * century of an RFC 850 year and nothing else. 23:59:60, a leap second, is
 * the second after 23:59:59.
 */
export function parseHttpDate(
  text: string,
  nowMs: number,
): number | undefined {
  if (text.length === 29 && text.charCodeAt(3) === 0x2c) {
    return parseImfFixdate(text);
  }
  if (text.length === 24) return parseAsctime(text);
  return parseRfc850(text, nowMs);
}

/** `Sun, 06 Nov 1994 08:49:37 GMT`, 29 characters. */
function parseImfFixdate(text: string): number | undefined {
  const wellFormed = SHORT_DAY_NAMES.includes(text.slice(0, 3)) &&
    text.startsWith(", ", 3) && text[7] === " " && text[11] === " " &&
    text[16] === " " && text.endsWith(" GMT");
  if (!wellFormed) return undefined;
  return moment(
    digits(text, 12, 4),
    MONTHS.indexOf(text.slice(8, 11)),
    digits(text, 5, 2),
    parseTimeOfDay(text, 17),
  );
}

/** `Sun Nov  6 08:49:37 1994`, 24 characters; the day may be ` 6` or `06`. */
function parseAsctime(text: string): number | undefined {
  const wellFormed = SHORT_DAY_NAMES.includes(text.slice(0, 3)) &&
    text[3] === " " && text[7] === " " && text[10] === " " && text[19] === " ";
  if (!wellFormed) return undefined;
  return moment(
    digits(text, 20, 4),
    MONTHS.indexOf(text.slice(4, 7)),
    text[8] === " " ? digits(text, 9, 1) : digits(text, 8, 2),
    parseTimeOfDay(text, 11),
  );
}

/** `Sunday, 06-Nov-94 08:49:37 GMT`; the year by the 50-year rule. */
function parseRfc850(text: string, nowMs: number): number | undefined {
  const comma = text.indexOf(",");
  const wellFormed = text.length === comma + 24 &&
    DAY_NAMES.includes(text.slice(0, comma)) && text[comma + 1] === " " &&
    text[comma + 4] === "-" && text[comma + 8] === "-" &&
    text[comma + 11] === " " && text.endsWith(" GMT");
  if (!wellFormed) return undefined;
  const yearOfCentury = digits(text, comma + 9, 2);
  if (yearOfCentury < 0) return undefined;
  const month = MONTHS.indexOf(text.slice(comma + 5, comma + 8));
  const day = digits(text, comma + 2, 2);
  const time = parseTimeOfDay(text, comma + 12);

  const limit = fiftyYearsAfter(nowMs);
  let year = Math.floor(new Date(limit).getUTCFullYear() / 100) * 100 +
    yearOfCentury;
  if (midnightOf(year, month, day) + time > limit) year -= 100;
  return moment(year, month, day, time);
}

/**
 * The moment that is "more than 50 years in the future" when passed: a year
 * of two digits is the latest one not beyond it (RFC 9110 §5.6.7).
 */
function fiftyYearsAfter(nowMs: number): number {
  const date = new Date(nowMs);
  return date.setUTCFullYear(date.getUTCFullYear() + 50);
}

/** `08:49:37` at `at`: milliseconds of the day, or -1. */
function parseTimeOfDay(text: string, at: number): number {
  if (text[at + 2] !== ":" || text[at + 5] !== ":") return -1;
  const hour = digits(text, at, 2);
  const minute = digits(text, at + 3, 2);
  const second = digits(text, at + 6, 2);
  if (hour < 0 || minute < 0 || second < 0) return -1;
  if (hour > 23 || minute > 59) return -1;
  const isLeapSecond = hour === 23 && minute === 59 && second === 60;
  if (second > 59 && !isLeapSecond) return -1;
  return ((hour * 60 + minute) * 60 + second) * 1000;
}

/** The value of `count` decimal digits at `at`, or -1 if one is none. */
function digits(text: string, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (!(digit >= 0 && digit <= 9)) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** Puts a date together; `month` counts from 0, `time` is in milliseconds. */
function moment(
  year: number,
  month: number,
  day: number,
  time: number,
): number | undefined {
  if (year < 0 || month < 0 || time < 0) return undefined;
  const midnight = midnightOf(year, month, day);
  // A day that its month has not would be one of another month.
  return new Date(midnight).getUTCDate() === day ? midnight + time : undefined;
}

/** When a day begins; `Date.UTC` would take years 0 to 99 for 1900 to 1999. */
function midnightOf(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month, day);
}
