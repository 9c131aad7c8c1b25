/**
 * Entity tags (RFC 9110 §8.8.3).
 *
 * An entity tag is kept everywhere as it travels: `"5f5e100-1a"` when strong,
 * `W/"5f5e100-1a"` when weak. The part in quotes is opaque, and a backslash in
 * it is an ordinary character. Lists of tags (`If-Match`, `If-None-Match`)
 * follow the grammar strictly: one malformed member makes the whole list
 * malformed, since a quote out of place puts every later boundary in doubt.
 */

import { skipWhitespace } from "../text_scan.ts";

/**
 * The strong entity tag of a file, in nginx's form: modification time in
 * seconds and size in bytes, both in hexadecimal. The tag is as good as the
 * time: two builds that give it the same one, and have the same size, would
 * share it, and the client would keep the old one.
 */
export function makeEtag(mtimeMs: number, size: number): string {
  return `"${Math.floor(mtimeMs / 1000).toString(16)}-${size.toString(16)}"`;
}

/**
 * The weak form of an entity tag: for content that means the same but is not
 * the same byte for byte, such as a response compressed on the way.
 */
export function weakenEtag(etag: string): string {
  return isWeakEtag(etag) ? etag : `W/${etag}`;
}

/** Whether an entity tag is weak: the `W/` is case-sensitive. */
export function isWeakEtag(etag: string): boolean {
  return etag.startsWith("W/");
}

/**
 * Strong comparison (RFC 9110 §8.8.3.2): both strong and identical. For
 * `If-Match` and `If-Range`.
 */
export function strongMatch(a: string, b: string): boolean {
  return a === b && !isWeakEtag(a);
}

/**
 * Weak comparison (RFC 9110 §8.8.3.2): the same opaque part. For
 * `If-None-Match`.
 */
export function weakMatch(a: string, b: string): boolean {
  return opaque(a) === opaque(b);
}

/** The quoted part of a tag. */
function opaque(etag: string): string {
  return isWeakEtag(etag) ? etag.slice(2) : etag;
}

/** What stands in `If-Match` and `If-None-Match`. */
type EntityTagList =
  /** Any tag: the representation needs only to exist. */
  | "*"
  /** The tags, as they were sent; possibly none. */
  | readonly string[];

/**
 * Parses `"*" / #entity-tag` (RFC 9110 §13.1.1); `undefined` when malformed.
 * Empty members are skipped, as a recipient must (§5.6.1). Several header
 * lines are to be joined with `", "` first. Linear in the length of the text.
 */
export function parseEntityTagList(text: string): EntityTagList | undefined {
  const tags: string[] = [];
  let at = skipWhitespace(text, 0);
  if (text.charCodeAt(at) === 0x2a) {
    return skipWhitespace(text, at + 1) === text.length ? "*" : undefined;
  }
  while (at < text.length) {
    if (text.charCodeAt(at) !== 0x2c) {
      const end = entityTagEnd(text, at);
      if (end < 0) return undefined;
      tags.push(text.slice(at, end));
      at = skipWhitespace(text, end);
      if (at === text.length) break;
      if (text.charCodeAt(at) !== 0x2c) return undefined;
    }
    at = skipWhitespace(text, at + 1);
  }
  return tags;
}

/** Whether a text is exactly one entity tag. */
export function isEntityTag(text: string): boolean {
  return entityTagEnd(text, 0) === text.length;
}

/** The position after the entity tag that begins at `at`, or -1. */
function entityTagEnd(text: string, at: number): number {
  let i = text.startsWith("W/", at) ? at + 2 : at;
  if (text.charCodeAt(i) !== 0x22) return -1;
  for (i++; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) return i + 1;
    // etagc = %x21 / %x23-7E / obs-text: no space, no control character.
    if (code < 0x21 || code === 0x7f || code > 0xff) return -1;
  }
  return -1;
}
