/**
 * A body on its way through a codec. A piece is only read from the original
 * when the client has taken what came out of the one before, so a stream holds
 * a piece, the codec's window and a little output, however large the body is
 * and however slow the client.
 */

import { type Duplex, pipeline, Readable } from "node:stream";
import { sourceOf } from "../http/byte_source.ts";
import type { BodySource, ResponseBody } from "../http/response.ts";

/** How much goes into the codec at a time, in bytes: 1 or 2 ms of work. */
const PIECE_BYTES = 64 * 1024;

/** How long a codec may work before others have their turn, in ms. */
const TURN_MS = 4;

/** See the top of the file. */
export class TransformSource implements BodySource {
  /** Not known before the end. */
  readonly length = undefined;
  readonly #body: ResponseBody;
  #source: BodySource | undefined;
  readonly #makeCodec: () => Duplex;
  readonly #onWhole: ((pieces: readonly Uint8Array[]) => void) | undefined;
  readonly #kept: Uint8Array[] = [];
  static #running = 0;
  #codec: Duplex | undefined;
  #pieces: AsyncIterator<Uint8Array> | undefined;

  /** How many codecs are at work. */
  static get running(): number {
    return TransformSource.#running;
  }

  /**
   * `body` as the codec of `makeCodec` makes it. Neither is that made nor the
   * body opened before the first piece is asked for: nobody may want one. `onWhole` gets all pieces when the last one has
   * been given; without it none is kept.
   */
  constructor(
    body: ResponseBody,
    makeCodec: () => Duplex,
    onWhole?: (pieces: readonly Uint8Array[]) => void,
  ) {
    this.#body = body;
    this.#makeCodec = makeCodec;
    this.#onWhole = onWhole;
  }

  /**
   * The next piece of output.
   *
   * @throws {Error} when the original cannot be continued, or is not what the
   * codec decodes
   */
  async pull(): Promise<Uint8Array | undefined> {
    const { done, value } = await (this.#pieces ??= this.#start()).next();
    if (done === true) {
      this.#onWhole?.(this.#kept);
      return undefined;
    }
    if (this.#onWhole !== undefined) this.#kept.push(value);
    return value;
  }

  /** Stops the codec and lets go of the original. */
  close(): void {
    if (this.#codec !== undefined) {
      TransformSource.#running--;
      this.#codec.destroy();
      this.#codec = undefined;
    }
    if (this.#source !== undefined) this.#source.close();
    else if (this.#body !== undefined && "close" in this.#body) {
      this.#body.close();
    }
  }

  #start(): AsyncIterator<Uint8Array> {
    const codec = this.#codec = this.#makeCodec();
    TransformSource.#running++;
    const source = this.#source = sourceOf(this.#body);
    const input = Readable.from(piecesOf(source), { highWaterMark: 1 });
    // What fails in either shows when the output is read.
    pipeline(input, codec, () => {});
    return codec[Symbol.asyncIterator]();
  }
}

/** The pieces of a source, as copies that the codec may keep for a while. */
async function* piecesOf(source: BodySource): AsyncGenerator<Uint8Array> {
  let turnEndsAt = performance.now() + TURN_MS;
  for (;;) {
    const pulled = source.pull(PIECE_BYTES);
    const piece = pulled instanceof Promise ? await pulled : pulled;
    if (piece === undefined) return;
    yield piece.slice();
    if (performance.now() < turnEndsAt) continue;
    await new Promise((resolve) => setTimeout(resolve, 0));
    turnEndsAt = performance.now() + TURN_MS;
  }
}
