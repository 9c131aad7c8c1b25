/**
 * The framing of a `multipart/byteranges` answer (RFC 9110 §14.6), byte for
 * byte as nginx writes it:
 *
 *     CRLF --boundary
 *     Content-Type: text/plain
 *     Content-Range: bytes 0-4/100
 *
 *     ...five bytes...
 *     CRLF --boundary--
 *
 * The first delimiter too begins with CRLF (an empty preamble, RFC 2046
 * §5.1.1). Texts are latin1, one byte per character, so that their lengths are
 * lengths in bytes. The boundary is the caller's: 1 to 70 token characters
 * that nobody can foresee, or else the content could hold a delimiter.
 */

import { type ByteRange, contentRange } from "./range.ts";

/** The value of `Content-Type` of the whole answer. */
export function multipartContentType(boundary: string): string {
  return `multipart/byteranges; boundary=${boundary}`;
}

/**
 * What stands before the bytes of a part: delimiter, part headers and the
 * empty line. `contentType` is the type the whole representation would have;
 * without one the part has no `Content-Type`.
 */
export function partHead(
  boundary: string,
  contentType: string | undefined,
  range: ByteRange,
  size: number,
): string {
  const type = contentType === undefined
    ? ""
    : `Content-Type: ${contentType}\r\n`;
  const position = contentRange(range.start, range.end, size);
  return `\r\n--${boundary}\r\n${type}Content-Range: ${position}\r\n\r\n`;
}

/** How many digits a whole number has that is not below 0. */
function digitsOf(value: number): number {
  let digits = 1;
  for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) digits++;
  return digits;
}

/** How long all heads are together that {@linkcode partHead} makes, in bytes. */
export function partHeadsLength(
  boundary: string,
  contentType: string | undefined,
  ranges: readonly ByteRange[],
  size: number,
): number {
  const shortest = partHead(boundary, contentType, { start: 0, end: 1 }, size);
  let length = (shortest.length - 2) * ranges.length;
  for (const { start, end } of ranges) {
    length += digitsOf(start) + digitsOf(end - 1);
  }
  return length;
}

/** What stands after the bytes of the last part. */
export function closingDelimiter(boundary: string): string {
  return `\r\n--${boundary}--\r\n`;
}
