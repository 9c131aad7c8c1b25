/**
 * What every part of a connection does with its streams: how they end, in
 * whichever way, and how much of their bodies may come and go (RFC 9113 §5.1,
 * §5.2, §5.4.2).
 */

import { ClientAllowance } from "./allowance.ts";
import { FrameWriter } from "./frame_writer.ts";
import {
  DEFAULT_WINDOW_BYTES,
  ErrorCode,
  MAX_PAYLOAD_BYTES,
} from "./frames.ts";
import { ReceiveWindow } from "./receive_window.ts";
import type { Http2Stream } from "./stream.ts";
import { StreamTable } from "./stream_table.ts";

/** What the client is told it may do. */
export interface Http2Settings {
  /** How many streams there may be at a time. */
  readonly concurrentStreams: number;
  /** How much of a body may come before anybody reads it, in bytes. */
  readonly prereadBytes: number;
}

/** The streams of one connection, their windows, and what is said of them. */
export class StreamControl {
  /** What the client is told it may do. */
  readonly settings: Http2Settings;
  /** The streams. */
  readonly streams: StreamTable;
  /** What is to be sent. */
  readonly writer = new FrameWriter();
  /** What the client has left to do that brings nothing. */
  readonly allowance = new ClientAllowance();
  /** How much may come of all streams. */
  readonly receiveWindow: ReceiveWindow;
  /** How much of all streams may be sent, in bytes. */
  sendWindow = DEFAULT_WINDOW_BYTES;

  /** No stream lives yet. */
  constructor(settings: Http2Settings) {
    this.settings = settings;
    this.streams = new StreamTable(settings.concurrentStreams);
    this.receiveWindow = new ReceiveWindow(settings.prereadBytes);
  }

  /**
   * See {@linkcode StreamTable.begun}; what comes too late brings nothing.
   *
   * @throws {ConnectionFault} as that
   */
  begun(id: number, what: string): Http2Stream | undefined {
    const stream = this.streams.begun(id, what);
    if (stream === undefined) this.allowance.frame();
    return stream;
  }

  /**
   * Something has come on a stream that is over. Its client hears so once, if
   * it should have known (RFC 9113 §5.1); the others go on.
   */
  late(id: number): void {
    if (this.streams.resetBy(id) !== "server") {
      this.#reset(id, ErrorCode.StreamClosed);
    }
  }

  /** The client has reset a stream. */
  resetByClient(stream: Http2Stream): void {
    this.forget(stream);
    this.streams.noteReset(stream.id, "client");
  }

  /** All of a request has come. */
  received(stream: Http2Stream): void {
    stream.end("received");
    if (!stream.sends) this.forget(stream);
  }

  /** All of a response has been sent. */
  sent(stream: Http2Stream): void {
    stream.end("sent");
    this.allowance.answered();
    if (stream.receives) stream.user?.unread();
    else this.forget(stream);
  }

  /**
   * The client has done something on a stream that ends it.
   *
   * @throws {ConnectionFault} when it has done so too often: it makes the
   * server reset what it would otherwise have to reset itself
   */
  refuse(stream: Http2Stream, code: ErrorCode, why: string): void {
    this.reset(stream, code);
    stream.user?.abandoned(`client sent ${why}`);
    this.allowance.reset();
  }

  /**
   * There are too many streams for one more.
   *
   * @throws {ConnectionFault} when that is so too often
   */
  refuseBegin(id: number): void {
    this.#reset(id, ErrorCode.RefusedStream);
    this.allowance.reset();
  }

  /** Ends a stream before its time. */
  reset(stream: Http2Stream, code: ErrorCode): void {
    if (this.forget(stream)) this.#reset(stream.id, code);
  }

  #reset(id: number, code: ErrorCode): void {
    this.writer.reset(id, code);
    this.streams.noteReset(id, "server");
  }

  /** A stream is over; whether it was not before. */
  forget(stream: Http2Stream): boolean {
    stream.state = "closed";
    this.dropped(stream.unread);
    stream.unread = 0;
    return this.streams.delete(stream);
  }

  /** So many bytes of all bodies are not in the way any more. */
  dropped(bytes: number): void {
    const more = bytes === 0 ? 0 : this.receiveWindow.give(bytes);
    if (more > 0) this.writer.windowUpdate(0, more);
  }

  /** So many bytes of a body will not be read; no more of it is asked for. */
  droppedOf(stream: Http2Stream, bytes: number): void {
    // What a stream has left when it ends has been dropped.
    const count = Math.min(bytes, stream.unread);
    stream.unread -= count;
    this.dropped(count);
  }

  /** So many bytes of a body have been read: as many may come. */
  consumed(stream: Http2Stream, bytes: number): void {
    this.droppedOf(stream, bytes);
    stream.unsaid += bytes;
    const { prereadBytes } = this.settings;
    if (!stream.receives || stream.unsaid < prereadBytes / 2) return;
    stream.receiveWindow += stream.unsaid;
    this.writer.windowUpdate(stream.id, stream.unsaid);
    stream.unsaid = 0;
  }

  /** A body is waited for: some may come, also where none may come unasked. */
  invite(stream: Http2Stream): void {
    if (!stream.receives || stream.receiveWindow > 0) return;
    stream.receiveWindow += MAX_PAYLOAD_BYTES;
    this.writer.windowUpdate(stream.id, MAX_PAYLOAD_BYTES);
  }

  /** How many bytes of a response may be sent; perhaps less than none. */
  windowOf(stream: Http2Stream): number {
    return Math.min(this.sendWindow, stream.sendWindow);
  }
}
