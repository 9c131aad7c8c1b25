/**
 * `charset_map`: from the bytes of one encoding to those of another. What has
 * no counterpart becomes `?`, or in a single-byte encoding a reference by
 * number, such as `&#8211;`, as nginx has it.
 */

import { defineDirective, type Directive } from "../../config/directive.ts";
import { ConfigError } from "../../config/errors.ts";
import type { Statement } from "../../config/syntax/parser.ts";

/** Recodes one body; what it gives is valid until the next call. */
export interface Recoder {
  /** The next piece in the other encoding. */
  piece(bytes: Uint8Array): Uint8Array;
  /** What is left of a character that was cut at the end. */
  end(): Uint8Array;
}

/** The way from one encoding to another. */
export interface Recoding {
  /** Whether every byte becomes one byte. */
  readonly keepsLength: boolean;
  /** For one body. */
  start(): Recoder;
}

/** The ways there are, by {@linkcode recodingKey}. */
export type Recodings = ReadonlyMap<string, Recoding>;

const UTF_8 = "utf-8";
const QUESTION_MARK = 0x3f;
const REPLACEMENT = 0xfffd;

/** What nginx's tables hold: the basic multilingual plane. */
const MAX_CODE_POINT = 0xffff;

const NOTHING = new Uint8Array(0);

/** What stands for the way between two encodings; their case is all one. */
export function recodingKey(from: string, to: string): string {
  return `${from} ${to}`.toLowerCase();
}

/** `charset_map charset1 charset2 { byte bytes; ... }`: both ways at once. */
export const charsetMapDirective: Directive<Recodings> = defineDirective<
  Recodings
>({
  name: "charset_map",
  contexts: ["http"],
  args: [2, 2],
  body: "entries",
  repeatable: true,
  default: new Map(),
  summary: "How an encoding of single bytes is recoded to another, and back.",
  syntax: "charset1 charset2 { byte bytes; ... }",
  parse(statement, previous) {
    const { args: [from = "", to = ""], place } = statement;
    const key = recodingKey(from, to);
    if (key === recodingKey(to, from)) {
      throw new ConfigError(
        `"charset_map" between the same charsets "${from}" and "${to}"`,
        place,
        'expected two encodings, as in "charset_map koi8-r utf-8 { ... }"',
      );
    }
    if (previous?.has(key)) {
      throw new ConfigError(
        `duplicate "charset_map" between "${from}" and "${to}"`,
        place,
        "one table is for both ways",
      );
    }
    if (from.toLowerCase() === UTF_8) {
      throw new ConfigError(
        `"${from}" cannot be the first charset of a "charset_map"`,
        place,
        `expected "charset_map ${to} ${from}": it works both ways`,
      );
    }
    const [there, back] = to.toLowerCase() === UTF_8
      ? betweenUtf8(statement)
      : betweenBytes(statement);
    return new Map([
      ...previous ?? [],
      [key, there],
      [recodingKey(to, from), back],
    ]);
  },
});

/** The entries of a table, with `read` for the second of each pair. */
function* entriesOf<T>(
  { block = [] }: Statement,
  read: (hex: string) => T | undefined,
): Generator<[byte: number, other: T]> {
  for (const { name, args, place } of block) {
    const [hex] = args;
    if (hex === undefined || args.length > 1) {
      throw new ConfigError(
        "invalid parameters number",
        place,
        "expected a byte and what it becomes, as in 80 E282AC",
      );
    }
    const byte = byteOf(name);
    const other = read(hex);
    for (const [text, value] of [[name, byte], [hex, other]]) {
      if (value === undefined) {
        throw new ConfigError(
          `invalid value "${text}"`,
          place,
          "expected a byte, or a character in UTF-8, in hexadecimal digits",
        );
      }
    }
    yield [byte!, other!];
  }
}

function byteOf(hex: string): number | undefined {
  return /^[\da-f]{1,2}$/i.test(hex) ? parseInt(hex, 16) : undefined;
}

/** The one character whose bytes in UTF-8 are `hex`. */
function codePointOf(hex: string): number | undefined {
  if (!/^(?:[\da-f]{2})+$/i.test(hex)) return undefined;
  try {
    const text = new TextDecoder(UTF_8, { fatal: true, ignoreBOM: true })
      .decode(Uint8Array.fromHex(hex));
    const point = text.codePointAt(0)!;
    return text.length === 1 && point <= MAX_CODE_POINT ? point : undefined;
  } catch {
    return undefined;
  }
}

/** ASCII as it is, and question marks. */
function asciiTable(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(
    { length: 256 },
    (_, byte) => byte < 0x80 ? byte : QUESTION_MARK,
  );
}

function betweenBytes(statement: Statement): [Recoding, Recoding] {
  const there = asciiTable();
  const back = asciiTable();
  for (const [byte, other] of entriesOf(statement, byteOf)) {
    there[byte] = other;
    back[other] = byte;
  }
  return [byTable(there), byTable(back)];
}

function byTable(table: Uint8Array): Recoding {
  const recoder: Recoder = {
    piece: (bytes) => bytes.map((byte) => table[byte]!),
    end: () => NOTHING,
  };
  return { keepsLength: true, start: () => recoder };
}

function betweenUtf8(statement: Statement): [Recoding, Recoding] {
  const characters = Array.from(asciiTable());
  const bytes = new Map<number, number>();
  for (const [byte, point] of entriesOf(statement, codePointOf)) {
    characters[byte] = point;
    bytes.set(point, byte);
  }
  return [toUtf8(characters), fromUtf8(bytes)];
}

/** From single bytes, which stand for these code points. */
function toUtf8(characters: readonly number[]): Recoding {
  const encoder = new TextEncoder();
  const encoded = characters.map((point) =>
    encoder.encode(String.fromCodePoint(point))
  );
  function piece(bytes: Uint8Array): Uint8Array {
    let length = 0;
    for (const byte of bytes) length += encoded[byte]!.length;
    const out = new Uint8Array(length);
    let at = 0;
    for (const byte of bytes) {
      for (const one of encoded[byte]!) out[at++] = one;
    }
    return out;
  }
  const recoder: Recoder = { piece, end: () => NOTHING };
  return { keepsLength: false, start: () => recoder };
}

/** To single bytes, by the code points they stand for. */
function fromUtf8(table: ReadonlyMap<number, number>): Recoding {
  function encode(text: string): Uint8Array {
    const out: number[] = [];
    for (const character of text) {
      const point = character.codePointAt(0)!;
      const byte = table.get(point) ?? (point < 0x80 ? point : undefined);
      if (byte !== undefined) out.push(byte);
      else if (point === REPLACEMENT) out.push(QUESTION_MARK);
      else for (const one of `&#${point};`) out.push(one.charCodeAt(0));
    }
    return Uint8Array.from(out);
  }
  return {
    keepsLength: false,
    start() {
      const decoder = new TextDecoder(UTF_8, { ignoreBOM: true });
      return {
        piece: (bytes) => encode(decoder.decode(bytes, { stream: true })),
        end: () => encode(decoder.decode()),
      };
    },
  };
}
