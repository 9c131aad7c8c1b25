/** What a file cache may hold, and for how long. */

import type { LoadOptions } from "./file_loader.ts";

/** Sizes and times of a a file cache. */
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
