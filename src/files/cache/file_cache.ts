/**
 * The open-file cache. A lookup is synchronous: `stat` and `open` take 2-4 µs
 * when the kernel has the answer, while the same call through Deno's thread
 * pool takes 40-80 µs (measured), which is several whole requests. nginx
 * blocks on them too.
 *
 * Within `validMs` an entry is used unchecked; after that one `stat` tells
 * whether the file is still the same. Small files are kept whole in memory
 * up to a byte budget, large ones as an open handle. A path where nothing is
 * found is remembered for a much shorter time, so that a file appears as
 * soon as it is there.
 *
 * The cache owns its entries, and an entry goes for one of four reasons: its
 * path leads to something else; nobody has asked for it for `inactiveMs`; its
 * file was deleted; or there is no room, and it is the next one that was not
 * asked for since the hand of the clock last met it.
 */

import { ClockHand } from "../../bytes/clock_hand.ts";
import { MemoryBudget } from "../../bytes/memory_budget.ts";
import { SENT_BODIES } from "../../http/sent_bodies.ts";
import type { ContainedPath } from "../../routing/path_map.ts";
import { ABSENT_PATHS_BYTES, AbsentPaths } from "./absent_paths.ts";
import { Absence } from "./absence.ts";
import { FileEntry } from "./file_entry.ts";
import {
  type FileHoldings,
  type FileResource,
  FileStock,
  FileTally,
  holdingsOf,
  nameBytesFor,
} from "./file_holdings.ts";
import { type FileIdentity, sameIdentity } from "./file_identity.ts";
import {
  DEFAULT_FILE_CACHE,
  type FileCacheOptions,
} from "./file_cache_options.ts";
import { isStill, isStillAllowed, load, probe } from "./file_loader.ts";
import type { Finding } from "./symlinks.ts";

/** What a cache did, for the status page. */
export interface FileCacheCounters {
  /** Lookups answered without asking the operating system. */
  hits: number;
  /** Lookups answered by an entry that a `stat` found unchanged. */
  revalidations: number;
  /** Lookups that had to open or fail. */
  misses: number;
}

/** Longest path that is kept, in characters. */
const MAX_KEPT_PATH_LENGTH = 1024;

/** How many entries a sweep looks at. */
const SWEPT_ENTRIES = 20_000;

/**
 * What is read whole even when too many bodies that were dropped are still on
 * their way to clients, in bytes: it goes out in one write.
 */
const SMALL_BODY_BYTES = 64 * 1024;

/** What the caches of a configuration share. */
interface SharedFileMemory {
  /** What all of them hold. */
  readonly stock: FileStock;
  /** What paths take where nothing is. */
  readonly absent: MemoryBudget;
}

/** For a cache that is alone. */
export function newFileMemory(): SharedFileMemory {
  return {
    stock: new FileStock(),
    absent: new MemoryBudget(ABSENT_PATHS_BYTES),
  };
}

/** What is known of paths, in a budget of bytes. */
export class FileCache {
  readonly #options: FileCacheOptions;
  readonly #limits: FileHoldings;
  readonly #stock: FileStock;
  readonly #entries = new Map<string, FileEntry>();
  readonly #held = new FileTally();
  /** What each entry was counted in with. */
  readonly #holdings = new Map<FileEntry, FileHoldings>();
  readonly #hand = new ClockHand(() => this.#entries.values());
  readonly #open = new Set<FileEntry>();
  readonly #openHand = new ClockHand(() => this.#open.values());
  readonly #broom = new ClockHand(() => this.#entries.values());
  readonly #absent: AbsentPaths;
  readonly #absence = new Absence();
  /** What it did so far. */
  readonly counters: FileCacheCounters = {
    hits: 0,
    revalidations: 0,
    misses: 0,
  };

