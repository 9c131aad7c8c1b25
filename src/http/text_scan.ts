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

/**
 * The text without SP and HTAB around it. `trim()` takes off more, such as a
 * no-break space, which is a byte of the value to everyone else on the way.
 */
export function trimWhitespace(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, "");
}
