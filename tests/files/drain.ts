/** Reading sources to their end. */

import type { BodySource } from "../../src/http/response.ts";
import { concat } from "../support/latin1.ts";

/** All of a source that never waits; it is closed then. */
export function drain(source: BodySource): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (let piece; (piece = source.pull()) !== undefined;) {
    if (piece instanceof Promise) throw new Error("the source waits");
    pieces.push(piece.slice());
  }
  source.close();
  return concat(pieces);
}
