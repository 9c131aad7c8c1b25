/**
 * The order of a listing that a link asks for: `?C=M&O=D`, columns and orders
 * as Apache's listings name them.
 */

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
}

/** Reads a query; what makes no sense in it counts as not there. */
export function parseListingQuery(args: string): ListingQuery {
  const column = valueOf(args, "C", /^[NMS]$/) as ListingColumn | undefined;
  const order = valueOf(args, "O", /^[AD]$/) as ListingOrder | undefined;
  return { column: column ?? "N", order: order ?? "A" };
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
export function formatListingQuery({ column, order }: ListingQuery): string {
  return column === "N" && order === "A" ? "./" : `?C=${column}&O=${order}`;
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
  { column, order }: ListingQuery,
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
