/**
 * All file caches of a configuration. Locations that look files up in the
 * same way share one; `open_file_cache` and `disable_symlinks` make another.
 */

import {
  DEFAULT_FILE_CACHE,
  FileCache,
  type FileCacheCounters,
  type FileCacheOptions,
} from "./file_cache.ts";

/** See the top of the file. */
export class FileCaches {
  readonly #caches = new Map<string, FileCache>();

  /** The cache with exactly these options. */
  of(options: Partial<FileCacheOptions> = {}): FileCache {
    const all: FileCacheOptions = { ...DEFAULT_FILE_CACHE, ...options };
    // All options have the order of the defaults, so equal ones are equal here.
    const key = Object.values(all).join();
    let cache = this.#caches.get(key);
    if (cache === undefined) {
      cache = new FileCache(all);
      this.#caches.set(key, cache);
    }
    return cache;
  }

  /** What all of them did so far. */
  get counters(): Readonly<FileCacheCounters> {
    const sum: FileCacheCounters = { hits: 0, revalidations: 0, misses: 0 };
    for (const { counters } of this.#caches.values()) {
      sum.hits += counters.hits;
      sum.revalidations += counters.revalidations;
      sum.misses += counters.misses;
    }
    return sum;
  }

  /**
   * The share of lookups, 0 to 1, that needed no `open`: the entry was valid
   * or a `stat` found it unchanged. 0 before the first lookup.
   */
  get hitRatio(): number {
    const { hits, revalidations, misses } = this.counters;
    const all = hits + revalidations + misses;
    return all === 0 ? 0 : (hits + revalidations) / all;
  }

  /** How many entries there are. */
  get size(): number {
    return this.#sum((cache) => cache.size);
  }

  /** Bytes of files held in memory. */
  get bodyBytes(): number {
    return this.#sum((cache) => cache.bodyBytes);
  }

  /** How many files are held open. */
  get handles(): number {
    return this.#sum((cache) => cache.handles);
  }

  /** Forgets everything; files in use stay open until they are sent. */
  clear(): void {
    for (const cache of this.#caches.values()) cache.clear();
  }

  #sum(numberOf: (cache: FileCache) => number): number {
    let sum = 0;
    for (const cache of this.#caches.values()) sum += numberOf(cache);
    return sum;
  }
}
