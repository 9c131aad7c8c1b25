/**
 * From text to statements: `name argument… ;` or `name argument… { … }`.
 *
 * What the names mean is not known here. The whole text is read before any
 * statement is looked at, so a brace that is missing is reported before a
 * directive that is wrong.
 */

import { ConfigError, type SourcePlace } from "./errors.ts";
import { Lexer, type LexerOptions } from "./lexer.ts";

/**
 * The deepest nesting of blocks. nginx has no limit of its own and ends with
 * its stack; real configurations stay below ten.
 */
export const MAX_BLOCK_DEPTH = 64;

/** A directive as it was written. */
export interface Statement {
  /** The first word. */
  readonly name: string;
  /** The words after it, quotes and escapes undone. */
  readonly args: readonly string[];
  /** The statements in its braces, if it has any instead of a `;`. */
  readonly block?: readonly Statement[];
  /** Where the name stands. */
  readonly place: SourcePlace;
}

/** How {@linkcode parseConfig} reads its text. */
export type ParseOptions = LexerOptions;

/** The words of a statement up to its `;` or `{`. */
interface Head {
  readonly words: readonly string[];
  readonly end: ";" | "{";
  readonly line: number;
}

/** The block that is being read, for errors; `undefined` outside of all. */
type Opener = { readonly name: string; readonly line: number } | undefined;

/**
 * The statements of `text`, which errors call `file`.
 *
 * @throws {ConfigError} in nginx's words, when the text is not well formed
 */
export function parseConfig(
  text: string,
  file: string,
  options: ParseOptions = {},
): Statement[] {
  const lexer = new Lexer(text, file, options);
  return readBlock(lexer, options, undefined, 0);
}

function readBlock(
  lexer: Lexer,
  options: ParseOptions,
  opener: Opener,
  depth: number,
): Statement[] {
  const statements: Statement[] = [];
  for (;;) {
    const head = readHead(lexer, opener);
    if (head === undefined) return statements;
    const [name = "", ...args] = head.words;
    const place = lexer.placeAt(head.line);
    if (head.end === ";") {
      statements.push({ name, args, place });
      continue;
    }
    if (options.commandLine) {
      throw new ConfigError(
        "block directives are not supported in -g option",
        place,
      );
    }
    if (depth === MAX_BLOCK_DEPTH) {
      throw new ConfigError(
        `blocks are nested deeper than ${MAX_BLOCK_DEPTH} levels`,
        place,
      );
    }
    const block = readBlock(
      lexer,
      options,
      { name, line: head.line },
      depth + 1,
    );
    statements.push({ name, args, block, place });
  }
}

/** Reads up to `;` or `{`, or returns `undefined` where the block ends. */
function readHead(lexer: Lexer, opener: Opener): Head | undefined {
  const words: string[] = [];
  let line = 0;
  for (;;) {
    const token = lexer.next();
    switch (token.kind) {
      case "word":
        if (words.length === 0) line = token.line;
        words.push(token.text);
        continue;
      case ";":
      case "{":
        if (words.length === 0) {
          throw unexpected(token.kind, lexer.placeAt(token.line));
        }
        return { words, end: token.kind, line };
      case "}":
        if (words.length > 0 || opener === undefined) {
          throw unexpected(
            "}",
            lexer.placeAt(token.line),
            unterminated(words[0], line),
          );
        }
        return undefined;
      case "end":
        if (words.length > 0) {
          throw lexer.endedEarly(unterminated(words[0], line));
        }
        if (opener === undefined) return undefined;
        throw new ConfigError(
          'unexpected end of file, expecting "}"',
          lexer.placeAt(token.line),
          `the block of "${opener.name}" in line ${opener.line} is not closed`,
        );
    }
  }
}

function unexpected(
  mark: string,
  place: SourcePlace,
  hint?: string,
): ConfigError {
  return new ConfigError(`unexpected "${mark}"`, place, hint);
}

/** Says which statement goes on where it should have ended. */
function unterminated(
  name: string | undefined,
  line: number,
): string | undefined {
  return name === undefined
    ? undefined
    : `"${name}" in line ${line} has no ";"`;
}
