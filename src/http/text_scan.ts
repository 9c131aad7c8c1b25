/** Steps that every reader of a header value takes. */

/**
 * The first position in `[at, end]` of the text that is no SP or HTAB:
 * optional whitespace, OWS of RFC 9110 §5.6.3.
 */
export function skipWhitespace(
  text: string,
  at: number,
  end: number = text.length,
): number {
  let i = at;
  for (; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code !== 0x20 && code !== 0x09) break;
  }
  return i;
}
