/**
 * What a client may do that costs something and brings nothing: frames that
 * are no part of a request or a body, and streams that come to nothing. What
 * does bring something is credit for more, so that no ordinary client ever
 * runs out, however long its connection lives, and no other one costs more
 * than a fixed amount beyond what it really asks for.
 */

import { calm } from "./faults.ts";

/** Frames that bring nothing, before there is any credit, and at most. */
const FIRST_FRAMES = 1000;
const MOST_FRAMES = 10_000;

/** A piece of a body, or of fields, that is too small to be worth a frame. */
export const TINY_BYTES = 16;

/** How many such frames a request is good for. */
const FRAMES_PER_REQUEST = 8;

/** For how many bytes of content, either way, there is one more. */
const BYTES_PER_FRAME = 1024;

/** How many a piece of an answer is good for that is as small as the server
 * would have it: there are clients that open both windows for each (HAProxy). */
const FRAMES_PER_PIECE = 2;

/** Streams that come to nothing, before there is any credit: a client that
 * goes to another page gives up all that it has asked for. */
const FIRST_RESETS = 256;
const MOST_RESETS = 1024;

/** What is left of both. */
export class ClientAllowance {
  #frames = FIRST_FRAMES;
  #resets = FIRST_RESETS;
  #bytes = 0;

  /**
   * A frame has come that brings nothing.
   *
   * @throws {ConnectionFault} `ENHANCE_YOUR_CALM` when it is one too many
   */
  frame(): void {
    if (--this.#frames < 0) throw flood("frames that bring nothing");
  }

  /**
   * A stream has come to nothing: the client has reset it, or done what makes
   * the server reset it.
   *
   * @throws {ConnectionFault} `ENHANCE_YOUR_CALM` when it is one too many
   */
  reset(): void {
    if (--this.#resets < 0) throw flood("streams that come to nothing");
  }

  /**
   * A stream has come to nothing because the server would have it so. Nothing is
   * thrown, as that may be known when no frame is being taken: {@linkcode begun}
   * does so.
   */
  silenced(): void {
    this.#resets--;
  }

  /**
   * A stream begins.
   *
   * @throws {ConnectionFault} as {@linkcode reset}, for those before it
   */
  begun(): void {
    if (this.#resets < 0) throw flood("streams that come to nothing");
  }

  /** A request was answered as a whole. */
  answered(): void {
    if (this.#resets < MOST_RESETS) this.#resets++;
    this.#credit(FRAMES_PER_REQUEST);
  }

  /** So many bytes of content have come or gone. */
  content(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < BYTES_PER_FRAME) return;
    this.#credit(Math.floor(this.#bytes / BYTES_PER_FRAME));
    this.#bytes %= BYTES_PER_FRAME;
  }

  /**
   * A piece of an answer has gone that is as small as the server would have it:
   * its client would have taken more, or would not have got more.
   */
  piece(): void {
    this.#credit(FRAMES_PER_PIECE);
  }

  #credit(frames: number): void {
    this.#frames = Math.min(MOST_FRAMES, this.#frames + frames);
  }
}

function flood(what: string) {
  return calm(`http2 flood detected: too many ${what}`);
}
