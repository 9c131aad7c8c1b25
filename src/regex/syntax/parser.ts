/**
 * Reads patterns of PCRE2 10.42, which nginx compiles without options, or
 * caseless. What is read has PCRE's meaning; what cannot have it is an error.
 */

import { ANY_BYTE, NOT_NEWLINE } from "./char_set.ts";
import { posixSyntax, readClass } from "./classes.ts";
import { Cursor } from "./cursor.ts";
import { readEscape } from "./escapes.ts";
import type { Flags } from "./flags.ts";
import { type PatternReader, readGroup } from "./group_reader.ts";
import { GroupRegister } from "./groups.ts";
import { byteNode, lineEnd, oneOf, sequenceOf, WORD_EDGES } from "./nodes.ts";
import { PatternError } from "../pattern_error.ts";
import { readQuantifier, repeated } from "./quantifiers.ts";
import type { Greed, Node, Syntax } from "./syntax.ts";
import { readLeadingVerbs } from "./verbs.ts";

/** Deepest nesting of groups (PCRE2's `PARENS_NEST_LIMIT`). */
const MAX_DEPTH = 250;

/**
 * Reads `pattern`, which has one character for each byte.
 *
 * @throws {PatternError} when it is wrong, or holds what is not supported
 */
export function parsePattern(pattern: string, ignoreCase: boolean): Syntax {
  return new Parser(pattern, ignoreCase).parse();
}

class Parser implements PatternReader {
  readonly cursor: Cursor;
  readonly groups = new GroupRegister();
  flags: Flags;
  #depth = 0;
  /** Whether `\R` is only CR, LF and CRLF. */
  #plainLineEnds = false;

  constructor(pattern: string, ignoreCase: boolean) {
    this.cursor = new Cursor(pattern);
    this.flags = {
      ignoreCase,
      multiline: false,
      dotAll: false,
      extended: 0,
      noCapture: false,
      ungreedy: false,
      duplicateNames: false,
    };
  }

  parse(): Syntax {
    this.#plainLineEnds = readLeadingVerbs(this.cursor).plainLineEnds;
    const node = oneOf(this.alternatives());
    if (!this.cursor.atEnd) {
      throw new PatternError('a ")" that closes nothing', 'write "\\)"');
    }
    this.groups.finish();
    return {
      node,
      groupCount: this.groups.count,
      names: this.groups.names,
    };
  }

  alternatives(beforeEach: () => void = () => {}): Node[] {
    const items: Node[] = [];
    do {
      beforeEach();
      items.push(this.#sequence());
    } while (this.cursor.take("|"));
    return items;
  }

  #sequence(): Node {
    const cursor = this.cursor;
    const items: Node[] = [];
    /** Whether a quantifier may follow. */
    let isRepeatable = false;
    for (;;) {
      this.#skipIgnored();
      if (cursor.atEnd || cursor.sees("|") || cursor.sees(")")) break;
      if (cursor.take("\\Q")) {
        const text = this.#quoted();
        items.push(...text);
        isRepeatable ||= text.length > 0;
        continue;
      }
      const edge = WORD_EDGES.get(cursor.text.substr(cursor.position, 7));
      if (edge !== undefined) {
        cursor.position += 7;
        items.push(...edge);
        isRepeatable = true;
        continue;
      }
      const quantifier = readQuantifier(cursor);
      if (quantifier !== undefined) {
        const { written } = quantifier;
        const body = items.pop();
        if (!isRepeatable || body === undefined) {
          throw new PatternError(
            `"${written}" follows nothing that can be repeated`,
            `write "\\${written}" for the character`,
          );
        }
        items.push(repeated(body, quantifier, this.#greed()));
        isRepeatable = false;
        continue;
      }
      const isGroup = cursor.sees("(");
      const item = this.#item();
      // A quantifier may not follow a place in the text, such as `^` or `\b`.
      isRepeatable = item !== undefined &&
        (isGroup || item.kind !== "assertion");
      if (item !== undefined) items.push(item);
    }
    return sequenceOf(items);
  }

  /**
   * Comments, an `\E` that ends nothing, and with `(?x)` spaces and the rest
   * of a line after `#`.
   */
  #skipIgnored(): void {
    const cursor = this.cursor;
    for (;;) {
      if (cursor.take("(?#")) cursor.until(")", "(?#");
      else if (
        !cursor.take("\\E") && (this.flags.extended === 0 ||
          cursor.match(/[\t-\r \x85]+|#[^\n]*\n?/y) === undefined)
      ) return;
    }
  }

  /** Text up to `\E` or the end. */
  #quoted(): Node[] {
    const cursor = this.cursor;
    const end = cursor.text.indexOf("\\E", cursor.position);
    const stop = end < 0 ? cursor.text.length : end;
    const text = cursor.text.slice(cursor.position, stop);
    cursor.position = end < 0 ? stop : stop + 2;
    return [...text].map((char) =>
      byteNode(char.charCodeAt(0), this.flags.ignoreCase)
    );
  }

  /** `+` or `?` behind a quantifier. */
  #greed(): Greed {
    this.#skipIgnored();
    if (this.cursor.take("+")) return "possessive";
    const isOther = this.cursor.take("?");
    return isOther !== this.flags.ungreedy ? "lazy" : "greedy";
  }

  /** One item; `undefined` for what only sets flags or means nothing. */
  #item(): Node | undefined {
    const cursor = this.cursor;
    const { dotAll, multiline } = this.flags;
    switch (cursor.peek()) {
      case "(":
        return this.#group();
      case "[":
        return this.#class();
      case "\\":
        cursor.position++;
        return this.#escape();
    }
    const char = cursor.next();
    switch (char) {
      case ".":
        return { kind: "set", set: dotAll ? ANY_BYTE : NOT_NEWLINE };
      case "^":
        return {
          kind: "assertion",
          assertion: multiline ? "lineStart" : "start",
        };
      case "$":
        return {
          kind: "assertion",
          assertion: multiline ? "lineEnd" : "endOrNewline",
        };
    }
    return byteNode(char.charCodeAt(0), this.flags.ignoreCase);
  }

  #class(): Node {
    const cursor = this.cursor;
    const posix = posixSyntax(cursor);
    if (posix !== undefined) {
      throw new PatternError(
        `"${posix}" stands outside of a character class`,
        `write "[${posix}]"`,
      );
    }
    cursor.position++;
    const { ignoreCase, extended } = this.flags;
    const set = readClass(cursor, { ignoreCase, skipBlanks: extended === 2 });
    return { kind: "set", set };
  }

  #escape(): Node | undefined {
    const escape = readEscape(this.cursor, this.groups.count);
    switch (escape.kind) {
      case "byte":
        return byteNode(escape.byte, this.flags.ignoreCase);
      case "set":
      case "assertion":
        return escape;
      case "reference":
        return this.groups.reference(escape.group, this.flags.ignoreCase);
      case "lineEnd":
        return lineEnd(this.#plainLineEnds);
      case "nothing":
        return undefined;
    }
  }

  /** A group, whose parenthesis is still to be read. */
  #group(): Node | undefined {
    if (++this.#depth > MAX_DEPTH) {
      throw new PatternError(`groups more than ${MAX_DEPTH} deep`);
    }
    const { flags } = this;
    const node = readGroup(this);
    this.#depth--;
    // Flags that stand alone are in force up to the end of the group around.
    if (node !== undefined) this.flags = flags;
    return node;
  }
}
