/** Pieces of request bodies, and the windows they come within (RFC 9113 §6.1). */

import { TINY_BYTES } from "./allowance.ts";
import { protocolError } from "./faults.ts";
import type { FrameReader } from "./frame_reader.ts";
import { ErrorCode, Flag } from "./frames.ts";
import type { Http2Stream } from "./stream.ts";
import type { StreamControl } from "./stream_control.ts";

/** What a frame brings. */
interface Piece {
  /** Its length with the padding, which counts for the windows, in bytes. */
  readonly count: number;
  /** Its length without, in bytes. */
  readonly length: number;
  /** Whether it is the last one. */
  readonly ends: boolean;
}

/**
 * Takes the frame that `reader` has read.
 *
 * @throws {ConnectionFault} when the connection has to end
 */
export function takeData(reader: FrameReader, control: StreamControl): void {
  const { id } = reader;
  if (id === 0) throw protocolError("sent DATA frame without a stream");
  const count = reader.payload.length;
  const bytes = reader.unpadded("DATA");
  const { length } = bytes;
  const ends = reader.has(Flag.EndStream);
  const { allowance } = control;
  control.receiveWindow.take(count);
  if (length === 0 && !ends) allowance.frame();
  // A body in tiny pieces costs as much as frames that bring nothing.
  if (length < TINY_BYTES) allowance.frame();
  const stream = control.begun(id, "DATA");
  if (stream === undefined) {
    control.dropped(count);
    return control.late(id);
  }
  const fault = faultOf(stream, { count, length, ends });
  if (fault !== undefined) {
    control.dropped(count);
    return control.refuse(stream, ...fault);
  }
  stream.receiveWindow -= count;
  stream.received += length;
  stream.unread += count;
  allowance.content(length);
  if (count > length) control.consumed(stream, count - length);
  const { user } = stream;
  if (length > 0) user?.data(bytes);
  if (!ends || !stream.receives) return;
  control.received(stream);
  user?.bodyEnded();
}

/** What is wrong with a piece of a body, if anything. */
function faultOf(
  { contentLength, mayStop, receives, received, receiveWindow }: Http2Stream,
  { count, length, ends }: Piece,
): readonly [code: ErrorCode, why: string] | undefined {
  if (!receives) return [ErrorCode.StreamClosed, "DATA after the end"];
  if (count > receiveWindow) {
    return [ErrorCode.FlowControlError, "too much DATA"];
  }
  if (contentLength === undefined) return undefined;
  const sum = received + length;
  return sum > contentLength || (ends && sum < contentLength && !mayStop)
    ? [ErrorCode.ProtocolError, "body of another length than it has said"]
    : undefined;
}
