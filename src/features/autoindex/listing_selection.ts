/** What one page of a listing shows of what is in the folder. */

import { TimeSlices } from "../../scheduling/time_slices.ts";
import type { ListingEntry } from "./listing_entry.ts";
import { type ListingQuery, nameFilter } from "./listing_query.ts";

/** Some of the entries of a folder. */
export interface ListingSelection {
  /** Those of the page, in order. */
  readonly entries: readonly ListingEntry[];
  /** How many pass the filter. */
  readonly matching: number;
  /** The page, from 1 on: the last one where a later one was asked for. */
  readonly page: number;
  /** How many pages there are; at least 1. */
  readonly pages: number;
}

/**
 * Those of `entries` that pass the filter, in their order. Another list is made
 * only if there is a filter.
 */
export async function filtered(
  entries: readonly ListingEntry[],
  filter: string,
): Promise<readonly ListingEntry[]> {
  if (filter === "") return entries;
  const passes = nameFilter(filter);
  const slices = new TimeSlices();
  const passed: ListingEntry[] = [];
  for (const entry of entries) {
    if (passes(entry.name)) passed.push(entry);
    if (slices.over) await slices.next();
  }
  return passed;
}

/** The page of `entries` that is asked for; `size` 0 is one page of all. */
export function pageOf(
  entries: readonly ListingEntry[],
  { page: asked }: ListingQuery,
  size: number,
): ListingSelection {
  const matching = entries.length;
  if (size === 0) return { entries, matching, page: 1, pages: 1 };
  const pages = Math.max(1, Math.ceil(matching / size));
  const page = Math.min(asked, pages);
  return {
    entries: entries.slice((page - 1) * size, page * size),
    matching,
    page,
    pages,
  };
}

/** How many pages on each side of the one that is shown are linked. */
const NEAR_PAGES = 2;

/** The numbers of the pages to link, in order; 0 is a gap between them. */
export function linkedPages(page: number, pages: number): number[] {
  const first = Math.max(2, page - NEAR_PAGES);
  const last = Math.min(pages - 1, page + NEAR_PAGES);
  const near = Array.from(
    { length: Math.max(0, last - first + 1) },
    (_, i) => first + i,
  );
  return [
    1,
    ...(first > 2 ? [0] : []),
    ...near,
    ...(last < pages - 1 ? [0] : []),
    ...(pages > 1 ? [pages] : []),
  ];
}
