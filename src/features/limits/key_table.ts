/**
 * Two numbers for each of many keys, in memory of a fixed size that threads
 * share: a hash table, whose entries are in the order of their last use.
 *
 * The memory is a header, the heads of the chains, and cells. An entry has a
 * cell, and more of them if its key is long, so no room is lost between
 * entries: what is given back fits whatever comes next.
 *
 * ```
 * cell of an entry   first, second (8 bytes each), next in the chain, newer,
 *                    older, hash, length of the key, next cell, 24 bytes of key
 * further cell       next cell, 60 bytes of key
 * ```
 */

import { type HashKey, keyedHash } from "../../bytes/keyed_hash.ts";

const CELL_BYTES = 64;
const HEADER_BYTES = 64;

/** Numbers in the header, each of 4 bytes; zeros at first. */
const BUSY = 0;
const FREE = 1;
/** How many cells have ever been used: the others are in no list. */
const USED = 2;
const FREE_COUNT = 3;
const NEWEST = 4;
const OLDEST = 5;
const KEY_LOW = 6;
const KEY_HIGH = 7;

/** Numbers in the cell of an entry, each of 4 bytes. */
const NEXT_IN_CHAIN = 4;
const NEWER = 5;
const OLDER = 6;
const HASH = 7;
const LENGTH = 8;
const NEXT_CELL = 9;

/** Where bytes of the key begin in the cell of an entry, and in others. */
const KEY_AT = 40;
const REST_AT = 4;
const REST_BYTES = CELL_BYTES - REST_AT;

/** An entry, by the number of its cell; 0 is none. */
export type Entry = number;

/** How many cells an entry takes whose key has `length` bytes. */
function cellsOf(length: number): number {
  const rest = Math.max(0, length - (CELL_BYTES - KEY_AT));
  return 1 + Math.ceil(rest / REST_BYTES);
}

/**
 * The table in some memory. Whoever uses it has the lock of the memory, and
 * calls {@linkcode begin} first and {@linkcode end} at last.
 */
export class KeyTable {
  /** How many cells there are. */
  readonly cells: number;
  readonly #bytes: Uint8Array;
  readonly #header: Int32Array;
  readonly #chains: Int32Array;
  /** The cells, as numbers of each size; what is before the first is no cell. */
  readonly #numbers: Int32Array;
  readonly #values: Float64Array;
  #key: HashKey | undefined;

  /** The table in `bytes`, which are zeros if there is none yet. */
  constructor(bytes: Uint8Array) {
    const { buffer, byteOffset, length } = bytes;
    const chains = 1 << (31 - Math.clz32(length / (2 * CELL_BYTES)));
    const before = HEADER_BYTES + 4 * chains - CELL_BYTES;
    this.cells = Math.floor((length - before) / CELL_BYTES) - 1;
    const end = (this.cells + 1) * CELL_BYTES;
    this.#header = new Int32Array(buffer, byteOffset, HEADER_BYTES / 4);
    this.#chains = new Int32Array(buffer, byteOffset + HEADER_BYTES, chains);
    this.#bytes = new Uint8Array(buffer, byteOffset + before, end);
    this.#numbers = new Int32Array(buffer, byteOffset + before, end / 4);
    this.#values = new Float64Array(buffer, byteOffset + before, end / 8);
  }

  /** Empties it when a thread has died, or failed, while it changed it. */
  begin(): void {
    const header = this.#header;
    if (header[BUSY] === 1) {
      header.fill(0);
      this.#chains.fill(0);
      this.#key = undefined;
    }
    header[BUSY] = 1;
    if (header[KEY_LOW] === 0 && header[KEY_HIGH] === 0) {
      // It takes no memory that threads share.
      header.set(crypto.getRandomValues(new Int32Array(2)), KEY_LOW);
    }
  }

  /** All that was begun is done. */
  end(): void {
    this.#header[BUSY] = 0;
  }

  /** The entry that was used longest ago. */
  get oldest(): Entry {
    return this.#header[OLDEST]!;
  }

  /** The first number of an entry; 0 in a new one. */
  first(entry: Entry): number {
    return this.#values[entry * 8]!;
  }

  /** The second number of an entry; 0 in a new one. */
  second(entry: Entry): number {
    return this.#values[entry * 8 + 1]!;
  }

  /** Sets both. */
  set(entry: Entry, first: number, second: number): void {
    this.#values[entry * 8] = first;
    this.#values[entry * 8 + 1] = second;
  }

  /** The entry of a byte string, which is now the newest; 0 for none. */
  find(key: string): Entry {
    const hash = this.#hash(key);
    const numbers = this.#numbers;
    let entry = this.#chains[hash & (this.#chains.length - 1)]!;
    while (entry !== 0) {
      const at = entry * 16;
      if (numbers[at + HASH] === hash && this.#hasKey(entry, key)) {
        if (this.#header[NEWEST] !== entry) {
          this.#leaveOrder(entry);
          this.#makeNewest(entry);
        }
        return entry;
      }
      entry = numbers[at + NEXT_IN_CHAIN]!;
    }
    return 0;
  }

