/** Bodies in another encoding than that of their files. */

import { MadeBody, type Pieces } from "../../files/body/made_body.ts";
import type { ResponseBody } from "../../http/response.ts";
import type { Recoder, Recoding } from "./charset_map.ts";

/** A body up to this length is recoded at once, in bytes: less than 1 ms. */
const AT_ONCE_BYTES = 64 * 1024;

async function* recoded(pieces: Pieces, recoder: Recoder): Pieces {
  for await (const bytes of pieces) {
    const piece = recoder.piece(bytes);
    // It may hold no more than a part of a character.
    if (piece.length > 0) yield piece;
  }
  const rest = recoder.end();
  if (rest.length > 0) yield rest;
}

/** `body` in the other encoding. */
export function recodedBody(
  body: ResponseBody,
  recoding: Recoding,
): ResponseBody {
  if (body === undefined) return undefined;
  if (!(body instanceof Uint8Array) || body.length > AT_ONCE_BYTES) {
    return new MadeBody(
      body,
      (made) => recoded(made.read(body), recoding.start()),
      recoding.keepsLength ? body.length : undefined,
    );
  }
  const recoder = recoding.start();
  const start = recoder.piece(body);
  const rest = recoder.end();
  if (rest.length === 0) return start;
  const whole = new Uint8Array(start.length + rest.length);
  whole.set(start);
  whole.set(rest, start.length);
  return whole;
}
