/**
 * From text to statements: `name argument... ;` or `name argument... { ... }`.
 *
 * What the names mean is not known here. The whole text is read before any
 * statement is looked at, so a brace that is missing is found before a
 * directive that is wrong.
 */

import { ConfigError, type SourcePlace } from "../errors.ts";
import { FaultList } from "../fault_list.ts";
import { Lexer, type Token } from "./lexer.ts";
import { finish, STATEMENTS_PER_STEP, type Steps } from "../steps.ts";

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
  /**
   * The arguments that are the first word of a line and not in quotes: where
   * another statement may begin if a `;` was forgotten. Left out if there are
   * none.
   */
  readonly lineStarts?: readonly LineStart[];
  /** Whether its own words have a fault, which has been reported. */
  readonly broken?: true;
}

/** An argument that is the first word of its line. */
interface LineStart {
  /** Its index in the arguments. */
  readonly index: number;
  readonly line: number;
}

/** How {@linkcode parseConfig} reads its text. */
interface ParseOptions {
  /** Whether the text is the argument of `-g` and not a file. */
  readonly commandLine?: boolean;
  /** Takes the faults; if left out, they are thrown at the end. */
  readonly faults?: FaultList;
}

/** The words of a statement up to its `;` or `{`. */
interface Head {
  readonly words: readonly string[];
  readonly lineStarts: readonly LineStart[] | undefined;
  readonly end: ";" | "{";
  readonly line: number;
  readonly indentation: number | undefined;
  readonly isBroken: boolean;
}

/** The block that is being read; `undefined` outside of all. */
type Opener =
  | Pick<Head, "line" | "indentation"> & { readonly name: string }
  | undefined;

/** Blocks whose content is Lua, of OpenResty and `ngx_http_lua_module`. */
const LUA_BLOCK = /_by_lua_block$/;

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
  return finish(parseConfigSteps(text, file, options));
}

/** As {@linkcode parseConfig}, in steps. */
export function* parseConfigSteps(
  text: string,
  file: string,
  options: ParseOptions = {},
): Steps<Statement[]> {
  const faults = options.faults ?? new FaultList();
  const parser = new Parser(text, file, {
    commandLine: options.commandLine ?? false,
    faults,
  });
  const statements = yield* parser.readBlock(undefined, 0);
  if (options.faults === undefined) faults.throwIfFound();
  return statements;
}

class Parser {
  readonly #lexer: Lexer;
  readonly #file: string;
  readonly #commandLine: boolean;
  readonly #faults: FaultList;
  /** A token that was read too early. */
  #pending: Token | undefined;
  /** The first block whose `}` seems to be that of one around it. */
  #unclosed: string | undefined;
  /** The first block whose `}` seems to be that of one inside it. */
  #overclosed: string | undefined;
  /** Whether nothing more is read: the text is over, or too deep. */
  #ended = false;

