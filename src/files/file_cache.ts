/**
 * The open-file cache. A lookup is synchronous: `stat` and `open` take 2–4 µs
 * when the kernel has the answer, while the same call through Deno's thread
 * pool takes 40–80 µs (measured), which is several whole requests. nginx
 * blocks on them too.
 *
 * Within `validMs` an entry is used unchecked; after that one `stat` tells
 * whether the file is still the same. Small files are kept whole in memory
 * up to a byte budget, large ones as an open handle. A path where nothing is
 * found is remembered for a much shorter time, so that a file appears as
 * soon as it is there.
 */

import type { ContainedPath } from "../routing/path_map.ts";
import { FileEntry } from "./file_entry.ts";
import { sameIdentity } from "./file_identity.ts";
import {
  isStill,
  isStillAllowed,
  load,
  type LoadOptions,
  probe,
} from "./file_loader.ts";
import type { Finding } from "./symlinks.ts";

/** Sizes and times of a {@linkcode FileCache}. */
export interface FileCacheOptions extends LoadOptions {
  /** How long an entry is used unchecked, in ms; 0 checks at every lookup. */
  readonly validMs: number;
  /** How long a failed lookup is remembered, in ms; never beyond `validMs`. */
  readonly errorValidMs: number;
  /** How long an entry that nobody asks for is kept, in ms. */
  readonly inactiveMs: number;
  /** How many lookups a path needs before its entry is used unchecked. */
  readonly minUses: number;
  /** Most entries. */
  readonly maxEntries: number;
  /** Most bytes of files in memory. */
  readonly bodyBudgetBytes: number;
  /** Most open handles of large files. */
  readonly maxHandles: number;
}

/** The sizes and times where the configuration says nothing. */
export const DEFAULT_FILE_CACHE: FileCacheOptions = {
  validMs: 1000,
  errorValidMs: 100,
  inactiveMs: 60_000,
  minUses: 1,
  maxEntries: 10_000,
  maxBodyBytes: 1024 * 1024,
  bodyBudgetBytes: 32 * 1024 * 1024,
  maxHandles: 256,
  symlinks: "off",
};

/** What a cache did, for the status page. */
export interface FileCacheCounters {
  /** Lookups answered without asking the operating system. */
  hits: number;
  /** Lookups answered by an entry that a `stat` found unchanged. */
  revalidations: number;
  /** Lookups that had to open or fail. */
  misses: number;
}

/** See the top of the file. */
export class FileCache {
  readonly #options: FileCacheOptions;
  /** In order of last check, the longest ago first. */
  readonly #entries = new Map<string, FileEntry>();
  #bodyBytes = 0;
  #handles = 0;
  /** What it did so far. */
  readonly counters: FileCacheCounters = {
    hits: 0,
    revalidations: 0,
    misses: 0,
  };

  /** An empty cache. */
  constructor(options: Partial<FileCacheOptions> = {}) {
    this.#options = { ...DEFAULT_FILE_CACHE, ...options };
  }

  /** How many entries there are. */
  get size(): number {
    return this.#entries.size;
  }

  /** Bytes of files held in memory. */
  get bodyBytes(): number {
    return this.#bodyBytes;
  }

  /** How many files are held open. */
  get handles(): number {
    return this.#handles;
  }

  /**
   * What `path` leads to. Never throws: failures are kinds of entries. Its
   * first `trusted` characters may hold symbolic links in any case. `now` is
   * the time of the request, in ms of `performance.now()`.
   */
  lookup(
    path: ContainedPath,
    trusted = 0,
    now = performance.now(),
  ): FileEntry {
    const key = trusted === 0 ? path : `${trusted}\0${path}`;
    const entry = this.#entries.get(key);
    if (entry !== undefined) {
      entry.usedAt = now;
      if (now < entry.validUntil) {
        this.counters.hits++;
        return entry;
      }
    }
    const fresh = this.#check(key, path, trusted, entry);
    fresh.usedAt = now;
    if (++fresh.uses >= this.#options.minUses) {
      fresh.validUntil = now + this.#validMs(fresh);
    }
    return fresh;
  }

  /**
   * Whether the path of a folder's `entry` still leads to what it led to, where
   * `findings` are, without links that are not to be followed behind its first
   * `trusted` characters.
   */
  isStill(
    { path, identity }: FileEntry,
    trusted: number,
    findings: readonly Finding[],
  ): boolean {
    return isStill(path, trusted, this.#options, identity, findings);
  }

  /** Forgets everything; files in use stay open until they are sent. */
  clear(): void {
    for (const entry of this.#entries.values()) this.#drop(entry);
  }

  #validMs({ kind }: FileEntry): number {
    const { validMs, errorValidMs } = this.#options;
    return kind === "file" || kind === "directory"
      ? validMs
      : Math.min(validMs, errorValidMs);
  }

  /** The entry again if nothing has changed, otherwise a new one. */
  #check(
    key: string,
    path: ContainedPath,
    trusted: number,
    entry: FileEntry | undefined,
  ): FileEntry {
    const found = probe(path, trusted, this.#options);
    if (
      entry?.kind === "file" && !(found instanceof FileEntry) &&
      entry.settled && sameIdentity(entry.identity, found) &&
      isStillAllowed(path, trusted, this.#options, found)
    ) {
      this.counters.revalidations++;
      this.#entries.delete(key);
      this.#entries.set(key, entry);
      return entry;
    }
    const uses = entry?.uses ?? 0;
    if (entry !== undefined) this.#drop(entry);
    this.counters.misses++;
    const fresh = found instanceof FileEntry
      ? found
      : load(path, trusted, this.#options);
    fresh.key = key;
    fresh.uses = uses;
    this.#keep(fresh);
    return fresh;
  }

  #keep(entry: FileEntry): void {
    this.#entries.set(entry.key, entry);
    this.#bodyBytes += entry.body?.length ?? 0;
    if (entry.open) this.#handles++;
    this.#dropInactive();
    const { maxEntries, bodyBudgetBytes, maxHandles } = this.#options;
    for (const oldest of this.#entries.values()) {
      if (
        this.#entries.size <= maxEntries &&
        this.#bodyBytes <= bodyBudgetBytes && this.#handles <= maxHandles
      ) break;
      const helps = this.#entries.size > maxEntries ||
        (this.#bodyBytes > bodyBudgetBytes && oldest.body !== undefined) ||
        (this.#handles > maxHandles && oldest.open);
      if (helps && oldest !== entry) this.#drop(oldest);
    }
  }

  /** The first entries were checked longest ago, so they are used least. */
  #dropInactive(): void {
    const before = performance.now() - this.#options.inactiveMs;
    for (const oldest of this.#entries.values()) {
      if (oldest.usedAt >= before || oldest.usedAt === 0) break;
      this.#drop(oldest);
    }
  }

  #drop(entry: FileEntry): void {
    if (!this.#entries.delete(entry.key)) return;
    this.#bodyBytes -= entry.body?.length ?? 0;
    if (entry.open) this.#handles--;
    entry.retire();
  }
}
