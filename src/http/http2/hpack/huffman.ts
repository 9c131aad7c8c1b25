/**
 * The Huffman code of HPACK (RFC 7541 §5.2, appendix B). It is canonical: the
 * codes follow from their lengths, shorter ones first, and then by symbol.
 */

import { latin1 } from "../../../bytes/ascii.ts";
import type { Output } from "../output.ts";

/** How many bits the code of each byte has, and that of the end (256). */
const LENGTHS: readonly number[] = [
  [13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28],
  [28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28],
  [6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6],
  [5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10],
  [13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7],
  [7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6],
  [15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5],
  [6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28],
  [20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23],
  [24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24],
  [22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23],
  [21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23],
  [26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25],
  [19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27],
  [20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23],
  [26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26],
  [30],
].flat();

/** The shortest code, in bits. */
const LEAST_BITS = 5;

/** Where what is decoded is put, one string at a time; longer ones have their
 * own. */
const DECODED = new Uint8Array(4096);

/** The symbol that ends a string, which no string may have in it. */
const END = 256;

/** Most bits that may stand behind the last symbol (§5.2). */
const MAX_PADDING_BITS = 7;

/** The code of each symbol. */
const CODES = new Uint32Array(LENGTHS.length);

/**
 * The code as a tree: two numbers a node, for a 0 and a 1. A number from 0 on
 * is a node, one below is a symbol: `-1 - symbol`.
 */
const TREE = new Int16Array(2 * LENGTHS.length);

let nodes = 1;

function plant(code: number, length: number, symbol: number): void {
  let node = 0;
  for (let bit = length - 1; bit >= 0; bit--) {
    const at = 2 * node + ((code >>> bit) & 1);
    if (bit === 0) TREE[at] = -1 - symbol;
    else node = TREE[at] ||= nodes++;
  }
}

{
  let code = 0;
  let before = 0;
  const symbols = LENGTHS.map((_, symbol) => symbol)
    .sort((a, b) => LENGTHS[a]! - LENGTHS[b]! || a - b);
  for (const symbol of symbols) {
    const length = LENGTHS[symbol]!;
    code = (code << (length - before)) >>> 0;
    before = length;
    CODES[symbol] = code;
    plant(code, length, symbol);
    code++;
  }
}

/** How many bytes the code of a byte string takes. */
export function huffmanLength(text: string): number {
  let bits = 0;
  for (let i = 0; i < text.length; i++) bits += LENGTHS[text.charCodeAt(i)]!;
  return (bits + 7) >>> 3;
}

/** Adds the code of a byte string to `output`. */
export function huffmanEncode(text: string, output: Output): void {
  // Never more than 7 bits are left over, and no code has more than 30.
  let left = 0;
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const symbol = text.charCodeAt(i);
    const code = CODES[symbol]!;
    for (let bits = LENGTHS[symbol]!; bits > 0;) {
      const taken = Math.min(8 - count, bits);
      bits -= taken;
      left = (left << taken) | ((code >>> bits) & ((1 << taken) - 1));
      count += taken;
      if (count < 8) continue;
      output.byte(left);
      left = count = 0;
    }
  }
  if (count > 0) output.byte((left << (8 - count)) | (0xff >>> count));
}

/**
 * The byte string whose code the bytes from `start` to `end` are; `undefined`
 * when it is none. It is made at once, of bytes: one that grows by one character
 * at a time takes 32 bytes for each of them until somebody looks at it, and of
 * what only a table remembers nobody does.
 */
export function huffmanDecode(
  bytes: Uint8Array,
  start: number,
  end: number,
): string | undefined {
  const most = Math.floor((end - start) * 8 / LEAST_BITS);
  const decoded = most <= DECODED.length ? DECODED : new Uint8Array(most);
  let length = 0;
  let node = 0;
  let bits = 0;
  let allOnes = true;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    for (let shift = 7; shift >= 0; shift--) {
      const bit = (byte >>> shift) & 1;
      const next = TREE[2 * node + bit]!;
      if (next >= 0) {
        node = next;
        bits++;
        if (bit === 0) allOnes = false;
        continue;
      }
      const symbol = -1 - next;
      if (symbol === END) return undefined;
      decoded[length++] = symbol;
      node = bits = 0;
      allOnes = true;
    }
  }
  return allOnes && bits <= MAX_PADDING_BITS
    ? latin1(decoded, 0, length)
    : undefined;
}
