/**
 * MurmurHash2 of 32 bits, as `ngx_murmur_hash2()` has it: the same clients
 * have the same values as with nginx. No package of npm has it with the seed
 * that depends on the length, and takes bytes.
 */

const MULTIPLIER = 0x5bd1e995;

/** The hash of a byte string, from 0 to 2³² - 1. */
export function murmurHash2(text: string): number {
  let length = text.length;
  let hash = length;
  let i = 0;
  for (; length >= 4; length -= 4, i += 4) {
    let word = text.charCodeAt(i) | text.charCodeAt(i + 1) << 8 |
      text.charCodeAt(i + 2) << 16 | text.charCodeAt(i + 3) << 24;
    word = Math.imul(word, MULTIPLIER);
    word ^= word >>> 24;
    word = Math.imul(word, MULTIPLIER);
    hash = Math.imul(hash, MULTIPLIER) ^ word;
  }
  if (length >= 3) hash ^= text.charCodeAt(i + 2) << 16;
  if (length >= 2) hash ^= text.charCodeAt(i + 1) << 8;
  if (length >= 1) hash = Math.imul(hash ^ text.charCodeAt(i), MULTIPLIER);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, MULTIPLIER);
  return (hash ^ hash >>> 15) >>> 0;
}
