/**
 * A body on its way through a codec, once for all who ask for it meanwhile.
 * It does not wait for them: what it makes is kept until it is whole, so that
 * no codec is held for a client that takes its time.
 */

import type { BodySource } from "../../http/response.ts";
import { SENT_BODIES } from "../../http/sent_bodies.ts";

/** The largest piece that is given of what is whole, in bytes. */
const PIECE_BYTES = 64 * 1024;

/** A transformation that several readers share. */
export class SharedTransform {
  /** What there is, until it is whole. */
  #pieces: Uint8Array[] = [];
  #whole: Uint8Array | undefined;
  #error: { readonly reason: unknown } | undefined;
  #more = Promise.withResolvers<void>();
  /** How many sources are open. */
  #sources = 0;

  /**
   * Takes all that `source` gives, and closes it. `finish` makes one array of
   * the pieces, and keeps it if it likes; `ended` is called when nothing more
   * comes, whether it is whole or not.
   */
  constructor(
    source: BodySource,
    finish: (pieces: readonly Uint8Array[]) => Uint8Array,
    ended: () => void,
  ) {
    this.#run(source, finish).then(ended);
  }

  /** All of it, for one more client. */
  open(): BodySource {
    this.#sources++;
    if (this.#whole !== undefined) SENT_BODIES.use(this.#whole.buffer);
    let [index, at] = [0, 0];
    let isClosed = false;
    const next = (): Uint8Array | undefined => {
      const piece = this.#whole?.subarray(at, at + PIECE_BYTES) ??
        this.#pieces[index];
      if (piece === undefined || piece.length === 0) return undefined;
      index++;
      at += piece.length;
      return piece;
    };
    return {
      length: undefined,
      pull: async () => {
        for (;;) {
          const piece = next();
          if (piece !== undefined || this.#whole !== undefined) return piece;
          if (this.#error !== undefined) throw this.#error.reason;
          await this.#more.promise;
        }
      },
      close: () => {
        if (isClosed) return;
        isClosed = true;
        this.#sources--;
        if (this.#whole !== undefined) SENT_BODIES.release(this.#whole.buffer);
      },
    };
  }

  async #run(
    source: BodySource,
    finish: (pieces: readonly Uint8Array[]) => Uint8Array,
  ): Promise<void> {
    try {
      for (;;) {
        const pulled = source.pull();
        const piece = pulled instanceof Promise ? await pulled : pulled;
        if (piece === undefined) break;
        if (piece.length > 0) this.#pieces.push(piece);
        this.#wake();
      }
      const whole = this.#whole = finish(this.#pieces);
      this.#pieces = [];
      for (let i = 0; i < this.#sources; i++) SENT_BODIES.use(whole.buffer);
    } catch (reason) {
      this.#error = { reason };
    } finally {
      source.close();
      this.#wake();
    }
  }

  #wake(): void {
    const { resolve } = this.#more;
    this.#more = Promise.withResolvers();
    resolve();
  }
}
