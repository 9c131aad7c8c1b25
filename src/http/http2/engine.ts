/**
 * HTTP/2 on one connection, from its bytes to requests and from responses to
 * bytes (RFC 9113). It reads, waits and sends nothing by itself: who uses it
 * gives it the bytes that have come, and takes {@linkcode Http2Engine.output}.
 */

import type { ByteBuffer } from "../../bytes/byte_buffer.ts";
import type { HeadLimits } from "../limits.ts";
import { ClientAllowance } from "./allowance.ts";
import {
  ConnectionFault,
  DEFAULT_WINDOW_BYTES,
  ErrorCode,
  Flag,
  FRAME_HEAD_BYTES,
  FrameType,
  MAX_31_BITS,
  MAX_PAYLOAD_BYTES,
  PREFACE,
  Setting,
  uint32,
} from "./frames.ts";
import { HpackDecoder } from "./hpack_decoder.ts";
import { HpackEncoder } from "./hpack_encoder.ts";
import { Output } from "./output.ts";
import { DEFAULT_PRIORITY, parsePriority, type Priority } from "./priority.ts";
import { areTrailers, FieldList } from "./request_fields.ts";
import { Http2Stream } from "./stream.ts";

/** How much of all bodies may be on the way, in bytes. */
const CONNECTION_WINDOW_BYTES = 1024 * 1024;

/** How many streams that were reset are remembered: their clients may not have
 * known yet when they sent what comes. */
const REMEMBERED_RESETS = 256;

/** Most frames of one field block. */
const MAX_CONTINUATIONS = 32;

/** What the client is told it may do. */
export interface Http2Settings {
  /** How many streams there may be at a time. */
  readonly concurrentStreams: number;
  /** How much of a body may come before anybody reads it, in bytes. */
  readonly prereadBytes: number;
}

/** Whom the engine tells; all of it while it is given bytes. */
export interface Http2Events {
  /** How many requests are worked on, also those whose streams are gone. */
  readonly busy: number;
  /** A request has come. `ended` says whether it has no body. */
  request(stream: Http2Stream, list: FieldList, ended: boolean): void;
  /** A piece of a body, valid in this call. */
  data(stream: Http2Stream, piece: Uint8Array): void;
  /** A body has come as a whole. */
  ended(stream: Http2Stream): void;
  /** Nobody waits for the response any more. */
  abandoned(stream: Http2Stream, why: string): void;
  /**
   * A response was sent before all of its request has come, which is not
   * needed any more: the stream is to be {@linkcode Http2Engine.reset} with
   * `NO_ERROR` (§8.1), but not at once. There are clients that do not look at
   * a response when they see both together.
   */
  unread(stream: Http2Stream): void;
  /** A `PING` of this side was answered. */
  answered(): void;
}

/** Where field blocks are put together, one at a time. */
const BLOCK = new Output();

/** A field block that has begun. */
interface OpenBlock {
  readonly id: number;
  readonly flags: number;
  readonly parts: Uint8Array[];
  bytes: number;
}

function protocolError(what: string): ConnectionFault {
  return new ConnectionFault(ErrorCode.ProtocolError, `client ${what}`);
}

function wrongSize(what: string): ConnectionFault {
  return new ConnectionFault(
    ErrorCode.FrameSizeError,
    `client sent ${what} frame with incorrect length`,
  );
}

/** The frames of one connection. */
export class Http2Engine {
  /** What is to be sent. */
  readonly output = new Output();
  /** The streams that are neither idle nor closed, by number. */
  readonly streams = new Map<number, Http2Stream>();
  /** What the client has left to do that brings nothing. */
  readonly allowance = new ClientAllowance();
  /** How much of all streams may be sent, in bytes. */
  sendWindow = DEFAULT_WINDOW_BYTES;
  /** The number of the last stream that was begun. */
  lastStream = 0;
  /** Whether no stream is begun any more. */
  isClosing = false;
  readonly #events: Http2Events;
  readonly #settings: Http2Settings;
  #limits: HeadLimits;
  readonly #decoder = new HpackDecoder();
  readonly #encoder = new HpackEncoder();
  #open: OpenBlock | undefined;
  #prefaced = false;
  #settled = false;
  #receiveWindow = CONNECTION_WINDOW_BYTES;
  #unsaid = 0;
  #peerWindow = DEFAULT_WINDOW_BYTES;
  #peerPayload = MAX_PAYLOAD_BYTES;
  #resets: number[] = [];
  /** What was said of streams that have not begun. */
  readonly #priorities = new Map<number, Priority>();

