/** Frames as they stand on the wire (RFC 9113 §4, §6), and their numbers. */

import { bytesOf } from "../byte_string.ts";

/** What a client says first (RFC 9113 §3.4). */
export const PREFACE: Uint8Array = bytesOf("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** Length, type, flags and stream of a frame, in bytes. */
export const FRAME_HEAD_BYTES = 9;

/** The largest payload that is taken: what every peer may send (§6.5.2). */
export const MAX_PAYLOAD_BYTES = 16_384;

/** The largest window, and the largest number of a stream. */
export const MAX_31_BITS = 0x7fff_ffff;

/** A window before anybody has said anything, in bytes (§6.9.2). */
export const DEFAULT_WINDOW_BYTES = 65_535;

/** Types of frames. */
export const FrameType = {
  Data: 0,
  Headers: 1,
  Priority: 2,
  RstStream: 3,
  Settings: 4,
  PushPromise: 5,
  Ping: 6,
  GoAway: 7,
  WindowUpdate: 8,
  Continuation: 9,
  /** RFC 9218 §7.1. */
  PriorityUpdate: 16,
} as const;

/** Flags of frames. */
export const Flag = {
  None: 0,
  Ack: 1,
  EndStream: 1,
  EndHeaders: 4,
  Padded: 8,
  Priority: 32,
} as const;

/** Settings (§6.5.2, RFC 9218 §2.1). */
export const Setting = {
  HeaderTableSize: 1,
  EnablePush: 2,
  MaxConcurrentStreams: 3,
  InitialWindowSize: 4,
  MaxFrameSize: 5,
  MaxHeaderListSize: 6,
  NoRfc7540Priorities: 9,
} as const;

/** Why a stream or a connection ends (§7). */
export const ErrorCode = {
  NoError: 0,
  ProtocolError: 1,
  InternalError: 2,
  FlowControlError: 3,
  StreamClosed: 5,
  FrameSizeError: 6,
  RefusedStream: 7,
  Cancel: 8,
  CompressionError: 9,
  EnhanceYourCalm: 11,
} as const;

/** One of {@linkcode ErrorCode}. */
export type ErrorCode = typeof ErrorCode[keyof typeof ErrorCode];

/** What a client does that ends its connection; `message` is for the log. */
export class ConnectionFault extends Error {
  /** What the client is told. */
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** The number of four bytes. */
export function uint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) |
    (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}
