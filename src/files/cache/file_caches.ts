/**
 * All file caches of a configuration. Locations that look files up in the
 * same way share one; `open_file_cache` and `disable_symlinks` make another.
 */

import type { MemoryUse } from "../../bytes/memory_budget.ts";
import {
  FileCache,
  type FileCacheCounters,
  newFileMemory,
} from "./file_cache.ts";
import {
  DEFAULT_FILE_CACHE,
  type FileCacheOptions,
} from "./file_cache_options.ts";

/** How often entries are looked through that nobody may ask for, in ms. */
const SWEEP_INTERVAL_MS = 1000;

/** The file caches of one configuration, and their common budget. */
export class FileCaches {
  readonly #caches = new Map<string, FileCache>();
  readonly #memory = newFileMemory();
  #timer: ReturnType<typeof setInterval> | undefined;

  /** The cache with exactly these options. */
  of(options: Partial<FileCacheOptions> = {}): FileCache {
    const all: FileCacheOptions = { ...DEFAULT_FILE_CACHE, ...options };
    // All options have the order of the defaults, so equal ones are equal here.
    const key = Object.values(all).join();
    let cache = this.#caches.get(key);
    if (cache === undefined) {
      cache = new FileCache(all, this.#memory);
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

  /** How many entries there are. */
  get size(): number {
    return this.#sum((cache) => cache.size);
  }

  /** Bytes of files held in memory, and how many there may be. */
  get bodies(): MemoryUse {
    const { held, limits } = this.#memory.stock;
    return { bytes: held.bodies, budget: limits.bodies };
  }

  /** Bytes of paths and what is known of them, and how many there may be. */
  get names(): MemoryUse {
    const { stock: { held, limits }, absent } = this.#memory;
    return {
      bytes: held.names + absent.bytes,
      budget: limits.names + absent.budget,
    };
  }

  /** How many files are held open. */
  get handles(): number {
    return this.#memory.stock.held.handles;
  }

  /**
   * Looks once a second for what nobody needs any more, until {@linkcode stop}.
   * The timer does not keep the program alive.
   */
  start(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.sweep(), SWEEP_INTERVAL_MS);
    Deno.unrefTimer(this.#timer);
  }

  /** Ends what {@linkcode start} began. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  sweep(): void {
    const now = performance.now();
    for (const cache of this.#caches.values()) cache.sweep(now);
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