  /** Tells `events`; heads have `limits`. */
  constructor(
    settings: Http2Settings,
    limits: HeadLimits,
    events: Http2Events,
  ) {
    this.#settings = settings;
    this.#limits = limits;
    this.#events = events;
  }

  /** Heads to come have these limits. */
  renew(limits: HeadLimits): void {
    this.#limits = limits;
  }

  /** Whether a field block has begun, and has to go on. */
  get isWithinHead(): boolean {
    return this.#open !== undefined;
  }

  /** Whether the preface and the first settings have come. */
  get isOpen(): boolean {
    return this.#settled;
  }

  /** Says what the server has to say first. */
  begin(): void {
    const settings = [
      [Setting.MaxConcurrentStreams, this.#settings.concurrentStreams],
      [Setting.InitialWindowSize, this.#settings.prereadBytes],
      [Setting.MaxHeaderListSize, this.#limits.headBytes],
      [Setting.NoRfc7540Priorities, 1],
    ] as const;
    const { output } = this;
    output.frame(FrameType.Settings, Flag.None, 0, 6 * settings.length);
    for (const [id, value] of settings) {
      output.byte(0);
      output.byte(id);
      output.uint32(value);
    }
    this.#windowUpdate(0, CONNECTION_WINDOW_BYTES - DEFAULT_WINDOW_BYTES);
  }

  /**
   * Takes one frame off the input.
   *
   * @returns whether one was there
   * @throws {ConnectionFault} when the connection has to end
   */
  receive(input: ByteBuffer): boolean {
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
    const open = this.#open;
    if (
      open !== undefined && (type !== FrameType.Continuation || id !== open.id)
    ) throw protocolError("sent a frame within a field block");
    if (!this.#settled && type !== FrameType.Settings) {
      throw protocolError("sent a frame before SETTINGS");
    }
    const size = FRAME_HEAD_BYTES + length;
    if (input.length < size) return false;
    const payload = bytes.subarray(start + FRAME_HEAD_BYTES, start + size);
    // The memory stays as it is until more is read into it.
    input.consume(size);
    this.#frame(type, bytes[start + 4]!, id, payload);
    return true;
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

  #frame(type: number, flags: number, id: number, payload: Uint8Array): void {
    switch (type) {
      case FrameType.Data:
        return this.#data(flags, id, payload);
      case FrameType.Headers:
        return this.#headers(flags, id, payload);
      case FrameType.Continuation:
        return this.#continuation(flags, payload);
      case FrameType.RstStream:
        return this.#rstStream(id, payload);
      case FrameType.PushPromise:
        throw protocolError("sent PUSH_PROMISE frame");
    }
    this.allowance.frame();
    switch (type) {
      case FrameType.Priority:
        return this.#priority(id, payload);
      case FrameType.Settings:
        return this.#takeSettings(flags, id, payload);
      case FrameType.Ping:
        return this.#ping(flags, id, payload);
      case FrameType.GoAway:
        if (id !== 0) throw protocolError("sent GOAWAY frame on a stream");
        if (payload.length < 8) throw wrongSize("GOAWAY");
        return;
      case FrameType.WindowUpdate:
        return this.#windowUpdated(id, payload);
      case FrameType.PriorityUpdate:
        return this.#priorityUpdate(id, payload);
    }
  }

  /** What a frame says without its padding (§6.1). */
  #unpadded(flags: number, payload: Uint8Array, what: string): Uint8Array {
    if ((flags & Flag.Padded) === 0) return payload;
    if (payload.length === 0) throw wrongSize(what);
    const end = payload.length - payload[0]!;
    if (end < 1) throw protocolError(`sent padded ${what} frame`);
    return payload.subarray(1, end);
  }

  #data(flags: number, id: number, payload: Uint8Array): void {
    if (id === 0) throw protocolError("sent DATA frame without a stream");
    const count = payload.length;
    if (count > this.#receiveWindow) throw overrun();
    const piece = this.#unpadded(flags, payload, "DATA");
    this.#receiveWindow -= count;
    this.#unsaid += count;
    if (this.#unsaid >= CONNECTION_WINDOW_BYTES / 2) {
      this.#windowUpdate(0, this.#unsaid);
      this.#receiveWindow += this.#unsaid;
      this.#unsaid = 0;
    }
    const ends = (flags & Flag.EndStream) !== 0;
    if (piece.length === 0 && !ends) this.allowance.frame();
    // A body in tiny pieces costs as much as frames that bring nothing.
    if (piece.length < TINY_BYTES) this.allowance.frame();
    const stream = this.#live(id, "DATA");
    if (stream === undefined) return;
    if (!stream.receives) {
      return this.refuse(stream, ErrorCode.StreamClosed, "DATA after the end");
    }
    if (count > stream.receiveWindow) {
      return this.refuse(stream, ErrorCode.FlowControlError, "too much DATA");
    }
    stream.receiveWindow -= count;
    stream.received += piece.length;
    const { contentLength, received } = stream;
    if (
      contentLength !== undefined &&
      (received > contentLength || (ends && received < contentLength))
    ) {
      const what = "body of another length than it has said";
      return this.refuse(stream, ErrorCode.ProtocolError, what);
    }
    this.allowance.content(piece.length);
    if (count > piece.length) this.consumed(stream, count - piece.length);
    if (ends) this.#received(stream);
    if (piece.length > 0) this.#events.data(stream, piece);
    if (ends) this.#events.ended(stream);
  }

  /**
   * The stream of a frame that may only be on one that has begun; `undefined`
   * if it was reset, and its client could not know.
   */
  #live(id: number, what: string): Http2Stream | undefined {
    const stream = this.streams.get(id);
    if (stream !== undefined) return stream;
    if (this.#isIdle(id)) throw protocolError(`sent ${what} on an idle stream`);
    if (this.#resets.includes(id)) {
      this.allowance.frame();
      return undefined;
    }
    throw new ConnectionFault(
      ErrorCode.StreamClosed,
      `client sent ${what} on a closed stream`,
    );
  }

  #isIdle(id: number): boolean {
    return id % 2 === 0 || id > this.lastStream;
  }

  #headers(flags: number, id: number, payload: Uint8Array): void {
    if (id === 0) throw protocolError("sent HEADERS frame without a stream");
    let block = this.#unpadded(flags, payload, "HEADERS");
    if ((flags & Flag.Priority) !== 0) {
      if (block.length < 5) throw wrongSize("HEADERS");
      block = block.subarray(5);
    }
    if (this.streams.get(id) === undefined) {
      if (id % 2 === 0) throw protocolError("began a stream of even number");
      if (id <= this.lastStream) this.#live(id, "HEADERS");
    }
    if ((flags & Flag.EndHeaders) !== 0) {
      return this.#blockEnded(id, flags, block);
    }
    this.#open = { id, flags, parts: [block.slice()], bytes: block.length };
  }

