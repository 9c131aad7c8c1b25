/** Field blocks that come in several frames (RFC 9113 §4.3, §6.10). */

import { calm, protocolError } from "./faults.ts";
import { MAX_PAYLOAD_BYTES } from "./frames.ts";

/** Most frames of one field block beside the first (nghttp2: 8, Node.js: 16). */
const MAX_CONTINUATIONS = 32;

/** A field block as a whole. */
export interface WholeBlock {
  /** The stream it is of. */
  readonly id: number;
  /** The flags of its `HEADERS` frame. */
  readonly flags: number;
  /** What is encoded. */
  readonly bytes: Uint8Array;
}

/** The field block that has begun, if one has: there is never a second one. */
export class FieldBlocks {
  #id = 0;
  #flags = 0;
  #bytes = 0;
  #parts: Uint8Array[] = [];

  /** The stream of the one that has begun; 0 if none has. */
  get within(): number {
    return this.#id;
  }

  /** One has begun, and goes on. */
  begin(id: number, flags: number, part: Uint8Array): void {
    this.#id = id;
    this.#flags = flags;
    this.#bytes = part.length;
    this.#parts = [part.slice()];
  }

  /**
   * It goes on. Of encoded fields there may be as many bytes as a head may
   * have, `headBytes`, and one frame more.
   *
   * @throws {ConnectionFault} when none has begun, or it is too large
   */
  add(part: Uint8Array, headBytes: number): void {
    if (this.#id === 0) throw protocolError("sent CONTINUATION frame alone");
    this.#bytes += part.length;
    if (
      this.#bytes > headBytes + MAX_PAYLOAD_BYTES ||
      this.#parts.length > MAX_CONTINUATIONS
    ) throw calm("client sent too large field block");
    this.#parts.push(part.slice());
  }

  /** It has come as a whole. */
  end(): WholeBlock {
    const bytes = new Uint8Array(this.#bytes);
    let at = 0;
    for (const part of this.#parts) {
      bytes.set(part, at);
      at += part.length;
    }
    const whole = { id: this.#id, flags: this.#flags, bytes };
    this.#id = 0;
    this.#parts = [];
    return whole;
  }
}
