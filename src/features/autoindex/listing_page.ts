/**
 * The listing of a folder, as nginx's `autoindex_format html` writes it, byte
 * for byte. Scripts and mirrors read these pages, so nothing about them may
 * change.
 *
 * A name is a link, and shown with HTML's special characters escaped, at most
 * 50 characters of it.
 *
 * There is one difference: where nginx does not know that names are UTF-8
 * (no `charset utf-8`), it may cut a long name in the middle of a character.
 * Here the cut comes before that character, and the page stays valid UTF-8.
 */

import { MONTHS } from "../../http/semantics/date.ts";
import {
  encodeName,
  escapeHtml,
  type ListingEntry,
  validTime,
} from "./listing_entry.ts";

/** What changes the listing. */
interface ListingOptions {
  /**
   * Whether the page is sent with `charset utf-8`: then nginx counts
   * characters, and else bytes, to align and to shorten names. Default `false`.
   */
  readonly utf8?: boolean;
  /** Whether sizes are shown to the byte; else rounded. Default `true`. */
  readonly exactSize?: boolean;
  /**
   * How many minutes the times are ahead of UTC, whatever the season was:
   * nginx takes the offset of today for all of them. Default 0.
   */
  readonly offsetMinutes?: number;
}

/** How long a name may be shown: nginx's `NGX_HTTP_AUTOINDEX_NAME_LEN`. */
const MAX_NAME_LENGTH = 50;

/** What a longer name ends with; it is three characters once shown. */
const CUT = "..&gt;";
const CUT_LENGTH = 3;

/** How wide the column of exact sizes is, in characters. */
const EXACT_SIZE_WIDTH = 19;

/** How wide the column of rounded sizes is, in characters. */
const ROUNDED_SIZE_WIDTH = 7;

const encoder = new TextEncoder();

/**
 * The page for the folder at `path`, the decoded and normalised path of the
 * request, which ends with a slash, piece by piece. The entries are in
 * nginx's order already.
 */
export function* renderListing(
  path: string,
  entries: Iterable<ListingEntry>,
  options: ListingOptions = {},
): Generator<string> {
  const title = escapeHtml(`Index of ${path}`);
  yield `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n` +
    `<h1>${title}</h1><hr><pre><a href="../">../</a>\r\n`;
  for (const entry of entries) yield renderEntry(entry, options);
  yield `</pre><hr></body>\r\n</html>\r\n`;
}

function renderEntry(entry: ListingEntry, options: ListingOptions): string {
  const { utf8, exactSize = true, offsetMinutes = 0 } = options;
  const slash = entry.kind === "directory" ? "/" : "";
  return `<a href="${encodeName(entry.name)}${slash}">` +
    renderName(entry, utf8 ? lengthInCharacters : lengthInBytes) +
    ` ${formatTime(entry.mtimeMs, offsetMinutes)} ` +
    `${exactSize ? exact(entry) : rounded(entry)}\r\n`;
}

/** The name as it is shown, the end of the link, and the padding. */
function renderName(
  { name, kind }: ListingEntry,
  lengthOf: (text: string) => number,
): string {
  const length = lengthOf(name);
  if (length > MAX_NAME_LENGTH) {
    const start = firstCharacters(name, MAX_NAME_LENGTH - CUT_LENGTH, lengthOf);
    return `${escapeHtml(start)}${CUT}</a>`;
  }
  // A folder's name that fills the column has no slash, as in nginx.
  const slash = kind === "directory" && length < MAX_NAME_LENGTH ? "/" : "";
  const padding = " ".repeat(MAX_NAME_LENGTH - length - slash.length);
  return `${escapeHtml(name)}${slash}</a>${padding}`;
}

/** The most whole characters of `text` whose length is at most `length`. */
function firstCharacters(
  text: string,
  length: number,
  lengthOf: (text: string) => number,
): string {
  let start = "";
  let left = length;
  for (const character of text) {
    left -= lengthOf(character);
    if (left < 0) break;
    start += character;
  }
  return start;
}

function lengthInCharacters(text: string): number {
  let length = 0;
  for (const _character of text) length++;
  return length;
}

function lengthInBytes(text: string): number {
  return encoder.encode(text).length;
}

function exact({ kind, size }: ListingEntry): string {
  return (kind === "directory" ? "-" : String(size)).padStart(EXACT_SIZE_WIDTH);
}

/** Units of rounded sizes: from how many bytes on, the unit, its letter. */
const UNITS = [
  [1024 ** 3, 1024 ** 3, "G"],
  [1024 ** 2, 1024 ** 2, "M"],
  [10_000, 1024, "K"],
] as const;

function rounded({ kind, size }: ListingEntry): string {
  if (kind === "directory") return "-".padStart(ROUNDED_SIZE_WIDTH);
  const [, unit, letter] = UNITS.find(([from]) => size >= from) ?? [0, 1, ""];
  return `${Math.round(size / unit)}${letter}`.padStart(ROUNDED_SIZE_WIDTH);
}

/** `23-Nov-2026 19:04`. */
function formatTime(timeMs: number, offsetMinutes: number): string {
  const date = new Date(validTime(timeMs + offsetMinutes * 60_000));
  return `${two(date.getUTCDate())}-${MONTHS[date.getUTCMonth()]}-` +
    `${date.getUTCFullYear()} ` +
    `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
