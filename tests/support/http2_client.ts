/** A client of HTTP/2 that sends the frames it is told and takes others apart. */

import {
  Flag,
  FRAME_HEAD_BYTES,
  FrameType,
  PREFACE,
  uint32,
} from "../../src/http/http2/frames.ts";
import { HpackDecoder } from "../../src/http/http2/hpack/decoder.ts";
import { encodeAlone } from "../../src/http/http2/hpack/encoder.ts";
import { Output } from "../../src/http/http2/output.ts";
import { bytesOf, concat, textOf } from "./latin1.ts";

/** How long a read may take before the test fails, in ms. */
const READ_TIMEOUT_MS = 3000;

/** Fields in their order. */
export type Fields = readonly (readonly [name: string, value: string])[];

/** A frame that has come. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly id: number;
  readonly payload: Uint8Array<ArrayBuffer>;
}

/** What came on one stream. */
export interface Http2Response {
  /** The status; 0 if there was none. */
  status: number;
  /** The fields of the response. */
  fields: Map<string, string>;
  /** The fields behind the body. */
  trailers: Map<string, string> | undefined;
  /** The interim statuses before it. */
  interim: number[];
  /** The body, one character per byte. */
  body: string;
  /** How many frames of it there were. */
  pieces: number;
  /** The code of a reset, if it was reset. */
  reset: number | undefined;
}

/** The bytes of a frame. */
export function frame(
  type: number,
  flags: number,
  id: number,
  payload: Uint8Array | string = "",
): Uint8Array<ArrayBuffer> {
  const bytes = typeof payload === "string" ? bytesOf(payload) : payload;
  const output = new Output();
  output.frame(type, flags, id, bytes.length);
  output.bytes(bytes);
  return output.take();
}

/** Four bytes. */
export function number32(value: number): Uint8Array<ArrayBuffer> {
  const output = new Output();
  output.uint32(value);
  return output.take();
}

/** A field block that changes no table. */
export function block(fields: Fields): Uint8Array<ArrayBuffer> {
  const output = new Output();
  for (const [name, value] of fields) encodeAlone(name, value, output);
  return output.take();
}

/** The fields of an ordinary request. */
export function get(path: string, ...more: Fields): Fields {
  return [
    [":method", "GET"],
    [":scheme", "http"],
    [":authority", "a.example"],
    [":path", path],
    ...more,
  ];
}

/** A request without a body. */
export function request(
  id: number,
  fields: Fields = get("/"),
  flags: number = Flag.EndHeaders | Flag.EndStream,
): Uint8Array<ArrayBuffer> {
  return frame(FrameType.Headers, flags, id, block(fields));
}

/** A `SETTINGS` frame. */
export function settings(
  ...values: readonly (readonly [id: number, value: number])[]
): Uint8Array<ArrayBuffer> {
  const output = new Output();
  output.frame(FrameType.Settings, Flag.None, 0, 6 * values.length);
  for (const [id, value] of values) {
    output.byte(id >> 8);
    output.byte(id);
    output.uint32(value);
  }
  return output.take();
}

/** A `WINDOW_UPDATE` frame. */
export function windowUpdate(
  id: number,
  bytes: number,
): Uint8Array<ArrayBuffer> {
  return frame(FrameType.WindowUpdate, Flag.None, id, number32(bytes));
}

/** An `RST_STREAM` frame. */
export function reset(id: number, code: number): Uint8Array<ArrayBuffer> {
  return frame(FrameType.RstStream, Flag.None, id, number32(code));
}

/** One connection. */
export class Http2Client implements Disposable {
  readonly #socket: Deno.Conn;
  readonly #decoder = new HpackDecoder();
  #unread: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #closed = false;
  readonly #responses = new Map<number, Http2Response>();
  readonly #ended = new Set<number>();
  /** The codes of all `GOAWAY` frames that have come, and their streams. */
  readonly goAways: (readonly [code: number, last: number])[] = [];
  /** What was said in `PING` frames that were answered. */
  readonly pongs: string[] = [];
  /** What all `WINDOW_UPDATE` frames of a stream have said together. */
  readonly windows = new Map<number, number>();
  /** Settings that have come. */
  readonly settings = new Map<number, number>();

  constructor(socket: Deno.Conn) {
    this.#socket = socket;
  }

  /** Connects, and says what a client says first. */
  static async connect(
    port: number,
    first: Uint8Array = settings(),
  ): Promise<Http2Client> {
    const socket = await Deno.connect({ hostname: "127.0.0.1", port });
    socket.setNoDelay(true);
    const client = new Http2Client(socket);
    await client.send(PREFACE, first);
    return client;
  }

