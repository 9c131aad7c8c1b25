/**
 * What is asked of a listing: an order, `?C=M&O=D`, columns and orders as
 * Apache's listings name them; words that names have, `?q=a+b`; and a page of
 * many, `?page=2`.
 */

import { textOf } from "../../http/byte_string.ts";

import type { ListingEntry } from "./listing_entry.ts";

/** Which column a listing is sorted by: name, time of last change, size. */
export type ListingColumn = "N" | "M" | "S";

/** Ascending or descending. */
type ListingOrder = "A" | "D";

/** What a link asks for. */
export interface ListingQuery {
  /** The column to sort by. */
  readonly column: ListingColumn;
  /** The direction. */
  readonly order: ListingOrder;
  /** What names are filtered by, a text; empty for all of them. */
  readonly filter: string;
  /** The page, from 1 on. There may be fewer. */
  readonly page: number;
}

/** The longest filter, in characters: a name has at most 255 bytes. */
const MAX_FILTER_LENGTH = 255;

/** Reads a query; what makes no sense in it counts as not there. */
export function parseListingQuery(args: string): ListingQuery {
  const column = valueOf(args, "C", /^[NMS]$/) as ListingColumn | undefined;
  const order = valueOf(args, "O", /^[AD]$/) as ListingOrder | undefined;
  return {
    column: column ?? "N",
    order: order ?? "A",
    filter: decoded(valueOf(args, "q", /./) ?? "").trim()
      .slice(0, MAX_FILTER_LENGTH).toWellFormed(),
    page: Number(valueOf(args, "page", /^[1-9]\d{0,8}$/) ?? 1),
  };
}

/** The text of a value as forms send it; what is no code stays as it is. */
function decoded(value: string): string {
  const bytes = value.replaceAll("+", " ").replace(
    /%([\da-f]{2})/gi,
    (_, code: string) => String.fromCharCode(parseInt(code, 16)),
  );
  return textOf(bytes);
}

/** A text as the value of a query. */
function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll("%20", "+");
}

function valueOf(
  args: string,
  name: string,
  pattern: RegExp,
): string | undefined {
  for (const pair of args.split("&")) {
    const value = pair.slice(name.length + 1);
    if (pair.startsWith(`${name}=`) && pattern.test(value)) return value;
  }
  return undefined;
}

/** A query as a relative reference; the default one is the page itself. */
export function formatListingQuery(
  { column, order, filter, page }: ListingQuery,
): string {
  const parts = [
    ...(column === "N" && order === "A" ? [] : [`C=${column}&O=${order}`]),
    ...(filter === "" ? [] : [`q=${encoded(filter)}`]),
    ...(page === 1 ? [] : [`page=${page}`]),
  ];
  return parts.length === 0 ? "./" : `?${parts.join("&")}`;
}

/**
 * Whether a name passes a filter: it has each of the words, in any case. An
 * accent is one whether it was written as one character or as two.
 */
export function nameFilter(filter: string): (name: string) => boolean {
  const words = folded(filter).split(/\s+/).filter((word) => word !== "");
  return (name) => {
    const text = folded(name);
    return words.every((word) => text.includes(word));
  };
}

function folded(text: string): string {
  return text.normalize("NFC").toLowerCase();
}

/** An entry and what its name is sorted by. */
export interface SortableEntry {
  readonly entry: ListingEntry;
  readonly key: string;
}

/**
 * A text whose order is that of people: `File2` before `file10`. The digits
 * of a number have their count before them.
 */
export function nameKey(name: string): string {
  return name.toLowerCase().replace(/\d+/g, (digits) => {
    const value = digits.replace(/^0+(?=\d)/, "");
    return `0${String.fromCharCode(value.length)}${value}`;
  });
}

/** Compares for a query: folders first, and by name what is otherwise equal. */
export function listingComparison(
  { column, order }: Pick<ListingQuery, "column" | "order">,
): (a: SortableEntry, b: SortableEntry) => number {
  const sign = order === "A" ? 1 : -1;
  return (a, b) => {
    const isFolder = a.entry.kind === "directory";
    if (isFolder !== (b.entry.kind === "directory")) return isFolder ? -1 : 1;
    const byColumn = column === "M"
      ? a.entry.mtimeMs - b.entry.mtimeMs
      : column === "S" && !isFolder
      ? a.entry.size - b.entry.size
      : 0;
    if (byColumn !== 0) return sign * byColumn;
    return (column === "N" ? sign : 1) * compareNames(a, b);
  };
}

function compareNames(a: SortableEntry, b: SortableEntry): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  if (a.entry.name === b.entry.name) return 0;
  return a.entry.name < b.entry.name ? -1 : 1;
}
