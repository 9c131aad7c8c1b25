/** Bodies in another encoding than that of their files. */

import { sourceOf } from "../../http/byte_source.ts";
import type { BodySource, ResponseBody } from "../../http/response.ts";
import type { Recoder, Recoding } from "./charset_map.ts";

/** A body up to this length is recoded at once, in bytes: less than 1 ms. */
const AT_ONCE_BYTES = 64 * 1024;

/** A body that is recoded while it is sent. It is opened by the first pull. */
class RecodedSource implements BodySource {
  readonly length: number | undefined;
  readonly #body: ResponseBody;
  readonly #recoder: Recoder;
  #source: BodySource | undefined;
  #ended = false;

  constructor(body: ResponseBody, recoding: Recoding) {
    this.length = recoding.keepsLength ? body?.length : undefined;
    this.#body = body;
    this.#recoder = recoding.start();
  }

  async pull(limit?: number): Promise<Uint8Array | undefined> {
    this.#source ??= sourceOf(this.#body);
    while (!this.#ended) {
      const bytes = await this.#source.pull(limit);
      this.#ended = bytes === undefined;
      const piece = bytes === undefined
        ? this.#recoder.end()
        : this.#recoder.piece(bytes);
      // A piece may hold no more than a part of a character.
      if (piece.length > 0) return piece;
    }
    return undefined;
  }

  close(): void {
    const source = this.#source ?? this.#body;
    if (source !== undefined && "close" in source) source.close();
  }
}

/** `body` in the other encoding. */
export function recodedBody(
  body: ResponseBody,
  recoding: Recoding,
): ResponseBody {
  if (body === undefined) return undefined;
  if (!(body instanceof Uint8Array) || body.length > AT_ONCE_BYTES) {
    return new RecodedSource(body, recoding);
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
