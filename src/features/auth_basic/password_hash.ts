/**
 * How passwords stand in a user file. What takes next to no time is compared
 * here; what is slow on purpose is for a thread of its own
 * (`slow_hash.ts`, which loads the code for it).
 */

import {
  createHash,
  createHmac,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";
import { bytesOf } from "../../http/byte_string.ts";

/** Made anew at each start: no hash with it means anything to others. */
const KEY = randomBytes(32);

/** A hash of some byte strings that nobody else can make, as a short text. */
export function keyedHash(...parts: readonly string[]): string {
  return digestOf(parts.map((part) => `${part.length}:${part}`).join(""))
    .toString("base64");
}

/** As {@linkcode keyedHash}, but a number of 32 bits. */
export function keyedNumber(bytes: string): number {
  return digestOf(bytes).readUInt32BE(0);
}

function digestOf(bytes: string) {
  return createHmac("sha256", KEY).update(bytesOf(bytes)).digest();
}

/** Whether two secrets are the same, in a time that does not say where not. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(digestOf(a), digestOf(b));
}

function sha1Base64(bytes: string, salt = ""): string {
  const digest = createHash("sha1").update(bytesOf(bytes + salt)).digest();
  return btoa(String.fromCharCode(...digest) + salt);
}

/** How long a SHA-1 is, in bytes. */
const SHA1_BYTES = 20;

function saltOf(base64: string): string {
  try {
    return atob(base64).slice(SHA1_BYTES);
  } catch {
    return "";
  }
}

type Match = (password: string, stored: string) => boolean;

/** Schemes that take no time, by how a hash of theirs begins. */
const QUICK: readonly (readonly [prefix: string, matches: Match])[] = [
  ["{PLAIN}", sameSecret],
  ["{SHA}", (password, hash) => sameSecret(sha1Base64(password), hash)],
  [
    "{SSHA}",
    (password, hash) => sameSecret(sha1Base64(password, saltOf(hash)), hash),
  ],
];

/** bcrypt, MD5 crypt of Apache and of the C library, SHA-256 and -512 crypt. */
const SLOW = /^\$(?:2[aby]\$\d\d\$[./A-Za-z0-9]{53}$|(?:apr1|[156])\$)/;

/** Whether it takes long to compare a password with `stored`. */
export function isSlow(stored: string): boolean {
  return SLOW.test(stored);
}

/** Whether `password` is the one of `stored`, which is not slow. */
export function matchesQuickly(password: string, stored: string): boolean {
  for (const [prefix, matches] of QUICK) {
    if (stored.startsWith(prefix)) {
      return matches(password, stored.slice(prefix.length));
    }
  }
  return false;
}

/** Schemes of crypt(3) that are not supported, and what people call them. */
const FOREIGN: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^[./0-9A-Za-z]{13}$/, "traditional DES crypt"],
  [/^_[./0-9A-Za-z]{19}$/, "extended DES crypt"],
  [/^\$g?y\$/, "yescrypt"],
  [/^\$7\$/, "scrypt"],
  [/^\$2x\$/, "the bcrypt of old PHP"],
  [/^\$3\$/, "the NT hash"],
  [/^\$sha1\$/, "SHA-1 crypt"],
  [/^\$md5[$,]/, "SunMD5"],
];

/**
 * What the scheme of `stored` is called that crypt(3) knows, perhaps, and
 * webserv does not; `undefined` if it is none.
 */
export function foreignScheme(stored: string): string | undefined {
  return FOREIGN.find(([pattern]) => pattern.test(stored))?.[1];
}
