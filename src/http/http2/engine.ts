/**
 * HTTP/2 on one connection, from its bytes to requests and from responses to
 * bytes (RFC 9113). It reads, waits and sends nothing by itself: who uses it
 * gives it the bytes that have come, and takes {@linkcode Http2Engine.output}.
 * Here are the frames that requests are made of; all others are
 * {@linkcode ControlFrames}.
 */

import type { ByteBuffer } from "../../bytes/byte_buffer.ts";
import type { HeadLimits } from "../limits.ts";
import { TINY_BYTES } from "./allowance.ts";
import { ControlFrames } from "./control_frames.ts";
import { takeData } from "./data_frames.ts";
import { protocolError, reusedStream, wrongSize } from "./faults.ts";
import { FieldBlocks } from "./field_blocks.ts";
import { FrameReader } from "./frame_reader.ts";
import type { Fields } from "./frame_writer.ts";
import { ErrorCode, Flag, FrameType, MAX_31_BITS, Setting } from "./frames.ts";
import { HpackDecoder } from "./hpack/decoder.ts";
import type { Output } from "./output.ts";
import { areTrailers, FieldList } from "./request_fields.ts";
import { Http2Stream } from "./stream.ts";
import { type Http2Settings, StreamControl } from "./stream_control.ts";
import type { StreamTable } from "./stream_table.ts";

/** Whom the engine tells; all of it while it is given bytes. */
export interface Http2Events {
  /** How many requests are worked on, also those whose streams are gone. */
  readonly busy: number;
  /** A request has come. `ended` says whether it has no body. */
  request(stream: Http2Stream, list: FieldList, ended: boolean): void;
  /** A `PING` of this side was answered. */
  answered(): void;
}

/** The frames of one connection. */
export class Http2Engine {
  /** Whether no stream is begun any more. */
  isClosing = false;
  /** The last stream that a farewell has named: none names a later one. */
  #lastSaid = MAX_31_BITS;
  readonly #events: Http2Events;
  readonly #control: StreamControl;
  readonly #controlFrames: ControlFrames;
  #limits: HeadLimits;
  readonly #reader = new FrameReader();
  readonly #blocks = new FieldBlocks();
  readonly #decoder = new HpackDecoder();

  /** Tells `events`; heads have `limits`. */
  constructor(
    settings: Http2Settings,
    limits: HeadLimits,
    events: Http2Events,
  ) {
    this.#limits = limits;
    this.#events = events;
    this.#control = new StreamControl(settings);
    this.#controlFrames = new ControlFrames(this.#control, events);
  }

  /** The streams that are neither idle nor closed. */
  get streams(): StreamTable {
    return this.#control.streams;
  }

  /** What is to be sent. */
  get output(): Output {
    return this.#control.writer.output;
  }

  /** How much of all streams may be sent, in bytes. */
  get sendWindow(): number {
    return this.#control.sendWindow;
  }

  /** Heads to come have these limits. */
  renew(limits: HeadLimits): void {
    this.#limits = limits;
  }

  /** Whether a field block has begun, and has to go on. */
  get isWithinHead(): boolean {
    return this.#blocks.within !== 0;
  }

  /** Whether the preface and the first settings have come. */
  get isOpen(): boolean {
    return this.#controlFrames.isOpen;
  }

