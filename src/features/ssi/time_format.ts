/** Times as `strftime()` has them in the C locale: SSI's `timefmt`. */

import { MONTHS } from "../../http/semantics/date.ts";

const MONTH_NAMES = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

const DAY_NAMES = [
  "Sunday",
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday",
];

const DAY_MS = 86_400_000;

/** A time as its parts; all getters of the `Date` are those of UTC. */
interface Parts {
  /** The local time as if it were UTC. */
  readonly date: Date;
  /** East of Greenwich, in minutes. */
  readonly offset: number;
  /** What the zone is called. */
  readonly zone: string;
  /** In seconds since the epoch. */
  readonly seconds: number;
}

function pad(value: number, length = 2, fill = "0"): string {
  return String(value).padStart(length, fill);
}

/** The day of the year, from 0. */
function dayOfYear(date: Date): number {
  const start = Date.UTC(date.getUTCFullYear(), 0, 1);
  return Math.floor((date.getTime() - start) / DAY_MS);
}

/** The week of the year whose first day is `first`; 0 before that. */
function weekOfYear(date: Date, first: number): number {
  const weekday = (date.getUTCDay() - first + 7) % 7;
  return Math.floor((dayOfYear(date) + 7 - weekday) / 7);
}

/** ISO 8601: the Thursday of the week says whose it is. */
function thursday(date: Date): Date {
  const day = (date.getUTCDay() + 6) % 7;
  return new Date(date.getTime() + (3 - day) * DAY_MS);
}

const CONVERSIONS: Readonly<Record<string, string | ((at: Parts) => string)>> =
  {
    "%": () => "%",
    a: ({ date }) => DAY_NAMES[date.getUTCDay()]!.slice(0, 3),
    A: ({ date }) => DAY_NAMES[date.getUTCDay()]!,
    b: ({ date }) => MONTHS[date.getUTCMonth()]!,
    B: ({ date }) => MONTH_NAMES[date.getUTCMonth()]!,
    c: "%a %b %e %H:%M:%S %Y",
    C: ({ date }) => pad(Math.floor(date.getUTCFullYear() / 100)),
    d: ({ date }) => pad(date.getUTCDate()),
    D: "%m/%d/%y",
    e: ({ date }) => pad(date.getUTCDate(), 2, " "),
    F: "%Y-%m-%d",
    g: ({ date }) => pad(thursday(date).getUTCFullYear() % 100),
    G: ({ date }) => String(thursday(date).getUTCFullYear()),
    h: "%b",
    H: ({ date }) => pad(date.getUTCHours()),
    I: ({ date }) => pad((date.getUTCHours() + 11) % 12 + 1),
    j: ({ date }) => pad(dayOfYear(date) + 1, 3),
    k: ({ date }) => pad(date.getUTCHours(), 2, " "),
    l: ({ date }) => pad((date.getUTCHours() + 11) % 12 + 1, 2, " "),
    m: ({ date }) => pad(date.getUTCMonth() + 1),
    M: ({ date }) => pad(date.getUTCMinutes()),
    n: () => "\n",
    p: ({ date }) => date.getUTCHours() < 12 ? "AM" : "PM",
    P: ({ date }) => date.getUTCHours() < 12 ? "am" : "pm",
    r: "%I:%M:%S %p",
    R: "%H:%M",
    s: ({ seconds }) => String(seconds),
    S: ({ date }) => pad(date.getUTCSeconds()),
    t: () => "\t",
    T: "%H:%M:%S",
    u: ({ date }) => String(date.getUTCDay() || 7),
    U: ({ date }) => pad(weekOfYear(date, 0)),
    V: ({ date }) => pad(Math.floor(dayOfYear(thursday(date)) / 7) + 1),
    w: ({ date }) => String(date.getUTCDay()),
    W: ({ date }) => pad(weekOfYear(date, 1)),
    x: "%m/%d/%y",
    X: "%H:%M:%S",
    y: ({ date }) => pad(date.getUTCFullYear() % 100),
    Y: ({ date }) => String(date.getUTCFullYear()),
    z({ offset }) {
      const minutes = Math.abs(offset);
      return (offset < 0 ? "-" : "+") + pad(Math.floor(minutes / 60)) +
        pad(minutes % 60);
    },
    Z: ({ zone }) => zone,
  };

function formatted(format: string, at: Parts): string {
  return format.replace(/%([^])/g, (written, letter: string) => {
    const conversion = Object.hasOwn(CONVERSIONS, letter)
      ? CONVERSIONS[letter]!
      : () => written;
    return typeof conversion === "string"
      ? formatted(conversion, at)
      : conversion(at);
  });
}

/** What the local zone is called at a time, such as `CET`. */
function zoneName(time: Date): string {
  const parts = new Intl.DateTimeFormat("en-GB", { timeZoneName: "short" })
    .formatToParts(time);
  return parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
}

/** A time in ms since the epoch, in Greenwich (`GMT`) or here. */
export function formatTime(
  format: string,
  timeMs: number,
  zone: "GMT" | "local",
): string {
  const time = new Date(timeMs);
  const offset = zone === "GMT" ? 0 : -time.getTimezoneOffset();
  return formatted(format, {
    date: new Date(timeMs + offset * 60_000),
    offset,
    zone: zone === "GMT" ? "GMT" : zoneName(time),
    seconds: Math.floor(timeMs / 1000),
  });
}
