/**
 * What `map` looks a value up in, in nginx's order: the same text in any case
 * of its ASCII letters, then wildcards of hosts, then the first regular
 * expression in the order of the file.
 */

import { ConfigError, type SourcePlace } from "../../config/errors.ts";
import { lowerCase, textOf } from "../../http/byte_string.ts";
import type { CaptureHolder, Pattern } from "../../regex/pattern.ts";
import {
  type HostPattern,
  hostPattern,
  HostTable,
} from "../../routing/host_table.ts";

/** Finds what belongs to a value. Made once, at startup. */
export class ValueMap<T> {
  /** Whether keys that follow may be wildcards, and values hosts. */
  hostnames = false;
  readonly #keys = new HostTable<T | undefined>(undefined);
  readonly #regexes: { readonly regex: Pattern; readonly value: T }[] = [];

  /**
   * Gives `value` to what is `key`, a byte string.
   *
   * @throws {ConfigError} when the key is no host, or has a value already
   */
  add(key: string, value: T, place: SourcePlace): void {
    const name = lowerCase(key);
    const pattern: HostPattern | undefined = this.hostnames
      ? hostPattern(name)
      : { kind: "exact", name };
    if (pattern === undefined) {
      throw new ConfigError(
        `invalid hostname or wildcard "${textOf(key)}"`,
        place,
        'a "*" may stand for whole labels at the beginning or at the end',
      );
    }
    if (!this.#keys.add(pattern, value)) {
      throw new ConfigError(
        `conflicting parameter "${textOf(name)}"`,
        place,
        "a line before is for the same, whatever its case",
      );
    }
  }

  /** Gives `value` to what matches `regex`. */
  addRegex(regex: Pattern, value: T): void {
    this.#regexes.push({ regex, value });
  }

  /**
   * What belongs to a byte string; `undefined` if nothing does. `holder` gets
   * what a regular expression matched.
   */
  find(value: string, holder: CaptureHolder): T | undefined {
    const key = this.hostnames && value.endsWith(".")
      ? value.slice(0, -1)
      : value;
    const found = this.#keys.match(lowerCase(key));
    if (found !== undefined) return found;
    // As in nginx nothing matches an empty value.
    if (this.#regexes.length === 0 || key === "") return undefined;
    const text = textOf(key);
    for (const { regex, value } of this.#regexes) {
      const captures = regex.exec(text);
      if (captures === null) continue;
      regex.keep(captures, holder);
      return value;
    }
    return undefined;
  }
}
