/** Regular expressions of the configuration. Every one of them is made here. */

import { textOf } from "../http/byte_string.ts";
import { PatternError } from "../regex/pattern_error.ts";
import { Pattern } from "../regex/pattern.ts";
import { ConfigError, type SourcePlace } from "./errors.ts";
import type { AnyVariables } from "./configured_variables.ts";

/**
 * Most patterns that are shared. Many servers have the same few, such as
 * `\.php$`, and compiling one takes a tenth of a millisecond.
 */
const MAX_RECENT = 128;

const recent = new Map<string, Pattern>();

/** What {@linkcode compileRegex} needs to know. */
interface RegexOptions {
  /** Whether the case of letters does not matter. */
  readonly ignoreCase: boolean;
  /** Where it stands. */
  readonly place: SourcePlace;
  /** Where its named groups become variables, if they do. */
  readonly variables?: AnyVariables | undefined;
}

/**
 * Compiles `source` with PCRE's meaning.
 *
 * @throws {ConfigError} when it is no regular expression, holds what is not
 * supported, or a named group has the name of a variable of the program
 */
export function compileRegex(source: string, options: RegexOptions): Pattern {
  const pattern = sharedPattern(source, options);
  const { place, variables } = options;
  if (variables === undefined || pattern.names.size === 0) return pattern;
  return pattern.keptAt((name) => variables.group(name, place));
}

function sharedPattern(
  source: string,
  { ignoreCase, place }: RegexOptions,
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
