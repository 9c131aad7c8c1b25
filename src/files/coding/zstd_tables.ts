/** What a Zstandard encoder takes: its window, and tables to match. */

const MIB = 1024 * 1024;

/** The smallest power of two, as an exponent, that holds `length`. */
export function bitsFor(length: number, least: number, most: number): number {
  return Math.max(
    least,
    Math.min(most, Math.ceil(Math.log2(Math.max(1, length)))),
  );
}

/** The windows and tables of a Zstandard encoder, as powers of two. */
export interface ZstdTables {
  /** How far back it looks. */
  readonly window: number;
  /** Its chains or trees of equal beginnings. */
  readonly chain: number;
  /** Where they begin. */
  readonly hash: number;
}

/** Its smallest window (`ZSTD_WINDOWLOG_MIN`). */
const ZSTD_LEAST_WINDOW = 10;

/** Its largest window here: 512 KiB. */
const ZSTD_WINDOW = 19;

/** Its own tables for levels 1 to 19 (`clevels.h`): chain and hash. */
const ZSTD_TABLES: readonly (readonly [chain: number, hash: number])[] = [
  [13, 14],
  [15, 16],
  [16, 17],
  [18, 18],
  [18, 19],
  [18, 19],
  [19, 20],
  [19, 20],
  [20, 21],
  [21, 22],
  [21, 22],
  [22, 23],
  [22, 22],
  [22, 23],
  [23, 23],
  [22, 22],
  [23, 22],
  [23, 22],
  [24, 22],
];

/** From this level on the chain is a tree, which takes twice the window. */
const ZSTD_TREE_LEVEL = 13;

/** The tables of a level, for a body of `length` bytes. */
export function zstdTables(level: number, length: number): ZstdTables {
  const [chain, hash] = ZSTD_TABLES[level - 1]!;
  const window = bitsFor(length, ZSTD_LEAST_WINDOW, ZSTD_WINDOW);
  return {
    window,
    chain: Math.min(chain, level >= ZSTD_TREE_LEVEL ? window + 1 : window),
    hash: Math.min(hash, window + 1),
  };
}

/** What blocks, sequences, statistics and a third table take at most. */
const ZSTD_FIXED_BYTES = 1.5 * MIB;

/** What an encoder with these tables takes, in bytes. */
export function zstdBytes({ window, chain, hash }: ZstdTables): number {
  return ZSTD_FIXED_BYTES + 2 ** window + 4 * (2 ** chain + 2 ** hash);
}