  /** Says what the server has to say first. */
  begin(): void {
    const { settings, receiveWindow, writer } = this.#control;
    writer.settings([
      [Setting.MaxConcurrentStreams, settings.concurrentStreams],
      [Setting.InitialWindowSize, settings.prereadBytes],
      [Setting.MaxHeaderListSize, this.#limits.headBytes],
      [Setting.NoRfc7540Priorities, 1],
    ]);
    writer.windowUpdate(0, receiveWindow.beyondDefault);
  }

  /**
   * Takes one frame off the input.
   *
   * @returns whether one was there
   * @throws {ConnectionFault} when the connection has to end
   */
  receive(input: ByteBuffer): boolean {
    const reader = this.#reader;
    const isThere = reader.next(input, {
      isOpen: this.isOpen,
      within: this.#blocks.within,
    });
    if (!isThere) return false;
    switch (reader.type) {
      case FrameType.Data:
        takeData(reader, this.#control);
        break;
      case FrameType.Headers:
        this.#headers(reader.id);
        break;
      case FrameType.Continuation:
        this.#continuation(reader.payload);
        break;
      case FrameType.RstStream:
        this.#rstStream(reader.id, reader.payload);
        break;
      default:
        this.#controlFrames.take(reader);
    }
    return true;
  }

  #headers(id: number): void {
    const reader = this.#reader;
    const { streams } = this;
    if (id === 0) throw protocolError("sent HEADERS frame without a stream");
    let block = reader.unpadded("HEADERS");
    if (reader.has(Flag.Priority)) {
      if (block.length < 5) throw wrongSize("HEADERS");
      block = block.subarray(5);
    }
    if (id % 2 === 0) throw protocolError("began a stream of even number");
    if (
      id <= streams.last &&
      this.#control.begun(id, "HEADERS") === undefined &&
      streams.resetBy(id) === undefined
    ) throw reusedStream();
    if (!reader.has(Flag.EndHeaders)) {
      return this.#blocks.begin(id, reader.flags, block);
    }
    this.#blockEnded(id, reader.flags, block);
  }

  #continuation(payload: Uint8Array): void {
    if (payload.length < TINY_BYTES) this.#control.allowance.frame();
    this.#blocks.add(payload, this.#limits.headBytes);
    if (!this.#reader.has(Flag.EndHeaders)) return;
    const { id, flags, bytes } = this.#blocks.end();
    this.#blockEnded(id, flags, bytes);
  }

  #blockEnded(id: number, flags: number, block: Uint8Array): void {
    const list = new FieldList(this.#limits);
    this.#decoder.decode(block, list.take);
    const ends = (flags & Flag.EndStream) !== 0;
    const { allowance, streams, settings } = this.#control;
    const known = streams.get(id);
    if (known !== undefined) return this.#trailers(known, list, ends);
    // One that was reset, whose fields had to be decoded all the same.
    if (id <= streams.last) return this.#control.late(id);
    const priority = streams.begin(id);
    if (this.isClosing) {
      allowance.frame();
      return streams.noteReset(id, "server");
    }
    const { concurrentStreams, prereadBytes } = settings;
    if (
      streams.size >= concurrentStreams ||
      this.#events.busy >= concurrentStreams
    ) return this.#control.refuseBegin(id);
    const stream = new Http2Stream(id, {
      send: this.#controlFrames.peer.streamWindow,
      receive: prereadBytes,
    }, priority);
    streams.add(stream);
    if (ends) stream.end("received");
    allowance.begun();
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
    this.#control.received(stream);
    stream.user?.bodyEnded();
  }

  #rstStream(id: number, payload: Uint8Array): void {
    const { allowance, streams } = this.#control;
    if (streams.isIdle(id)) {
      throw protocolError("sent RST_STREAM frame on an idle stream");
    }
    if (payload.length !== 4) throw wrongSize("RST_STREAM");
    const stream = streams.get(id);
    if (stream === undefined) return allowance.frame();
    const wasAnswered = !stream.sends;
    this.#control.resetByClient(stream);
    if (wasAnswered) return allowance.frame();
    stream.user?.abandoned("client reset the stream");
    allowance.reset();
  }

  /** See {@linkcode StreamControl.refuse}. */
  refuse(stream: Http2Stream, code: ErrorCode, why: string): void {
    this.#control.refuse(stream, code, why);
  }

  /** Ends a stream before its time. */
  reset(stream: Http2Stream, code: ErrorCode): void {
    this.#control.reset(stream, code);
  }

  /** Ends a stream that is not answered, which is the site's will. */
  silence(stream: Http2Stream): void {
    this.#control.reset(stream, ErrorCode.InternalError);
    this.#control.allowance.silenced();
  }

  /** See {@linkcode StreamControl.consumed}. */
  consumed(stream: Http2Stream, bytes: number): void {
    this.#control.consumed(stream, bytes);
  }

  /** See {@linkcode StreamControl.droppedOf}. */
  dropped(stream: Http2Stream, bytes: number): void {
    this.#control.droppedOf(stream, bytes);
  }

  /** See {@linkcode StreamControl.invite}. */
  invite(stream: Http2Stream): void {
    this.#control.invite(stream);
  }

  /** How many bytes of a response may be sent; perhaps less than none. */
  windowOf(stream: Http2Stream): number {
    return this.#control.windowOf(stream);
  }

  /** How many of them may be sent in one frame. */
  roomOf(stream: Http2Stream): number {
    const { maxPayload } = this.#control.writer;
    return Math.min(this.windowOf(stream), maxPayload);
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
    fields: Fields,
    ends: boolean,
  ): number {
    const { writer } = this.#control;
    const length = writer.fields(stream.id, known, fields, ends);
    if (ends) this.#control.sent(stream);
    return length;
  }

  /**
   * Sends a piece of a body: no more than {@linkcode roomOf} says. `isFull` is
   * whether none would be larger, however much its client took.
   */
  sendData(
    stream: Http2Stream,
    piece: Uint8Array,
    ends: boolean,
    isFull = false,
  ): void {
    const control = this.#control;
    const { length } = piece;
    control.writer.data(stream.id, piece, ends);
    stream.sendWindow -= length;
    control.sendWindow -= length;
    control.allowance.content(length);
    if (isFull || length > 0 && control.windowOf(stream) > 0) {
      control.allowance.piece();
    }
    if (ends) control.sent(stream);
  }

  /** Asks whether the client is there; the answer is told. */
  ping(): void {
    this.#control.writer.ping();
  }

  /**
   * Says that streams beyond `last` are not looked at. The first of two times
   * `last` is the largest number there is, so that what is on its way is
   * answered (§6.8).
   */
  goAway(code: ErrorCode, last: number = this.streams.last): void {
    this.#lastSaid = Math.min(this.#lastSaid, last);
    this.#control.writer.goAway(code, this.#lastSaid);
    if (last !== MAX_31_BITS) this.isClosing = true;
  }
}
