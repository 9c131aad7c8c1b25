/**
 * Locations by path, in nginx's order: an exact one ends the search; of the
 * prefixes the longest is remembered and ends it if it is `^~`; then the
 * regular expressions in the order of the file; then the remembered prefix.
 */

/** How a location says which paths it is for. */
export type LocationPattern =
  /** `location = /path`. */
  | { readonly kind: "exact"; readonly path: string }
  /** `location /path`; `final` for `^~`. */
  | { readonly kind: "prefix"; readonly path: string; readonly final: boolean }
  /** `location ~ regex`, or `~*` for any case. */
  | { readonly kind: "regex"; readonly regex: RegExp }
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

/** Who remembers what the groups of a location's regular expression took. */
export interface CaptureHolder {
  /** The last match; `$1` to `$9` are read from it. */
  captures: RegExpExecArray | undefined;
}

interface Prefix<T> {
  readonly path: string;
  readonly final: boolean;
  readonly value: T;
}

/** Finds the location of a path. Made once, at startup. */
export class LocationTable<T> {
  readonly #fallback: T;
  readonly #exact = new Map<string, T>();
  /** The longest first. */
  readonly #prefixes: Prefix<T>[] = [];
  readonly #regexes: { readonly regex: RegExp; readonly value: T }[] = [];

  /** A table that answers `fallback` for paths that no location is for. */
  constructor(
    entries: Iterable<readonly [LocationPattern, T]>,
    fallback: T,
  ) {
    this.#fallback = fallback;
    for (const [pattern, value] of entries) {
      switch (pattern.kind) {
        case "exact":
          this.#exact.set(pattern.path, value);
          break;
        case "prefix":
          this.#prefixes.push({ ...pattern, value });
          break;
        case "regex":
          this.#regexes.push({ regex: pattern.regex, value });
          break;
        case "named":
          break;
      }
    }
    this.#prefixes.sort((a, b) => b.path.length - a.path.length);
  }

  /**
   * The location of a decoded, normalised path. If it is one with a regular
   * expression, `holder` gets what that matched.
   */
  match(path: string, holder?: CaptureHolder): T {
    if (this.#exact.size > 0) {
      const exact = this.#exact.get(path);
      if (exact !== undefined) return exact;
    }
    let best: Prefix<T> | undefined;
    for (const prefix of this.#prefixes) {
      if (path.startsWith(prefix.path)) {
        best = prefix;
        break;
      }
    }
    if (best?.final !== true) {
      for (const { regex, value } of this.#regexes) {
        const captures = regex.exec(path);
        if (captures === null) continue;
        if (holder !== undefined) holder.captures = captures;
        return value;
      }
    }
    return best === undefined ? this.#fallback : best.value;
  }
}