  /** Sends all of it by one write; what the server does not take is lost. */
  async send(...pieces: readonly Uint8Array[]): Promise<void> {
    try {
      let bytes = concat(pieces);
      while (bytes.length > 0) {
        bytes = bytes.subarray(await this.#socket.write(bytes));
      }
    } catch {
      // The server has closed: what it has said before is still there.
    }
  }

  /** Says that nothing more will be sent. */
  async closeWrite(): Promise<void> {
    await this.#socket.closeWrite();
  }

  /** The next frame; `undefined` at the end of the connection. */
  async next(): Promise<Frame | undefined> {
    for (;;) {
      const frame = this.#parse();
      if (frame !== undefined) {
        this.#note(frame);
        return frame;
      }
      const buffer = new Uint8Array(65_536);
      const count = await this.#read(buffer);
      if (count === null) return undefined;
      this.#unread = concat([this.#unread, buffer.subarray(0, count)]);
    }
  }

  async #read(buffer: Uint8Array): Promise<number | null> {
    const timer = setTimeout(() => this[Symbol.dispose](), READ_TIMEOUT_MS);
    try {
      return await this.#socket.read(buffer);
    } catch (error) {
      if (this.#closed) throw new Error("nothing has come for too long");
      if (error instanceof Deno.errors.ConnectionReset) return null;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  #parse(): Frame | undefined {
    const bytes = this.#unread;
    if (bytes.length < FRAME_HEAD_BYTES) return undefined;
    const size = FRAME_HEAD_BYTES + (uint32(bytes, 0) >>> 8);
    if (bytes.length < size) return undefined;
    this.#unread = bytes.subarray(size);
    return {
      type: bytes[3]!,
      flags: bytes[4]!,
      id: uint32(bytes, 5),
      payload: bytes.slice(FRAME_HEAD_BYTES, size),
    };
  }

  #note({ type, flags, id, payload }: Frame): void {
    const response = this.#responseOf(id);
    switch (type) {
      case FrameType.Headers:
        this.#take(response, payload);
        break;
      case FrameType.Data:
        response.body += textOf(payload);
        response.pieces++;
        break;
      case FrameType.RstStream:
        response.reset = uint32(payload, 0);
        this.#ended.add(id);
        return;
      case FrameType.WindowUpdate:
        this.windows.set(id, (this.windows.get(id) ?? 0) + uint32(payload, 0));
        return;
      case FrameType.GoAway:
        this.goAways.push([uint32(payload, 4), uint32(payload, 0)]);
        return;
      case FrameType.Ping:
        if (flags === Flag.Ack) this.pongs.push(textOf(payload));
        return;
      case FrameType.Settings:
        for (let at = 0; at < payload.length; at += 6) {
          this.settings.set(payload[at + 1]!, uint32(payload, at + 2));
        }
        return;
      default:
        return;
    }
    if ((flags & Flag.EndStream) !== 0) this.#ended.add(id);
  }

  #take(response: Http2Response, payload: Uint8Array): void {
    const fields = new Map<string, string>();
    this.#decoder.decode(
      payload,
      ({ name, value }) => void fields.set(name, value),
    );
    const status = Number(fields.get(":status") ?? 0);
    if (status === 0) response.trailers = fields;
    else if (status < 200) response.interim.push(status);
    else Object.assign(response, { status, fields });
  }

  #responseOf(id: number): Http2Response {
    const known = this.#responses.get(id);
    if (known !== undefined) return known;
    const fresh = {
      status: 0,
      fields: new Map(),
      trailers: undefined,
      interim: [],
      body: "",
      pieces: 0,
      reset: undefined,
    };
    this.#responses.set(id, fresh);
    return fresh;
  }

  /** What has come on a stream by now. */
  seen(id: number): Http2Response {
    return this.#responseOf(id);
  }

  /** Reads until a stream has ended, or the connection. */
  async response(id: number): Promise<Http2Response> {
    while (!this.#ended.has(id) && await this.next() !== undefined);
    return this.#responseOf(id);
  }

  /** Reads until a frame of a type has come. */
  async until(type: number): Promise<Frame | undefined> {
    for (let frame; (frame = await this.next()) !== undefined;) {
      if (frame.type === type) return frame;
    }
    return undefined;
  }

  /** Reads to the end of the connection: the code that it was ended with. */
  async end(): Promise<number | undefined> {
    while (await this.next() !== undefined);
    return this.goAways.at(-1)?.[0];
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }
}