  constructor(
    options: Partial<FileCacheOptions> = {},
    memory: SharedFileMemory = newFileMemory(),
  ) {
    const all = this.#options = { ...DEFAULT_FILE_CACHE, ...options };
    this.#limits = {
      entries: all.maxEntries,
      names: nameBytesFor(all.maxEntries),
      bodies: all.bodyBudgetBytes,
      handles: all.maxHandles,
    };
    const isAsked = all.errorValidMs > DEFAULT_FILE_CACHE.errorValidMs;
    this.#absent = new AbsentPaths(memory.absent, isAsked);
    this.#stock = memory.stock;
    this.#stock.join({
      held: this.#held,
      evict: (resource, newest) => this.#evict(resource, newest),
    }, { ...this.#limits, entries: Infinity });
  }

  /** How many entries there are. */
  get size(): number {
    return this.#entries.size + this.#absent.size;
  }

  /** Bytes of files held in memory, with room for a head before each. */
  get bodyBytes(): number {
    return this.#held.bodies;
  }

  /** How many files are held open. */
  get handles(): number {
    return this.#held.handles;
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
    if (path.length > MAX_KEPT_PATH_LENGTH) {
      return this.#withoutKeeping(path, trusted, now);
    }
    const key = trusted === 0 ? path : `${trusted}\0${path}`;
    const entry = this.#entries.get(key) ?? this.#absent.get(key);
    if (entry !== undefined) {
      entry.usedAt = now;
      if (now < entry.validUntil) {
        this.counters.hits++;
        return entry;
      }
    }
    return this.#check(key, path, trusted, entry, now);
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
    this.#absent.clear();
  }

  /**
   * Drops what nobody asks for and what was deleted, so that no memory and no
   * room on a disk is held for the next request to find out.
   */
  sweep(now = performance.now()): void {
    this.#absent.sweep(now);
    for (const entry of this.#open) if (entry.deleted) this.#drop(entry);
    const before = now - this.#options.inactiveMs;
    const visits = Math.min(this.#entries.size, SWEPT_ENTRIES);
    for (let i = 0; i < visits; i++) {
      const entry = this.#broom.next();
      if (entry !== undefined && entry.usedAt < before) this.#drop(entry);
    }
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
    now: number,
  ): FileEntry {
    const found = this.#probe(path, trusted, entry, now);
    if (
      entry?.kind === "file" && !(found instanceof FileEntry) &&
      entry.settled && sameIdentity(entry.identity, found) &&
      isStillAllowed(path, trusted, this.#options, found)
    ) {
      this.counters.revalidations++;
      this.#use(entry, now);
      return entry;
    }
    this.counters.misses++;
    const fresh = this.#loaded(path, trusted, found);
    if (entry !== undefined) fresh.follow(entry);
    fresh.key = key;
    fresh.uses = entry?.uses ?? 0;
    this.#use(fresh, now);
    if (entry !== undefined) this.#drop(entry);
    if (fresh.kind !== "missing") this.#keep(fresh);
    else if (fresh.validUntil > now) this.#absent.set(key, fresh);
    return fresh;
  }

  /** What is at a path that is too long to be kept. */
  #withoutKeeping(
    path: ContainedPath,
    trusted: number,
    now: number,
  ): FileEntry {
    this.counters.misses++;
    const found = this.#probe(path, trusted, undefined, now);
    const entry = this.#loaded(path, trusted, found);
    entry.retire();
    return entry;
  }

  /** What is at the path, at little cost where there is nothing. */
  #probe(
    path: ContainedPath,
    trusted: number,
    entry: FileEntry | undefined,
    now: number,
  ): FileIdentity | FileEntry {
    const code = entry === undefined || entry.kind === "missing"
      ? this.#absence.codeFor(path, now)
      : undefined;
    if (code !== undefined) {
      return new FileEntry(path, "missing", { error: code });
    }
    const found = probe(path, trusted, this.#options);
    const isThere = !(found instanceof FileEntry) || found.kind === "directory";
    if (isThere) this.#absence.found(path);
    return found;
  }

  #loaded(
    path: ContainedPath,
    trusted: number,
    found: FileIdentity | FileEntry,
  ): FileEntry {
    if (found instanceof FileEntry) return found;
    const { maxBodyBytes } = this.#options;
    return load(path, trusted, {
      ...this.#options,
      maxBodyBytes: SENT_BODIES.exceeded
        ? Math.min(maxBodyBytes, SMALL_BODY_BYTES)
        : maxBodyBytes,
    });
  }

  #use(entry: FileEntry, now: number): void {
    entry.usedAt = now;
    if (++entry.uses >= this.#options.minUses) {
      entry.validUntil = now + this.#validMs(entry);
    }
  }

  #keep(entry: FileEntry): void {
    const held = holdingsOf(entry, entry.key);
    // Who is asked for once only does not push out who is asked for often.
    entry.metAt = entry.usedAt;
    this.#entries.set(entry.key, entry);
    this.#holdings.set(entry, held);
    if (held.handles > 0) this.#open.add(entry);
    this.#held.add(held);
    this.#stock.held.add(held);
    for (;;) {
      const lack = this.#held.lack(this.#limits);
      if (lack === undefined || !this.#evict(lack, entry)) break;
    }
    this.#stock.makeRoom(entry);
  }

  /** Drops the next entry with `resource` that was not asked for of late. */
  #evict(resource: FileResource, newest: FileEntry): boolean {
    const hand = resource === "handles" ? this.#openHand : this.#hand;
    // In the second round whatever was asked for has been met once.
    for (let visits = 2 * this.#entries.size; visits > 0; visits--) {
      const entry = hand.next();
      if (entry === undefined || entry === newest) continue;
      if (this.#holdings.get(entry)?.[resource] === 0) continue;
      if (entry.usedAt > entry.metAt) {
        entry.metAt = entry.usedAt;
        continue;
      }
      this.#drop(entry);
      return true;
    }
    return false;
  }

  #drop(entry: FileEntry): void {
    if (entry.kind === "missing") return this.#absent.delete(entry.key);
    const held = this.#holdings.get(entry);
    if (held === undefined) return;
    this.#entries.delete(entry.key);
    this.#holdings.delete(entry);
    this.#open.delete(entry);
    this.#held.remove(held);
    this.#stock.held.remove(held);
    if (entry.body !== undefined) SENT_BODIES.abandon(entry.body.buffer);
    entry.retire();
  }
}
