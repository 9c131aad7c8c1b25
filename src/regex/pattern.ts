/**
 * A regular expression of the configuration, as nginx has it: PCRE's language
 * over the bytes of the text.
 *
 * Text beyond ASCII is matched as the bytes of its UTF-8, as nginx does it:
 * `.` is one of the two bytes of `é`, `[^/]+` is any number of them, and the
 * case of ASCII letters alone may not matter. What a group took is text again,
 * with stray bytes if it begins or ends within a character.
 */

import { byteString, textOf } from "../http/byte_string.ts";
import { HttpError } from "../http/errors.ts";
import { compile } from "./engine/compile.ts";
import { quickLength } from "./engine/cost.ts";
import { run } from "./engine/machine.ts";
import { nativeRegex } from "./engine/native.ts";
import { parsePattern } from "./syntax/parser.ts";
import type { Program } from "./engine/program.ts";

/**
 * What a match took: the whole of it, and behind it each group; `undefined`
 * for groups without part in it.
 */
export type Captures = readonly (string | undefined)[];

/** Who remembers what patterns took. */
export interface CaptureHolder {
  /** Of the last pattern: `$1` to `$9` are read from it. */
  captures: Captures | undefined;
  /** Of all named groups so far, as byte strings, by their numbers. */
  values: (string | undefined)[] | undefined;
}

/** Where what a named group takes is kept. */
interface KeptGroup {
  readonly group: number;
  readonly slot: number;
}

/** What a pattern is compiled to. */
interface Compiled {
  readonly names: ReadonlyMap<string, readonly number[]>;
  readonly program: Program;
  readonly native: RegExp | undefined;
  readonly nativeLength: number;
}

function compiled(source: string, ignoreCase: boolean): Compiled {
  const syntax = parsePattern(byteString(source), ignoreCase);
  const native = nativeRegex(syntax);
  return {
    names: syntax.names,
    program: compile(syntax),
    native,
    nativeLength: native === undefined ? -1 : quickLength(syntax.node),
  };
}

/** A compiled pattern. */
export class Pattern {
  /** As it was written. */
  readonly source: string;
  /** Whether case does not matter. */
  readonly ignoreCase: boolean;
  readonly #compiled: Compiled;
  readonly #program: Program;
  /** The same for V8, which takes it up to a length. */
  readonly #native: RegExp | undefined;
  readonly #nativeLength: number;
  #kept: readonly KeptGroup[] = [];

  /**
   * Compiles `source`.
   *
   * @throws {PatternError} when it is wrong, or holds what is not supported
   */
  constructor(
    source: string,
    { ignoreCase = false }: { readonly ignoreCase?: boolean } = {},
    parts = compiled(source, ignoreCase),
  ) {
    this.source = source;
    this.ignoreCase = ignoreCase;
    this.#compiled = parts;
    this.#program = parts.program;
    this.#native = parts.native;
    this.#nativeLength = parts.nativeLength;
  }

  /** The names of its groups, and the numbers of those that have each. */
  get names(): ReadonlyMap<string, readonly number[]> {
    return this.#compiled.names;
  }

  /** The same pattern, which keeps what a named group took at its slot. */
  keptAt(slotOf: (name: string) => number): Pattern {
    const { source, ignoreCase } = this;
    const pattern = new Pattern(source, { ignoreCase }, this.#compiled);
    pattern.#kept = [...this.names].map(([name, groups]) => ({
      slot: slotOf(name),
      group: groups.at(-1)!,
    }));
    return pattern;
  }

  /**
   * What the pattern takes of `text`; `null` if it does not match.
   *
   * @throws {HttpError} 500 when it takes too long
   */
  exec(text: string): Captures | null {
    if (text.length <= this.#nativeLength && isPlain(text)) {
      return this.#native!.exec(text);
    }
    const bytes = byteString(text);
    const captures = this.execBytes(bytes);
    return captures === null || bytes === text
      ? captures
      : captures.map((part) => part === undefined ? part : textOf(part));
  }

  /**
   * Whether the pattern matches `text`.
   *
   * @throws {HttpError} 500 when it takes too long
   */
  test(text: string): boolean {
    return text.length <= this.#nativeLength && isPlain(text)
      ? this.#native!.test(text)
      : this.exec(text) !== null;
  }

  /**
   * As {@linkcode exec} for what has one character for each byte. So have the
   * captures.
   *
   * @throws {HttpError} 500 when it takes too long
   */
  execBytes(bytes: string): Captures | null {
    if (bytes.length <= this.#nativeLength && !bytes.includes("\n")) {
      return this.#native!.exec(bytes);
    }
    const outcome = run(this.#program, bytes);
    if (outcome === "limit") {
      throw new HttpError(
        500,
        `the regular expression "${this.source}" takes too long`,
      );
    }
    if (outcome === "none") return null;
    return Array.from({ length: outcome.length / 2 }, (_, group) => {
      const end = outcome[2 * group + 1]!;
      return end < 0 ? undefined : bytes.slice(outcome[2 * group]!, end);
    });
  }

  /**
   * Lets `holder` remember what the pattern has taken of a text. As in nginx a
   * name stays until another pattern has it, and a group without part in it is
   * empty.
   */
  keep(captures: Captures, holder: CaptureHolder): void {
    holder.captures = captures;
    if (this.#kept.length === 0) return;
    const values = holder.values ??= [];
    for (const { slot, group } of this.#kept) {
      values[slot] = byteString(captures[group] ?? "");
    }
  }

  /** As it is written in a configuration. */
  toString(): string {
    return `${this.ignoreCase ? "~*" : "~"} ${this.source}`;
  }
}

let lastText = "";
let lastIsPlain = true;

/**
 * Whether a text is ASCII without a newline. Several patterns ask that of one
 * text, one after the other.
 */
function isPlain(text: string): boolean {
  if (text !== lastText) {
    lastText = text;
    lastIsPlain = !/[\n\u0080-\uffff]/.test(text);
  }
  return lastIsPlain;
}
