/**
 * A plain HTTP/1.1 client that hides nothing: what it sends are the bytes it
 * is given, and a body is as long as `Content-Length` or its chunks say.
 */

import type { Site } from "./server_spec.ts";

/** An answer as it came. */
export interface RawAnswer {
  /** The status code. */
  readonly status: number;
  /** The fields, by lower-case name; the last one of a name counts. */
  readonly fields: ReadonlyMap<string, string>;
  /** The body. */
  readonly body: Uint8Array;
}

const DECODER = new TextDecoder("latin1");

/** No server of these sends a longer head, in bytes. */
const MAX_HEAD_BYTES = 16 * 1024;

const READ_BYTES = 256 * 1024;

/** The statuses whose answers have no body (RFC 9110 §6.4.1). */
const BODYLESS = new Set([204, 304]);

/** One connection to a server on the loopback address. */
export class Client implements Disposable {
  readonly #conn: Deno.Conn;
  #unread: Uint8Array = new Uint8Array(0);

  constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  /**
   * Connects to a server, by TLS if it speaks it.
   *
   * @throws {Error} when nobody listens, or has another certificate
   */
  static async connect(
    { port, tls }: Pick<Site, "port" | "tls">,
  ): Promise<Client> {
    const to = { hostname: "127.0.0.1", port };
    if (tls === undefined) return new Client(await Deno.connect(to));
    const caCerts = [await Deno.readTextFile(tls.cert)];
    const conn = await Deno.connectTls({ ...to, caCerts });
    return new Client(conn);
  }

  /** Sends `text`, whose characters are all ASCII. */
  async send(text: string): Promise<void> {
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) {
      at += await this.#conn.write(bytes.subarray(at));
    }
  }

  /**
   * Reads the next answer.
   *
   * @throws {Error} when it is cut off, malformed, or has a body without length
   */
  async answer(): Promise<RawAnswer> {
    const head = await this.#until("\r\n\r\n");
    const [line = "", ...lines] = head.split("\r\n");
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(line)?.[1] ?? NaN);
    if (Number.isNaN(status)) throw new Error(`not HTTP: "${line}"`);
    const fields = new Map(lines.map((field) => {
      const colon = field.indexOf(":");
      return [
        field.slice(0, colon).toLowerCase(),
        field.slice(colon + 1).trim(),
      ];
    }));
    if (BODYLESS.has(status)) {
      return { status, fields, body: new Uint8Array(0) };
    }
    if (fields.get("transfer-encoding") === "chunked") {
      return { status, fields, body: await this.#chunks() };
    }
    const length = fields.get("content-length");
    if (length === undefined) throw new Error("no Content-Length");
    return { status, fields, body: await this.#body(Number(length)) };
  }

  /** Whether the server has sent something that no answer accounts for. */
  get hasMore(): boolean {
    return this.#unread.length > 0;
  }

  /** Closes the connection. */
  [Symbol.dispose](): void {
    this.#conn.close();
  }

  /** The text up to `mark`, which is dropped. */
  async #until(mark: string): Promise<string> {
    for (;;) {
      const text = DECODER.decode(this.#unread.subarray(0, MAX_HEAD_BYTES));
      const end = text.indexOf(mark);
      if (end >= 0) {
        this.#unread = this.#unread.subarray(end + mark.length);
        return text.slice(0, end);
      }
      if (text.length === MAX_HEAD_BYTES) throw new Error("endless head");
      const more = await this.#read();
      const joined = new Uint8Array(this.#unread.length + more.length);
      joined.set(this.#unread);
      joined.set(more, this.#unread.length);
      this.#unread = joined;
    }
  }

  /** A chunked body (RFC 9112 §7.1); trailers are not expected. */
  async #chunks(): Promise<Uint8Array> {
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    for (;;) {
      const size = parseInt(await this.#until("\r\n"), 16);
      if (Number.isNaN(size)) throw new Error("a chunk without a size");
      const chunk = await this.#body(size);
      if (await this.#until("\r\n") !== "") {
        throw new Error("a chunk longer than its size");
      }
      if (size === 0) break;
      chunks.push(chunk);
    }
    return new Uint8Array(await new Blob(chunks).arrayBuffer());
  }

  async #body(length: number): Promise<Uint8Array<ArrayBuffer>> {
    const body = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      if (this.#unread.length === 0) this.#unread = await this.#read();
      const part = this.#unread.subarray(0, length - filled);
      body.set(part, filled);
      filled += part.length;
      this.#unread = this.#unread.subarray(part.length);
    }
    return body;
  }

  async #read(): Promise<Uint8Array> {
    const bytes = new Uint8Array(READ_BYTES);
    const count = await this.#conn.read(bytes);
    if (count === null) throw new Error("the connection ended early");
    return bytes.subarray(0, count);
  }
}
