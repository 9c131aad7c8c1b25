/** What the client has set (RFC 9113 §6.5.2, RFC 9218 §2.1). */

import { overrun, protocolError } from "./faults.ts";
import type { FrameWriter } from "./frame_writer.ts";
import {
  DEFAULT_WINDOW_BYTES,
  MAX_31_BITS,
  MAX_PAYLOAD_BYTES,
  Setting,
  uint32,
} from "./frames.ts";

/** Behind the largest frame that a client may say it takes, in bytes. */
const PAYLOAD_END = 1 << 24;

/** The settings of one client, as far as they are not the writer's. */
export class PeerSettings {
  /** How much of a stream that begins may be sent, in bytes. */
  streamWindow: number = DEFAULT_WINDOW_BYTES;

  /**
   * Takes the setting that stands at `at`, and tells `writer`.
   *
   * @returns how much larger the windows of streams are by it, in bytes
   * @throws {ConnectionFault} for a value that may not be
   */
  take(payload: Uint8Array, at: number, writer: FrameWriter): number {
    const id = payload[at]! * 256 + payload[at + 1]!;
    const value = uint32(payload, at + 2);
    switch (id) {
      case Setting.HeaderTableSize:
        writer.limitTable(value);
        break;
      case Setting.EnablePush:
      case Setting.NoRfc7540Priorities:
        if (value > 1) throw protocolError("sent invalid setting");
        break;
      case Setting.MaxFrameSize:
        if (value < MAX_PAYLOAD_BYTES || value >= PAYLOAD_END) {
          throw protocolError("sent invalid MAX_FRAME_SIZE");
        }
        writer.maxPayload = value;
        break;
      case Setting.InitialWindowSize: {
        if (value > MAX_31_BITS) throw overrun();
        const change = value - this.streamWindow;
        this.streamWindow = value;
        return change;
      }
    }
    return 0;
  }
}
