/** Hidden names: what begins with a dot is not meant for visitors. */

/** The one such name that is (RFC 8615). */
const WELL_KNOWN = ".well-known";

/**
 * Whether a segment of `path` behind its first `start` characters begins with
 * a dot, other than `.well-known`.
 */
export function isHidden(path: string, start = 0): boolean {
  let at = path.indexOf("/.", start);
  for (; at >= 0; at = path.indexOf("/.", at + 1)) {
    const end = path.indexOf("/", at + 1);
    const name = path.slice(at + 1, end < 0 ? path.length : end);
    if (name !== WELL_KNOWN) return true;
  }
  return false;
}
