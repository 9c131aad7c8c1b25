/** Character classes: `[a-z]`, `[^[:digit:]_]`. */

import {
  bothCases,
  byteRange,
  type CharSet,
  complement,
  NO_BYTE,
  oneByte,
  POSIX_NAMES,
  posixClass,
  union,
} from "./char_set.ts";
import type { Cursor } from "./cursor.ts";
import { readClassEscape } from "./escapes.ts";
import { PatternError } from "../pattern_error.ts";

/** What the flags in force say of a class. */
interface ClassOptions {
  /** Whether case does not matter. */
  readonly ignoreCase: boolean;
  /** `(?xx)`: spaces and tabs mean nothing. */
  readonly skipBlanks: boolean;
}

/** Where a `-` may make a range of what came before. */
type Before =
  /** A single byte. */
  | { readonly kind: "byte"; readonly byte: number }
  /** A set such as `\d`, from which no range can start. */
  | { readonly kind: "set"; readonly written: string }
  /** Nothing yet, or a range. */
  | undefined;

/**
 * Reads a class, whose `[` has been read.
 *
 * @throws {PatternError} when it has no end, or something in it no meaning
 */
export function readClass(cursor: Cursor, options: ClassOptions): CharSet {
  return new ClassReader(cursor, options).read();
}

/**
 * What begins with `[:`, `[.` or `[=` here and ends with the same, as PCRE
 * looks for it.
 */
export function posixSyntax(cursor: Cursor): string | undefined {
  const { text, position } = cursor;
  const terminator = cursor.peek(1);
  if (terminator === "" || !":.=".includes(terminator)) return undefined;
  for (let at = position + 2; at < text.length; at++) {
    const pair = text.slice(at, at + 2);
    if (pair === "\\]" || pair === "\\\\") at++;
    else if (pair === `[${terminator}` || pair.startsWith("]")) {
      return undefined;
    } else if (pair === `${terminator}]`) return text.slice(position, at + 2);
  }
  return undefined;
}

class ClassReader {
  readonly #cursor: Cursor;
  readonly #options: ClassOptions;
  readonly #start: number;
  #set: CharSet = NO_BYTE;
  #before: Before = undefined;
  #isQuoted = false;

  constructor(cursor: Cursor, options: ClassOptions) {
    this.#cursor = cursor;
    this.#options = options;
    this.#start = cursor.position - 1;
  }

  read(): CharSet {
    const cursor = this.#cursor;
    this.#skip();
    const isNegated = cursor.take("^");
    this.#skip();
    // A bracket that would end an empty class stands for itself.
    if (cursor.take("]")) this.#addByte(0x5d);
    while (!this.#atClosing()) this.#readMember();
    return isNegated ? complement(this.#set) : this.#set;
  }

  /** Passes over what stands for nothing. */
  #skip(): void {
    const cursor = this.#cursor;
    for (;;) {
      if (this.#isQuoted) {
        if (!cursor.take("\\E")) return;
        this.#isQuoted = false;
      } else if (cursor.take("\\Q")) this.#isQuoted = true;
      else if (
        !cursor.take("\\E") &&
        !(this.#options.skipBlanks && (cursor.take(" ") || cursor.take("\t")))
      ) return;
    }
  }

  #atClosing(): boolean {
    this.#skip();
    const cursor = this.#cursor;
    if (cursor.atEnd) {
      throw new PatternError(
        `"${cursor.since(this.#start)}" has no closing "]"`,
        'write "\\[" for a bracket',
      );
    }
    return !this.#isQuoted && cursor.take("]");
  }

  #readMember(): void {
    const cursor = this.#cursor;
    if (this.#isQuoted) return this.#addByte(cursor.next().charCodeAt(0));
    const posix = cursor.peek() === "[" ? posixSyntax(cursor) : undefined;
    if (posix !== undefined) return this.#addPosix(posix);
    if (cursor.sees("-") && this.#before !== undefined) {
      return this.#readDash(this.#before);
    }
    const start = cursor.position;
    const char = cursor.next();
    if (char !== "\\") return this.#addByte(char.charCodeAt(0));
    const escape = readClassEscape(cursor);
    if (escape.kind === "byte") return this.#addByte(escape.byte);
    this.#addSet(escape.set, cursor.since(start));
  }

  /** A dash behind something: a range, or itself before the bracket. */
  #readDash(before: NonNullable<Before>): void {
    const cursor = this.#cursor;
    const dash = cursor.position++;
    this.#skip();
    if (cursor.atEnd || (!this.#isQuoted && cursor.peek() === "]")) {
      return this.#addByte(0x2d);
    }
    const from = before.kind === "set"
      ? before.written
      : String.fromCharCode(before.byte);
    const start = cursor.position;
    const last = this.#rangeEnd();
    if (before.kind === "set" || last === undefined) {
      throw new PatternError(
        `"${from}-${cursor.since(start)}" is no range of characters`,
        'write the "-" last in the class, or "\\-"',
      );
    }
    if (last < before.byte) {
      throw new PatternError(
        `the range "${from}${cursor.since(dash)}" runs backwards`,
      );
    }
    this.#add(byteRange(before.byte, last));
    this.#before = undefined;
  }

  /** The last byte of a range; `undefined` if a set stands there. */
  #rangeEnd(): number | undefined {
    const cursor = this.#cursor;
    if (!this.#isQuoted) {
      const posix = cursor.peek() === "[" ? posixSyntax(cursor) : undefined;
      if (posix !== undefined) {
        cursor.position += posix.length;
        return undefined;
      }
      if (cursor.take("\\")) {
        const escape = readClassEscape(cursor);
        return escape.kind === "byte" ? escape.byte : undefined;
      }
    }
    return cursor.next().charCodeAt(0);
  }

  #addPosix(written: string): void {
    this.#cursor.position += written.length;
    const [, name = ""] = /^\[:\^?([^]*):\]$/.exec(written) ?? [];
    const set = posixClass(name, this.#options.ignoreCase);
    if (set === undefined) {
      throw new PatternError(
        `unknown POSIX class "${written}"`,
        `known are ${POSIX_NAMES.join(", ")}`,
      );
    }
    this.#addSet(written.startsWith("[:^") ? complement(set) : set, written);
  }

  #addSet(set: CharSet, written: string): void {
    this.#set = union(this.#set, set);
    this.#before = { kind: "set", written };
  }

  #addByte(byte: number): void {
    this.#add(oneByte(byte));
    this.#before = { kind: "byte", byte };
  }

  /** Cases are added to what is written out, not to sets such as `\p{Lu}`. */
  #add(set: CharSet): void {
    this.#set = union(
      this.#set,
      this.#options.ignoreCase ? bothCases(set) : set,
    );
  }
}
