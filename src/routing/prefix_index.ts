/**
 * The longest of many prefixes that a text begins with.
 *
 * The prefixes are sorted. Whatever begins with a prefix stands directly
 * behind it, so the last one that is not greater than the text either begins
 * the text or is longer than the one that does, and each knows the longest
 * other one that it begins with itself. Among ten thousand prefixes this takes
 * fourteen comparisons.
 */

/** Prefixes with what belongs to them. Made once, at startup. */
export class PrefixIndex<T> {
  readonly #prefixes: readonly string[];
  readonly #values: readonly T[];
  /** For each prefix the longest other one that it begins with, or -1. */
  readonly #shorter: Int32Array;

  /** The prefixes and what belongs to each; no two prefixes are the same. */
  constructor(entries: Iterable<readonly [prefix: string, value: T]>) {
    const sorted = [...entries].sort(([a], [b]) => a < b ? -1 : 1);
    this.#prefixes = sorted.map(([prefix]) => prefix);
    this.#values = sorted.map(([, value]) => value);
    this.#shorter = new Int32Array(sorted.length);
    const open: number[] = [];
    this.#prefixes.forEach((prefix, index) => {
      while (
        open.length > 0 && !prefix.startsWith(this.#prefixes[open.at(-1)!]!)
      ) open.pop();
      this.#shorter[index] = open.at(-1) ?? -1;
      open.push(index);
    });
  }

  /** What belongs to the longest prefix that `text` begins with. */
  longest(text: string): T | undefined {
    const prefixes = this.#prefixes;
    let low = 0;
    let high = prefixes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (prefixes[middle]! <= text) low = middle + 1;
      else high = middle;
    }
    for (let at = low - 1; at >= 0; at = this.#shorter[at]!) {
      if (text.startsWith(prefixes[at]!)) return this.#values[at];
    }
    return undefined;
  }
}
