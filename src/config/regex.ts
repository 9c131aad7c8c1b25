/** Regular expressions of the configuration. Every one of them is made here. */

import { textOf } from "../http/byte_string.ts";
import { PatternError } from "../regex/pattern_error.ts";
import { Pattern } from "../regex/pattern.ts";
import { ConfigError, type SourcePlace } from "./errors.ts";

/**
 * Most patterns that are shared. Many servers have the same few, such as
 * `\.php$`, and compiling one takes a tenth of a millisecond.
 */
const MAX_RECENT = 128;

const recent = new Map<string, Pattern>();

/**
 * Compiles `source`, which stands at `place`, with PCRE's meaning.
 *
 * @throws {ConfigError} when it is no regular expression, or holds what is not
 * supported
 */
export function compileRegex(
  source: string,
  { ignoreCase, place }: {
    readonly ignoreCase: boolean;
    readonly place: SourcePlace;
  },
): Pattern {
  const key = `${ignoreCase ? "i" : " "}${source}`;
  const known = recent.get(key);
  if (known !== undefined) return known;
  try {
    const pattern = new Pattern(source, { ignoreCase });
    if (recent.size === MAX_RECENT) recent.clear();
    recent.set(key, pattern);
    return pattern;
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    // What they quote of the pattern is bytes.
    throw new ConfigError(
      `invalid regular expression "${source}": ${textOf(error.message)}`,
      place,
      error.advice && textOf(error.advice),
    );
  }
}
