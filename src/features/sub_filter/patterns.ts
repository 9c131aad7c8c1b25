/**
 * Several strings looked for at once, whatever the case of their ASCII
 * letters. Of those that begin at the first possible place the one that was
 * listed first is found (`ngx_http_sub_parse()`).
 */

/** Each byte, ASCII letters in lower case. */
const LOWER = Uint8Array.from(
  { length: 256 },
  (_, byte) => byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte,
);

/** Strings to look for, none of them empty. */
export class Patterns {
  /** How many bytes the longest one has; 0 if there is none. */
  readonly longest: number;
  readonly #strings: readonly Uint8Array[];
  readonly #shortest: number;
  /**
   * How far the search may go on, by the byte at the end of where the shortest
   * string would stand (Horspool); 0 where strings have it there.
   */
  readonly #shifts: Uint32Array;
  /** The strings that have a byte there. */
  readonly #candidates: readonly (readonly number[])[];

  /** `strings` in the order of their precedence. */
  constructor(strings: readonly Uint8Array[]) {
    this.#strings = strings.map((bytes) => bytes.map((byte) => LOWER[byte]!));
    const lengths = strings.map(({ length }) => length);
    this.longest = Math.max(0, ...lengths);
    const shortest = this.#shortest = Math.min(...lengths);
    this.#shifts = new Uint32Array(256).fill(shortest);
    for (const string of this.#strings) {
      for (let i = 0; i < shortest; i++) {
        const byte = string[i]!;
        const shift = shortest - 1 - i;
        this.#shifts[byte] = Math.min(this.#shifts[byte]!, shift);
      }
    }
    for (let byte = 0; byte < 256; byte++) {
      this.#shifts[byte] = this.#shifts[LOWER[byte]!]!;
    }
    const indexes = [...this.#strings.keys()];
    this.#candidates = Array.from(
      LOWER,
      (byte) => indexes.filter((i) => this.#strings[i]![shortest - 1] === byte),
    );
  }

  /** How many bytes the string at `index` has. */
  lengthOf(index: number): number {
    return this.#strings[index]!.length;
  }

  /**
   * Looks for the next string in `bytes` from `from` on, but for those in
   * `without`. More bytes may follow unless they are the `last` ones.
   *
   * @returns the string, or -1 and how far it is certain that there is none
   */
  find(
    bytes: Uint8Array,
    from: number,
    last: boolean,
    without: ReadonlySet<number>,
  ): { readonly at: number; readonly index: number } {
    const shortest = this.#shortest;
    let at = from;
    while (at + shortest <= bytes.length) {
      const byte = bytes[at + shortest - 1]!;
      const shift = this.#shifts[byte]!;
      if (shift > 0) {
        at += shift;
        continue;
      }
      for (const index of this.#candidates[byte]!) {
        if (without.has(index)) continue;
        const string = this.#strings[index]!;
        if (!begins(string, bytes, at)) continue;
        if (at + string.length <= bytes.length) return { at, index };
        if (!last) return { at, index: -1 };
      }
      at++;
    }
    return { at: last ? bytes.length : at, index: -1 };
  }
}

/** Whether `bytes` at `at` is the string as far as they go. */
function begins(string: Uint8Array, bytes: Uint8Array, at: number): boolean {
  const length = Math.min(string.length, bytes.length - at);
  for (let i = 0; i < length; i++) {
    if (LOWER[bytes[at + i]!] !== string[i]) return false;
  }
  return true;
}
