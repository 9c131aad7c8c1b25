/**
 * Virtual hosts by name, in nginx's order: the exact name, then the longest
 * wildcard that starts with `*`, then the longest that ends with `*`, then
 * the first regular expression in the order of the file.
 *
 * A wildcard stands for whole labels, so the ends (or beginnings) of a host at
 * its dots are looked up, the longest first: as many look-ups as the host has
 * labels, however many wildcards there are.
 */

import type { CaptureHolder, Pattern } from "../regex/pattern.ts";

/** One `server_name`. */
export type HostPattern =
  | { readonly kind: "exact"; readonly name: string }
  /** `.example.org`, the name and all below it: `name` is as written. */
  | { readonly kind: "domain"; readonly name: string }
  /** `*.example.org`: `name` is `.example.org`. */
  | { readonly kind: "leading"; readonly name: string }
  /** `www.example.*`: `name` is `www.example.`. */
  | { readonly kind: "trailing"; readonly name: string }
  | { readonly kind: "regex"; readonly regex: Pattern };

/**
 * `ngx_hash_add_key()`: what a host or wildcard, in lower case, is for;
 * `undefined` if it is neither.
 */
export function hostPattern(name: string): HostPattern | undefined {
  const stars = name.split("*").length - 1;
  if (stars > 1 || name.includes("..")) return undefined;
  if (name.length > 1 && name.startsWith(".")) return { kind: "domain", name };
  if (name.length > 2 && name.startsWith("*.")) {
    return { kind: "leading", name: name.slice(1) };
  }
  if (name.length > 2 && name.endsWith(".*")) {
    return { kind: "trailing", name: name.slice(0, -1) };
  }
  return stars > 0 ? undefined : { kind: "exact", name };
}

/** Finds what belongs to a host. Made once, at startup. */
export class HostTable<T> {
  readonly #fallback: T;
  readonly #exact = new Map<string, T>();
  readonly #leading = new Map<string, T>();
  readonly #trailing = new Map<string, T>();
  /** The longest names among the wildcards, in characters. */
  #longestLeading = 0;
  #longestTrailing = 0;
  readonly #regexes: { readonly regex: Pattern; readonly value: T }[] = [];

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
        return addNew(this.#exact, pattern.name, value);
      case "domain":
        // As in nginx, it is taken when either half of it is.
        if (this.#leading.has(pattern.name)) return false;
        return addNew(this.#exact, pattern.name.slice(1), value) &&
          this.add({ kind: "leading", name: pattern.name }, value);
      case "leading":
        this.#longestLeading = Math.max(
          this.#longestLeading,
          pattern.name.length,
        );
        return addNew(this.#leading, pattern.name, value);
      case "trailing":
        this.#longestTrailing = Math.max(
          this.#longestTrailing,
          pattern.name.length,
        );
        return addNew(this.#trailing, pattern.name, value);
      case "regex":
        this.#regexes.push({ regex: pattern.regex, value });
        return true;
    }
  }

  /** How many names it has. */
  get size(): number {
    return this.#exact.size + this.#leading.size + this.#trailing.size +
      this.#regexes.length;
  }

  /**
   * What `host` (lower case, without port) leads to. If that is by a regular
   * expression, `holder` gets what it matched.
   */
  match(host: string, holder?: CaptureHolder): T {
    const exact = this.#exact.get(host);
    if (exact !== undefined) return exact;
    // A request without a host is only for who has the empty name (nginx).
    if (host === "") return this.#fallback;
    const wild = this.#matchLeading(host) ?? this.#matchTrailing(host);
    if (wild !== undefined) return wild;
    for (const { regex, value } of this.#regexes) {
      const captures = regex.exec(host);
      if (captures === null) continue;
      if (holder !== undefined) regex.keep(captures, holder);
      return value;
    }
    return this.#fallback;
  }

  #matchLeading(host: string): T | undefined {
    if (this.#longestLeading === 0) return undefined;
    const from = Math.max(1, host.length - this.#longestLeading);
    for (
      let dot = host.indexOf(".", from);
      dot !== -1;
      dot = host.indexOf(".", dot + 1)
    ) {
      const value = this.#leading.get(host.slice(dot));
      if (value !== undefined) return value;
    }
    return undefined;
  }

  #matchTrailing(host: string): T | undefined {
    if (this.#longestTrailing === 0) return undefined;
    const from = Math.min(host.length - 2, this.#longestTrailing - 1);
    for (
      let dot = host.lastIndexOf(".", from);
      dot > 0;
      dot = host.lastIndexOf(".", dot - 1)
    ) {
      const value = this.#trailing.get(host.slice(0, dot + 1));
      if (value !== undefined) return value;
    }
    return undefined;
  }
}

function addNew<T>(names: Map<string, T>, name: string, value: T): boolean {
  if (names.has(name)) return false;
  names.set(name, value);
  return true;
}