  #continuation(flags: number, payload: Uint8Array): void {
    const open = this.#open;
    if (open === undefined) {
      throw protocolError("sent CONTINUATION frame alone");
    }
    open.bytes += payload.length;
    if (payload.length < TINY_BYTES) this.allowance.frame();
    if (
      open.bytes > this.#limits.headBytes + MAX_PAYLOAD_BYTES ||
      open.parts.length > MAX_CONTINUATIONS
    ) {
      throw new ConnectionFault(
        ErrorCode.EnhanceYourCalm,
        "client sent too large field block",
      );
    }
    open.parts.push(payload.slice());
    if ((flags & Flag.EndHeaders) === 0) return;
    this.#open = undefined;
    const block = new Uint8Array(open.bytes);
    let at = 0;
    for (const part of open.parts) {
      block.set(part, at);
      at += part.length;
    }
    this.#blockEnded(open.id, open.flags, block);
  }

  #blockEnded(id: number, flags: number, block: Uint8Array): void {
    const list = new FieldList(this.#limits);
    this.#decoder.decode(block, list.take);
    const ends = (flags & Flag.EndStream) !== 0;
    const known = this.streams.get(id);
    if (known !== undefined) return this.#trailers(known, list, ends);
    // One that was reset, whose fields had to be decoded all the same.
    if (id <= this.lastStream) return;
    this.lastStream = id;
    const priority = this.#priorities.get(id) ?? DEFAULT_PRIORITY;
    this.#priorities.delete(id);
    if (this.isClosing) return this.#noteReset(id);
    const { concurrentStreams, prereadBytes } = this.#settings;
    const stream = new Http2Stream(id, {
      send: this.#peerWindow,
      receive: prereadBytes,
    }, priority);
    if (
      this.streams.size >= concurrentStreams ||
      this.#events.busy >= concurrentStreams
    ) {
      this.#rst(id, ErrorCode.RefusedStream);
      return this.allowance.reset();
    }
    this.streams.set(id, stream);
    if (ends) stream.end("received");
    this.#events.request(stream, list, ends);
  }

  #trailers(stream: Http2Stream, list: FieldList, ends: boolean): void {
    if (!stream.receives) {
      const what = "HEADERS after the end";
      return this.refuse(stream, ErrorCode.StreamClosed, what);
    }
    const { contentLength, received } = stream;
    const isWhole = contentLength === undefined || contentLength === received;
    if (!ends || !isWhole || !areTrailers(list.lines)) {
      const what = "malformed trailers";
      return this.refuse(stream, ErrorCode.ProtocolError, what);
    }
    this.#received(stream);
    this.#events.ended(stream);
  }

  /** All of a request has come. */
  #received(stream: Http2Stream): void {
    stream.end("received");
    if (!stream.sends) this.#forget(stream);
  }

  #rstStream(id: number, payload: Uint8Array): void {
    if (id === 0 || this.#isIdle(id)) {
      throw protocolError("sent RST_STREAM frame on an idle stream");
    }
    if (payload.length !== 4) throw wrongSize("RST_STREAM");
    const stream = this.streams.get(id);
    if (stream === undefined) return this.allowance.frame();
    const wasAnswered = !stream.sends;
    this.#forget(stream);
    if (wasAnswered) return this.allowance.frame();
    this.#events.abandoned(stream, "client reset the stream");
    this.allowance.reset();
  }

  #priority(id: number, payload: Uint8Array): void {
    if (id === 0) throw protocolError("sent PRIORITY frame without a stream");
    if (payload.length !== 5) {
      const stream = this.streams.get(id);
      if (stream === undefined) throw wrongSize("PRIORITY");
      const what = "PRIORITY of another length";
      this.refuse(stream, ErrorCode.FrameSizeError, what);
    }
  }

  #priorityUpdate(id: number, payload: Uint8Array): void {
    if (id !== 0) throw protocolError("sent PRIORITY_UPDATE on a stream");
    if (payload.length < 4) throw wrongSize("PRIORITY_UPDATE");
    const target = uint32(payload, 0) & MAX_31_BITS;
    if (target === 0) throw protocolError("sent PRIORITY_UPDATE of no stream");
    const priority = parsePriority(
      String.fromCharCode(...payload.subarray(4, 4 + MAX_PRIORITY_BYTES)),
    );
    const stream = this.streams.get(target);
    if (stream !== undefined) stream.priority = priority;
    else if (
      this.#isIdle(target) &&
      this.#priorities.size < this.#settings.concurrentStreams
    ) this.#priorities.set(target, priority);
  }

  #takeSettings(flags: number, id: number, payload: Uint8Array): void {
    if (id !== 0) throw protocolError("sent SETTINGS frame on a stream");
    const isAck = (flags & Flag.Ack) !== 0;
    if (payload.length % 6 !== 0 || (isAck && payload.length > 0)) {
      throw wrongSize("SETTINGS");
    }
    if (isAck) {
      if (!this.#settled) throw protocolError("sent SETTINGS ack first");
      return;
    }
    this.#settled = true;
    for (let at = 0; at < payload.length; at += 6) {
      // Each costs a look, and perhaps one at every stream.
      if (at > 0) this.allowance.frame();
      this.#setting(
        payload[at]! * 256 + payload[at + 1]!,
        uint32(payload, at + 2),
      );
    }
    this.output.frame(FrameType.Settings, Flag.Ack, 0, 0);
  }

  #setting(id: number, value: number): void {
    switch (id) {
      case Setting.HeaderTableSize:
        return this.#encoder.limitTable(value);
      case Setting.EnablePush:
      case Setting.NoRfc7540Priorities:
        if (value > 1) throw protocolError("sent invalid setting");
        return;
      case Setting.MaxFrameSize:
        if (value < MAX_PAYLOAD_BYTES || value >= 1 << 24) {
          throw protocolError("sent invalid MAX_FRAME_SIZE");
        }
        this.#peerPayload = value;
        return;
      case Setting.InitialWindowSize: {
        if (value > MAX_31_BITS) throw overrun();
        const change = value - this.#peerWindow;
        this.#peerWindow = value;
        for (const stream of this.streams.values()) {
          stream.sendWindow += change;
          if (stream.sendWindow > MAX_31_BITS) throw overrun();
        }
      }
    }
  }

  #ping(flags: number, id: number, payload: Uint8Array): void {
    if (id !== 0) throw protocolError("sent PING frame on a stream");
    if (payload.length !== 8) throw wrongSize("PING");
    if ((flags & Flag.Ack) !== 0) return this.#events.answered();
    this.output.frame(FrameType.Ping, Flag.Ack, 0, 8);
    this.output.bytes(payload);
  }

  #windowUpdated(id: number, payload: Uint8Array): void {
    if (payload.length !== 4) throw wrongSize("WINDOW_UPDATE");
    const increment = uint32(payload, 0) & MAX_31_BITS;
    if (id === 0) {
      if (increment === 0) throw protocolError("sent WINDOW_UPDATE of nothing");
      this.sendWindow += increment;
      if (this.sendWindow > MAX_31_BITS) throw overrun();
      return;
    }
    const stream = this.streams.get(id);
    if (stream === undefined) {
      if (!this.#isIdle(id)) return;
      throw protocolError("sent WINDOW_UPDATE frame on an idle stream");
    }
    if (increment === 0) {
      const what = "WINDOW_UPDATE of nothing";
      return this.refuse(stream, ErrorCode.ProtocolError, what);
    }
    stream.sendWindow += increment;
    if (stream.sendWindow > MAX_31_BITS) {
      const what = "too large a window";
      return this.refuse(stream, ErrorCode.FlowControlError, what);
    }
  }

  /**
   * The client has done something on a stream that ends it.
   *
   * @throws {ConnectionFault} when it has done so too often: it makes the
   * server reset what it would otherwise have to reset itself
   */
  refuse(stream: Http2Stream, code: ErrorCode, why: string): void {
    this.reset(stream, code);
    this.#events.abandoned(stream, `client sent ${why}`);
    this.allowance.reset();
  }

  /** Ends a stream before its time. */
  reset(stream: Http2Stream, code: ErrorCode): void {
    if (!this.#forget(stream)) return;
    this.#rst(stream.id, code);
  }

  #rst(id: number, code: ErrorCode): void {
    this.output.frame(FrameType.RstStream, Flag.None, id, 4);
    this.output.uint32(code);
    this.#noteReset(id);
  }

  #noteReset(id: number): void {
    this.#resets.push(id);
    if (this.#resets.length > REMEMBERED_RESETS) this.#resets.shift();
  }

  #forget(stream: Http2Stream): boolean {
    stream.state = "closed";
    return this.streams.delete(stream.id);
  }

  /** So many bytes of a body have been read: as many may come. */
  consumed(stream: Http2Stream, bytes: number): void {
    stream.unsaid += bytes;
    const { prereadBytes } = this.#settings;
    if (!stream.receives || stream.unsaid < prereadBytes / 2) return;
    stream.receiveWindow += stream.unsaid;
    this.#windowUpdate(stream.id, stream.unsaid);
    stream.unsaid = 0;
  }

  /** A body is waited for: some may come, also where none may come unasked. */
  invite(stream: Http2Stream): void {
    if (!stream.receives || stream.receiveWindow > 0) return;
    stream.receiveWindow += MAX_PAYLOAD_BYTES;
    this.#windowUpdate(stream.id, MAX_PAYLOAD_BYTES);
  }

  #windowUpdate(id: number, bytes: number): void {
    this.output.frame(FrameType.WindowUpdate, Flag.None, id, 4);
    this.output.uint32(bytes);
  }

  /** How many bytes of a response may be sent; perhaps less than none. */
  windowOf(stream: Http2Stream): number {
    return Math.min(this.sendWindow, stream.sendWindow);
  }

  /** How many of them may be sent in one frame. */
  roomOf(stream: Http2Stream): number {
    return Math.min(this.windowOf(stream), this.#peerPayload);
  }

  /**
   * Sends fields that are the same for every connection, encoded beforehand,
   * and behind them some of this one.
   *
   * @returns how many bytes they are
   */
  sendFields(
    stream: Http2Stream,
    known: Uint8Array | undefined,
    fields: Iterable<readonly [name: string, value: string]>,
    ends: boolean,
  ): number {
    const block = BLOCK;
    block.length = 0;
    this.#encoder.begin(block);
    if (known !== undefined) block.bytes(known);
    for (const [name, value] of fields) {
      this.#encoder.encode(name, value, block);
    }
    this.#sendBlock(stream, block.view(), ends);
    return block.length;
  }

  #sendBlock(stream: Http2Stream, block: Uint8Array, ends: boolean): void {
    const { output } = this;
    const limit = this.#peerPayload;
    let type: number = FrameType.Headers;
    let flags: number = ends ? Flag.EndStream : Flag.None;
    for (let at = 0;; at += limit) {
      const part = block.subarray(at, at + limit);
      const isLast = at + limit >= block.length;
      if (isLast) flags |= Flag.EndHeaders;
      output.frame(type, flags, stream.id, part.length);
      output.bytes(part);
      if (isLast) break;
      type = FrameType.Continuation;
      flags = Flag.None;
    }
    if (ends) this.#sent(stream);
  }

  /** Sends a piece of a body: no more than {@linkcode roomOf} says. */
  sendData(stream: Http2Stream, piece: Uint8Array, ends: boolean): void {
    const flags = ends ? Flag.EndStream : Flag.None;
    this.output.frame(FrameType.Data, flags, stream.id, piece.length);
    this.output.bytes(piece);
    stream.sendWindow -= piece.length;
    this.sendWindow -= piece.length;
    this.allowance.content(piece.length);
    if (ends) this.#sent(stream);
  }

  /** All of a response has been sent. */
  #sent(stream: Http2Stream): void {
    stream.end("sent");
    this.allowance.answered();
    if (stream.receives) this.#events.unread(stream);
    else this.#forget(stream);
  }

  /** Asks whether the client is there; the answer is told. */
  ping(): void {
    this.output.frame(FrameType.Ping, Flag.None, 0, 8);
    this.output.uint32(0);
    this.output.uint32(0);
  }

  /**
   * Says that streams beyond `last` are not looked at. The first of two times
   * `last` is the largest number there is, so that what is on its way is
   * answered (§6.8).
   */
  goAway(code: ErrorCode, last: number = this.lastStream): void {
    this.output.frame(FrameType.GoAway, Flag.None, 0, 8);
    this.output.uint32(last);
    this.output.uint32(code);
    if (last !== MAX_31_BITS) this.isClosing = true;
  }
}

/** A piece of a body, or of fields, that is too small to be worth a frame. */
const TINY_BYTES = 16;

/** How much of the value of a priority is looked at, in bytes. */
const MAX_PRIORITY_BYTES = 256;

function overrun(): ConnectionFault {
  return new ConnectionFault(
    ErrorCode.FlowControlError,
    "client violated flow control",
  );
}
