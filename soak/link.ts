/** What a good client's requests go by: a connection, of one protocol or another. */

import type { Period } from "./history.ts";
import { type Answer, type ReadOptions, Wire } from "./wire.ts";

/** A request. */
export interface Ask {
  /** Its target. */
  readonly path: string;
  /** `GET` if it is not said. */
  readonly method?: string;
  /** Fields besides `Host` and `User-Agent`, each with its CRLF. */
  readonly fields?: string;
  /** What follows the head, in pieces that are sent one by one. */
  readonly body?: readonly string[];
}

/** How requests are made. */
export interface AskOptions {
  /** How long to wait before each read of the answer, in ms. */
  readonly slowMs?: number;
  /** Whether nothing is sent after the requests, not even later. */
  readonly halfClose?: boolean;
  /** Whether the connection may end in between, in a period. */
  mayBeCut?(period: Period): boolean;
}

/** A connection, or what makes one when it is needed. */
export interface Link {
  /** Whether answers come one after the other, in the order of requests. */
  readonly ordered: boolean;
  /**
   * Makes requests, all at once, and gives their answers in the order of the
   * requests. `marks` are their user agents.
   *
   * @throws {ConnectionEnded} when one does not come, or not whole
   * @throws {Error} when one cannot be understood
   */
  exchange(
    asks: readonly Ask[],
    marks: readonly string[],
    options: AskOptions,
  ): AsyncIterable<Answer>;
  /** Ends it. */
  close(): void;
}

/** How an answer is read. */
export function readOptions(
  { method }: Ask,
  { slowMs }: AskOptions,
): ReadOptions {
  return {
    head: method === "HEAD",
    ...(slowMs === undefined ? {} : { slowMs }),
  };
}

/** HTTP/1.1 as bytes on a connection without TLS. */
export class WireLink implements Link {
  readonly ordered = true;
  readonly #wire: Wire;

  private constructor(wire: Wire) {
    this.#wire = wire;
  }

  /** Connects; throws when the connection is refused. */
  static async connect(port: number): Promise<WireLink> {
    return new WireLink(await Wire.connect(port));
  }

  /** See {@linkcode Link}. */
  async *exchange(
    asks: readonly Ask[],
    marks: readonly string[],
    options: AskOptions,
  ): AsyncGenerator<Answer> {
    const askedAt = performance.now();
    await this.#send(asks, marks);
    if (options.halfClose === true) await this.#wire.closeWrite();
    for (const ask of asks) {
      yield await this.#wire.answer(askedAt, readOptions(ask, options));
    }
  }

  /** Ends the connection. */
  close(): void {
    this.#wire.close();
  }

  async #send(
    asks: readonly Ask[],
    marks: readonly string[],
  ): Promise<void> {
    let text = "";
    for (const [i, { method = "GET", path, fields, body }] of asks.entries()) {
      text += `${method} ${path} HTTP/1.1\r\nHost: good\r\n` +
        `User-Agent: ${marks[i]}\r\n${fields ?? ""}\r\n`;
      if (body === undefined) continue;
      for (const piece of body) {
        await this.#wire.send(text);
        text = piece;
      }
    }
    await this.#wire.send(text);
  }
}
