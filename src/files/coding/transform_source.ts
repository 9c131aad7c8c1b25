/**
 * A body on its way through a codec. A piece is only read from the original
 * when the client has taken what came out of the one before, so a stream holds
 * a piece, what its codec takes and a little output, however large the body is
 * and however slow the client.
 */

import { type Duplex, pipeline, Readable } from "node:stream";
import { sourceOf } from "../../http/byte_source.ts";
import type { BodySource, ResponseBody } from "../../http/response.ts";
import { CODEC_MEMORY } from "./codec_memory.ts";
import type { CodecPlan } from "./codings.ts";
import { SLICE_MS } from "../../scheduling/time_slices.ts";

/** How much goes into the codec at a time, in bytes: 1 or 2 ms of work. */
const PIECE_BYTES = 64 * 1024;

/** A body on its way through a codec. */
export class TransformSource implements BodySource {
  /** Not known before the end. */
  readonly length = undefined;
  readonly #body: ResponseBody;
  readonly #plan: CodecPlan;
  #source: BodySource | undefined;
  #codec: Duplex | undefined;
  #pieces: AsyncIterator<Uint8Array> | undefined;
  #taken: number;
  #closed = false;

  private constructor(body: ResponseBody, plan: CodecPlan) {
    this.#body = body;
    this.#plan = plan;
    this.#taken = plan.bytes;
  }

  /**
   * `body` as the codec of `plan` makes it; `undefined` when there is no
   * memory for that. What it takes is taken at once, and given back when it is
   * closed. Neither is the codec made nor the body opened before the first
   * piece is asked for: nobody may want one.
   */
  static open(
    body: ResponseBody,
    plan: CodecPlan,
  ): TransformSource | undefined {
    return CODEC_MEMORY.take(plan.bytes)
      ? new TransformSource(body, plan)
      : undefined;
  }

  /**
   * The next piece of output.
   *
   * @throws {Error} when the original cannot be continued, or is not what the
   * codec decodes
   */
  async pull(): Promise<Uint8Array | undefined> {
    const { done, value } = await (this.#pieces ??= this.#start()).next();
    return done === true ? undefined : value;
  }

  /** Stops the codec and lets go of the original. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#codec?.destroy();
    this.#codec = undefined;
    CODEC_MEMORY.give(this.#taken);
    if (this.#source !== undefined) this.#source.close();
    else if (this.#body !== undefined && "close" in this.#body) {
      this.#body.close();
    }
  }

  #start(): AsyncIterator<Uint8Array> {
    const codec = this.#codec = this.#plan.create();
    const source = this.#source = sourceOf(this.#body);
    const pieces = piecesOf(source, (first) => this.#know(first));
    const input = Readable.from(pieces, { highWaterMark: 1 });
    // What fails in either shows when the output is read.
    pipeline(input, codec, () => {});
    return codec[Symbol.asyncIterator]();
  }

  /** Gives back what is not needed for something that begins like this. */
  #know(start: Uint8Array): void {
    const needed = this.#plan.bytesFor?.(start);
    if (needed === undefined || this.#closed) return;
    CODEC_MEMORY.give(this.#taken - needed);
    this.#taken = needed;
  }
}

/**
 * The pieces of a source, as copies that the codec may keep for a while.
 * `onFirst` is shown the first one.
 */
async function* piecesOf(
  source: BodySource,
  onFirst: (piece: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  let isFirst = true;
  let sliceEndsAt = performance.now() + SLICE_MS;
  for (;;) {
    const pulled = source.pull(PIECE_BYTES);
    const piece = pulled instanceof Promise ? await pulled : pulled;
    if (piece === undefined) return;
    if (isFirst) onFirst(piece);
    isFirst = false;
    yield piece.slice();
    if (performance.now() < sliceEndsAt) continue;
    await new Promise((resolve) => setTimeout(resolve, 0));
    sliceEndsAt = performance.now() + SLICE_MS;
  }
}
