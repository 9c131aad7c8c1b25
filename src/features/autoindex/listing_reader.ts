/** The names in a folder, read in slices and held while they are sent. */

import { MemoryBudget, stringBytes } from "../../bytes/memory_budget.ts";
import { HttpError } from "../../http/errors.ts";
import {
  compareEntries,
  type ListingEntry,
  type ListingKind,
} from "./listing_entry.ts";
import {
  listingComparison,
  type ListingQuery,
  nameKey,
  type SortableEntry,
} from "./listing_query.ts";
import { ListingTotal } from "./listing_view.ts";
import { identityOf } from "../../files/cache/file_identity.ts";
import {
  type Finding,
  proveNoSymlinks,
  type SymlinkPolicy,
} from "../../files/cache/symlinks.ts";
import { log } from "../../logging/logger.ts";
import type { ContainedPath } from "../../routing/path_map.ts";
import { sortInSlices, TimeSlices } from "../../scheduling/time_slices.ts";

/**
 * What all listings that are made and sent may take: half a million names.
 * Clients that ask for large folders and do not read cannot have more.
 */
export const LISTING_MEMORY = new MemoryBudget(96 * 1024 * 1024);

/** What an entry takes beside its name, in bytes (measured: 140). */
const ENTRY_BYTES = 160;

/** What an entry takes in one more order, while it is sorted, in bytes. */
const SORTED_ENTRY_BYTES = 128;

/** What Deno puts in the place of bytes that are not UTF-8. */
const REPLACEMENT_CHARACTER = "\ufffd";

/** How many findings of a folder are kept. */
const MAX_FINDINGS = 256;

/** A folder that is being read, or that will be. */
interface Reading {
  /** Whether what is made from now on may be missing. */
  isBegun: boolean;
  readonly listing: Promise<Listing>;
}

/** The last reading of each folder, so that nobody reads one twice at a time. */
const pending = new Map<string, Reading>();

/** The names in a folder, as long as somebody holds them. */
export class Listing {
  /** In nginx's order: no names that begin with a dot. */
  readonly entries: readonly ListingEntry[];
  /** What there is of them. */
  readonly total: ListingTotal;
  /** Some of what was found where links are not followed. */
  readonly findings: readonly Finding[];
  /** Those that people ask for, by column and direction. */
  readonly #orders = new Map<string, Promise<readonly ListingEntry[]>>();
  #bytes: number;
  #holders = 0;

  /** `bytes` of {@linkcode LISTING_MEMORY} are given back at the end. */
  constructor(
    entries: readonly ListingEntry[],
    total: ListingTotal,
    findings: readonly Finding[],
    bytes: number,
  ) {
    this.entries = entries;
    this.total = total;
    this.findings = findings;
    this.#bytes = bytes;
  }

  /** Somebody needs it until they call {@linkcode release}. */
  hold(): this {
    this.#holders++;
    return this;
  }

