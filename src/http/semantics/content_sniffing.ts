/**
 * What a file is whose name does not say it: text or not. A browser shows
 * what is called `text/plain`, so a program or an archive must not be called
 * that; and nothing is ever taken for a page, a script or an image, because
 * then whoever may upload a file would decide what runs.
 *
 * The rules are those by which browsers tell text from data (WHATWG MIME
 * Sniffing §7.2), and beyond them a text has to be in an encoding that can be
 * named.
 */

/** How many bytes are looked at: a page of memory, read in one go. */
export const SNIFFED_BYTES = 4096;

const TEXT = "text/plain";
const UTF16_TEXT = "text/plain; charset=utf-16";
const DATA = "application/octet-stream";

/** Control characters that no text has. */
// deno-lint-ignore no-control-regex -- they are what is looked for
const BINARY = /[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]/;

/** What is known of the bytes. */
interface SniffOptions {
  /** Whether there are more of them, so that the last character may be cut. */
  readonly truncated: boolean;
  /** Whether a text is in UTF-8, or else in an encoding that the site names. */
  readonly utf8: boolean;
}

/** The media type of a file that begins with `bytes`. */
export function sniffType(bytes: Uint8Array, options: SniffOptions): string {
  const { truncated, utf8 } = options;
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) {
    return isText(bytes, "utf-16le", truncated) ? UTF16_TEXT : DATA;
  }
  if (first === 0xfe && second === 0xff) {
    return isText(bytes, "utf-16be", truncated) ? UTF16_TEXT : DATA;
  }
  // Latin-1 has a character for every byte, and so stands for all the others.
  return isText(bytes, utf8 ? "utf-8" : "latin1", truncated) ? TEXT : DATA;
}

/** Whether the bytes are text in an encoding. */
function isText(
  bytes: Uint8Array,
  encoding: string,
  truncated: boolean,
): boolean {
  try {
    const decoder = new TextDecoder(encoding, { fatal: true });
    return !BINARY.test(decoder.decode(bytes, { stream: truncated }));
  } catch {
    return false;
  }
}
