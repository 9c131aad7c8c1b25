/**
 * How values stand in a log line: the three ways of nginx's `log_format`. What
 * a line is made of are byte strings, with one character per byte, because
 * what a client sent need not be text.
 */

/** nginx's `escape=default | json | none`. */
export type LogEscape = "default" | "json" | "none";

/** All of them. */
export const LOG_ESCAPES: readonly LogEscape[] = ["default", "json", "none"];

// deno-lint-ignore no-control-regex -- control characters are what it is about
const NEEDS_DEFAULT = /["\\\x00-\x1f\x7f-\xff]/g;

// deno-lint-ignore no-control-regex -- control characters are what it is about
const NEEDS_JSON = /["\\\x00-\x1f]/g;

/** The escapes that JSON has letters for. */
const JSON_LETTERS: Readonly<Record<string, string>> = {
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\f": "\\f",
  "\r": "\\r",
  '"': '\\"',
  "\\": "\\\\",
};

/** Two digits of a byte, upper-case as nginx writes them. */
function hex(character: string): string {
  return character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0");
}

/** How each escape writes a byte string. */
export const ESCAPERS: Readonly<Record<LogEscape, (bytes: string) => string>> =
  {
    default: (bytes) =>
      bytes.replace(NEEDS_DEFAULT, (character) => `\\x${hex(character)}`),
    json: (bytes) =>
      bytes.replace(
        NEEDS_JSON,
        (character) => JSON_LETTERS[character] ?? `\\u00${hex(character)}`,
      ),
    none: (bytes) => bytes,
  };
