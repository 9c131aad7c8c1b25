/** What a backslash and the characters behind it stand for. */

import {
  type CharSet,
  complement,
  DIGIT,
  HORIZONTAL_SPACE,
  NOT_NEWLINE,
  propertyClass,
  SPACE,
  VERTICAL_SPACE,
  WORD,
} from "./char_set.ts";
import type { Cursor } from "./cursor.ts";
import { PatternError, unsupported } from "../pattern_error.ts";
import type { Assertion } from "./syntax.ts";

/** A group that a back reference names: by number or by name. */
export type GroupName = number | string;

type Escape =
  | { readonly kind: "byte"; readonly byte: number }
  | { readonly kind: "set"; readonly set: CharSet }
  | { readonly kind: "assertion"; readonly assertion: Assertion }
  | { readonly kind: "reference"; readonly group: GroupName }
  /** `\R`. */
  | { readonly kind: "lineEnd" }
  /** `\K`: moves the start of the match, which nothing here asks for. */
  | { readonly kind: "nothing" };

const CHARACTERS: Readonly<Record<string, number>> = {
  a: 0x07,
  e: 0x1b,
  f: 0x0c,
  n: 0x0a,
  r: 0x0d,
  t: 0x09,
};

const SETS: Readonly<Record<string, CharSet>> = {
  d: DIGIT,
  D: complement(DIGIT),
  h: HORIZONTAL_SPACE,
  H: complement(HORIZONTAL_SPACE),
  s: SPACE,
  S: complement(SPACE),
  v: VERTICAL_SPACE,
  V: complement(VERTICAL_SPACE),
  w: WORD,
  W: complement(WORD),
};

/** A match begins at the start of the text, so `\G` is `\A`. */
const ASSERTIONS: Readonly<Record<string, Assertion>> = {
  A: "start",
  G: "start",
  z: "end",
  Z: "endOrNewline",
  b: "wordBoundary",
  B: "noWordBoundary",
};

/** Largest number of a group (PCRE2's `MAX_GROUP_NUMBER`). */
const MAX_GROUP = 65_535;

const MAX_BYTE = 0xff;

function lookUp<T>(
  table: Readonly<Record<string, T>>,
  key: string,
): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/**
 * Reads an escape outside brackets, whose backslash has been read.
 * `groupsSoFar` is how many groups have been opened before it.
 *
 * @throws {PatternError} when there is no such escape
 */
export function readEscape(cursor: Cursor, groupsSoFar: number): Escape {
  const start = cursor.position - 1;
  const char = cursor.next();
  const assertion = lookUp(ASSERTIONS, char);
  if (assertion !== undefined) return { kind: "assertion", assertion };
  switch (char) {
    case "R":
      return { kind: "lineEnd" };
    case "K":
      return { kind: "nothing" };
    case "N":
      if (
        cursor.peek() === "{" &&
        cursor.match(/(?=\{\d+(?:,\d*)?\})/y) === undefined
      ) {
        throw new PatternError(
          '"\\N{...}" names a character, which needs UTF-8 mode',
          "write the character itself",
        );
      }
      return { kind: "set", set: NOT_NEWLINE };
    case "X":
      throw unsupported("the escape", "\\X", "write (?:.|\\n)");
    case "C":
      throw unsupported("the escape", "\\C", "write (?:.|\\n)");
    case "g":
      return { kind: "reference", group: readGroup(cursor) };
    case "k":
      return { kind: "reference", group: readName(cursor) };
  }
  if (/[1-9]/.test(char)) {
    const group = numberedReference(cursor, char, groupsSoFar);
    if (group !== undefined) return { kind: "reference", group };
    if (char >= "8") return { kind: "byte", byte: char.charCodeAt(0) };
  }
  return readSimpleEscape(cursor, char, start);
}

/**
 * Reads an escape within brackets, whose backslash has been read.
 *
 * @throws {PatternError} when there is no such escape
 */
export function readClassEscape(
  cursor: Cursor,
): Extract<Escape, { readonly kind: "byte" | "set" }> {
  const start = cursor.position - 1;
  const char = cursor.next();
  if (char === "b") return { kind: "byte", byte: 0x08 };
  if (char === "8" || char === "9" || char === "g") {
    return { kind: "byte", byte: char.charCodeAt(0) };
  }
  if (char !== "" && "ABCGKNRXZkz".includes(char)) {
    throw new PatternError(
      `"\\${char}" has no meaning in a character class`,
    );
  }
  return readSimpleEscape(cursor, char, start);
}

