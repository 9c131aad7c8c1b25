/** From fields to a field block (RFC 7541 §6). */

import {
  DEFAULT_TABLE_BYTES,
  DynamicTable,
  FieldLine,
  fieldSize,
  STATIC_TABLE,
} from "./table.ts";
import { huffmanEncode, huffmanLength } from "./huffman.ts";
import type { Output } from "../output.ts";

/** How a field is said: the bits before its number, and how many are left. */
const INDEXED = { bits: 0x80, prefix: 7 } as const;
const REMEMBERED = { bits: 0x40, prefix: 6 } as const;
const RESIZED = { bits: 0x20, prefix: 5 } as const;
const NEVER = { bits: 0x10, prefix: 4 } as const;
const PLAIN = { bits: 0, prefix: 4 } as const;

/** Fields that are another one each time, or nearly: not worth a place. */
const CHANGING: ReadonlySet<string> = new Set([
  "content-length",
  "content-range",
  "date",
  "etag",
  "expires",
  "last-modified",
  "location",
]);

/** Fields that nobody on the way may remember (§7.1.3). */
const SECRET: ReadonlySet<string> = new Set(["set-cookie", "authorization"]);

/** A field longer than this share of the table would push out too much. */
const LARGEST_SHARE = 1 / 4;

/** The number of each name of the static table. */
const NAMES = new Map<string, number>();

/** The number of each field of it that has a value. */
const FIELDS = new Map<string, number>();

STATIC_TABLE.forEach(({ name, value }, at) => {
  if (!NAMES.has(name)) NAMES.set(name, at + 1);
  if (value !== "") FIELDS.set(`${name} ${value}`, at + 1);
});

function writeInteger(
  { bits, prefix }: { readonly bits: number; readonly prefix: number },
  value: number,
  output: Output,
): void {
  const mask = (1 << prefix) - 1;
  if (value < mask) return output.byte(bits | value);
  output.byte(bits | mask);
  let rest = value - mask;
  for (; rest >= 128; rest = Math.floor(rest / 128)) {
    output.byte((rest % 128) | 0x80);
  }
  output.byte(rest);
}

function writeString(text: string, output: Output): void {
  const coded = huffmanLength(text);
  if (coded < text.length) {
    writeInteger({ bits: 0x80, prefix: 7 }, coded, output);
    huffmanEncode(text, output);
  } else {
    writeInteger({ bits: 0, prefix: 7 }, text.length, output);
    output.text(text);
  }
}

function writeLiteral(
  kind: typeof PLAIN | typeof REMEMBERED | typeof NEVER,
  name: string,
  value: string,
  output: Output,
): void {
  const index = NAMES.get(name) ?? 0;
  writeInteger(kind, index, output);
  if (index === 0) writeString(name, output);
  writeString(value, output);
}

/**
 * Adds a field so that it means the same on every connection: no dynamic table
 * is used or changed. Names are lower case, both are byte strings.
 */
export function encodeAlone(name: string, value: string, output: Output): void {
  const index = FIELDS.get(`${name} ${value}`);
  if (index !== undefined) return writeInteger(INDEXED, index, output);
  writeLiteral(SECRET.has(name) ? NEVER : PLAIN, name, value, output);
}

/** Encodes the field blocks of one connection, in their order. */
export class HpackEncoder {
  readonly #table = new DynamicTable();
  /** The smallest size since the last block, if the size has changed. */
  #resizedTo: number | undefined;

  /** The other side says how large the table may be, in bytes. */
  limitTable(bytes: number): void {
    const limit = Math.min(bytes, DEFAULT_TABLE_BYTES);
    if (limit === this.#table.limit) return;
    this.#resizedTo = Math.min(limit, this.#resizedTo ?? limit);
    this.#table.resize(limit);
  }

  /** Says what has to be said before the fields of a block (§4.2). */
  begin(output: Output): void {
    if (this.#resizedTo === undefined) return;
    writeInteger(RESIZED, this.#resizedTo, output);
    if (this.#resizedTo !== this.#table.limit) {
      writeInteger(RESIZED, this.#table.limit, output);
    }
    this.#resizedTo = undefined;
  }

  /** Adds a field: a lower-case name, and both are byte strings. */
  encode(name: string, value: string, output: Output): void {
    const known = FIELDS.get(`${name} ${value}`) ??
      this.#table.indexOf(name, value);
    if (known > 0) return writeInteger(INDEXED, known, output);
    const line = new FieldLine(name, value);
    if (
      CHANGING.has(name) || SECRET.has(name) ||
      fieldSize(line) > this.#table.limit * LARGEST_SHARE
    ) return encodeAlone(name, value, output);
    writeLiteral(REMEMBERED, name, value, output);
    this.#table.add(line);
  }
}
