/** A client that says exactly the bytes it is told and reads what comes. */

import { bytesOf, concat, textOf } from "./latin1.ts";

/** How long a read may take before the test fails, in ms. */
const READ_TIMEOUT_MS = 8000;

/** One response as it came over the wire. */
export interface RawResponse {
  /** The status code. */
  readonly status: number;
  /** The status line. */
  readonly statusLine: string;
  /** The fields in order, names in lower case. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** The body, without chunk framing. */
  readonly body: Uint8Array<ArrayBuffer>;
  /** The body as text, one character per byte. */
  readonly text: string;
  /** The first value of a field (lower case). */
  field(name: string): string | undefined;
}

/** How a response is read. */
export interface ReadOptions {
  /** Whether it answers a HEAD, and so has no body. */
  readonly head?: boolean;
}

/** A client that sends what it is told and takes answers apart. */
export class RawClient implements Disposable {
  readonly #socket: Deno.TcpConn | Deno.UnixConn | Deno.TlsConn;
  #unread: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #eof = false;
  #closed = false;

  constructor(socket: Deno.TcpConn | Deno.UnixConn | Deno.TlsConn) {
    this.#socket = socket;
  }

  /** Connects to a port of this machine. */
  static async connect(
    port: number,
    hostname = "127.0.0.1",
  ): Promise<RawClient> {
    const socket = await Deno.connect({ hostname, port });
    socket.setNoDelay(true);
    return new RawClient(socket);
  }

  /** Connects to a Unix socket. */
  static async connectUnix(path: string): Promise<RawClient> {
    return new RawClient(await Deno.connect({ transport: "unix", path }));
  }

  /** The client's own port. */
  get port(): number {
    return (this.#socket.localAddr as Deno.NetAddr).port;
  }

  /** Sends all of it; a string is one character per byte. */
  async send(data: string | Uint8Array): Promise<void> {
    let bytes = typeof data === "string" ? bytesOf(data) : data;
    while (bytes.length > 0) {
      bytes = bytes.subarray(await this.#socket.write(bytes));
    }
  }

  /** Sends each byte by a write of its own. */
  async sendByteByByte(data: string): Promise<void> {
    for (const character of data) await this.send(character);
  }

  /** Says that nothing more will be sent. */
  async closeWrite(): Promise<void> {
    await this.#socket.closeWrite();
  }

  /**
   * The next response, `undefined` if the connection ended before it.
   *
   * @throws {Error} when it ends within the response
   */
  async response(options: ReadOptions = {}): Promise<RawResponse | undefined> {
    const head = await this.#until("\r\n\r\n");
    if (head === undefined) {
      if (this.#unread.length === 0) return undefined;
      throw new Error(`cut response: ${textOf(this.#unread)}`);
    }
    const [statusLine = "", ...lines] = head.slice(0, -4).split("\r\n");
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1]);
    const fields = lines.map((line) => {
      const colon = line.indexOf(": ");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 2)];
    }) as [string, string][];
    const field = (name: string) => fields.find(([key]) => key === name)?.[1];
    const bodyless = options.head === true || status < 200 || status === 204 ||
      status === 304;
    const length = field("content-length");
    const body = bodyless
      ? new Uint8Array(0)
      : field("transfer-encoding") !== undefined
      ? await this.#chunks()
      : length === undefined
      ? await this.rest()
      : await this.#exactly(Number(length));
    return {
      status,
      statusLine,
      fields,
      body,
      field,
      get text() {
        return textOf(body);
      },
    };
  }

  /** Everything up to the end of the connection. */
  async rest(): Promise<Uint8Array<ArrayBuffer>> {
    const pieces: Uint8Array[] = [];
    do pieces.push(this.#take(this.#unread.length)); while (await this.#more());
    return concat(pieces);
  }

  /**
   * How the connection is once everything was read: `closed`, or `reset`, or
   * `data` if there was something left to read.
   */
  async end(): Promise<"closed" | "reset" | "data"> {
    if (this.#unread.length > 0) return "data";
    try {
      return await this.#more() ? "data" : "closed";
    } catch (error) {
      if (error instanceof Deno.errors.ConnectionReset) return "reset";
      throw error;
    }
  }

  /** One read, at most `size` bytes; `null` at the end. */
  async readSome(size: number): Promise<number | null> {
    return await this.#socket.read(new Uint8Array(size));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #more(): Promise<boolean> {
    if (this.#eof) return false;
    const buffer = new Uint8Array(64 * 1024);
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      this.close();
    }, READ_TIMEOUT_MS);
    try {
      const count = await this.#socket.read(buffer);
      if (count === null) {
        this.#eof = true;
        return false;
      }
      this.#unread = concat([this.#unread, buffer.subarray(0, count)]);
      return true;
    } catch (error) {
      if (!timedOut) throw error;
      throw new Error(
        `nothing came for ${READ_TIMEOUT_MS} ms, unread: ${
          JSON.stringify(textOf(this.#unread).slice(0, 500))
        }`,
      );
    } finally {
      clearTimeout(timer);
    }
  }

  #take(count: number): Uint8Array<ArrayBuffer> {
    const taken = this.#unread.slice(0, count);
    this.#unread = this.#unread.slice(count);
    return taken;
  }

  async #until(end: string): Promise<string | undefined> {
    for (;;) {
      const at = textOf(this.#unread.subarray(0, 16 * 1024)).indexOf(end);
      if (at >= 0) return textOf(this.#take(at + end.length));
      if (!await this.#more()) return undefined;
    }
  }

  async #exactly(length: number): Promise<Uint8Array<ArrayBuffer>> {
    const pieces: Uint8Array[] = [];
    for (let left = length; left > 0;) {
      if (this.#unread.length === 0 && !await this.#more()) {
        throw new Error(`the body is ${left} of ${length} bytes short`);
      }
      const piece = this.#take(Math.min(left, this.#unread.length));
      left -= piece.length;
      pieces.push(piece);
    }
    return concat(pieces);
  }

  async #chunks(): Promise<Uint8Array<ArrayBuffer>> {
    const pieces: Uint8Array[] = [];
    for (;;) {
      const line = await this.#until("\r\n");
      if (line === undefined || !/^[0-9a-f]+\r\n$/.test(line)) {
        throw new Error(`invalid chunk size: ${line}`);
      }
      const size = parseInt(line, 16);
      pieces.push(await this.#exactly(size));
      if (await this.#until("\r\n") !== "\r\n") {
        throw new Error("a chunk is longer than its size");
      }
      if (size === 0) return concat(pieces);
    }
  }
}

/** Sends `request` on a connection of its own and reads one response. */
export async function ask(
  port: number,
  request: string,
  options: ReadOptions = {},
): Promise<RawResponse> {
  using client = await RawClient.connect(port);
  await client.send(request);
  const response = await client.response(options);
  if (response === undefined) throw new Error(`no answer to ${request}`);
  return response;
}

/** Gets `path` by a connection of its own. */
export function get(
  port: number,
  path: string,
  fields = "",
): Promise<RawResponse> {
  return ask(
    port,
    `GET ${path} HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n` +
      `${fields}\r\n`,
  );
}
