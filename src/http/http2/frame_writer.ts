/** From what is to be said to frames (RFC 9113 §6), one behind the other. */

import {
  type ErrorCode,
  Flag,
  FrameType,
  MAX_PAYLOAD_BYTES,
} from "./frames.ts";
import { HpackEncoder } from "./hpack/encoder.ts";
import { Output } from "./output.ts";

/** Where field blocks are put together, one at a time. */
const BLOCK = new Output();

/** Fields in their order, names in lower case. */
export type Fields = Iterable<readonly [name: string, value: string]>;

/** Frames to one client. */
export class FrameWriter {
  /** What is to be sent. */
  readonly output = new Output();
  /** The largest payload that the client takes, in bytes. */
  maxPayload: number = MAX_PAYLOAD_BYTES;
  readonly #encoder = new HpackEncoder();

  /** Says what the client may do. */
  settings(values: readonly (readonly [id: number, value: number])[]): void {
    const { output } = this;
    output.frame(FrameType.Settings, Flag.None, 0, 6 * values.length);
    for (const [id, value] of values) {
      output.byte(id >>> 8);
      output.byte(id);
      output.uint32(value);
    }
  }

  /** Says that what the client has set holds. */
  settingsTaken(): void {
    this.output.frame(FrameType.Settings, Flag.Ack, 0, 0);
  }

  /** Says how large the table of fields may be from now on, in bytes. */
  limitTable(bytes: number): void {
    this.#encoder.limitTable(bytes);
  }

  /** Says how much more may come, on a stream or on all of them together. */
  windowUpdate(id: number, bytes: number): void {
    this.#number(FrameType.WindowUpdate, id, bytes);
  }

  /** Says that a stream is over before its time. */
  reset(id: number, code: ErrorCode): void {
    this.#number(FrameType.RstStream, id, code);
  }

  #number(type: number, id: number, value: number): void {
    this.output.frame(type, Flag.None, id, 4);
    this.output.uint32(value);
  }

  /** Asks whether the client is there. */
  ping(): void {
    this.output.frame(FrameType.Ping, Flag.None, 0, 8);
    this.output.uint32(0);
    this.output.uint32(0);
  }

  /** Answers a client that asks. */
  pong(payload: Uint8Array): void {
    this.output.frame(FrameType.Ping, Flag.Ack, 0, payload.length);
    this.output.bytes(payload);
  }

  /** Says that streams beyond `last` are not looked at. */
  goAway(code: ErrorCode, last: number): void {
    this.output.frame(FrameType.GoAway, Flag.None, 0, 8);
    this.output.uint32(last);
    this.output.uint32(code);
  }

  /**
   * Sends fields that are the same for every connection, encoded beforehand,
   * and behind them some of this one.
   *
   * @returns how many bytes they are
   */
  fields(
    id: number,
    known: Uint8Array | undefined,
    fields: Fields,
    ends: boolean,
  ): number {
    const block = BLOCK;
    block.length = 0;
    this.#encoder.begin(block);
    if (known !== undefined) block.bytes(known);
    for (const [name, value] of fields) {
      this.#encoder.encode(name, value, block);
    }
    this.#block(id, block.view(), ends);
    return block.length;
  }

  #block(id: number, block: Uint8Array, ends: boolean): void {
    const { output, maxPayload } = this;
    let flags: number = ends ? Flag.EndStream : Flag.None;
    if (block.length <= maxPayload) {
      output.frame(
        FrameType.Headers,
        flags | Flag.EndHeaders,
        id,
        block.length,
      );
      return output.bytes(block);
    }
    let type: number = FrameType.Headers;
    for (let at = 0; at < block.length; at += maxPayload) {
      const part = block.subarray(at, at + maxPayload);
      if (at + maxPayload >= block.length) flags |= Flag.EndHeaders;
      output.frame(type, flags, id, part.length);
      output.bytes(part);
      type = FrameType.Continuation;
      flags = Flag.None;
    }
  }

  /** Sends a piece of a body. */
  data(id: number, piece: Uint8Array, ends: boolean): void {
    const flags = ends ? Flag.EndStream : Flag.None;
    this.output.frame(FrameType.Data, flags, id, piece.length);
    this.output.bytes(piece);
  }
}