  /** Ends one {@linkcode hold}. */
  release(): void {
    if (--this.#holders === 0) LISTING_MEMORY.give(this.#bytes);
  }

  /**
   * The entries in another order, sorted once for all who ask.
   *
   * @throws {HttpError} 503 when listings take too much memory
   */
  inOrder(
    query: Pick<ListingQuery, "column" | "order">,
  ): Promise<readonly ListingEntry[]> {
    const key = `${query.column}${query.order}`;
    let sorting = this.#orders.get(key);
    if (sorting === undefined) {
      const needed = this.entries.length * SORTED_ENTRY_BYTES;
      if (!LISTING_MEMORY.take(needed)) throw tooLarge();
      this.#bytes += needed;
      this.#orders.set(key, sorting = sortedBy(this.entries, query));
    }
    return sorting;
  }
}

async function sortedBy(
  entries: readonly ListingEntry[],
  query: Pick<ListingQuery, "column" | "order">,
): Promise<readonly ListingEntry[]> {
  const slices = new TimeSlices();
  const sorted: SortableEntry[] = [];
  for (const entry of entries) {
    sorted.push({ entry, key: nameKey(entry.name) });
    if (slices.over) await slices.next();
  }
  await sortInSlices(sorted, listingComparison(query), slices);
  return sorted.map(({ entry }) => entry);
}

/**
 * What a listing of the folder at `path`, which ends with a slash, shows; of
 * symbolic links what they lead to where `symlinks` lets clients follow them,
 * else themselves. The caller has to release it.
 *
 * @throws what the operating system says about the folder
 * @throws {HttpError} 503 when listings take too much memory
 */
export async function readListing(
  path: ContainedPath,
  symlinks: SymlinkPolicy = "off",
): Promise<Listing> {
  const key = `${symlinks} ${path}`;
  let reading = pending.get(key);
  if (reading === undefined || reading.isBegun) {
    reading = readBehind(reading, key, path, symlinks);
    pending.set(key, reading);
  }
  // Whoever waits for it holds it before the first one can let it go.
  return await reading.listing.then((listing) => listing.hold());
}

/**
 * A reading that begins when `last` is done: it shows what has been made since
 * that one began. Whoever comes until it begins shares it.
 */
function readBehind(
  last: Reading | undefined,
  key: string,
  path: ContainedPath,
  symlinks: SymlinkPolicy,
): Reading {
  const reading: Reading = { isBegun: false, listing: begin() };
  return reading;

  async function begin(): Promise<Listing> {
    // Who waits for that one hears of its error.
    await last?.listing.catch(() => {});
    reading.isBegun = true;
    try {
      return await read(path, symlinks);
    } finally {
      if (pending.get(key) === reading) pending.delete(key);
    }
  }
}

async function read(
  path: ContainedPath,
  symlinks: SymlinkPolicy,
): Promise<Listing> {
  const slices = new TimeSlices();
  const entries: ListingEntry[] = [];
  const total = new ListingTotal();
  const findings: Finding[] = [];
  let bytes = 0;
  try {
    for await (const { name } of Deno.readDir(path)) {
      if (slices.over) await slices.next();
      if (name.startsWith(".")) continue;
      const own = symlinks === "off" ? undefined : ownInfoOf(path + name);
      const info = symlinks === "off"
        ? infoOf(path + name)
        : own && shownInfoOf(path, name, own, symlinks);
      if (info !== undefined) {
        const entry = entryOf(name, info);
        const needed = ENTRY_BYTES + stringBytes(name);
        if (!LISTING_MEMORY.take(needed)) throw tooLarge();
        bytes += needed;
        entries.push(entry);
        total.add(entry);
        if (own !== undefined) {
          keepSome(findings, { name, identity: identityOf(own) });
        }
      } else if (name.includes(REPLACEMENT_CHARACTER)) total.unnamed++;
    }
    await sortInSlices(entries, compareEntries, slices);
  } catch (error) {
    LISTING_MEMORY.give(bytes);
    throw error;
  }
  if (total.unnamed > 0) {
    const { unnamed } = total;
    log.error(
      `"${path}" has ${unnamed} ${
        unnamed === 1 ? "name that is" : "names that are"
      } not UTF-8: neither listed nor served`,
    );
  }
  return new Listing(entries, total, findings, bytes);
}

/** There are more listings, or larger ones, than there is memory for. */
export function tooLarge(): HttpError {
  return new HttpError(503, "too many large listings at a time", {
    headers: [["Retry-After", "5"]],
  });
}

/** Keeps `finding`, or in a large folder perhaps, in the place of another. */
function keepSome(findings: Finding[], finding: Finding): void {
  if (findings.length < MAX_FINDINGS) findings.push(finding);
  else findings[Math.floor(Math.random() * MAX_FINDINGS)] = finding;
}

function entryOf(name: string, info: Deno.FileInfo): ListingEntry {
  return {
    name,
    kind: kindOf(info),
    size: info.size,
    mtimeMs: info.mtime?.getTime() ?? 0,
  };
}

/**
 * What is at a path. As in nginx a link that leads nowhere is listed for
 * itself, and what must not be looked at is left out.
 */
function infoOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) return undefined;
  }
  return ownInfoOf(path);
}

/**
 * What is shown of `name`, which has `own` to itself: what a link leads to if
 * it may be followed. The way of the folder is proven by who asks for it.
 */
function shownInfoOf(
  folder: ContainedPath,
  name: string,
  own: Deno.FileInfo,
  symlinks: Exclude<SymlinkPolicy, "off">,
): Deno.FileInfo {
  if (!own.isSymlink || symlinks === "on") return own;
  const path = folder + name;
  try {
    const target = Deno.statSync(path);
    proveNoSymlinks(path, folder.length - 1, symlinks, identityOf(target));
    return target;
  } catch {
    // It leads nowhere, belongs to somebody else, or is exchanged just now.
    return own;
  }
}

function ownInfoOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch {
    // Gone since, or a name that is no text and cannot be asked for.
    return undefined;
  }
}

function kindOf(info: Deno.FileInfo): ListingKind {
  if (info.isDirectory) return "directory";
  return info.isFile ? "file" : "other";
}
