/**
 * A `multipart/byteranges` body (RFC 9110 §14.6), part after part, in pieces
 * that hold as many parts as fit: two hundred parts of one byte are one piece
 * and not four hundred. Small parts that lie close together in a file are read
 * together. As long as nobody takes a piece there is little of it: a client may
 * ask for two hundred parts on each of a hundred streams, by one byte of HPACK.
 */

import type { ChunkPool } from "../../files/body/chunk_pool.ts";
import { writeByteString } from "../../http/byte_string.ts";
import type { PositionedReader } from "../../http/byte_source.ts";
import {
  closingDelimiter,
  partHead,
  partHeadsLength,
} from "../../http/semantics/multipart_ranges.ts";
import type { ByteRange } from "../../http/semantics/range.ts";
import type { BodySource } from "../../http/response.ts";

/** How far from the first to the last byte of parts read together, in bytes. */
const WINDOW_BYTES = 16 * 1024;

/** Where they are read to, while one piece is made. */
const WINDOW = new Uint8Array(WINDOW_BYTES);

/** The largest number of 32 bits. */
const MAX_UINT32 = 0xffff_ffff;

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

/** Where parts begin and end, in a row, in as few bytes as that takes. */
function positionsOf(
  ranges: readonly ByteRange[],
  size: number,
): Uint32Array | Float64Array {
  const positions = new (size > MAX_UINT32 ? Float64Array : Uint32Array)(
    2 * ranges.length,
  );
  ranges.forEach(({ start, end }, at) => {
    positions[2 * at] = start;
    positions[2 * at + 1] = end;
  });
  return positions;
}

/** A body with several ranges of another one. */
export class MultipartSource implements BodySource {
  /** The length in bytes, delimiters included. */
  readonly length: number;
  readonly #reader: PositionedReader;
  readonly #chunks: ChunkPool;
  readonly #boundary: string;
  readonly #contentType: string | undefined;
  readonly #size: number;
  readonly #positions: Uint32Array | Float64Array;
  readonly #parts: number;
  /** What comes before the part, or at the end, if it is known. */
  #delimiterText: string | undefined;
  /** The part, how much of its delimiter is out, and of itself. */
  #part = 0;
  #delimiterAt = 0;
  #partAt = 0;
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
    this.#boundary = boundary;
    this.#contentType = contentType;
    this.#size = size;
    this.#positions = positionsOf(ranges, size);
    this.#parts = ranges.length;
    let length = partHeadsLength(boundary, contentType, ranges, size) +
      closingDelimiter(boundary).length;
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
    if (this.#isOut) return undefined;
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
    this.#windowStart = this.#windowEnd = 0;
    while (filled < target.length && !this.#isOut) {
      const room = filled === 0 ? target : target.subarray(filled);
      filled += this.#isInDelimiter ? this.#delimit(room) : this.#content(room);
      this.#goOn();
    }
    this.#reader.check();
    return filled;
  }

  /** Whether all of it is. */
  get #isOut(): boolean {
    return this.#part > this.#parts;
  }

  #startOf(part: number): number {
    return this.#positions[2 * part]!;
  }

  #endOf(part: number): number {
    return this.#positions[2 * part + 1]!;
  }

  get #delimiter(): string {
    return this.#delimiterText ??= this.#part === this.#parts
      ? closingDelimiter(this.#boundary)
      : partHead(
        this.#boundary,
        this.#contentType,
        { start: this.#startOf(this.#part), end: this.#endOf(this.#part) },
        this.#size,
      );
  }

  get #isInDelimiter(): boolean {
    return this.#delimiterAt < this.#delimiter.length;
  }

  #delimit(room: Uint8Array): number {
    const at = this.#delimiterAt;
    const text = this.#delimiter.slice(at, at + room.length);
    this.#delimiterAt += text.length;
    return writeByteString(room, text);
  }

  #content(room: Uint8Array): number {
    const end = this.#endOf(this.#part);
    const at = this.#startOf(this.#part) + this.#partAt;
    const wanted = room.subarray(0, end - at);
    const others = Math.floor(room.length / this.#delimiter.length);
    const count = this.#fromWindow(wanted, at, others)
      ? wanted.length
      : this.#reader.read(wanted, at);
    this.#partAt += count;
    return count;
  }

  /** Goes on to the next part if this one is out. */
  #goOn(): void {
    if (this.#isInDelimiter) return;
    const part = this.#part;
    const length = part === this.#parts
      ? 0
      : this.#endOf(part) - this.#startOf(part);
    if (this.#partAt < length) return;
    this.#part++;
    this.#delimiterText = undefined;
    this.#delimiterAt = this.#partAt = 0;
  }

  /**
   * Whether `target` was filled with what was, or now is, read together with
   * some of the `others` behind it, for which there is room.
   */
  #fromWindow(target: Uint8Array, at: number, others: number): boolean {
    const end = this.#endOf(this.#part);
    if (at < this.#windowStart || end > this.#windowEnd) {
      const windowEnd = this.#endOfNeighbours(at, end, others);
      if (windowEnd === undefined) return false;
      this.#readWindow(at, windowEnd);
    }
    const from = at - this.#windowStart;
    target.set(WINDOW.subarray(from, from + target.length));
    return true;
  }

  /** Where the last of the next parts ends that is close; if there is one. */
  #endOfNeighbours(
    at: number,
    end: number,
    others: number,
  ): number | undefined {
    if (end - at > WINDOW_BYTES) return undefined;
    let last = end;
    const first = this.#part + 1;
    const until = Math.min(this.#parts, first + others);
    let next = first;
    for (; next < until; next++) {
      const nextEnd = this.#endOf(next);
      if (this.#startOf(next) < at || nextEnd > at + WINDOW_BYTES) break;
      last = Math.max(last, nextEnd);
    }
    return next === first ? undefined : last;
  }

  #readWindow(start: number, end: number): void {
    const length = end - start;
    for (let filled = 0; filled < length;) {
      filled += this.#reader.read(
        WINDOW.subarray(filled, length),
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
