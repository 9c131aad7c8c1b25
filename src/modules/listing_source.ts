/** A listing as a body: made while it is sent, so that little of it is held. */

import { HttpError } from "../http/errors.ts";
import type { BodySource } from "../http/response.ts";

/** How much text is made at a time, in characters. */
const PIECE_CHARACTERS = 16 * 1024;

/**
 * How many entries all listings that are being sent may hold: about 150 MB.
 * Clients that ask for large folders and do not read cannot have more.
 */
export const MAX_HELD_ENTRIES = 1_000_000;

const ENCODER = new TextEncoder();

let heldEntries = 0;

/** The text that a generator gives. */
class TextSource implements BodySource {
  readonly length = undefined;
  readonly #parts: Iterator<string>;
  #entries: number;
  #ready: string | undefined;

  constructor(first: string, parts: Iterator<string>, entries: number) {
    this.#ready = first;
    this.#parts = parts;
    this.#entries = entries;
    heldEntries += entries;
  }

  pull(): Uint8Array | undefined {
    const text = this.#ready ?? nextPiece(this.#parts).text;
    this.#ready = undefined;
    return text === "" ? undefined : ENCODER.encode(text);
  }

  close(): void {
    this.#parts.return?.();
    heldEntries -= this.#entries;
    this.#entries = 0;
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
 * is known. A long one holds its `entries`, so many, until it is sent.
 *
 * @throws {HttpError} 503 when too many are held
 */
export function listingBody(
  parts: Iterator<string>,
  entries: number,
): Uint8Array | BodySource {
  const { text, last } = nextPiece(parts);
  if (last) return ENCODER.encode(text);
  if (heldEntries + entries > MAX_HELD_ENTRIES) {
    throw new HttpError(503, "too many large listings at a time", {
      headers: [["Retry-After", "5"]],
    });
  }
  return new TextSource(text, parts, entries);
}
