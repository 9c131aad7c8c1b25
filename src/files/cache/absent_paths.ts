/**
 * Paths where nothing was found a moment ago. Anybody can ask for any number
 * of them, so they are kept apart from files: they push none out. They matter
 * for a moment only, so when there is no room for one more, all are forgotten.
 * A path is kept when it is asked for a second time, unless somebody wants it
 * otherwise: most never are, and what lives for that long costs the garbage
 * collector more than it saves.
 */

import { type MemoryBudget, stringBytes } from "../../bytes/memory_budget.ts";
import type { FileEntry } from "./file_entry.ts";

/** What all of them may take, in bytes: about a thousand. */
export const ABSENT_PATHS_BYTES = 1024 * 1024;

/** Longest path that is kept, in characters. */
const MAX_KEPT_LENGTH = 256;

/** How many paths are recognised that were asked for once; a power of two. */
const SEEN_PATHS = 1024;

/** What one takes beside its name, with its error, in bytes. */
const ENTRY_BYTES = 1024;

/** Paths where nothing was found, for a short time. */
export class AbsentPaths {
  readonly #budget: MemoryBudget;
  readonly #atOnce: boolean;
  readonly #entries = new Map<string, FileEntry>();
  /** Hashes of those that were asked for of late, each in its place. */
  readonly #seen = new Int32Array(SEEN_PATHS);
  #bytes = 0;
  #lastUntil = 0;

  /**
   * Takes from `budget`, which others may take from too. `atOnce` keeps a path
   * when it is asked for the first time.
   */
  constructor(budget: MemoryBudget, atOnce: boolean) {
    this.#budget = budget;
    this.#atOnce = atOnce;
  }

  /** How many there are. */
  get size(): number {
    return this.#entries.size;
  }

  /** What is kept for `key`, whether it is still valid or not. */
  get(key: string): FileEntry | undefined {
    return this.#entries.get(key);
  }

  /** Keeps `entry` for `key`, if there is room for it. */
  set(key: string, entry: FileEntry): void {
    if (key.length > MAX_KEPT_LENGTH) return;
    this.#lastUntil = Math.max(this.#lastUntil, entry.validUntil);
    if (!this.#entries.has(key)) {
      if (!this.#atOnce && !this.#isSeen(key)) return;
      const needed = ENTRY_BYTES + stringBytes(key);
      if (!this.#take(needed)) return;
      this.#bytes += needed;
    }
    this.#entries.set(key, entry);
  }

  /** Something is there now. */
  delete(key: string): void {
    if (!this.#entries.delete(key)) return;
    const given = ENTRY_BYTES + stringBytes(key);
    this.#bytes -= given;
    this.#budget.give(given);
  }

  /** Forgets them all if none is valid any more. */
  sweep(now: number): void {
    if (now > this.#lastUntil) this.clear();
  }

  /** Forgets them all. */
  clear(): void {
    this.#entries.clear();
    this.#budget.give(this.#bytes);
    this.#bytes = 0;
  }

  /** Whether `key` was here before, and nothing else in its place since. */
  #isSeen(key: string): boolean {
    const hash = hashOf(key);
    const place = hash & (SEEN_PATHS - 1);
    if (this.#seen[place] === hash) return true;
    this.#seen[place] = hash;
    return false;
  }

  #take(bytes: number): boolean {
    if (this.#budget.take(bytes)) return true;
    this.clear();
    return this.#budget.take(bytes);
  }
}

/** FNV-1a over the UTF-16 units, never 0. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5 | 0;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return (hash ^ (hash >>> 15)) || 1;
}
