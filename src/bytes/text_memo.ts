/**
 * What was worked out for texts that come again and again: the path of a URI,
 * the coding for an `Accept-Encoding`. There is a memo in each location, and a
 * client can send any text to any of them, so all memos of a thread share one
 * budget; when it is used up, all begin anew. What is asked for again is soon
 * known again.
 */

import { MemoryBudget, stringBytes } from "./memory_budget.ts";

/** What all memos of a thread may take, in bytes. */
const MEMO_BYTES = 8 * 1024 * 1024;

/** Longest text that is kept, in characters. */
export const MAX_MEMO_KEY_LENGTH = 256;

/** What an entry takes beside its texts: its place in a table, in bytes. */
const ENTRY_BYTES = 96;

interface Forgetful {
  clear(): void;
}

/** The budget of memos, and those that have taken from it. */
export class MemoMemory extends MemoryBudget {
  readonly #holders = new Set<Forgetful>();

  /** Takes `bytes` for `holder`, if need be by clearing all memos. */
  takeFor(holder: Forgetful, bytes: number): boolean {
    if (!this.take(bytes)) {
      this.clear();
      if (!this.take(bytes)) return false;
    }
    this.#holders.add(holder);
    return true;
  }

  /** Clears all memos: those of an earlier configuration are gone with it. */
  clear(): void {
    for (const holder of this.#holders) holder.clear();
    this.#holders.clear();
  }
}

/** What the memos of this thread take. */
export const MEMO_MEMORY = new MemoMemory(MEMO_BYTES);

/** A memo of at most so many texts. */
export class TextMemo<T> {
  readonly #maxEntries: number;
  readonly #memory: MemoMemory;
  readonly #entries = new Map<string, T>();
  /** What is known, by its text. */
  readonly known: ReadonlyMap<string, T> = this.#entries;
  #bytes = 0;

  /** An empty memo, which begins anew when it has `maxEntries`. */
  constructor(maxEntries: number, memory: MemoMemory = MEMO_MEMORY) {
    this.#maxEntries = maxEntries;
    this.#memory = memory;
  }

  /** How many texts are known. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * Keeps `value` for `text`, which is not known yet, unless it is too long.
   * `valueBytes` is what the value takes.
   */
  set(text: string, value: T, valueBytes = 0): void {
    if (text.length > MAX_MEMO_KEY_LENGTH) return;
    if (this.#entries.size >= this.#maxEntries) this.clear();
    const needed = ENTRY_BYTES + stringBytes(text) + valueBytes;
    if (!this.#memory.takeFor(this, needed)) return;
    this.#bytes += needed;
    this.#entries.set(text, value);
  }

  /** Forgets everything. */
  clear(): void {
    this.#entries.clear();
    this.#memory.give(this.#bytes);
    this.#bytes = 0;
  }
}
