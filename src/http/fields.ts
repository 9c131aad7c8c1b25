/**
 * The field names the server itself reads. The parser recognises them once,
 * by length and first letter, and later code asks for them by number: no
 * string is made and no map is searched for a field nobody asks for.
 */

/** The known fields; a field's number is its place in {@linkcode FIELD_NAMES}. */
export const Field = {
  Host: 0,
  Connection: 1,
  ContentLength: 2,
  TransferEncoding: 3,
  Expect: 4,
  Range: 5,
  IfRange: 6,
  IfMatch: 7,
  IfNoneMatch: 8,
  IfModifiedSince: 9,
  IfUnmodifiedSince: 10,
  AcceptEncoding: 11,
  Referer: 12,
  UserAgent: 13,
  Authorization: 14,
  Via: 15,
} as const;

/** The number of a known field. */
export type FieldId = typeof Field[keyof typeof Field];

/** The lower-case name of each known field, by its number. */
export const FIELD_NAMES = [
  "host",
  "connection",
  "content-length",
  "transfer-encoding",
  "expect",
  "range",
  "if-range",
  "if-match",
  "if-none-match",
  "if-modified-since",
  "if-unmodified-since",
  "accept-encoding",
  "referer",
  "user-agent",
  "authorization",
  "via",
] as const;

/** How many known fields there are; at most 31, so that a bit set fits. */
export const FIELD_COUNT = FIELD_NAMES.length;

/** The number of a field that is not a known one. */
export const UNKNOWN_FIELD = -1;

/** A bit set with the given fields in it. */
export function fieldBits(...fields: readonly FieldId[]): number {
  return fields.reduce<number>((bits, field) => bits | (1 << field), 0);
}

/** Known fields by the length of their name. */
const BY_LENGTH: readonly (readonly number[])[] = (() => {
  const longest = Math.max(...FIELD_NAMES.map((name) => name.length));
  const table: number[][] = Array.from({ length: longest + 1 }, () => []);
  FIELD_NAMES.forEach((name, id) => table[name.length]!.push(id));
  return table;
})();

const FIRST_LETTER: readonly number[] = FIELD_NAMES.map((name) =>
  name.charCodeAt(0)
);

/** The number of the field named by the bytes from `start` to `end`. */
export function fieldId(
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  const candidates = BY_LENGTH[end - start];
  if (candidates === undefined) return UNKNOWN_FIELD;
  const first = bytes[start]! | 0x20;
  for (let i = 0; i < candidates.length; i++) {
    const id = candidates[i]!;
    if (
      FIRST_LETTER[id] === first &&
      equalsIgnoreCase(bytes, start, end, FIELD_NAMES[id]!)
    ) {
      return id;
    }
  }
  return UNKNOWN_FIELD;
}

const UPPER_A = 0x41;
const UPPER_Z = 0x5a;

/**
 * Whether the bytes from `start` to `end` are `lower` in any ASCII case.
 * `lower` must be lower-case ASCII.
 */
export function equalsIgnoreCase(
  bytes: Uint8Array,
  start: number,
  end: number,
  lower: string,
): boolean {
  const length = lower.length;
  if (end - start !== length) return false;
  for (let i = 0; i < length; i++) {
    const byte = bytes[start + i]!;
    const code = lower.charCodeAt(i);
    if (byte === code) continue;
    if ((byte | 0x20) !== code || byte < UPPER_A || byte > UPPER_Z) {
      return false;
    }
  }
  return true;
}
