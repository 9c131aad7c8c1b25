/** A listing as a body: made while it is sent, so that little of it is held. */

import type { BodySource } from "../../http/response.ts";
import { LISTING_MEMORY, tooLarge } from "./listing_reader.ts";

/** How much text is made at a time, in characters. */
const PIECE_CHARACTERS = 16 * 1024;

/** A shorter text than this is like the page of an error, in bytes. */
const SMALL_BYTES = 2048;

const ENCODER = new TextEncoder();

/** The text that a generator gives, of which one piece is held at a time. */
class TextSource implements BodySource {
  readonly length: number | undefined;
  readonly #parts: Iterator<string> | undefined;
  readonly #held: number;
  #release: (() => void) | undefined;
  #ready: Uint8Array | undefined;

  /**
   * `first` and, if they are given, the `parts` behind it.
   *
   * @throws {HttpError} 503 when listings take too much memory
   */
  constructor(
    first: Uint8Array,
    parts: Iterator<string> | undefined,
    release: () => void,
  ) {
    this.#held = first.length;
    if (!LISTING_MEMORY.take(this.#held)) throw tooLarge();
    this.length = parts === undefined ? first.length : undefined;
    this.#ready = first;
    this.#parts = parts;
    this.#release = release;
  }

  pull(): Uint8Array | undefined {
    const bytes = this.#ready ?? this.#next();
    this.#ready = undefined;
    return bytes;
  }

  #next(): Uint8Array | undefined {
    if (this.#parts === undefined) return undefined;
    const { text } = nextPiece(this.#parts);
    return text === "" ? undefined : ENCODER.encode(text);
  }

  close(): void {
    if (this.#release === undefined) return;
    LISTING_MEMORY.give(this.#held);
    this.#ready = undefined;
    this.#parts?.return?.();
    this.#release();
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

function nothing(): void {}

/**
 * The text of a listing as a body: of a short one the length is known, and it
 * is bytes if it is no longer than any page. `release` is called when nothing
 * more is asked of `parts`.
 *
 * @throws {HttpError} 503 when listings take too much memory: then it is not
 */
export function listingBody(
  parts: Iterator<string>,
  release: () => void,
): Uint8Array | BodySource {
  const { text, last } = nextPiece(parts);
  const bytes = ENCODER.encode(text);
  if (!last) return new TextSource(bytes, parts, release);
  const body = bytes.length <= SMALL_BYTES
    ? bytes
    : new TextSource(bytes, undefined, nothing);
  release();
  return body;
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
