/**
 * Sets of bytes, as a table with one flag for each. PCRE matches bytes unless
 * it is told that the text is UTF-8, and nginx does not tell it.
 */

/** 256 flags: 1 for each byte that is in the set. */
export type CharSet = Uint8Array;

/** How many bytes there are. */
export const BYTES = 256;

/** The set of the bytes that `test` accepts. */
function charSet(test: (byte: number) => boolean): CharSet {
  return Uint8Array.from({ length: BYTES }, (_, byte) => test(byte) ? 1 : 0);
}

/** The set without any byte. */
export const NO_BYTE: CharSet = charSet(() => false);

/** The set of all bytes. */
export const ANY_BYTE: CharSet = charSet(() => true);

const SINGLE_BYTES: readonly CharSet[] = Array.from(
  { length: BYTES },
  (_, byte) => {
    const set = new Uint8Array(BYTES);
    set[byte] = 1;
    return set;
  },
);

/** The set of one byte; the same each time. */
export function oneByte(byte: number): CharSet {
  return SINGLE_BYTES[byte]!;
}

/** The bytes of some characters that are below 256. */
export function bytesOf(text: string): CharSet {
  return charSet((byte) => text.includes(String.fromCharCode(byte)));
}

/** The bytes from `first` to `last`, both included. */
export function byteRange(first: number, last: number): CharSet {
  return new Uint8Array(BYTES).fill(1, first, last + 1);
}

/** What is in any of the sets. */
export function union(...sets: readonly CharSet[]): CharSet {
  const [first = NO_BYTE, ...others] = sets.filter((set) => set !== NO_BYTE);
  if (others.every((set) => set === first)) return first;
  const result = new Uint8Array(first);
  for (const set of others) {
    for (let byte = 0; byte < BYTES; byte++) result[byte]! |= set[byte]!;
  }
  return result;
}

/** What is not in the set. */
export function complement(set: CharSet): CharSet {
  return set.map((flag) => 1 - flag);
}

/** Whether two sets have a byte in common. */
export function overlap(a: CharSet, b: CharSet): boolean {
  if (a === NO_BYTE || b === NO_BYTE) return false;
  for (let byte = 0; byte < BYTES; byte++) {
    if ((a[byte]! & b[byte]!) === 1) return true;
  }
  return false;
}

/** Whether all that is in `part` is in `whole`. */
export function includes(whole: CharSet, part: CharSet): boolean {
  return part.every((flag, byte) => flag <= whole[byte]!);
}

/** How many bytes are in the set. */
export function sizeOf(set: CharSet): number {
  let size = 0;
  for (let byte = 0; byte < BYTES; byte++) size += set[byte]!;
  return size;
}

/** The other case of an ASCII letter, and any other byte as it is. */
export function otherCase(byte: number): number {
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a ? byte ^ 0x20 : byte;
}

const BOTH_CASES = new WeakMap<CharSet, CharSet>();

/** The set with both cases of every ASCII letter that is in it. */
export function bothCases(set: CharSet): CharSet {
  let result = BOTH_CASES.get(set);
  if (result === undefined) {
    result = new Uint8Array(set);
    for (let upper = 0x41; upper <= 0x5a; upper++) {
      const lower = upper | 0x20;
      result[upper] = result[lower] = set[upper]! | set[lower]!;
    }
    BOTH_CASES.set(set, result);
  }
  return result;
}

/** `\d`. */
export const DIGIT: CharSet = byteRange(0x30, 0x39);

/** `\s`: also the vertical tab, and nothing beyond ASCII. */
export const SPACE: CharSet = bytesOf("\t\n\v\f\r ");

/** `\w`. */
export const WORD: CharSet = charSet((byte) =>
  /[A-Za-z0-9_]/.test(String.fromCharCode(byte))
);

/** `\h`: spaces, tabs and the no-break space of Latin-1. */
export const HORIZONTAL_SPACE: CharSet = bytesOf("\t \xa0");

/** `\v`: line ends of every kind. */
export const VERTICAL_SPACE: CharSet = bytesOf("\n\v\f\r\x85");

/** `\N`, and `.` unless `(?s)` is in force. */
export const NOT_NEWLINE: CharSet = complement(bytesOf("\n"));

const LETTER = charSet((byte) => otherCase(byte) !== byte);
const UPPER = byteRange(0x41, 0x5a);
const LOWER = byteRange(0x61, 0x7a);
const VISIBLE = byteRange(0x21, 0x7e);

/** The POSIX classes by name, those of the C locale as PCRE has them. */
const POSIX_CLASSES: ReadonlyMap<string, CharSet> = new Map([
  ["alpha", LETTER],
  ["lower", LOWER],
  ["upper", UPPER],
  ["alnum", union(LETTER, DIGIT)],
  ["ascii", byteRange(0, 0x7f)],
  ["blank", bytesOf("\t ")],
  ["cntrl", union(byteRange(0, 0x1f), oneByte(0x7f))],
  ["digit", DIGIT],
  ["graph", VISIBLE],
  ["print", byteRange(0x20, 0x7e)],
  [
    "punct",
    charSet((byte) =>
      VISIBLE[byte] === 1 && LETTER[byte] !== 1 && DIGIT[byte] !== 1
    ),
  ],
  ["space", SPACE],
  ["word", WORD],
  ["xdigit", union(DIGIT, byteRange(0x41, 0x46), byteRange(0x61, 0x66))],
]);

/** The names of the POSIX classes. */
export const POSIX_NAMES: readonly string[] = [...POSIX_CLASSES.keys()];

/**
 * The POSIX class `name`; `undefined` if there is none. Where case does not
 * matter, `lower` and `upper` are all letters.
 */
export function posixClass(
  name: string,
  ignoreCase: boolean,
): CharSet | undefined {
  const set = POSIX_CLASSES.get(name);
  return ignoreCase && (set === LOWER || set === UPPER) ? LETTER : set;
}

/** Unicode's general categories, which PCRE names by one or two letters. */
const CATEGORY =
  /^(?:C[cfnos]?|L[lmotu]?|M[cen]?|N[dlo]?|P[cdefios]?|S[ckmo]?|Z[lps]?)$/;

/**
 * The names of properties that PCRE has of its own, and what they are. They
 * are made when they are asked for: hardly anybody does, and every start would
 * wait some ms for them.
 */
const OWN_PROPERTIES: ReadonlyMap<string, () => CharSet> = new Map([
  ["Any", () => ANY_BYTE],
  ["L&", () => byProperty("\\p{Lu}\\p{Ll}\\p{Lt}")],
  ["Xan", () => byProperty("\\p{L}\\p{N}")],
  ["Xsp", space],
  ["Xps", space],
  ["Xwd", () => byProperty("\\p{L}\\p{N}_")],
]);

function space(): CharSet {
  return union(byProperty("\\p{Z}"), HORIZONTAL_SPACE, VERTICAL_SPACE);
}

/** Without UTF-8 a byte is looked up as the Latin-1 character it would be. */
function byProperty(classText: string): CharSet {
  const regex = new RegExp(`[${classText}]`, "u");
  return charSet((byte) => regex.test(String.fromCharCode(byte)));
}

/**
 * The bytes with the Unicode property `name`, as `\p{...}` has it; `undefined`
 * for a name that is not a general category nor one of PCRE's own.
 */
export function propertyClass(name: string): CharSet | undefined {
  const own = OWN_PROPERTIES.get(name);
  if (own !== undefined) return own();
  return CATEGORY.test(name) ? byProperty(`\\p{${name}}`) : undefined;
}
