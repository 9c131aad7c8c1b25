/**
 * SHA-256 crypt and SHA-512 crypt, `$5$` and `$6$` of crypt(3), as Ulrich
 * Drepper's "Unix crypt using SHA-256 and SHA-512" describes them. The numbers
 * in comments are those of its steps.
 */

import { createHash } from "node:crypto";

/** What begins a hash: its kind, perhaps its rounds, and its salt. */
const SETTING = /^\$([56])\$(?:rounds=([1-9]\d*)\$)?([^$:\n]{0,16})\$/;

const DEFAULT_ROUNDS = 5000;
const MIN_ROUNDS = 1000;
const MAX_ROUNDS = 999_999_999;

const DIGITS =
  "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** A kind of hash. */
interface Kind {
  readonly algorithm: "sha256" | "sha512";
  /** How long a digest is, in bytes. */
  readonly size: number;
  /** The distance between the bytes that are written side by side. */
  readonly third: number;
  /** By how many thirds each group of bytes begins after the one before. */
  readonly turn: number;
}

const KINDS: Readonly<Record<string, Kind>> = {
  5: { algorithm: "sha256", size: 32, third: 10, turn: 2 },
  6: { algorithm: "sha512", size: 64, third: 21, turn: 1 },
};

/**
 * The hash of `password` with the kind, rounds and salt of `stored`, which is
 * `stored` itself if that is the password; `undefined` if it is no such hash.
 */
export function shaCrypt(
  password: Uint8Array,
  stored: string,
): string | undefined {
  const [setting, number = "", count, saltText = ""] = SETTING.exec(stored) ??
    [];
  const kind = KINDS[number];
  const rounds = Number(count ?? DEFAULT_ROUNDS);
  if (
    setting === undefined || kind === undefined || rounds < MIN_ROUNDS ||
    rounds > MAX_ROUNDS
  ) return undefined;
  const salt = Uint8Array.from(saltText, (char) => char.charCodeAt(0));
  return setting + written(digestOf(password, salt, rounds, kind), kind);
}

function digestOf(
  password: Uint8Array,
  salt: Uint8Array,
  rounds: number,
  { algorithm, size }: Kind,
): Uint8Array {
  function hash(parts: Iterable<Uint8Array>): Uint8Array {
    const sum = createHash(algorithm);
    for (const part of parts) sum.update(part);
    return sum.digest();
  }
  /** As many bytes of a digest, again and again, as there are in `like`. */
  function spread(digest: Uint8Array, like: Uint8Array): Uint8Array {
    return Uint8Array.from(like, (_, i) => digest[i % size]!);
  }
  const b = hash([password, salt, password]); // 4 to 8
  const parts = [password, salt, spread(b, password)]; // 1 to 3, 9 and 10
  for (let bits = password.length; bits > 0; bits >>= 1) { // 11
    parts.push((bits & 1) === 0 ? password : b);
  }
  let digest = hash(parts); // 12
  const times = <T>(n: number, item: T): T[] => Array(n).fill(item);
  const p = spread(hash(times(password.length, password)), password); // 13-16
  const s = spread(hash(times(16 + digest[0]!, salt)), salt); // 17 to 20
  for (let round = 0; round < rounds; round++) { // 21
    const isOdd = round % 2 === 1;
    const middle = [...round % 3 > 0 ? [s] : [], ...round % 7 > 0 ? [p] : []];
    digest = hash([isOdd ? p : digest, ...middle, isOdd ? digest : p]);
  }
  return digest;
}

/** 22: three bytes as four digits, the last few alone. */
function written(digest: Uint8Array, { size, third, turn }: Kind): string {
  let text = "";
  function write(value: number, digits: number): void {
    for (let rest = value, i = 0; i < digits; i++, rest >>= 6) {
      text += DIGITS[rest & 63];
    }
  }
  for (let i = 0; i < third; i++) {
    const from = (i * turn) % 3;
    const [a, b, c] = [0, 1, 2].map((n) =>
      digest[i + ((from + n) % 3) * third]!
    );
    write((a! << 16) | (b! << 8) | c!, 4);
  }
  if (size === 64) write(digest[63]!, 2);
  else write((digest[31]! << 8) | digest[30]!, 3);
  return text;
}
