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

/**
 * What JSON has another form for, characters of UTF-8 as a whole (RFC 3629 §4),
 * and bytes that are none. JSON is UTF-8 (RFC 8259 §8.1), and one other byte
 * would make the whole line something that no parser takes.
 */
const NEEDS_JSON =
  // deno-lint-ignore no-control-regex -- control characters are what it is about
  /["\\\x00-\x1f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|\xed[\x80-\x9f][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xf0[\x90-\xbf][\x80-\xbf]{2}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|[\x80-\xff]/g;

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
        (character) =>
          character.length > 1
            ? character
            : JSON_LETTERS[character] ?? `\\u00${hex(character)}`,
      ),
    none: (bytes) => bytes,
  };
