/**
 * Clients that ask again and again over connections they keep, each request by
 * a number of its own, and know of each how it ended.
 */

import { concat, textOf } from "../support/latin1.ts";

/** One request and how it ended. */
export interface CountedRequest {
  /** Its number, which is `n` in the query of its target. */
  readonly id: number;
  /** The path. */
  readonly path: string;
  /** When it was sent, of `performance.now()`. */
  readonly sentAt: number;
  /** The instance that answers, from the field `X-Instance`, once a head came. */
  instance: string | undefined;
  /** Why it failed; `undefined` while it goes on, and when it was answered whole. */
  fault: string | undefined;
  /** Whether it is over. */
  isOver: boolean;
}

/** What a {@linkcode CountedLoad} asks for. */
export interface LoadOptions {
  /** The port of 127.0.0.1 to ask. */
  readonly port: number;
  /** The paths, by turns, and what each of them is answered with. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** How many clients ask at a time. */
  readonly clients: number;
  /** How many requests a client makes before it is another one. */
  readonly perConnection: number;
  /** How long a client waits between two requests, in ms. */
  readonly pauseMs: number;
  /** The next number; loads that are counted together share it. */
  readonly nextId: () => number;
}

/** The clients. */
export class CountedLoad {
  /** All requests, in the order they were sent. */
  readonly requests: CountedRequest[] = [];
  readonly #options: LoadOptions;
  readonly #ended: Promise<void>[] = [];
  #isStopping = false;

  constructor(options: LoadOptions) {
    this.#options = options;
    const paths = [...options.files.keys()];
    for (let client = 0; client < options.clients; client++) {
      this.#ended.push(this.#client(paths, client));
    }
  }

  /** Requests of which an instance has sent the head, and not yet all. */
  inFlight(instance: string): CountedRequest[] {
    return this.requests.filter((request) =>
      !request.isOver && request.instance === instance
    );
  }

  /** Ends when every client has had the answer it waits for. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#ended);
  }

  async #client(paths: readonly string[], first: number): Promise<void> {
    const { port, files, nextId, perConnection, pauseMs } = this.#options;
    let connection: Connection | undefined;
    let left = perConnection;
    for (let turn = first; !this.#isStopping; turn++) {
      const path = paths[turn % paths.length]!;
      const request: CountedRequest = {
        id: nextId(),
        path,
        sentAt: performance.now(),
        instance: undefined,
        fault: undefined,
        isOver: false,
      };
      this.requests.push(request);
      try {
        if (connection === undefined) {
          connection = await Connection.open(port);
          left = perConnection;
        }
        await connection.ask(request, files.get(path)!);
      } catch (error) {
        request.fault = String(error);
      }
      request.isOver = true;
      left--;
      if (request.fault !== undefined || connection?.isOver || left === 0) {
        connection?.close();
        connection = undefined;
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    connection?.close();
  }
}

class Connection {
  readonly #socket: Deno.TcpConn;
  #unread: Uint8Array = new Uint8Array(0);
  /** Whether the other side has said that it is the last answer. */
  isOver = false;

  private constructor(socket: Deno.TcpConn) {
    this.#socket = socket;
  }

  static async open(port: number): Promise<Connection> {
    return new Connection(await Deno.connect({ hostname: "127.0.0.1", port }));
  }

  async ask(request: CountedRequest, expected: Uint8Array): Promise<void> {
    const text = `GET ${request.path}?n=${request.id} HTTP/1.1\r\n` +
      "Host: site.test\r\n\r\n";
    await this.#socket.write(new TextEncoder().encode(text));
    let end: number;
    while ((end = textOf(this.#unread).indexOf("\r\n\r\n")) < 0) {
      await this.#read("before the head");
    }
    const head = textOf(this.#unread.subarray(0, end));
    this.#unread = this.#unread.subarray(end + 4);
    request.instance = /^x-instance: (.*)$/im.exec(head)?.[1];
    this.isOver = /^connection: close/im.test(head);
    const length = Number(/^content-length: (\d+)/im.exec(head)?.[1]);
    const pieces = [this.#unread];
    let size = this.#unread.length;
    while (size < length) {
      this.#unread = new Uint8Array(0);
      await this.#read(`after ${size} of ${length} bytes`);
      pieces.push(this.#unread);
      size += this.#unread.length;
    }
    const body = concat(pieces);
    this.#unread = body.subarray(length);
    if (!head.startsWith("HTTP/1.1 200 ")) {
      request.fault = head.split("\r\n")[0];
    } else if (textOf(body.subarray(0, length)) !== textOf(expected)) {
      request.fault = "another body";
    }
  }

  close(): void {
    this.#socket.close();
  }

  async #read(when: string): Promise<void> {
    const buffer = new Uint8Array(65_536);
    const count = await this.#socket.read(buffer).catch((error) => {
      if (error instanceof Deno.errors.ConnectionReset) return null;
      throw error;
    });
    if (count === null) throw new Error(`closed ${when}`);
    this.#unread = concat([this.#unread, buffer.subarray(0, count)]);
  }
}
