/**
 * The body of one request as its consumer sees it: pieces on demand, so that
 * a slow consumer slows the client down. What nobody wants is read and
 * dropped, so that the next request on the connection starts in its place.
 */

import {
  type BodyDecoder,
  ChunkedDecoder,
  LengthDecoder,
} from "../http/body_decoder.ts";
import { HttpError } from "../http/errors.ts";
import type { Framing } from "../http/framing.ts";
import type { Connection } from "./connection.ts";

const CONTINUE = new TextEncoder().encode("HTTP/1.1 100 Continue\r\n\r\n");

/** What a {@linkcode RequestBody} is made with. */
export interface RequestBodyOptions {
  /** nginx's `client_max_body_size`, in bytes; 0 for no limit. */
  readonly maxBytes: number;
  /** Whether the client waits for `100 Continue` before it sends. */
  readonly expectsContinue: boolean;
}

/** See the top of the file. */
export class RequestBody {
  /** Content bytes received so far. */
  received = 0;
  readonly #connection: Connection;
  readonly #decoder: BodyDecoder;
  readonly #maxBytes: number;
  #expectsContinue: boolean;

  /**
   * The body that `framing` announces on `connection`.
   *
   * @throws {HttpError} 413 when the declared length exceeds the limit
   */
  constructor(
    connection: Connection,
    framing: Exclude<Framing, { kind: "none" }>,
    options: RequestBodyOptions,
  ) {
    this.#connection = connection;
    this.#maxBytes = options.maxBytes;
    this.#expectsContinue = options.expectsContinue;
    if (framing.kind === "length") {
      this.#checkSize(framing.length);
      this.#decoder = new LengthDecoder(framing.length);
    } else {
      this.#decoder = new ChunkedDecoder();
    }
  }

  /** Whether all of it has been read. */
  get done(): boolean {
    return this.#decoder.done;
  }

  /** Whether the client waits for a word before it sends anything. */
  get awaitsContinue(): boolean {
    return this.#expectsContinue && this.#connection.input.length === 0;
  }

  /**
   * The next piece of content, valid until the next call; `undefined` at the
   * end of the body, or when the connection has ended.
   *
   * @throws {HttpError} 400 for broken chunks, 413 above the limit
   */
  async read(): Promise<Uint8Array | undefined> {
    const { input } = this.#connection;
    while (!this.#decoder.done) {
      if (input.length === 0) {
        if (!await this.#more()) return undefined;
      }
      const { bytes, start, end } = input;
      const consumed = this.#decoder.decode(bytes, start, end);
      input.consume(consumed);
      const { dataStart, dataEnd } = this.#decoder;
      if (dataEnd > dataStart) {
        this.received += dataEnd - dataStart;
        this.#checkSize(this.received);
        return bytes.subarray(dataStart, dataEnd);
      }
    }
    return undefined;
  }

  /**
   * Reads and drops what is left.
   *
   * @returns whether the body ended as announced; if not, the connection has
   * ended
   * @throws {HttpError} as {@linkcode read}
   */
  async discard(): Promise<boolean> {
    while (await this.read() !== undefined);
    return this.done;
  }

  async #more(): Promise<boolean> {
    if (this.#expectsContinue) {
      this.#expectsContinue = false;
      if (!await this.#connection.writeInterim(CONTINUE)) return false;
    }
    return await this.#connection.fillBody();
  }

  #checkSize(bytes: number): void {
    if (this.#maxBytes > 0 && bytes > this.#maxBytes) {
      throw new HttpError(
        413,
        `client intended to send too large body: ${bytes} bytes`,
        { close: true, severity: "error" },
      );
    }
  }
}
