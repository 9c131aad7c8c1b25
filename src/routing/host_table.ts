/**
 * Virtual hosts by name, in nginx's order: the exact name, then the longest
 * wildcard that starts with `*`, then the longest that ends with `*`, then
 * the first regular expression in the order of the file.
 */

/** One `server_name`. */
export type HostPattern =
  | { readonly kind: "exact"; readonly name: string }
  /** `*.example.org`: `name` is `.example.org`. */
  | { readonly kind: "leading"; readonly name: string }
  /** `www.example.*`: `name` is `www.example.`. */
  | { readonly kind: "trailing"; readonly name: string }
  | { readonly kind: "regex"; readonly regex: RegExp };

/** Finds what belongs to a host. Made once, at startup. */
export class HostTable<T> {
  readonly #fallback: T;
  readonly #exact = new Map<string, T>();
  readonly #leading: { readonly name: string; readonly value: T }[] = [];
  readonly #trailing: { readonly name: string; readonly value: T }[] = [];
  readonly #regexes: { readonly regex: RegExp; readonly value: T }[] = [];

  /** A table that answers `fallback` for hosts nobody claims. */
  constructor(fallback: T) {
    this.#fallback = fallback;
  }

  /**
   * Gives hosts that match `pattern` to `value`.
   *
   * @returns whether it is new; a name that is taken stays with its first
   * owner
   */
  add(pattern: HostPattern, value: T): boolean {
    switch (pattern.kind) {
      case "exact":
        if (this.#exact.has(pattern.name)) return false;
        this.#exact.set(pattern.name, value);
        return true;
      case "leading":
        return addLongestFirst(this.#leading, pattern.name, value);
      case "trailing":
        return addLongestFirst(this.#trailing, pattern.name, value);
      case "regex":
        this.#regexes.push({ regex: pattern.regex, value });
        return true;
    }
  }

  /** Whether every host leads to the same value. */
  get trivial(): boolean {
    return this.#exact.size === 0 && this.#leading.length === 0 &&
      this.#trailing.length === 0 && this.#regexes.length === 0;
  }

  /** What `host` (lower case, without port) leads to. */
  match(host: string): T {
    const exact = this.#exact.get(host);
    if (exact !== undefined) return exact;
    for (const { name, value } of this.#leading) {
      if (host.length > name.length && host.endsWith(name)) return value;
    }
    for (const { name, value } of this.#trailing) {
      if (host.length > name.length && host.startsWith(name)) return value;
    }
    for (const { regex, value } of this.#regexes) {
      if (regex.test(host)) return value;
    }
    return this.#fallback;
  }
}

function addLongestFirst<T>(
  list: { readonly name: string; readonly value: T }[],
  name: string,
  value: T,
): boolean {
  if (list.some((other) => other.name === name)) return false;
  list.push({ name, value });
  list.sort((a, b) => b.name.length - a.name.length);
  return true;
}
