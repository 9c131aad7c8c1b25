/** A listing as a body: made while it is sent, so that little of it is held. */

import type { BodySource } from "../../http/response.ts";

/** How much text is made at a time, in characters. */
const PIECE_CHARACTERS = 16 * 1024;

const ENCODER = new TextEncoder();

/** The text that a generator gives. */
class TextSource implements BodySource {
  readonly length = undefined;
  readonly #parts: Iterator<string>;
  #release: (() => void) | undefined;
  #ready: string | undefined;

  constructor(first: string, parts: Iterator<string>, release: () => void) {
    this.#ready = first;
    this.#parts = parts;
    this.#release = release;
  }

  pull(): Uint8Array | undefined {
    const text = this.#ready ?? nextPiece(this.#parts).text;
    this.#ready = undefined;
    return text === "" ? undefined : ENCODER.encode(text);
  }

  close(): void {
    this.#parts.return?.();
    this.#release?.();
    this.#release = undefined;
  }
}

/** The next piece of text, and whether it is the last one. */
function nextPiece(parts: Iterator<string>): { text: string; last: boolean } {
  let text = "";
  while (text.length < PIECE_CHARACTERS) {
    const { value, done } = parts.next();
    if (done === true) return { text, last: true };
    text += value;
  }
  return { text, last: false };
}

/**
 * The text of a listing as a body: a short one as bytes, so that its length
 * is known. `release` is called when nothing more is asked of `parts`.
 */
export function listingBody(
  parts: Iterator<string>,
  release: () => void,
): Uint8Array | BodySource {
  const { text, last } = nextPiece(parts);
  if (!last) return new TextSource(text, parts, release);
  release();
  return ENCODER.encode(text);
}

/**
 * The body of a listing whose client wants the head alone: nobody looks into
 * the folder for it, so its length is not known.
 */
export const UNREAD_LISTING: BodySource = {
  length: undefined,
  pull: () => undefined,
  close: () => {},
};
