/** A response before it is encoded: status, fields and body. */

import { HttpError } from "./errors.ts";
import { unfolded } from "./field_syntax.ts";

/**
 * A body that is produced piece by piece. The connection pulls the next
 * piece when the one before is written: that is the backpressure.
 */
export interface BodySource {
  /** The body's length in bytes, or `undefined` if it is not known. */
  readonly length: number | undefined;
  /**
   * The next piece, or `undefined` at the end. It may be a promise; the bytes
   * are only valid until the next call. `limit` asks for no more than so many
   * bytes, so that a slow reader makes the source hold little; a source that
   * has its pieces ready may give more.
   *
   * @throws when the body cannot be continued: the connection is then closed,
   * because the client was promised more
   */
  pull(
    limit?: number,
  ): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /**
   * Puts all of a body of known length into `target` at once, which has room
   * for it; only for bodies that never have to wait. It takes the place of
   * {@linkcode pull} for small ones, so that they go out with their head.
   *
   * @throws as {@linkcode pull}
   */
  readAll?(target: Uint8Array): void;
  /** What the piece that was pulled last is of, if that is kept in memory. */
  readonly kept?: KeptBytes | undefined;
  /**
   * The next bytes as a part of an open file, at most `limit`, for whoever
   * sends it without reading it. {@linkcode taken} says how much of it went.
   */
  lend?(limit: number): FilePart | Promise<FilePart>;
  /**
   * Says that so many bytes of what was lent were sent; 0 where the file has
   * ended.
   *
   * @throws as {@linkcode pull}
   */
  taken?(count: number): void;
  /** Releases what the body holds; called once, at the end or before it. */
  close(): void;
}

/** What is said of bytes that end with some of a body that is kept. */
export interface KeptBytes {
  /** Where in the bytes that begins. */
  readonly from: number;
  /** The whole body. */
  readonly body: Uint8Array;
  /** Where in the body it begins. */
  readonly at: number;
}

/** A part of an open file, which stays open until its source is closed. */
export interface FilePart {
  /** The descriptor of the file. */
  readonly file: number;
  /** Where the part begins, in bytes. */
  readonly offset: number;
  /** How long it is, in bytes; not 0. */
  readonly length: number;
}

/** A body that answers many requests, each of which opens it. */
export interface ReusableBody {
  /** The body's length in bytes. */
  readonly length: number;
  /**
   * A source for one request.
   *
   * @throws when the body is not there any more
   */
  open(): BodySource;
}

/** The body of a response. */
export type ResponseBody = Uint8Array | BodySource | ReusableBody | undefined;

/** What would split the response, or is no byte. */
const UNSENDABLE = /[\r\n\0\u0100-\uffff]/;

/**
 * Response fields in order, names compared without case. Values are byte
 * strings.
 */
export class HeaderList {
  /** Name, value, name, value, ... */
  readonly #flat: string[] = [];

  /** A list that starts with the given fields. */
  constructor(fields: Iterable<readonly [name: string, value: string]> = []) {
    for (const [name, value] of fields) this.append(name, value);
  }

  /** The first value of `name`. */
  get(name: string): string | undefined {
    const i = this.#find(name);
    return i < 0 ? undefined : this.#flat[i + 1];
  }

