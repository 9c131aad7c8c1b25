/**
 * From a field block to fields (RFC 7541 §3, §6). A field of a table is the
 * same object each time, so that a block of a few bytes costs no more memory
 * than what it is made of, however often it says a long field.
 */

import { latin1 } from "../../../bytes/ascii.ts";
import { ConnectionFault, ErrorCode } from "../frames.ts";
import { DEFAULT_TABLE_BYTES, DynamicTable, FieldLine } from "./table.ts";
import { huffmanDecode } from "./huffman.ts";

/** Largest number that is read: no length and no index is larger. */
const MAX_INTEGER = 0xffff_ffff;

/** Most changes of the table's size before a block: down, and up again. */
const MAX_RESIZES = 2;

function broken(what: string): ConnectionFault {
  return new ConnectionFault(
    ErrorCode.CompressionError,
    `client sent invalid field block: ${what}`,
  );
}

/** Decodes the field blocks of one connection, in their order. */
export class HpackDecoder {
  readonly #table: DynamicTable;
  readonly #maxTableBytes: number;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;

  /** `maxTableBytes` is what the other side was told, or what it assumes. */
  constructor(maxTableBytes: number = DEFAULT_TABLE_BYTES) {
    this.#maxTableBytes = maxTableBytes;
    this.#table = new DynamicTable(maxTableBytes);
  }

  /**
   * Gives every field of a block to `take`.
   *
   * @throws {ConnectionFault} `COMPRESSION_ERROR` when it cannot be decoded
   */
  decode(bytes: Uint8Array, take: (line: FieldLine) => void): void {
    this.#bytes = bytes;
    this.#at = 0;
    this.#end = bytes.length;
    let resizes = 0;
    let begun = false;
    while (this.#at < this.#end) {
      const first = bytes[this.#at]!;
      if ((first & 0xe0) === 0x20) {
        if (begun || ++resizes > MAX_RESIZES) throw broken("table size");
        this.#resize(this.#integer(5));
        continue;
      }
      begun = true;
      if ((first & 0x80) !== 0) take(this.#indexed(this.#integer(7)));
      else if ((first & 0x40) !== 0) {
        const line = this.#literal(6);
        this.#table.add(line);
        take(line);
      } else take(this.#literal(4));
    }
    this.#bytes = new Uint8Array(0);
  }

  #resize(bytes: number): void {
    if (bytes > this.#maxTableBytes) throw broken("too large a table");
    this.#table.resize(bytes);
  }

  #indexed(index: number): FieldLine {
    const line = index === 0 ? undefined : this.#table.at(index);
    if (line === undefined) throw broken("no such field");
    return line;
  }

  #literal(prefix: number): FieldLine {
    const index = this.#integer(prefix);
    const name = index === 0 ? this.#string() : this.#indexed(index).name;
    return new FieldLine(name, this.#string());
  }

  /** A number whose first byte has it in its last `prefix` bits (§5.1). */
  #integer(prefix: number): number {
    const mask = (1 << prefix) - 1;
    let value = this.#byte() & mask;
    if (value < mask) return value;
    for (let scale = 1;; scale *= 128) {
      const byte = this.#byte();
      value += (byte & 0x7f) * scale;
      if (value > MAX_INTEGER || scale > MAX_INTEGER) {
        throw broken("too large a number");
      }
      if (byte < 0x80) return value;
    }
  }

  #string(): string {
    const isCoded = (this.#bytes[this.#at]! & 0x80) !== 0;
    const length = this.#integer(7);
    const start = this.#at;
    if (length > this.#end - start) throw broken("it is cut short");
    const end = this.#at = start + length;
    if (!isCoded) return latin1(this.#bytes, start, end);
    const text = huffmanDecode(this.#bytes, start, end);
    if (text === undefined) throw broken("Huffman code");
    return text;
  }

  #byte(): number {
    if (this.#at === this.#end) throw broken("it is cut short");
    return this.#bytes[this.#at++]!;
  }
}
