/** Regular expressions of the configuration, which nginx gives to PCRE. */

import { ConfigError, type SourcePlace } from "./errors.ts";

/**
 * Compiles `source`, which stands at `place`.
 *
 * @throws {ConfigError} when it is no regular expression
 */
export function compileRegex(
  source: string,
  { ignoreCase, place }: {
    readonly ignoreCase: boolean;
    readonly place: SourcePlace;
  },
): RegExp {
  try {
    return new RegExp(source, ignoreCase ? "iu" : "u");
  } catch {
    // PCRE takes escapes that the `u` flag does not, such as `\-` or `\_`.
  }
  try {
    return new RegExp(source, ignoreCase ? "i" : "");
  } catch (error) {
    throw new ConfigError(
      `invalid regular expression "${source}": ${(error as Error).message}`,
      place,
    );
  }
}
