/** From bytes to frames (RFC 9113 §3.4, §4.1), one at a time. */

import type { ByteBuffer } from "../../bytes/byte_buffer.ts";
import { protocolError, wrongSize } from "./faults.ts";
import {
  ConnectionFault,
  ErrorCode,
  Flag,
  FRAME_HEAD_BYTES,
  FrameType,
  MAX_31_BITS,
  MAX_PAYLOAD_BYTES,
  PREFACE,
  uint32,
} from "./frames.ts";

const NOTHING = new Uint8Array(0);

/** What may come next. */
interface FramePlace {
  /** Whether the first settings have come: nothing may come before them. */
  readonly isOpen: boolean;
  /** The stream of a field block that has begun, else 0: it has to go on. */
  readonly within: number;
}

/** Takes frames off the input; the fields are those of the last one. */
export class FrameReader {
  /** Its type, perhaps one that is not known. */
  type = 0;
  /** Its flags. */
  flags = 0;
  /** Its stream, 0 for the connection. */
  id = 0;
  /** What it says; it stays as it is until more is read into the input. */
  payload: Uint8Array = NOTHING;
  #prefaced = false;

  /**
   * Takes a frame off the input, where that is as `place` says.
   *
   * @returns whether one was there
   * @throws {ConnectionFault} for one that may not come, or not now
   */
  next(input: ByteBuffer, { isOpen, within }: FramePlace): boolean {
    if (!this.#prefaced && !this.#preface(input)) return false;
    if (input.length < FRAME_HEAD_BYTES) return false;
    const { bytes, start } = input;
    const length = uint32(bytes, start) >>> 8;
    if (length > MAX_PAYLOAD_BYTES) {
      throw new ConnectionFault(
        ErrorCode.FrameSizeError,
        `client sent too large frame: ${length} bytes`,
      );
    }
    const type = bytes[start + 3]!;
    const id = uint32(bytes, start + 5) & MAX_31_BITS;
    if (within !== 0 && (type !== FrameType.Continuation || id !== within)) {
      throw protocolError("sent a frame within a field block");
    }
    if (!isOpen && type !== FrameType.Settings) {
      throw protocolError("sent a frame before SETTINGS");
    }
    const size = FRAME_HEAD_BYTES + length;
    if (input.length < size) return false;
    this.type = type;
    this.flags = bytes[start + 4]!;
    this.id = id;
    this.payload = bytes.subarray(start + FRAME_HEAD_BYTES, start + size);
    input.consume(size);
    return true;
  }

  /** Whether the last one answers one of this side. */
  get isAck(): boolean {
    return this.has(Flag.Ack);
  }

  /** Whether the last one has a flag. */
  has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }

  /**
   * What the last one says without its padding (§6.1).
   *
   * @throws {ConnectionFault} when there is more padding than frame
   */
  unpadded(what: string): Uint8Array {
    const { payload } = this;
    if (!this.has(Flag.Padded)) return payload;
    if (payload.length === 0) throw wrongSize(what);
    const end = payload.length - payload[0]!;
    if (end < 1) throw protocolError(`sent padded ${what} frame`);
    return payload.subarray(1, end);
  }

  #preface(input: ByteBuffer): boolean {
    const { bytes, start } = input;
    const count = Math.min(input.length, PREFACE.length);
    for (let i = 0; i < count; i++) {
      if (bytes[start + i] !== PREFACE[i]) {
        throw protocolError("sent invalid http2 connection preface");
      }
    }
    if (count < PREFACE.length) return false;
    input.consume(PREFACE.length);
    return this.#prefaced = true;
  }
}
