/**
 * Bytes that need not be text, as strings, in two forms:
 *
 * - A **byte string** has one character below 256 for each byte. That is how a
 *   request arrives and how a response head leaves (RFC 9110 §5.5: bytes
 *   beyond ASCII are opaque), so no byte is ever changed on the way.
 * - A **text** is Unicode: what a configuration says and what names a file. A
 *   byte that is not UTF-8 stands in it as a lone surrogate, U+DC80 to U+DCFF,
 *   as in Python's `surrogateescape` (PEP 383). So every byte string has a
 *   text, and the text leads back to the same bytes.
 *
 * ASCII is the same in both forms.
 */

// deno-lint-ignore no-control-regex -- all of ASCII is meant
const BEYOND_ASCII = /[^\x00-\x7f]/;

/** One well-formed character beyond ASCII (RFC 3629 §4), or one stray byte. */
const UTF8_CHARACTER =
  /[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\x80-\xff]/g;

/** What a stray byte is added to, to make its lone surrogate. */
const STRAY = 0xdc00;

/** A stray byte in a text: a low surrogate that follows no high one. */
const STRAY_BYTE = /[\udc80-\udcff]/u;

const UTF8 = new TextEncoder();

/** The text of a byte string. */
export function textOf(bytes: string): string {
  return BEYOND_ASCII.test(bytes)
    ? bytes.replace(UTF8_CHARACTER, decodeCharacter)
    : bytes;
}

/** The character of one match of {@linkcode UTF8_CHARACTER}. */
function decodeCharacter(bytes: string): string {
  const first = bytes.charCodeAt(0);
  if (bytes.length === 1) return String.fromCharCode(STRAY + first);
  // The first byte has one bit less of the code for each byte that follows.
  let code = first & (0x7f >> bytes.length);
  for (let i = 1; i < bytes.length; i++) {
    code = (code << 6) | (bytes.charCodeAt(i) & 0x3f);
  }
  return String.fromCodePoint(code);
}

/** The byte string of a text: UTF-8, with stray bytes as they were. */
export function byteString(text: string): string {
  return BEYOND_ASCII.test(text) ? encodeText(text) : text;
}

function encodeText(text: string): string {
  let bytes = "";
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (code < 0x80) bytes += character;
    else if (STRAY_BYTE.test(character)) {
      bytes += String.fromCharCode(code - STRAY);
    } else {
      for (const byte of UTF8.encode(character)) {
        bytes += String.fromCharCode(byte);
      }
    }
  }
  return bytes;
}

/** A byte string with its ASCII letters in lower case, and no others. */
export function lowerCase(bytes: string): string {
  return BEYOND_ASCII.test(bytes)
    ? bytes.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
    : bytes.toLowerCase();
}

/** Whether a text came from bytes that are not UTF-8. */
export function hasStrayBytes(text: string): boolean {
  return STRAY_BYTE.test(text);
}

/**
 * Writes a byte string to `target`, which has room for it. What comes behind
 * it in `target` is not kept.
 *
 * @returns how many bytes it is
 * @throws {RangeError} when a character is no byte
 */
export function writeByteString(target: Uint8Array, bytes: string): number {
  const { length } = bytes;
  // Nearly all heads are ASCII, which the engine copies at once.
  const { read, written } = UTF8.encodeInto(bytes, target);
  if (read === length && written === length) return length;
  for (let i = 0; i < length; i++) {
    const code = bytes.charCodeAt(i);
    if (code > 0xff) throw new RangeError(`character ${code} is no byte`);
    target[i] = code;
  }
  return length;
}

/** The bytes of a byte string. */
export function bytesOf(bytes: string): Uint8Array<ArrayBuffer> {
  const target = new Uint8Array(bytes.length);
  writeByteString(target, bytes);
  return target;
}
