/**
 * The listing of a folder, as nginx's `autoindex` writes it with its defaults
 * (`autoindex_format html`, `autoindex_exact_size on`, `autoindex_localtime
 * off`), byte for byte. Scripts and mirrors read these pages, so nothing about
 * them may change.
 *
 * A name is a link, percent-encoded as one URI component, so that no name can
 * be taken for a scheme (`a:b`), a query (`a?b`) or a fragment (`a#b`). The
 * same name is shown with HTML's special characters escaped, at most 50
 * characters of it.
 *
 * There is one difference: where nginx does not know that names are UTF-8
 * (no `charset utf-8`), it may cut a long name in the middle of a character.
 * Here the cut comes before that character, and the page stays valid UTF-8.
 */

/** One file or folder in a listing. */
export interface ListingEntry {
  /** The name, decoded and without a slash. */
  readonly name: string;
  /** Whether it is a folder, after symbolic links are followed. */
  readonly isDirectory: boolean;
  /** The size of a file in bytes; a folder's is not shown. */
  readonly size: number;
  /** When it was last changed, in ms since the epoch. */
  readonly mtimeMs: number;
}

/** What changes the listing. */
export interface ListingOptions {
  /**
   * Whether the page is sent with `charset utf-8`: then nginx counts
   * characters, and else bytes, to align and to shorten names. Default `false`.
   */
  readonly utf8?: boolean;
}

/** How long a name may be shown: nginx's `NGX_HTTP_AUTOINDEX_NAME_LEN`. */
const MAX_NAME_LENGTH = 50;

/** What a longer name ends with; it is three characters once shown. */
const CUT = "..&gt;";
const CUT_LENGTH = 3;

/** How wide the column of sizes is, in characters. */
const SIZE_WIDTH = 19;

const MONTHS = [
  "Jan",
  "Feb",
  "Mar",
  "Apr",
  "May",
  "Jun",
  "Jul",
  "Aug",
  "Sep",
  "Oct",
  "Nov",
  "Dec",
] as const;

const HTML_ESCAPES: Readonly<Record<string, string>> = {
  "<": "&lt;",
  ">": "&gt;",
  "&": "&amp;",
  '"': "&quot;",
};

const encoder = new TextEncoder();

/**
 * The page for the folder at `path`, the decoded and normalised path of the
 * request, which ends with a slash. Folders come first; both parts are sorted
 * by the bytes of the names. Names that begin with a dot are left out.
 */
export function renderListing(
  path: string,
  entries: readonly ListingEntry[],
  options: ListingOptions = {},
): Uint8Array<ArrayBuffer> {
  const title = escapeHtml(`Index of ${path}`);
  const lengthOf = options.utf8 ? lengthInCharacters : lengthInBytes;
  const lines = entries
    .filter(({ name }) => !name.startsWith("."))
    .sort(compareEntries)
    .map((entry) => renderEntry(entry, lengthOf));
  return encoder.encode(
    `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n` +
      `<h1>${title}</h1><hr><pre><a href="../">../</a>\r\n` +
      `${lines.join("")}</pre><hr></body>\r\n</html>\r\n`,
  );
}

function renderEntry(
  entry: ListingEntry,
  lengthOf: (text: string) => number,
): string {
  const slash = entry.isDirectory ? "/" : "";
  const size = entry.isDirectory ? "-" : String(entry.size);
  return `<a href="${encodeName(entry.name)}${slash}">` +
    `${renderName(entry, lengthOf)} ${formatTime(entry.mtimeMs)} ` +
    `${size.padStart(SIZE_WIDTH)}\r\n`;
}

/** The name as it is shown, the end of the link, and the padding. */
function renderName(
  { name, isDirectory }: ListingEntry,
  lengthOf: (text: string) => number,
): string {
  const length = lengthOf(name);
  if (length > MAX_NAME_LENGTH) {
    const start = firstCharacters(name, MAX_NAME_LENGTH - CUT_LENGTH, lengthOf);
    return `${escapeHtml(start)}${CUT}</a>`;
  }
  // A folder's name that fills the column has no slash, as in nginx.
  const slash = isDirectory && length < MAX_NAME_LENGTH ? "/" : "";
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

/** As nginx's `ngx_escape_html`; no attribute here is in single quotes. */
function escapeHtml(text: string): string {
  return text.replace(/[<>&"]/g, (character) => HTML_ESCAPES[character]!);
}

/**
 * As nginx's `NGX_ESCAPE_URI_COMPONENT`: everything but the unreserved
 * characters of RFC 3986, section 2.3. `encodeURIComponent` leaves five more
 * as they are.
 */
function encodeName(name: string): string {
  return encodeURIComponent(name.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** `23-Nov-2026 19:04`, in UTC. */
function formatTime(timeMs: number): string {
  const date = new Date(Number.isFinite(timeMs) ? timeMs : 0);
  return `${two(date.getUTCDate())}-${MONTHS[date.getUTCMonth()]}-` +
    `${date.getUTCFullYear()} ` +
    `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

function compareEntries(a: ListingEntry, b: ListingEntry): number {
  if (a.isDirectory !== b.isDirectory) return a.isDirectory ? -1 : 1;
  return compareByBytes(a.name, b.name);
}

/**
 * The order of the UTF-8 bytes, which is that of the code points. It differs
 * from JavaScript's, the order of UTF-16 units, above U+FFFF.
 */
function compareByBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  let i = 0;
  while (i < length && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  if (i === length) return a.length - b.length;
  const [unitA, unitB] = [a.charCodeAt(i), b.charCodeAt(i)];
  const isPairA = isSurrogate(unitA);
  if (isPairA !== isSurrogate(unitB)) return isPairA ? 1 : -1;
  return unitA - unitB;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}