  constructor(text: string, file: string, options: Required<ParseOptions>) {
    const { commandLine, faults } = options;
    this.#lexer = new Lexer(text, file, {
      commandLine,
      report: (error) => faults.add(error),
    });
    this.#file = file;
    this.#commandLine = commandLine;
    this.#faults = faults;
  }

  *readBlock(opener: Opener, depth: number): Steps<Statement[]> {
    const statements: Statement[] = [];
    while (!this.#ended) {
      if (statements.length % STATEMENTS_PER_STEP === 0) yield;
      const head = this.#readHead(opener);
      if (head === "closed") break;
      if (head === undefined) continue;
      const block = head.end === "{"
        ? yield* this.#readBody(head, depth)
        : undefined;
      const statement = statementOf(head, this.#file, block);
      if (statement !== undefined) statements.push(statement);
    }
    return statements;
  }

  /** The block behind `head`; it is read also where none may be. */
  *#readBody(head: Head, depth: number): Steps<Statement[]> {
    const [name = ""] = head.words;
    const place = this.#lexer.placeAt(head.line);
    if (this.#commandLine) {
      this.#faults.add(
        new ConfigError(
          "block directives are not supported in -g option",
          place,
          `"${name}" has to stand in the configuration file`,
        ),
      );
    }
    if (depth === MAX_BLOCK_DEPTH) {
      this.#misshapen(
        `blocks are nested deeper than ${MAX_BLOCK_DEPTH} levels`,
        place,
      );
      this.#ended = true;
      return [];
    }
    const { line, indentation } = head;
    const opener = { name, line, indentation };
    if (!LUA_BLOCK.test(name)) return yield* this.readBlock(opener, depth + 1);
    if (!this.#lexer.skipLuaBlock()) this.#endedWithin(opener);
    return [];
  }

  /**
   * Reads up to `;` or `{`. Where the block ends it is `closed`; `undefined`
   * is nothing to go on with.
   */
  #readHead(opener: Opener): Head | "closed" | undefined {
    const lexer = this.#lexer;
    const words: string[] = [];
    let lineStarts: LineStart[] | undefined;
    const faultsBefore = lexer.faults;
    let line = 0;
    let lastLine = 0;
    let indentation: number | undefined;
    const head = (end: ";" | "{"): Head => ({
      words,
      lineStarts,
      end,
      line,
      indentation,
      isBroken: lexer.faults > faultsBefore,
    });
    for (;;) {
      const token = this.#next();
      switch (token.kind) {
        case "word":
          if (words.length === 0) {
            line = token.line;
            indentation = lexer.indentation;
          } else if (token.line > lastLine && !token.quoted) {
            lineStarts ??= [];
            lineStarts.push({ index: words.length - 1, line: token.line });
          }
          lastLine = token.line;
          words.push(token.text);
          continue;
        case ";":
          if (words.length > 0) return head(";");
          this.#unexpected(";", token.line);
          return undefined;
        case "{":
          if (words.length === 0) {
            line = token.line;
            const hint = "expected the name of a block before it";
            this.#unexpected("{", token.line, hint);
          }
          this.#noteQuantifier(token.line);
          return head("{");
        case "}":
          if (words.length > 0) {
            this.#unexpected("}", token.line, unterminated(words[0], line));
            if (opener !== undefined) this.#pending = token;
            return head(";");
          }
          if (opener !== undefined) {
            this.#compareIndentation(opener, token.line);
            return "closed";
          }
          this.#misshapen(
            'unexpected "}"',
            lexer.placeAt(token.line),
            this.#overclosed,
          );
          return undefined;
        case "end":
          this.#ended = true;
          if (words.length > 0) {
            this.#faults.add(lexer.endedEarly(unterminated(words[0], line)));
            if (opener !== undefined) this.#faults.noteMisshapen(this.#file);
            return head(";");
          }
          if (opener !== undefined) this.#endedWithin(opener);
          return "closed";
      }
    }
  }

  #next(): Token {
    const token = this.#pending ?? this.#lexer.next();
    this.#pending = undefined;
    return token;
  }

  #unexpected(mark: string, line: number, hint?: string): void {
    this.#faults.add(
      new ConfigError(`unexpected "${mark}"`, this.#lexer.placeAt(line), hint),
    );
  }

  #misshapen(what: string, place: SourcePlace, hint?: string): void {
    this.#faults.noteMisshapen(this.#file);
    this.#faults.add(new ConfigError(what, place, hint));
  }

  /** People indent blocks: it shows which brace is missing or too many. */
  #compareIndentation(
    { name, line, indentation }: NonNullable<Opener>,
    endLine: number,
  ): void {
    const end = this.#lexer.indentation;
    if (indentation === undefined || end === undefined) return;
    if (end < indentation) {
      this.#unclosed ??= `the block of "${name}" in line ${line} seems to ` +
        `have no "}": the one in line ${endLine} is further out`;
    } else if (end > indentation) {
      this.#overclosed ??= `the "}" in line ${endLine} ends the block of ` +
        `"${name}" in line ${line}, and is further in`;
    }
  }

  /** A `{2}` of a regular expression has begun a block. */
  #noteQuantifier(line: number): void {
    const quantifier = this.#lexer.quantifier;
    if (quantifier === undefined) return;
    this.#unclosed ??= `"{${quantifier}" in line ${line} begins a block: put ` +
      "quotes around a regular expression with braces";
  }

  #endedWithin({ name, line }: NonNullable<Opener>): void {
    this.#ended = true;
    const { place } = this.#lexer.endedEarly();
    this.#misshapen(
      'unexpected end of file, expecting "}"',
      place,
      this.#unclosed ?? `the block of "${name}" in line ${line} is not closed`,
    );
  }
}

/** `undefined` for a block without a name, which has been reported. */
function statementOf(
  { words, line, lineStarts, isBroken }: Head,
  file: string,
  block: readonly Statement[] | undefined,
): Statement | undefined {
  const [name] = words;
  if (name === undefined) return undefined;
  const place = { file, line };
  const statement: { -readonly [K in keyof Statement]: Statement[K] } = {
    name,
    args: words.slice(1),
    place,
  };
  if (block !== undefined) statement.block = block;
  if (lineStarts !== undefined) statement.lineStarts = lineStarts;
  if (isBroken) statement.broken = true;
  return statement;
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
