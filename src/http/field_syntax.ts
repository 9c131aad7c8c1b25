/** What may stand in a field line (RFC 9110 §5.1, §5.5). */

/** Whether `text` is a field name: a token (RFC 9110 §5.6.2). */
export function isToken(text: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text);
}

/**
 * Whether `text` may be a field value: no control characters but tabs. Text
 * beyond ASCII is allowed; it goes out as UTF-8, which recipients treat as
 * opaque bytes (RFC 9110 §5.5).
 */
export function isFieldValue(text: string): boolean {
  // deno-lint-ignore no-control-regex -- they are what is looked for
  return !/[\0-\x08\x0a-\x1f\x7f]/.test(text);
}

/**
 * A value that goes on in lines which begin with a blank, as one line: a blank
 * is where such line breaks are (RFC 9112 §5.2), but not at its ends. Others
 * are left as they are.
 */
export function unfolded(value: string): string {
  return value.replace(
    /(?:\r?\n[ \t]+)+/g,
    (fold: string, at: number) =>
      at === 0 || at + fold.length === value.length ? "" : " ",
  );
}
