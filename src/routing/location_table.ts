/**
 * Locations by path, as nginx's `ngx_http_core_find_location()` finds them. In
 * each block of locations:
 *
 * 1. An exact location ends the search.
 * 2. Of the prefixes the longest is remembered, and the locations within it
 *    are searched in the same way. An exact location or a regular expression
 *    found there ends the search.
 * 3. Unless the remembered prefix is `^~`, the regular expressions of the
 *    block are tried in the order of the file. The first that matches ends the
 *    search, but for the locations within it, which are searched too.
 * 4. Otherwise it is the innermost prefix that was remembered.
 */

import type { CaptureHolder, Pattern } from "../regex/pattern.ts";
import { PrefixIndex } from "./prefix_index.ts";

/** How a location says which paths it is for. */
export type LocationPattern =
  /** `location = /path`. */
  | { readonly kind: "exact"; readonly path: string }
  /** `location /path`; `final` for `^~`. */
  | { readonly kind: "prefix"; readonly path: string; readonly final: boolean }
  /** `location ~ regex`, or `~*` for any case. */
  | { readonly kind: "regex"; readonly regex: Pattern }
  /** `location @name`: reached by name only. */
  | { readonly kind: "named"; readonly name: string };

/** What identifies a pattern: two locations may not have the same. */
export function patternKey(pattern: LocationPattern): string {
  switch (pattern.kind) {
    case "exact":
      return `= ${pattern.path}`;
    case "prefix":
      return pattern.path;
    case "regex":
      return String(pattern.regex);
    case "named":
      return pattern.name;
  }
}

/** A location, and the locations within it. */
export interface LocationEntry<T> {
  /** The paths it is for. */
  readonly pattern: LocationPattern;
  /** What belongs to it. */
  readonly value: T;
  /** Its own locations; `undefined` if it has none. */
  readonly inner: LocationTable<T> | undefined;
}

interface Found<T> {
  readonly value: T;
  readonly inner: LocationTable<T> | undefined;
}

interface Prefix<T> extends Found<T> {
  readonly final: boolean;
}

interface Expression<T> extends Found<T> {
  readonly regex: Pattern;
}

/** The locations of one block. Made once, at startup. */
export class LocationTable<T> {
  readonly #exact = new Map<string, T>();
  readonly #prefixes: PrefixIndex<Prefix<T>>;
  readonly #regexes: Expression<T>[] = [];
  /** Whether anything here or within could end the search. */
  readonly #decides: boolean;
  readonly #ignoreCase: boolean;

  /**
   * The table of a block's locations, in the order of the file. With
   * `ignoreCase` paths are what they are to a file system without case, as in
   * nginx: a rule for `/private/` is also for `/PRIVATE/`.
   */
  constructor(
    entries: Iterable<LocationEntry<T>>,
    { ignoreCase = false } = {},
  ) {
    this.#ignoreCase = ignoreCase;
    const prefixes = new Map<string, Prefix<T>>();
    for (const { pattern, value, inner } of entries) {
      switch (pattern.kind) {
        case "exact":
          this.#exact.set(this.#key(pattern.path), value);
          break;
        case "prefix":
          prefixes.set(this.#key(pattern.path), {
            value,
            inner,
            final: pattern.final,
          });
          break;
        case "regex":
          this.#regexes.push({ regex: pattern.regex, value, inner });
          break;
        case "named":
          break;
      }
    }
    this.#prefixes = new PrefixIndex(prefixes);
    this.#decides = this.#exact.size > 0 || this.#regexes.length > 0 ||
      [...prefixes.values()].some(({ inner }) =>
        inner !== undefined && inner.#decides
      );
  }

  /**
   * The location of a decoded, normalised path; `undefined` if there is none.
   * `holder` gets what a regular expression matched on the way.
   */
  match(path: string, holder?: CaptureHolder): T | undefined {
    const key = this.#key(path);
    const decided = this.#decides ? this.#decide(path, key, holder) : undefined;
    return decided ?? this.#innermost(key);
  }

  /** What paths are compared by. */
  #key(path: string): string {
    return this.#ignoreCase ? path.toLowerCase() : path;
  }

  /** The location that ends the search; `undefined` if none does. */
  #decide(path: string, key: string, holder?: CaptureHolder): T | undefined {
    const exact = this.#exact.get(key);
    if (exact !== undefined) return exact;
    const prefix = this.#prefixes.longest(key);
    const inner = prefix?.inner;
    if (inner !== undefined && inner.#decides) {
      const within = inner.#decide(path, key, holder);
      if (within !== undefined) return within;
    }
    if (prefix?.final === true) return undefined;
    for (const { regex, value, inner } of this.#regexes) {
      const captures = regex.exec(path);
      if (captures === null) continue;
      if (holder !== undefined) regex.keep(captures, holder);
      return inner?.match(path, holder) ?? value;
    }
    return undefined;
  }

  /** The longest prefix of the longest prefix, and so on. */
  #innermost(key: string): T | undefined {
    const prefix = this.#prefixes.longest(key);
    if (prefix?.inner === undefined) return prefix?.value;
    return prefix.inner.#innermost(key) ?? prefix.value;
  }
}
