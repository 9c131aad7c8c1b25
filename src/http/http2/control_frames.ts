/**
 * Frames that say something of the connection, or of its streams, and are no
 * part of a request (RFC 9113 §6.3, §6.5-6.9, RFC 9218 §7.1). None of them
 * brings anything by itself.
 */

import { overrun, protocolError, wrongSize } from "./faults.ts";
import { ErrorCode, FrameType, MAX_31_BITS, uint32 } from "./frames.ts";
import { PeerSettings } from "./peer_settings.ts";
import { parsePriority } from "./priority.ts";
import type { StreamControl } from "./stream_control.ts";

/** How much of the value of a priority is looked at, in bytes. */
const MAX_PRIORITY_BYTES = 256;

/** A frame that has come. */
export interface ControlFrame {
  /** Its type, perhaps one that is not known. */
  readonly type: number;
  /** Its stream, 0 for the connection. */
  readonly id: number;
  /** Whether it answers one of this side. */
  readonly isAck: boolean;
  /** What it says. */
  readonly payload: Uint8Array;
}

/** Who is told of answers. */
interface PingEvents {
  /** A `PING` of this side was answered. */
  answered(): void;
}

/** What such frames have said. */
export class ControlFrames {
  /** What the client has set. */
  readonly peer = new PeerSettings();
  /** Whether the first settings have come. */
  isOpen = false;
  readonly #control: StreamControl;
  readonly #events: PingEvents;

  /** For the streams of `control`; tells `events`. */
  constructor(control: StreamControl, events: PingEvents) {
    this.#control = control;
    this.#events = events;
  }

  /**
   * Takes one. What is of no known type is ignored (§5.5), and counts.
   *
   * @throws {ConnectionFault} for one that may not be, or is one too many
   */
  take(frame: ControlFrame): void {
    const { id, payload } = frame;
    this.#control.allowance.frame();
    switch (frame.type) {
      case FrameType.Priority:
        return this.#priority(id, payload);
      case FrameType.Settings:
        return this.#settings(frame);
      case FrameType.PushPromise:
        throw protocolError("sent PUSH_PROMISE frame");
      case FrameType.Ping:
        return this.#ping(frame);
      case FrameType.GoAway:
        if (id !== 0) throw protocolError("sent GOAWAY frame on a stream");
        if (payload.length < 8) throw wrongSize("GOAWAY");
        return;
      case FrameType.WindowUpdate:
        return this.#windowUpdate(id, payload);
      case FrameType.PriorityUpdate:
        return this.#priorityUpdate(id, payload);
    }
  }

  /** The tree of RFC 7540 is not looked at (RFC 9113 §5.3.2). */
  #priority(id: number, payload: Uint8Array): void {
    if (id === 0) throw protocolError("sent PRIORITY frame without a stream");
    if (payload.length === 5) return;
    const stream = this.#control.streams.get(id);
    if (stream === undefined) throw wrongSize("PRIORITY");
    const what = "PRIORITY of another length";
    this.#control.refuse(stream, ErrorCode.FrameSizeError, what);
  }

  #settings({ id, isAck, payload }: ControlFrame): void {
    const { allowance, writer } = this.#control;
    if (id !== 0) throw protocolError("sent SETTINGS frame on a stream");
    if (payload.length % 6 !== 0 || (isAck && payload.length > 0)) {
      throw wrongSize("SETTINGS");
    }
    if (isAck) {
      if (!this.isOpen) throw protocolError("sent SETTINGS ack first");
      return;
    }
    this.isOpen = true;
    for (let at = 0; at < payload.length; at += 6) {
      // Each costs a look, and perhaps one at every stream.
      if (at > 0) allowance.frame();
      const change = this.peer.take(payload, at, writer);
      if (change !== 0) this.#windowsChanged(change);
    }
    writer.settingsTaken();
  }

  /** The windows of all streams are larger or smaller (§6.9.2). */
  #windowsChanged(change: number): void {
    for (const stream of this.#control.streams.values()) {
      stream.sendWindow += change;
      if (stream.sendWindow > MAX_31_BITS) throw overrun();
      stream.user?.changed();
    }
  }

  #ping({ id, isAck, payload }: ControlFrame): void {
    if (id !== 0) throw protocolError("sent PING frame on a stream");
    if (payload.length !== 8) throw wrongSize("PING");
    if (isAck) return this.#events.answered();
    this.#control.writer.pong(payload);
  }

  #windowUpdate(id: number, payload: Uint8Array): void {
    if (payload.length !== 4) throw wrongSize("WINDOW_UPDATE");
    const control = this.#control;
    const increment = uint32(payload, 0) & MAX_31_BITS;
    if (id === 0) {
      if (increment === 0) throw protocolError("sent WINDOW_UPDATE of nothing");
      const wasClosed = control.sendWindow <= 0;
      control.sendWindow += increment;
      if (control.sendWindow > MAX_31_BITS) throw overrun();
      if (!wasClosed) return;
      for (const { user } of control.streams.values()) user?.changed();
      return;
    }
    const stream = control.streams.get(id);
    if (stream === undefined) {
      if (!control.streams.isIdle(id)) return;
      throw protocolError("sent WINDOW_UPDATE frame on an idle stream");
    }
    if (increment === 0) {
      const what = "WINDOW_UPDATE of nothing";
      return control.refuse(stream, ErrorCode.ProtocolError, what);
    }
    stream.sendWindow += increment;
    if (stream.sendWindow > MAX_31_BITS) {
      const what = "too large a window";
      return control.refuse(stream, ErrorCode.FlowControlError, what);
    }
    stream.user?.changed();
  }

  #priorityUpdate(id: number, payload: Uint8Array): void {
    if (id !== 0) throw protocolError("sent PRIORITY_UPDATE on a stream");
    if (payload.length < 4) throw wrongSize("PRIORITY_UPDATE");
    const { streams } = this.#control;
    const target = uint32(payload, 0) & MAX_31_BITS;
    // Those of even number would be pushed, and nothing is.
    if (target % 2 === 0) {
      throw protocolError("sent PRIORITY_UPDATE of no stream");
    }
    const priority = parsePriority(
      String.fromCharCode(...payload.subarray(4, 4 + MAX_PRIORITY_BYTES)),
    );
    const stream = streams.get(target);
    if (stream !== undefined) {
      stream.priority = priority;
      stream.user?.changed();
    } else if (streams.isIdle(target)) streams.expect(target, priority);
  }
}
