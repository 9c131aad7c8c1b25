/**
 * nginx's two spellings of the local time, each made once a second and kept:
 * formatting a date takes longer than writing the rest of a log line.
 */

import { MONTHS } from "../http/semantics/date.ts";

/** A local time as `$time_local`: `23/Nov/2026:19:04:13 +0000`. */
export function formatTimeLocal(timeMs: number): string {
  const date = new Date(timeMs);
  const month = MONTHS[date.getMonth()];
  return `${two(date.getDate())}/${month}/${four(date.getFullYear())}:` +
    `${clock(date)} ${zone(date)}`;
}

/** A local time as `$time_iso8601`: `2026-11-23T19:04:13+00:00`. */
export function formatIso8601(timeMs: number): string {
  const date = new Date(timeMs);
  const day = `${four(date.getFullYear())}-${two(date.getMonth() + 1)}-` +
    two(date.getDate());
  return `${day}T${clock(date)}${zone(date, ":")}`;
}

/** A local time as in nginx's error log: `2026/11/23 19:04:13`. */
export function formatErrorLogTime(timeMs: number): string {
  const date = new Date(timeMs);
  const day = `${two(date.getMonth() + 1)}/${two(date.getDate())}`;
  return `${four(date.getFullYear())}/${day} ${clock(date)}`;
}

/** Keeps what `format` made of the last second it was asked for. */
export class SecondCache {
  readonly #format: (timeMs: number) => string;
  #second = NaN;
  #text = "";
  #bytes: Uint8Array = new Uint8Array();

  /** A cache of what `format` says, which must be ASCII. */
  constructor(format: (timeMs: number) => string) {
    this.#format = format;
  }

  /** The bytes of a time in ms since the epoch; not to be changed or kept. */
  at(timeMs: number): Uint8Array {
    this.#renew(timeMs);
    return this.#bytes;
  }

  /** The text of a time in ms since the epoch. */
  textAt(timeMs: number): string {
    this.#renew(timeMs);
    return this.#text;
  }

  #renew(timeMs: number): void {
    const second = Math.floor(timeMs / 1000);
    if (second === this.#second) return;
    this.#second = second;
    this.#text = this.#format(second * 1000);
    this.#bytes = new TextEncoder().encode(this.#text);
  }
}

function clock(date: Date): string {
  return `${two(date.getHours())}:${two(date.getMinutes())}:` +
    two(date.getSeconds());
}

/** The zone east of Greenwich, as `+hhmm` or with `separator` within. */
function zone(date: Date, separator = ""): string {
  const minutes = -date.getTimezoneOffset();
  const size = Math.abs(minutes);
  const sign = minutes < 0 ? "-" : "+";
  return sign + two(Math.floor(size / 60)) + separator + two(size % 60);
}

function two(value: number): string {
  return value < 10 ? `0${value}` : `${value}`;
}

function four(value: number): string {
  return String(value).padStart(4, "0");
}
