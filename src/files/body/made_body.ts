/** Bodies that are made of others while they are sent. */

import { sourceOf } from "../../http/byte_source.ts";
import type { BodySource, ResponseBody } from "../../http/response.ts";

/** The pieces of a body; each is valid until the next one is asked for. */
export type Pieces = AsyncGenerator<Uint8Array, void, void>;

/** How much is gathered of small pieces, in bytes: a few segments. */
const GATHERED_BYTES = 16 * 1024;

/**
 * A body whose pieces are made by a function. Nothing is opened before the
 * first of them is asked for: nobody may want one. What it reads is closed
 * with it at the latest.
 */
export class MadeBody implements BodySource {
  readonly length: number | undefined;
  readonly #held = new Set<Pick<BodySource, "close">>();
  readonly #make: (body: MadeBody) => Pieces;
  #pieces: Pieces | undefined;
  #limit: number | undefined;
  #closed = false;

  /**
   * What `make` makes, perhaps of `original`, which it has from `read`;
   * `length` if that is known.
   */
  constructor(
    original: ResponseBody,
    make: (body: MadeBody) => Pieces,
    length?: number,
  ) {
    this.length = length;
    this.#make = make;
    this.#hold(original);
  }

  /**
   * The next piece. Its size is what it is made of, whatever `limit` says, and
   * small bites for it would only be more work: a client that allows one byte
   * of an answer at a time made the server read 16 KiB byte by byte.
   */
  async pull(limit?: number): Promise<Uint8Array | undefined> {
    this.#limit = limit === undefined
      ? undefined
      : Math.max(limit, GATHERED_BYTES);
    this.#pieces ??= this.#make(this);
    return (await this.#pieces.next()).value ?? undefined;
  }

  /** The pieces of another body, which is closed behind them. */
  async *read(body: ResponseBody): Pieces {
    this.#hold(body);
    if (this.#closed) return;
    const source = sourceOf(body);
    this.#hold(source);
    for (;;) {
      const pulled = source.pull(this.#limit);
      const piece = pulled instanceof Promise ? await pulled : pulled;
      if (piece === undefined) break;
      yield piece;
    }
    if (this.#held.delete(source)) source.close();
  }

  /** Lets go of everything that was read or would have been. */
  close(): void {
    this.#closed = true;
    for (const part of this.#held) part.close();
    this.#held.clear();
  }

  /** Whoever is late, because the body has been closed, is let go of too. */
  #hold(body: ResponseBody): void {
    if (body === undefined || !("close" in body)) return;
    if (this.#closed) body.close();
    else this.#held.add(body);
  }
}

/** Makes large pieces of small ones; what it gives is valid until the next. */
export class PieceGatherer {
  #gathered: Uint8Array | undefined;
  #length = 0;

  /** Takes bytes, and gives the pieces that are large enough to go. */
  *add(bytes: Uint8Array): Generator<Uint8Array, void, void> {
    if (this.#length === 0 && bytes.length >= GATHERED_BYTES) {
      yield bytes;
      return;
    }
    const gathered = this.#gathered ??= new Uint8Array(GATHERED_BYTES);
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + GATHERED_BYTES - this.#length);
      gathered.set(part, this.#length);
      this.#length += part.length;
      at += part.length;
      if (this.#length === GATHERED_BYTES) yield* this.rest();
    }
  }

  /** Gives what has been gathered. */
  *rest(): Generator<Uint8Array, void, void> {
    if (this.#length === 0) return;
    const piece = this.#gathered!.subarray(0, this.#length);
    this.#length = 0;
    yield piece;
  }
}
