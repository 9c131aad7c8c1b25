/**
 * A `multipart/byteranges` body (RFC 9110 §14.6), part after part, in pieces
 * that hold as many parts as fit: two hundred parts of one byte are one piece
 * and not four hundred. Small parts that lie close together in a file are read
 * together.
 */

import type { ChunkPool } from "../../files/body/chunk_pool.ts";
import { writeByteString } from "../../http/byte_string.ts";
import type { PositionedReader } from "../../http/byte_source.ts";
import {
  closingDelimiter,
  partHead,
} from "../../http/semantics/multipart_ranges.ts";
import type { ByteRange } from "../../http/semantics/range.ts";
import type { BodySource } from "../../http/response.ts";

/** How far from the first to the last byte of parts read together, in bytes. */
const WINDOW_BYTES = 16 * 1024;

/** What a {@linkcode MultipartSource} is made of. */
interface MultipartParts {
  /** What stands between the parts; see `multipart_ranges.ts`. */
  readonly boundary: string;
  /** The type of the whole representation, if it has one. */
  readonly contentType: string | undefined;
  /** The parts, none of them empty, in the order in which they are sent. */
  readonly ranges: readonly ByteRange[];
  /** How long the whole representation is, in bytes. */
  readonly size: number;
}

/** A body with several ranges of another one. */
export class MultipartSource implements BodySource {
  /** The length in bytes, delimiters included. */
  readonly length: number;
  readonly #reader: PositionedReader;
  readonly #chunks: ChunkPool;
  readonly #ranges: readonly ByteRange[];
  /** What comes before each part, and at the end. */
  readonly #delimiters: readonly string[];
  /** The part, how much of its delimiter is out, and of itself. */
  #part = 0;
  #delimiterAt = 0;
  #partAt = 0;
  #window: Uint8Array | undefined;
  #windowStart = 0;
  #windowEnd = 0;
  #chunk: Uint8Array<ArrayBuffer> | undefined;

  /** Reads what is asked for from `reader`, which it closes. */
  constructor(
    { boundary, contentType, ranges, size }: MultipartParts,
    reader: PositionedReader,
    chunks: ChunkPool,
  ) {
    this.#reader = reader;
    this.#chunks = chunks;
    this.#ranges = ranges;
    this.#delimiters = [
      ...ranges.map((range) => partHead(boundary, contentType, range, size)),
      closingDelimiter(boundary),
    ];
    let length = 0;
    for (const delimiter of this.#delimiters) length += delimiter.length;
    for (const { start, end } of ranges) length += end - start;
    this.length = length;
    chunks.enter();
  }

  /**
   * The next piece, of at most `limit` bytes.
   *
   * @throws {Error} as the reader
   */
  pull(limit = Infinity): Uint8Array | undefined {
    this.#giveBack();
    if (this.#part === this.#delimiters.length) return undefined;
    const chunk = this.#chunk = this.#chunks.acquire(this.length);
    return chunk.subarray(0, this.#fill(chunk.subarray(0, limit)));
  }

  /** See {@linkcode BodySource.readAll}; throws as {@linkcode pull}. */
  readAll(target: Uint8Array): void {
    this.#fill(target.subarray(0, this.length));
  }

  /** Lets go of the body. */
  close(): void {
    this.#giveBack();
    this.#chunks.leave();
    this.#reader.close();
  }

  /** Writes as much as there is room for; returns how much that is. */
  #fill(target: Uint8Array): number {
    let filled = 0;
    while (filled < target.length && this.#part < this.#delimiters.length) {
      const room = filled === 0 ? target : target.subarray(filled);
      filled += this.#isInDelimiter ? this.#delimit(room) : this.#content(room);
      this.#goOn();
    }
    this.#reader.check();
    return filled;
  }

  get #isInDelimiter(): boolean {
    return this.#delimiterAt < this.#delimiters[this.#part]!.length;
  }

  #delimit(room: Uint8Array): number {
    const at = this.#delimiterAt;
    const text = this.#delimiters[this.#part]!.slice(at, at + room.length);
    this.#delimiterAt += text.length;
    return writeByteString(room, text);
  }

  #content(room: Uint8Array): number {
    const { start, end } = this.#ranges[this.#part]!;
    const at = start + this.#partAt;
    const wanted = room.subarray(0, end - at);
    const count = this.#fromWindow(wanted, at, end)
      ? wanted.length
      : this.#reader.read(wanted, at);
    this.#partAt += count;
    return count;
  }

  /** Goes on to the next part if this one is out. */
  #goOn(): void {
    if (this.#isInDelimiter) return;
    const range = this.#ranges[this.#part];
    const length = range === undefined ? 0 : range.end - range.start;
    if (this.#partAt < length) return;
    this.#part++;
    this.#delimiterAt = this.#partAt = 0;
  }

  /** Whether `target` was filled with what was, or now is, read together. */
  #fromWindow(target: Uint8Array, at: number, end: number): boolean {
    if (at < this.#windowStart || end > this.#windowEnd) {
      const windowEnd = this.#endOfNeighbours(at, end);
      if (windowEnd === undefined) return false;
      this.#readWindow(at, windowEnd);
    }
    const from = at - this.#windowStart;
    target.set(this.#window!.subarray(from, from + target.length));
    return true;
  }

  /** Where the last of the next parts ends that is close; if there is one. */
  #endOfNeighbours(at: number, end: number): number | undefined {
    if (end - at > WINDOW_BYTES) return undefined;
    let last = end;
    let next = this.#part + 1;
    for (; next < this.#ranges.length; next++) {
      const range = this.#ranges[next]!;
      if (range.start < at || range.end > at + WINDOW_BYTES) break;
      last = Math.max(last, range.end);
    }
    return next === this.#part + 1 ? undefined : last;
  }

  #readWindow(start: number, end: number): void {
    const window = this.#window ??= new Uint8Array(WINDOW_BYTES);
    const length = end - start;
    for (let filled = 0; filled < length;) {
      filled += this.#reader.read(
        window.subarray(filled, length),
        start + filled,
      );
    }
    this.#windowStart = start;
    this.#windowEnd = end;
  }

  #giveBack(): void {
    if (this.#chunk === undefined) return;
    this.#chunks.release(this.#chunk);
    this.#chunk = undefined;
  }
}