/** Escapes that mean the same in brackets and outside. */
function readSimpleEscape(
  cursor: Cursor,
  char: string,
  start: number,
): Extract<Escape, { readonly kind: "byte" | "set" }> {
  const set = lookUp(SETS, char);
  if (set !== undefined) return { kind: "set", set };
  const byte = lookUp(CHARACTERS, char);
  if (byte !== undefined) return { kind: "byte", byte };
  switch (char) {
    case "":
      throw new PatternError(
        'a "\\" at the end',
        'write "\\\\" for a backslash, and quote the pattern',
      );
    case "c":
      return { kind: "byte", byte: controlByte(cursor) };
    case "x":
      return { kind: "byte", byte: hexadecimal(cursor) };
    case "o":
      return { kind: "byte", byte: bracedOctal(cursor) };
    case "p":
    case "P":
      return { kind: "set", set: readProperty(cursor, char === "P") };
  }
  if (/[0-7]/.test(char)) {
    const digits = char + (cursor.match(/[0-7]{0,2}/y)?.[0] ?? "");
    return {
      kind: "byte",
      byte: checkedByte(parseInt(digits, 8), cursor.since(start)),
    };
  }
  if (/[A-Za-z]/.test(char)) {
    throw new PatternError(
      `unknown escape "\\${char}"`,
      `write "${char}" without the backslash, or "\\\\${char}"`,
    );
  }
  return { kind: "byte", byte: char.charCodeAt(0) };
}

/**
 * `\1` to `\9`, what begins with 8 or 9, and numbers of groups that there are
 * so far: these are references. Others are octal.
 */
function numberedReference(
  cursor: Cursor,
  first: string,
  groupsSoFar: number,
): number | undefined {
  const start = cursor.position;
  const number = Number(first + (cursor.match(/\d*/y)?.[0] ?? ""));
  if (number < 10 || first >= "8" || number <= groupsSoFar) {
    if (number <= MAX_GROUP) return number;
  }
  cursor.position = start;
  return undefined;
}

/** `\g1`, `\g{1}`, `\g{-1}`, `\g{+1}` and `\g{name}`. */
function readGroup(cursor: Cursor): GroupName {
  if (cursor.peek() === "<" || cursor.peek() === "'") {
    throw unsupported(
      "a call of a group,",
      `\\g${cursor.peek()}`,
      "write the group's pattern once more",
    );
  }
  const start = cursor.position;
  const [, braced, plain] = cursor.match(/\{([^}]*)\}|([+-]?\d+)/y) ?? [];
  const text = braced ?? plain ?? "";
  if (/^[A-Za-z_]\w*$/.test(text)) return text;
  if (!/^[+-]?\d+$/.test(text)) {
    throw new PatternError(
      `"\\g${cursor.since(start)}" names no group`,
      'write "\\g{1}" or "\\g{name}"',
    );
  }
  return text.startsWith("+") || text.startsWith("-") ? text : Number(text);
}

/** `\k{name}`, `\k<name>` and `\k'name'`. */
function readName(cursor: Cursor): string {
  const name = cursor.match(/\{[A-Za-z_]\w*\}|<[A-Za-z_]\w*>|'[A-Za-z_]\w*'/y);
  if (name === undefined) {
    throw new PatternError(
      '"\\k" without the name of a group',
      'write "\\k{name}"',
    );
  }
  return name[0].slice(1, -1);
}

function controlByte(cursor: Cursor): number {
  const char = cursor.next();
  if (!/[ -~]/.test(char)) {
    throw new PatternError(
      '"\\c" without a printable ASCII character behind it',
    );
  }
  return char.toUpperCase().charCodeAt(0) ^ 0x40;
}

/** `\x`, `\x4`, `\x41` and `\x{41}`. */
function hexadecimal(cursor: Cursor): number {
  if (cursor.take("{")) {
    const digits = cursor.match(/([0-9A-Fa-f]+)\}/y)?.[1];
    if (digits === undefined) {
      throw new PatternError('"\\x{" without hexadecimal digits and "}"');
    }
    return checkedByte(parseInt(digits, 16), `\\x{${digits}}`);
  }
  const digits = cursor.match(/[0-9A-Fa-f]{0,2}/y)?.[0] ?? "";
  return digits === "" ? 0 : parseInt(digits, 16);
}

function bracedOctal(cursor: Cursor): number {
  const digits = cursor.match(/\{([0-7]+)\}/y)?.[1];
  if (digits === undefined) {
    throw new PatternError('"\\o" without octal digits in braces');
  }
  return checkedByte(parseInt(digits, 8), `\\o{${digits}}`);
}

function checkedByte(value: number, written: string): number {
  if (value <= MAX_BYTE) return value;
  throw new PatternError(
    `"${written}" is no byte`,
    "patterns match the bytes of UTF-8: write the character itself",
  );
}

/** `\pL`, `\p{Lu}` and `\p{^Lu}`. */
function readProperty(cursor: Cursor, negated: boolean): CharSet {
  const [whole = "", inside] = cursor.match(/\{([^}]*)\}|[A-Za-z]/y) ?? [];
  const written = (inside ?? whole).replace(/[\s_-]/g, "");
  const isNegated = written.startsWith("^") !== negated;
  const name = written.replace(/^\^/, "");
  const proper = name.charAt(0).toUpperCase() + name.slice(1).toLowerCase();
  const set = propertyClass(proper);
  if (set === undefined) {
    throw unsupported(
      "the property",
      `\\${negated ? "P" : "p"}${whole}`,
      "a general category such as \\p{L} is, and a class such as [[:alpha:]]",
    );
  }
  return isNegated ? complement(set) : set;
}
