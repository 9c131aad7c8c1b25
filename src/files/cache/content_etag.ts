/**
 * Entity tags made from content, for files whose modification time says
 * nothing: in a reproducible build all files of all versions have the same.
 */

import { createHash } from "node:crypto";

/** Hexadecimal digits of the hash in a tag: 64 bits. */
const HASH_DIGITS = 16;

/** A strong entity tag of exactly these bytes. */
export function contentEtag(bytes: Uint8Array): string {
  const hash = createHash("sha256").update(bytes).digest("hex");
  return `"${hash.slice(0, HASH_DIGITS)}-${bytes.length.toString(16)}"`;
}