  /** The values of every field called `name`, joined as in one list. */
  joined(name: string): string | undefined {
    let i = this.#find(name);
    if (i < 0) return undefined;
    let values = this.#flat[i + 1]!;
    while ((i = this.#find(name, i + 2)) >= 0) {
      values += `, ${this.#flat[i + 1]}`;
    }
    return values;
  }

  /** Whether there is a field called `name`. */
  has(name: string): boolean {
    return this.#find(name) >= 0;
  }

  /**
   * Adds a field behind the others. A value that is folded, as a certificate
   * in PEM is, goes out on one line.
   *
   * @throws {HttpError} 500 if the value would split the response, or is not
   * made of bytes
   */
  append(name: string, value: string): this {
    const sent = UNSENDABLE.test(value) ? unfolded(value) : value;
    if (UNSENDABLE.test(sent) || UNSENDABLE.test(name)) {
      throw new HttpError(500, `invalid value of response field "${name}"`);
    }
    this.#flat.push(name, sent);
    return this;
  }

  /** Puts `value` in the place of every field called `name`, or adds it. */
  set(name: string, value: string): this {
    const i = this.#find(name);
    this.append(name, value);
    if (i < 0) return this;
    // The first of them keeps its place.
    this.#flat.splice(i, 2, ...this.#flat.splice(-2));
    for (let j; (j = this.#find(name, i + 2)) >= 0;) this.#flat.splice(j, 2);
    return this;
  }

  /** Removes every field called `name`. */
  delete(name: string): void {
    for (let i; (i = this.#find(name)) >= 0;) this.#flat.splice(i, 2);
  }

  /** A copy that can be changed on its own. */
  clone(): HeaderList {
    const copy = new HeaderList();
    copy.#flat.push(...this.#flat);
    return copy;
  }

  /** Every field as `Name: value\r\n`. */
  toLines(): string {
    let lines = "";
    for (let i = 0; i < this.#flat.length; i += 2) {
      lines += `${this.#flat[i]}: ${this.#flat[i + 1]}\r\n`;
    }
    return lines;
  }

  /** Iterates over the fields in order. */
  *[Symbol.iterator](): Generator<[name: string, value: string]> {
    for (let i = 0; i < this.#flat.length; i += 2) {
      yield [this.#flat[i]!, this.#flat[i + 1]!];
    }
  }

  #find(name: string, from = 0): number {
    const flat = this.#flat;
    for (let i = from; i < flat.length; i += 2) {
      const candidate = flat[i]!;
      if (
        candidate.length === name.length &&
        (candidate === name || candidate.toLowerCase() === name.toLowerCase())
      ) return i;
    }
    return -1;
  }
}

/** What a response is made of beyond its status. */
export interface HttpResponseOptions {
  /** The fields; `Content-Length`, `Date`, `Server` and `Connection` are
   * written by the encoder. */
  readonly headers?: HeaderList;
  /** The body. */
  readonly body?: ResponseBody;
  /** Whether the connection ends after it. Default `false`. */
  readonly close?: boolean;
  /** See {@linkcode HttpResponse.ranges}. Default `false`. */
  readonly ranges?: boolean;
  /** See {@linkcode HttpResponse.expiresAfter}. */
  readonly expiresAfter?: number | undefined;
  /** See {@linkcode HttpResponse.server}. */
  readonly server?: string | undefined;
  /** See {@linkcode HttpResponse.trailer}. */
  readonly trailer?: (() => string) | undefined;
  /** See {@linkcode HttpResponse.endsWithConnection}. */
  readonly endsWithConnection?: boolean;
}

/** Status, fields and body of one response. */
export class HttpResponse {
  /** The status code, 200 to 599. */
  readonly status: number;
  /** The fields. */
  readonly headers: HeaderList;
  /** The body. */
  readonly body: ResponseBody;
  /** Whether the connection ends after it. */
  readonly close: boolean;
  /**
   * Whether parts of the body may be asked for (RFC 9110 §14): it is the same
   * each time, and is not made on the way. `Accept-Ranges` only says so.
   */
  ranges: boolean;
  /**
   * How many seconds after `Date` the response says it expires; `undefined`
   * for no such field. It changes every second, so the encoder writes it
   * beside the date, and a representation can have it.
   */
  expiresAfter: number | undefined;
  /**
   * The value of `Server`, a byte string that is empty for no such field;
   * `undefined` for what the location says.
   */
  server: string | undefined;
  /**
   * Gives the fields behind a chunked body as `Name: value\r\n` lines (RFC
   * 9112 §7.1.2); asked once, when the body is sent.
   */
  readonly trailer: (() => string) | undefined;
  /**
   * Whether a body of unknown length ends with the connection, also for a
   * client that knows chunks.
   */
  readonly endsWithConnection: boolean;

  /** A response with `status`. */
  constructor(status: number, options: HttpResponseOptions = {}) {
    this.status = status;
    this.headers = options.headers ?? new HeaderList();
    this.body = options.body;
    this.close = options.close ?? false;
    this.ranges = options.ranges ?? false;
    this.expiresAfter = options.expiresAfter;
    this.server = options.server;
    this.endsWithConnection = options.endsWithConnection ?? false;
    this.trailer = options.trailer;
  }

  /** The body's length in bytes, or `undefined` if it is not known. */
  get length(): number | undefined {
    return this.body === undefined ? 0 : this.body.length;
  }

  /** Gives up the body, if it is one that holds something. */
  dispose(): void {
    const { body } = this;
    if (body !== undefined && "close" in body) body.close();
  }

  /**
   * A response of its own, like this one but for the changes. Parts of another
   * body may be asked for only if that is said.
   */
  with(changes: HttpResponseOptions & { status?: number }): HttpResponse {
    return new HttpResponse(changes.status ?? this.status, {
      headers: changes.headers ?? this.headers.clone(),
      body: "body" in changes ? changes.body : this.body,
      close: changes.close ?? this.close,
      ranges: changes.ranges ?? (!("body" in changes) && this.ranges),
      expiresAfter: "expiresAfter" in changes
        ? changes.expiresAfter
        : this.expiresAfter,
      server: this.server,
      endsWithConnection: changes.endsWithConnection ?? this.endsWithConnection,
      trailer: "trailer" in changes ? changes.trailer : this.trailer,
    });
  }
}
