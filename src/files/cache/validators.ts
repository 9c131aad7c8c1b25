/**
 * The validators of a file (RFC 9110 §8.8), which must change whenever its
 * content does.
 *
 * A modification time is a fact only if a clock has stamped the file. Archives
 * and reproducible builds give every file of every version the same one, any
 * date at all, but always a whole second; a clock hits one once in a thousand
 * times. So a time with a fraction is believed, and makes nginx's tag, which
 * is the same on every host that has the file. For all other files
 *
 * - the tag is made of the content, where it is in memory;
 * - where it is not, of what no program can set: the status-change time and
 *   the inode, which make the tag one of this host. That says nothing either
 *   where it is the modification time: images of file systems are made that
 *   way.
 *
 * The date is told as the file has it, because mirrors keep it and people read
 * it, but not where another version was sent with it. Who has a tag is asked
 * for that and not for the date (RFC 9110 §13.1.3).
 */

import { createHash } from "node:crypto";
import { MAX_HTTP_DATE_MS } from "../../http/semantics/date.ts";
import { makeEtag } from "../../http/semantics/etag.ts";
import type { FileEntry } from "./file_entry.ts";
import type { FileIdentity } from "./file_identity.ts";

/**
 * The first day of 1990, in ms since the epoch. No site is older than the web;
 * archives that give a date before say that they tell none, as 1970 and 1980.
 */
const WEB_BEGAN_MS = 631_152_000_000;

/** What is in the tags of this process's thread alone. */
const NONCE = crypto.randomUUID().slice(0, 8);

/** Whether the modification time is one of a clock. */
export function isOfClock({ mtimeMs }: FileIdentity): boolean {
  return mtimeMs >= 0 && mtimeMs % 1000 !== 0;
}

/** Whether the status-change time is one of a clock, and not a copy. */
function isStamped(identity: FileIdentity): boolean {
  const { mtimeMs, ctimeMs } = identity;
  return ctimeMs > 0 && (ctimeMs !== mtimeMs || isOfClock(identity));
}

/**
 * When a file was last modified, in ms since the epoch; `undefined` when
 * nothing is known of it, or nothing that could be said: a time to come
 * (RFC 9110 §8.8.2.1) or one that another version of the file was sent with;
 * `exact` also when another version may still get it.
 */
export function lastModifiedOf(
  { identity, resembles, settled }: FileEntry,
  nowMs: number,
  exact = false,
): number | undefined {
  if (exact && !settled) return undefined;
  const { mtimeMs } = identity;
  const isSayable = mtimeMs <= MAX_HTTP_DATE_MS && mtimeMs <= nowMs &&
    (isOfClock(identity) || mtimeMs >= WEB_BEGAN_MS);
  return isSayable && resembles === "nothing" ? mtimeMs : undefined;
}

/**
 * The strong entity tag of a file; `undefined` when there is none that could
 * not be that of another version. nginx's could be, in the second the file was
 * modified in, by a version of one size that is read when this one is forgotten:
 * an `exact` tag is never nginx's.
 */
export function etagOf(entry: FileEntry, exact = false): string | undefined {
  const { identity, body, resembles } = entry;
  if (!exact && isOfClock(identity) && resembles !== "time_and_size") {
    return makeEtag(identity.mtimeMs, identity.size);
  }
  if (body !== undefined) return contentEtag(body);
  return isStamped(identity) ? hostEtag(entry) : undefined;
}

/**
 * A tag of facts that only this host knows. While the file may still change
 * without that they do, it is one of this entry of the cache.
 */
function hostEtag({ id, identity, settled }: FileEntry): string {
  const { size, mtimeMs, ctimeMs, ino } = identity;
  const facts = [mtimeMs, size, ctimeMs / 1000, ino]
    .map((fact) => fact.toString(16));
  return `"${[...facts, ...settled ? [] : [NONCE, id]].join("-")}"`;
}

/** Hexadecimal digits of the hash in a tag: 64 bits. */
const HASH_DIGITS = 16;

/** A strong entity tag of exactly these bytes. */
export function contentEtag(bytes: Uint8Array): string {
  const hash = createHash("sha256").update(bytes).digest("hex");
  return `"${hash.slice(0, HASH_DIGITS)}-${bytes.length.toString(16)}"`;
}