  /** Whether a key of so many bytes can be added at once. */
  hasRoom(length: number): boolean {
    const header = this.#header;
    const free = this.cells - header[USED]! + header[FREE_COUNT]!;
    return cellsOf(length) <= free;
  }

  /** Whether it could be added to a table that is empty. */
  fits(length: number): boolean {
    return cellsOf(length) <= this.cells;
  }

  /** Adds a key that is not there, and for which there is room. */
  add(key: string): Entry {
    const hash = this.#hash(key);
    const numbers = this.#numbers;
    const entry = this.#takeCell();
    const at = entry * 16;
    const chain = hash & (this.#chains.length - 1);
    numbers[at + HASH] = hash;
    numbers[at + LENGTH] = key.length;
    numbers[at + NEXT_IN_CHAIN] = this.#chains[chain]!;
    this.#chains[chain] = entry;
    this.set(entry, 0, 0);
    this.#writeKey(entry, key);
    this.#makeNewest(entry);
    return entry;
  }

  /** Forgets an entry. */
  remove(entry: Entry): void {
    const numbers = this.#numbers;
    const at = entry * 16;
    const chain = numbers[at + HASH]! & (this.#chains.length - 1);
    const next = numbers[at + NEXT_IN_CHAIN]!;
    let before = this.#chains[chain]!;
    if (before === entry) this.#chains[chain] = next;
    else {
      while (numbers[before * 16 + NEXT_IN_CHAIN] !== entry) {
        before = numbers[before * 16 + NEXT_IN_CHAIN]!;
      }
      numbers[before * 16 + NEXT_IN_CHAIN] = next;
    }
    this.#leaveOrder(entry);
    let rest = cellsOf(numbers[at + LENGTH]!) - 1;
    let cell = numbers[at + NEXT_CELL]!;
    this.#giveCell(entry);
    for (; rest > 0; rest--) {
      const further = numbers[cell * 16]!;
      this.#giveCell(cell);
      cell = further;
    }
  }

  #hash(key: string): number {
    // It stays the same as long as the table is not emptied.
    const header = this.#header;
    let known = this.#key;
    if (known?.[0] !== header[KEY_LOW] || known?.[1] !== header[KEY_HIGH]) {
      known = this.#key = [header[KEY_LOW]!, header[KEY_HIGH]!];
    }
    return keyedHash(key, known!);
  }

  #hasKey(entry: Entry, key: string): boolean {
    const numbers = this.#numbers;
    const bytes = this.#bytes;
    const { length } = key;
    if (numbers[entry * 16 + LENGTH] !== length) return false;
    let cell = entry;
    let at = cell * CELL_BYTES + KEY_AT;
    let end = (cell + 1) * CELL_BYTES;
    let next = numbers[cell * 16 + NEXT_CELL]!;
    for (let i = 0; i < length; i++, at++) {
      if (at === end) {
        cell = next;
        at = cell * CELL_BYTES + REST_AT;
        end = (cell + 1) * CELL_BYTES;
        next = numbers[cell * 16]!;
      }
      if (bytes[at] !== key.charCodeAt(i)) return false;
    }
    return true;
  }

  #writeKey(entry: Entry, key: string): void {
    const numbers = this.#numbers;
    const bytes = this.#bytes;
    let at = entry * CELL_BYTES + KEY_AT;
    let end = (entry + 1) * CELL_BYTES;
    let link = entry * 16 + NEXT_CELL;
    for (let i = 0; i < key.length; i++, at++) {
      if (at === end) {
        const cell = this.#takeCell();
        numbers[link] = cell;
        link = cell * 16;
        at = cell * CELL_BYTES + REST_AT;
        end = (cell + 1) * CELL_BYTES;
      }
      bytes[at] = key.charCodeAt(i);
    }
  }

  #takeCell(): number {
    const header = this.#header;
    const cell = header[FREE]!;
    if (cell === 0) {
      if (header[USED] === this.cells) throw new RangeError("no room");
      return ++header[USED]!;
    }
    header[FREE] = this.#numbers[cell * 16]!;
    header[FREE_COUNT]!--;
    return cell;
  }

  #giveCell(cell: number): void {
    const header = this.#header;
    this.#numbers[cell * 16] = header[FREE]!;
    header[FREE] = cell;
    header[FREE_COUNT]!++;
  }

  #makeNewest(entry: Entry): void {
    const header = this.#header;
    const numbers = this.#numbers;
    const second = header[NEWEST]!;
    numbers[entry * 16 + OLDER] = second;
    numbers[entry * 16 + NEWER] = 0;
    if (second === 0) header[OLDEST] = entry;
    else numbers[second * 16 + NEWER] = entry;
    header[NEWEST] = entry;
  }

  #leaveOrder(entry: Entry): void {
    const header = this.#header;
    const numbers = this.#numbers;
    const newer = numbers[entry * 16 + NEWER]!;
    const older = numbers[entry * 16 + OLDER]!;
    if (newer === 0) header[NEWEST] = older;
    else numbers[newer * 16 + OLDER] = older;
    if (older === 0) header[OLDEST] = newer;
    else numbers[older * 16 + NEWER] = newer;
  }
}
