/**
 * Writing a decoded path back into a URI reference, for `Location` and for
 * links in HTML.
 *
 * Escaped is what nginx escapes in a URI (controls, space, `%`, `?`, `#` and
 * everything beyond ASCII, as UTF-8) and also what RFC 3986 does not allow in
 * a path and what could end an attribute or be taken for a slash by a browser:
 * `"`, `<`, `>`, `\`, `^`, `` ` ``, `{`, `|`, `}`. The result is ASCII; in HTML
 * its `&` and `'` are still to be escaped.
 */

import { byteString } from "./byte_string.ts";

const SLASH = 0x2f;

/** Codes below 128 that stand for themselves in a path. */
const PATH_SAFE: readonly boolean[] = safeTable('"<>\\^`{|}%?#');

/** Codes below 128 that stand for themselves in one segment on its own. */
const SEGMENT_SAFE: readonly boolean[] = safeTable('"<>\\^`{|}%?#/:');

/** Per code below 128: whether it is visible and not among `unsafe`. */
function safeTable(unsafe: string): readonly boolean[] {
  return Array.from({ length: 128 }, (_, code) =>
    code > 0x20 && code < 0x7f &&
    !unsafe.includes(String.fromCharCode(code)));
}

/** `%00` to `%FF`. */
const ESCAPES: readonly string[] = Array.from(
  { length: 256 },
  (_, byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`,
);

/**
 * Percent-encodes a decoded path; `normalizePath` gives it back. A second
 * slash at the beginning is escaped too: a reference that begins with `//`
 * would lead to another host.
 */
export function encodePath(path: string): string {
  if (path.charCodeAt(0) === SLASH && path.charCodeAt(1) === SLASH) {
    return `/%2F${encode(path.slice(2), PATH_SAFE)}`;
  }
  return encode(path, PATH_SAFE);
}

/**
 * Percent-encodes one name, such as a file's in a directory listing, so that
 * it is a relative reference: `/` and `:` are escaped as well, since `a:b`
 * would be read as a scheme. The names `.` and `..` cannot be escaped.
 */
export function encodePathSegment(name: string): string {
  return encode(name, SEGMENT_SAFE);
}

/** Escapes what is not in the table; nothing to do costs one scan. */
function encode(text: string, safe: readonly boolean[]): string {
  let i = 0;
  while (i < text.length && safe[text.charCodeAt(i)] === true) i++;
  if (i === text.length) return text;
  let result = text.slice(0, i);
  const bytes = byteString(text.slice(i));
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes.charCodeAt(at);
    result += safe[byte] === true ? bytes[at] : ESCAPES[byte];
  }
  return result;
}
