/** What a listing of a folder is made of, in every format. */

/** What an entry is, after symbolic links are followed. */
export type ListingKind =
  | "directory"
  | "file"
  /** A device, a FIFO, a socket, or a link that leads nowhere. */
  | "other";

/** One name in a folder. */
export interface ListingEntry {
  /** The name, decoded and without a slash. */
  readonly name: string;
  /** What it is. */
  readonly kind: ListingKind;
  /** The size in bytes; of a folder it is not shown. */
  readonly size: number;
  /** When it was last changed, in ms since the epoch. */
  readonly mtimeMs: number;
}

const HTML_ESCAPES: Readonly<Record<string, string>> = {
  "<": "&lt;",
  ">": "&gt;",
  "&": "&amp;",
  '"': "&quot;",
};

/** As nginx's `ngx_escape_html`; no attribute may be in single quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[<>&"]/g, (character) => HTML_ESCAPES[character]!);
}

/**
 * A name as a link: percent-encoded as one URI component, so that no name can
 * be taken for a scheme (`a:b`), a query (`a?b`) or a fragment (`a#b`).
 *
 * As nginx's `NGX_ESCAPE_URI_COMPONENT`: everything but the unreserved
 * characters of RFC 3986, section 2.3. `encodeURIComponent` leaves five more
 * as they are.
 */
export function encodeName(name: string): string {
  return encodeURIComponent(name.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** A time that a `Date` can hold: 0 for those that it cannot. */
export function validTime(timeMs: number): number {
  return Math.abs(timeMs) <= 8.64e15 ? timeMs : 0;
}

/** nginx's order: folders first, then by the bytes of the names. */
export function compareEntries(a: ListingEntry, b: ListingEntry): number {
  const isFolder = a.kind === "directory";
  if (isFolder !== (b.kind === "directory")) return isFolder ? -1 : 1;
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
