/**
 * Parts of large files that are asked for again and again: the index of a
 * video that every visitor's player begins with, the pages of a document, the
 * block of an image that many machines install. Such a part is kept in memory
 * from the second time on. (Measured: 64 KiB read for each request, with the
 * `fstat` that makes sure of its version, cost half of the throughput.)
 *
 * A part belongs to an entry of the file cache and is as fresh as that is: when
 * the file has changed there is another entry, and the old parts are the first
 * to make room.
 */

import { LRUCache } from "lru-cache";
import type { MemoryUse } from "../../bytes/memory_budget.ts";
import type { Representation } from "../../http/representation.ts";
import type { FileEntry } from "../cache/file_entry.ts";
import { BODY_HEADROOM_BYTES } from "../cache/file_loader.ts";

/** The largest part that is kept, in bytes. */
export const MAX_PART_BYTES = 256 * 1024;

/** What all parts may take, in bytes. */
const PART_BUDGET_BYTES = 8 * 1024 * 1024;

/**
 * What a part takes beside its bytes: its name, and the answer that is made of
 * it (measured: 1.4 KB). Without it a part of one byte would be nearly free.
 */
const PART_OVERHEAD_BYTES = 2048;

/** How many parts are remembered that were asked for once. */
const MAX_SEEN = 512;

/** A part in memory. */
export interface HeldPart {
  /** Its bytes, with {@linkcode BODY_HEADROOM_BYTES} before them. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The first representation that was answered with it, and that answer. */
  answered:
    | { readonly whole: Representation; readonly part: Representation }
    | undefined;
}

/** What a part of `length` bytes takes. */
export function partCost(length: number): number {
  return PART_OVERHEAD_BYTES + BODY_HEADROOM_BYTES + length;
}

/** The parts that are kept in memory. */
export class PartCache implements MemoryUse {
  /** What all parts may take, in bytes. */
  readonly budget: number;
  readonly #parts: LRUCache<string, HeldPart>;
  readonly #seen = new Set<string>();

  /** An empty cache that holds at most `budget` bytes; 0 holds nothing. */
  constructor(budget: number = PART_BUDGET_BYTES) {
    this.budget = budget;
    this.#parts = new LRUCache({
      maxSize: Math.max(budget, 1),
      sizeCalculation: ({ bytes }) => partCost(bytes.length),
    });
  }

  /** What parts take, in bytes. */
  get bytes(): number {
    return this.#parts.calculatedSize;
  }

  /**
   * The bytes from `start` up to `end` of `entry`, if they are held or to be
   * held from now on; then `read` is asked to fill its argument with them, and
   * says whether they are still what the entry tells.
   *
   * @throws what `read` throws; nothing is held then
   */
  get(
    entry: FileEntry,
    start: number,
    end: number,
    read: (target: Uint8Array) => boolean,
  ): HeldPart | undefined {
    const length = end - start;
    if (
      length > MAX_PART_BYTES || partCost(length) > this.budget ||
      !entry.settled
    ) return undefined;
    const key = `${entry.id} ${start}-${end}`;
    const known = this.#parts.get(key);
    if (known !== undefined) return known;
    if (!this.#seen.delete(key)) {
      if (this.#seen.size >= MAX_SEEN) this.#seen.clear();
      this.#seen.add(key);
      return undefined;
    }
    const memory = new Uint8Array(BODY_HEADROOM_BYTES + length);
    const part = {
      bytes: memory.subarray(BODY_HEADROOM_BYTES),
      answered: undefined,
    };
    if (!read(part.bytes)) return undefined;
    this.#parts.set(key, part);
    return part;
  }

  /** Forgets everything. */
  clear(): void {
    this.#parts.clear();
    this.#seen.clear();
  }
}
