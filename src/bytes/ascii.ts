/**
 * Character classes as byte tables, and the two conversions between bytes
 * and strings that the protocol needs. A class is a `Uint8Array` of 256 flags
 * so that a test is one load, without a branch per range.
 */

/** Horizontal tab. */
export const HTAB = 0x09;
/** Line feed. */
export const LF = 0x0a;
/** Carriage return. */
export const CR = 0x0d;
/** Space. */
export const SP = 0x20;
/** `:`. */
export const COLON = 0x3a;

/** A table with 1 for every byte that `test` accepts. */
export function byteTable(test: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => test(byte) ? 1 : 0);
}

/** Whether `byte` is an ASCII digit. */
export function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** Whether `byte` is an ASCII letter. */
export function isAlpha(byte: number): boolean {
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

const TOKEN_PUNCTUATION = "!#$%&'*+-.^_`|~";

/** `tchar` of RFC 9110 §5.6.2: what methods and field names are made of. */
export const TOKEN: Uint8Array = byteTable((byte) =>
  isDigit(byte) || isAlpha(byte) ||
  (byte < 0x80 && TOKEN_PUNCTUATION.includes(String.fromCharCode(byte)))
);

/** Letters, digits and `-`: the field names nginx calls valid. */
export const PLAIN_NAME: Uint8Array = byteTable((byte) =>
  isDigit(byte) || isAlpha(byte) || byte === 0x2d
);

/** Visible bytes of a request target; bytes from 0x80 pass, as in nginx. */
export const TARGET: Uint8Array = byteTable((byte) =>
  byte > SP && byte !== 0x7f
);

/** `field-vchar`, SP and HTAB of RFC 9110 §5.5, with obs-text. */
export const FIELD_VALUE: Uint8Array = byteTable((byte) =>
  byte === HTAB || (byte >= SP && byte !== 0x7f)
);

/** Above this many bytes a decoder is faster than a call with arguments. */
const MAX_CHAR_CODE_ARGUMENTS = 128;

const LATIN1_DECODER = new TextDecoder("latin1");

/**
 * The bytes from `start` to `end` as a string of one character per byte.
 *
 * The WHATWG label `latin1` means windows-1252, which differs in 0x80-0x9F;
 * the decoder is therefore only used when no byte is in that range.
 */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  if (end - start <= MAX_CHAR_CODE_ARGUMENTS) {
    return String.fromCharCode.apply(
      null,
      bytes.subarray(start, end) as unknown as number[],
    );
  }
  for (let i = start; i < end; i++) {
    if (bytes[i]! >= 0x80) return latin1InPieces(bytes, start, end);
  }
  return LATIN1_DECODER.decode(bytes.subarray(start, end));
}

function latin1InPieces(
  bytes: Uint8Array,
  start: number,
  end: number,
): string {
  let text = "";
  for (let from = start; from < end; from += MAX_CHAR_CODE_ARGUMENTS) {
    const to = Math.min(from + MAX_CHAR_CODE_ARGUMENTS, end);
    text += latin1(bytes, from, to);
  }
  return text;
}
