/**
 * HalfSipHash-2-4 (Aumasson and Bernstein): a hash of byte strings that nobody
 * can make collide who does not know its key. All threads that have the key
 * find the same, unlike with the hash of a `Map`.
 */

/** What makes a hash one of its own: 64 random bits. */
export type HashKey = readonly [low: number, high: number];

/** The hash of a byte string, as a signed number of 32 bits. */
export function keyedHash(bytes: string, [low, high]: HashKey): number {
  let v0 = low, v1 = high, v2 = 0x6c796765 ^ low, v3 = 0x74656462 ^ high;
  const { length } = bytes;
  const whole = length & ~3;
  let rounds = 2;
  for (let at = 0;; at += 4) {
    let word = 0;
    if (at < whole) {
      word = bytes.charCodeAt(at) | bytes.charCodeAt(at + 1) << 8 |
        bytes.charCodeAt(at + 2) << 16 | bytes.charCodeAt(at + 3) << 24;
    } else if (at === whole) {
      word = length << 24;
      for (let i = at; i < length; i++) {
        word |= bytes.charCodeAt(i) << 8 * (i - at);
      }
    } else {
      v2 ^= 0xff;
      rounds = 4;
    }
    v3 ^= word;
    for (let round = 0; round < rounds; round++) {
      v0 = (v0 + v1) | 0;
      v1 = (v1 << 5 | v1 >>> 27) ^ v0;
      v0 = v0 << 16 | v0 >>> 16;
      v2 = (v2 + v3) | 0;
      v3 = (v3 << 8 | v3 >>> 24) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = (v3 << 7 | v3 >>> 25) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = (v1 << 13 | v1 >>> 19) ^ v2;
      v2 = v2 << 16 | v2 >>> 16;
    }
    v0 ^= word;
    if (rounds === 4) return v1 ^ v3;
  }
}
