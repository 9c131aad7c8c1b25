/** The body of one answer on its way into `DATA` frames (RFC 9113 §6.1). */

import type { Http2Engine } from "../../../http/http2/engine.ts";
import { trailerFields } from "../../../http/http2/response_fields.ts";
import type { Http2Stream } from "../../../http/http2/stream.ts";
import type { BodySource, HttpResponse } from "../../../http/response.ts";

const NOTHING = new Uint8Array(0);

/** What has become of a turn to send. */
export type Turn =
  /** A piece was sent, and there is more. */
  | "sent"
  /** The client has to allow more. */
  | "blocked"
  /** The source has to bring more: {@linkcode Http2Answer.pending}. */
  | "waits"
  /** All has been sent. */
  | "ended";

/** A body, how much of it is left, and what comes behind it. */
export class Http2Answer {
  /** What is waited for, if anything is: it gives the next piece. */
  pending: Promise<Uint8Array | undefined> | undefined;
  readonly #source: BodySource | undefined;
  readonly #trailer: HttpResponse["trailer"];
  #piece: Uint8Array = NOTHING;
  #at = 0;
  #hasSent = false;
  /** How much is still to come, `Infinity` if nobody knows. */
  #left: number;

  /** The body of `response`. */
  constructor(body: Uint8Array | BodySource, response: HttpResponse) {
    this.#left = response.length ?? Infinity;
    this.#trailer = response.trailer;
    if (body instanceof Uint8Array) this.#piece = body;
    else this.#source = body;
  }

  /**
   * Sends what there is, at most `room` bytes in one frame, and `most` however
   * much its client takes. Its source is asked for `ahead` bytes, or for as many
   * as can be sent. That a body is over may be said where nothing may be sent
   * (RFC 9113 §6.9.1), so whoever does not know that looks for more.
   *
   * @throws what the source throws, and an `Error` when the body has another
   * length than was announced
   */
  send(
    engine: Http2Engine,
    stream: Http2Stream,
    { room, most, ahead }: {
      readonly room: number;
      readonly most: number;
      readonly ahead: number;
    },
  ): Turn {
    if (room <= 0 && !this.#mayBeOver) return "blocked";
    if (this.#at === this.#piece.length) {
      const pulled = this.#source?.pull(Math.max(1, room, ahead));
      if (pulled instanceof Promise) {
        this.pending = pulled;
        return "waits";
      }
      if (!this.take(pulled)) return this.finish(engine, stream);
      if (this.#piece.length === 0) return "sent";
      if (room <= 0) return "blocked";
    }
    const at = this.#at;
    const end = this.#at = Math.min(at + room, this.#piece.length);
    this.#left -= end - at;
    const isLast = this.#left === 0 && this.#trailer === undefined;
    const isWhole = at === 0 && end === this.#piece.length;
    this.#hasSent = true;
    engine.sendData(
      stream,
      isWhole ? this.#piece : this.#piece.subarray(at, end),
      isLast,
      end - at === most,
    );
    return isLast ? "ended" : "sent";
  }

  /** What has not begun is not begun where nothing may be sent. */
  get #mayBeOver(): boolean {
    return this.#hasSent && this.#at === this.#piece.length &&
      (this.#left === 0 || this.#left === Infinity);
  }

  /**
   * Takes what the source has given.
   *
   * @returns whether that is a piece; if not, the body is over
   */
  take(piece: Uint8Array | undefined): boolean {
    this.pending = undefined;
    this.#at = 0;
    this.#piece = piece ?? NOTHING;
    if (piece === undefined) {
      if (this.#left > 0 && this.#left < Infinity) {
        throw new Error("the body is shorter than announced");
      }
      return false;
    }
    if (piece.length > this.#left) {
      throw new Error("the body is longer than announced");
    }
    return true;
  }

  /** Says that the body is over. */
  finish(engine: Http2Engine, stream: Http2Stream): Turn {
    const trailers = [...trailerFields(this.#trailer?.() ?? "")];
    if (trailers.length === 0) engine.sendData(stream, NOTHING, true);
    else engine.sendFields(stream, undefined, trailers, true);
    return "ended";
  }

  /** Nothing more is sent. */
  close(): void {
    this.#source?.close();
    this.#piece = NOTHING;
  }
}
