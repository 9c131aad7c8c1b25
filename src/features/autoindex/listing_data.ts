/**
 * Listings for programs, as nginx's `autoindex_format json`, `jsonp` and `xml`
 * write them, byte for byte. Times are in UTC whatever `autoindex_localtime`
 * says, as in nginx.
 */

import { formatHttpDate } from "../../http/semantics/date.ts";
import {
  escapeHtml,
  type ListingEntry,
  type ListingKind,
  validTime,
} from "./listing_entry.ts";

/** A listing as JSON, piece by piece. The entries are in nginx's order. */
export function* renderJson(
  entries: Iterable<ListingEntry>,
): Generator<string> {
  yield "[";
  let separator = "\r\n";
  for (const entry of entries) {
    yield separator + jsonEntry(entry);
    separator = ",\r\n";
  }
  yield "\r\n]";
}

/**
 * A listing as a script that calls `callback`, for pages that cannot fetch.
 * The comment before it keeps the bytes at the start of the answer out of
 * the hands of whoever names the callback.
 */
export function* renderJsonp(
  entries: Iterable<ListingEntry>,
  callback: string,
): Generator<string> {
  yield `/* callback */\r\n${callback}(`;
  yield* renderJson(entries);
  yield ");";
}

/** Whether nginx takes `name` for a callback. */
export function isCallbackName(name: string): boolean {
  return /^[A-Za-z0-9_.]+$/.test(name);
}

function jsonEntry({ name, kind, size, mtimeMs }: ListingEntry): string {
  const sizeOf = kind === "file" ? `, "size":${size}` : "";
  return `{ "name":"${escapeJson(name)}", "type":"${kind}", ` +
    `"mtime":"${formatHttpDate(dateTime(mtimeMs))}"${sizeOf} }`;
}

/** As `ngx_escape_json()`: as JSON.stringify, but hex digits are capital. */
function escapeJson(text: string): string {
  return JSON.stringify(text.toWellFormed()).slice(1, -1).replace(
    /\\(?:u00([01][a-f])|[^])/g,
    (escape, hex?: string) =>
      hex === undefined ? escape : `\\u00${hex.toUpperCase()}`,
  );
}

const TAGS: Readonly<Record<ListingKind, string>> = {
  directory: "directory",
  file: "file",
  other: "other",
};

/** A listing as XML, piece by piece. The entries are in nginx's order. */
export function* renderXml(
  entries: Iterable<ListingEntry>,
): Generator<string> {
  yield `<?xml version="1.0"?>\r\n<list>\r\n`;
  for (const { name, kind, size, mtimeMs } of entries) {
    const time = new Date(dateTime(mtimeMs)).toISOString();
    const sizeOf = kind === "file" ? ` size="${size}"` : "";
    yield `<${TAGS[kind]} mtime="${time.slice(0, 19)}Z"${sizeOf}>` +
      `${escapeHtml(name)}</${TAGS[kind]}>\r\n`;
  }
  yield `</list>\r\n`;
}

/** A time with a year of four digits. */
function dateTime(timeMs: number): number {
  const time = validTime(timeMs);
  const year = new Date(time).getUTCFullYear();
  return year >= 0 && year <= 9999 ? time : 0;
}
