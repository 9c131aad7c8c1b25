/** A client's connection: requests as bytes, answers as they come. */

const HOST = "127.0.0.1";
const DECODER = new TextDecoder("latin1");

/** How long an answer may take before it counts as never given, in ms. */
const ANSWER_TIMEOUT_MS = 20_000;

/** The longest head a client reads, in bytes. */
const MAX_HEAD_BYTES = 16 * 1024;

/** What the server has answered. */
export interface Answer {
  /** The status code. */
  readonly status: number;
  /** The body, without chunk framing. */
  readonly body: Uint8Array;
  /** When the request was sent, in ms of `performance.now()`. */
  readonly askedAt: number;
  /** When the last byte was here, in ms of `performance.now()`. */
  readonly endedAt: number;
  /** Whether its coding is undone already. */
  readonly isDecoded?: boolean;
  /** The value of a field, by its name in lower case. */
  field(name: string): string | undefined;
}

/** The connection has ended where an answer was expected. */
export class ConnectionEnded extends Error {
  override readonly name = "ConnectionEnded";
}

/** How an answer is read. */
export interface ReadOptions {
  /** Whether it answers a HEAD, and so has no body. */
  readonly head?: boolean;
  /** How long to wait before each read, in ms. */
  readonly slowMs?: number;
}

/** A raw connection of a client. */
export class Wire implements Disposable {
  readonly #socket: Deno.TcpConn;
  #buffer = new Uint8Array(16 * 1024);
  #start = 0;
  #end = 0;
  #closed = false;
  #late = false;

  private constructor(socket: Deno.TcpConn) {
    this.#socket = socket;
  }

  /** Connects; throws when the connection is refused. */
  static async connect(port: number): Promise<Wire> {
    const socket = await Deno.connect({ hostname: HOST, port });
    socket.setNoDelay(true);
    return new Wire(socket);
  }

  /** Sends all of it, as far as the server takes it. */
  async send(text: string | Uint8Array): Promise<void> {
    let bytes = typeof text === "string"
      ? new TextEncoder().encode(text)
      : text;
    try {
      while (bytes.length > 0) {
        bytes = bytes.subarray(await this.#socket.write(bytes));
      }
    } catch {
      // What the server says to that, or that it says nothing, is read next.
    }
  }

  /** Says that nothing more will be sent. */
  async closeWrite(): Promise<void> {
    try {
      await this.#socket.closeWrite();
    } catch {
      // As above.
    }
  }

  /**
   * The next answer; an interim one is passed over.
   *
   * @throws {ConnectionEnded} when there is none, or only a part of one
   * @throws {Error} when it cannot be understood
   */
  async answer(askedAt: number, options: ReadOptions = {}): Promise<Answer> {
    const timer = setTimeout(() => {
      this.#late = true;
      this.close();
    }, ANSWER_TIMEOUT_MS);
    try {
      for (;;) {
        const answer = await this.#one(askedAt, options);
        if (answer.status >= 200) return answer;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the connection. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #one(askedAt: number, options: ReadOptions): Promise<Answer> {
    const head = await this.#until("\r\n\r\n", MAX_HEAD_BYTES, options);
    const [statusLine = "", ...lines] = head.split("\r\n");
    const [, code] = /^HTTP\/1\.1 (\d{3}) /.exec(statusLine) ?? [];
    if (code === undefined) {
      throw new Error(`no status line: ${JSON.stringify(statusLine)}`);
    }
    const status = Number(code);
    const fields = new Map(lines.map((line) => {
      const colon = line.indexOf(": ");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 2)];
    }));
    const isBare = options.head === true || status < 200 || status === 204 ||
      status === 304;
    const length = fields.get("content-length");
    let body: Uint8Array = new Uint8Array(0);
    if (!isBare && fields.get("transfer-encoding") === "chunked") {
      body = await this.#chunks(options);
    } else if (!isBare) {
      if (!/^\d+$/.test(length ?? "")) throw new Error("no length");
      body = await this.#exactly(Number(length), options);
    }
    return {
      status,
      body,
      askedAt,
      endedAt: performance.now(),
      field: (name) => fields.get(name),
    };
  }

  async #chunks(options: ReadOptions): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for (;;) {
      const line = await this.#until("\r\n", 32, options);
      if (!/^[0-9a-f]+$/i.test(line)) throw new Error(`chunk size "${line}"`);
      const size = parseInt(line, 16);
      pieces.push(await this.#exactly(size, options));
      if (await this.#until("\r\n", 2, options) !== "") {
        throw new Error("a chunk is longer than its size");
      }
      if (size > 0) continue;
      return new Uint8Array(await new Blob(pieces as BlobPart[]).arrayBuffer());
    }
  }

  /** The text before `mark`, which is taken away with it. */
  async #until(
    mark: string,
    limit: number,
    options: ReadOptions,
  ): Promise<string> {
    for (;;) {
      const text = DECODER.decode(
        this.#buffer.subarray(
          this.#start,
          Math.min(this.#end, this.#start + limit),
        ),
      );
      const at = text.indexOf(mark);
      if (at >= 0) {
        this.#start += at + mark.length;
        return text.slice(0, at);
      }
      if (text.length >= limit) {
        throw new Error(`unexpected bytes: ${JSON.stringify(text)}`);
      }
      await this.#read(options);
    }
  }

  async #exactly(length: number, options: ReadOptions): Promise<Uint8Array> {
    while (this.#end - this.#start < length) {
      this.#reserve(length - (this.#end - this.#start));
      await this.#read(options);
    }
    const body = this.#buffer.slice(this.#start, this.#start + length);
    this.#start += length;
    return body;
  }

  /** Makes room for so many bytes behind what is unread. */
  #reserve(bytes: number): void {
    if (this.#start === this.#end) this.#start = this.#end = 0;
    if (this.#buffer.length - this.#end >= bytes) return;
    const unread = this.#buffer.subarray(this.#start, this.#end);
    const needed = unread.length + bytes;
    const larger = new Uint8Array(Math.max(needed, this.#buffer.length));
    larger.set(unread);
    this.#end = unread.length;
    this.#start = 0;
    this.#buffer = larger;
  }

  async #read({ slowMs }: ReadOptions): Promise<void> {
    if (slowMs !== undefined) {
      await new Promise((resolve) => setTimeout(resolve, slowMs));
    }
    if (this.#end === this.#buffer.length || this.#start === this.#end) {
      this.#reserve(4096);
    }
    let count: number | null;
    try {
      count = await this.#socket.read(this.#buffer.subarray(this.#end));
    } catch (error) {
      throw new ConnectionEnded(
        this.#late ? `no answer in ${ANSWER_TIMEOUT_MS} ms` : String(error),
      );
    }
    if (count === null) {
      throw new ConnectionEnded(
        `closed with ${this.#end - this.#start} bytes of an answer`,
      );
    }
    this.#end += count;
  }
}
