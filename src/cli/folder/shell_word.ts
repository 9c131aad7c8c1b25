/** Words of a command that somebody copies into a shell. */

/** What no shell has a meaning for, wherever it stands. */
const PLAIN = /^[\w/:.,+@][\w/:.,+@=-]*$/;

/** What would not survive in a line that is printed. */
// deno-lint-ignore no-control-regex
const CONTROL = /[\0-\x1f\x7f-\x9f\u2028\u2029]/;

const UTF8 = new TextEncoder();

/** Each byte of `text` as an octal escape: three digits have an end. */
function octal(text: string): string {
  return Array.from(
    UTF8.encode(text),
    (byte) => `\\${byte.toString(8).padStart(3, "0")}`,
  ).join("");
}

/**
 * `text` as one word of a shell. What a line cannot hold takes `$'...'`, which
 * bash, ksh, zsh and POSIX (2024, §2.2.4) know.
 */
export function shellWord(text: string): string {
  if (PLAIN.test(text)) return text;
  if (!CONTROL.test(text)) return `'${text.replaceAll("'", `'\\''`)}'`;
  const escaped = text.replaceAll(/[\\']/g, "\\$&")
    .replaceAll(new RegExp(CONTROL, "g"), octal);
  return `$'${escaped}'`;
}
