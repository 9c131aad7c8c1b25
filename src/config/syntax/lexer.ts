/**
 * The words and marks of nginx's configuration language.
 *
 * A word is a run of characters up to a blank, `;` or `{`, or a text in single
 * or double quotes. A quote, `#` or `}` means something only where a word may
 * begin; inside a word it is an ordinary character. A backslash takes the
 * meaning from the character after it, in quotes and outside: `\"`, `\'` and
 * `\\` stand for the second character, `\t`, `\r` and `\n` for the control
 * character, and any other pair is kept as it is (`\.` in a regular
 * expression). `{` after `$` belongs to the word, so that `${name}` does not
 * open a block. This is the automaton of `ngx_conf_read_token()`.
 */

import { ConfigError, type SourcePlace } from "../errors.ts";
import { luaBlockEnd } from "../unsupported/lua_block.ts";

/** A quantifier of a regular expression, behind its `{`. */
const QUANTIFIER = /\d+(?:,\d*)?\}/y;

/**
 * The longest parameter, in UTF-16 units as written in the file. nginx reads
 * through a buffer of 4096 bytes that must hold a whole parameter with the
 * character that ends it; a quote left open is found by this limit.
 */
export const MAX_PARAMETER_LENGTH = 4095;

/** How much of a parameter that is too long nginx shows, in characters. */
const SHOWN_LENGTH = 10;

/** A word or a mark of a configuration file. */
export type Token =
  | {
    readonly kind: "word";
    /** The text without its quotes, escapes undone. */
    readonly text: string;
    /** Whether it stood in quotes. */
    readonly quoted: boolean;
    /** The line it begins in, counted from 1. */
    readonly line: number;
  }
  | {
    /** A mark, or the end of the text. */
    readonly kind: ";" | "{" | "}" | "end";
    /** The line it stands in, counted from 1. */
    readonly line: number;
  };

/** How a {@linkcode Lexer} reads its text. */
interface LexerOptions {
  /** Whether the text is the argument of `-g` and not a file. */
  readonly commandLine?: boolean;
  /**
   * Takes what is wrong, and the lexer goes on behind it as well as it can; if
   * left out, it is thrown.
   */
  readonly report?: (error: ConfigError) => void;
}

/** Reads a configuration text token by token. */
export class Lexer {
  readonly #text: string;
  readonly #file: string;
  readonly #commandLine: boolean;
  readonly #report: ((error: ConfigError) => void) | undefined;
  #position: number;
  /** Where the last token begins. */
  #start = 0;
  #line = 1;
  /** Where the quoted word began that has just ended. */
  #quote: { readonly start: number; readonly line: number } | undefined;
  /** The mark that stands for the rest of a line that was given up. */
  #substitute: ";" | "{" | undefined;
  #faults = 0;

  /** Reads `text`, which errors call `file`; a byte order mark is skipped. */
  constructor(text: string, file: string, options: LexerOptions = {}) {
    this.#text = text;
    this.#file = file;
    this.#commandLine = options.commandLine ?? false;
    this.#report = options.report;
    this.#position = text.startsWith("\uFEFF") ? 1 : 0;
  }

  /**
   * The next token. After the last one it is `end`, again and again.
   *
   * @throws {ConfigError} when the text cannot be divided into tokens
   */
  next(): Token {
    if (this.#quote !== undefined) this.#checkAfterQuote(this.#quote);
    if (this.#substitute !== undefined) {
      const kind = this.#substitute;
      this.#substitute = undefined;
      return { kind, line: this.#line };
    }
    this.#skipBlanks();
    this.#start = this.#position;
    const line = this.#line;
    const char = this.#text[this.#position];
    switch (char) {
      case undefined:
        return { kind: "end", line };
      case ";":
      case "{":
      case "}":
        this.#position++;
        return { kind: char, line };
      case '"':
      case "'":
        return { kind: "word", text: this.#quoted(char), quoted: true, line };
      default:
        return { kind: "word", text: this.#plain(), quoted: false, line };
    }
  }

  /**
   * How many blanks the last token has before it; `undefined` if it is not the
   * first in its line.
   */
  get indentation(): number | undefined {
    const lineStart = this.#text.lastIndexOf("\n", this.#start - 1) + 1;
    const before = this.#text.slice(lineStart, this.#start);
    return before.trim() === "" ? before.length : undefined;
  }

  /** How many faults have been reported. */
  get faults(): number {
    return this.#faults;
  }

  /** Reports `error`; without anybody to report to, throws it. */
  fault(error: ConfigError): void {
    if (this.#report === undefined) throw error;
    this.#faults++;
    this.#report(error);
  }

  /** What follows, if it is the rest of a quantifier: `2}`, `1,3}`. */
  get quantifier(): string | undefined {
    QUANTIFIER.lastIndex = this.#position;
    return QUANTIFIER.exec(this.#text)?.[0];
  }

  /**
   * Passes a block of Lua up to its `}`; see {@linkcode luaBlockEnd}. Returns
   * whether it ends.
   */
  skipLuaBlock(): boolean {
    const end = luaBlockEnd(this.#text, this.#position);
    const next = end ?? this.#text.length;
    this.#line += countLines(this.#text, this.#position, next);
    this.#position = next;
    return end !== undefined;
  }

  /** The error of a text that ends inside a statement, with its `hint`. */
  endedEarly(hint?: string): ConfigError {
    const what = this.#commandLine
      ? 'unexpected end of parameter, expecting ";"'
      : 'unexpected end of file, expecting ";" or "}"';
    return new ConfigError(what, this.placeAt(this.#line), hint);
  }

  /** The place of `line` in this file. */
  placeAt(line: number): SourcePlace {
    return { file: this.#file, line };
  }

  /** After a closing quote nginx wants a blank, `;`, `{` or `)`. */
  #checkAfterQuote(
    quote: { readonly start: number; readonly line: number },
  ): void {
    this.#quote = undefined;
    const codePoint = this.#text.codePointAt(this.#position);
    if (codePoint === undefined) return;
    const char = String.fromCodePoint(codePoint);
    if (isBlank(char) || char === ";" || char === "{" || char === ")") return;
    const what = `unexpected "${char}"`;
    const place = this.placeAt(this.#line);
    if (quote.line === this.#line) {
      const hint = 'a blank or ";" has to follow a closing quote';
      return this.fault(new ConfigError(what, place, hint));
    }
    const mark = this.#text[quote.start - 1];
    this.fault(
      new ConfigError(
        what,
        place,
        `the ${mark} in line ${quote.line} goes on until line ${this.#line}: ` +
          `is a ${mark} missing there?`,
      ),
    );
    this.#giveUpLine(quote);
  }

  /** Goes on behind the line in which a quote opens that was not closed. */
  #giveUpLine(
    { start, line }: { readonly start: number; readonly line: number },
  ): string {
    const end = this.#text.indexOf("\n", start);
    this.#position = end === -1 ? this.#text.length : end;
    this.#line = line;
    const rest = this.#text.slice(start, this.#position).trimEnd();
    this.#substitute = rest.endsWith("{") ? "{" : ";";
    return rest;
  }

  #skipBlanks(): void {
    for (;;) {
      const char = this.#text[this.#position];
      if (char === "#") {
        const end = this.#text.indexOf("\n", this.#position);
        this.#position = end === -1 ? this.#text.length : end;
      } else if (char !== undefined && isBlank(char)) {
        if (char === "\n") this.#line++;
        this.#position++;
      } else {
        return;
      }
    }
  }

  #plain(): string {
    const start = this.#position;
    const startLine = this.#line;
    let afterDollar = false;
    let isTooLong = false;
    for (;;) {
      const char = this.#text[this.#position];
      if (char === undefined) break;
      if (!isTooLong && this.#position - start > MAX_PARAMETER_LENGTH) {
        isTooLong = true;
        const shown = this.#text.slice(start, start + SHOWN_LENGTH);
        this.fault(
          new ConfigError(
            `too long parameter "${shown}..." started`,
            this.placeAt(startLine),
            `a parameter has at most ${MAX_PARAMETER_LENGTH} characters`,
          ),
        );
      }
      if (char === "{" && afterDollar) {
        this.#position++;
        continue;
      }
      if (isBlank(char) || char === ";" || char === "{") break;
      afterDollar = char === "$";
      this.#step(char);
    }
    return this.#word(start, this.#position, startLine);
  }

  #quoted(quote: string): string {
    const start = ++this.#position;
    const line = this.#line;
    let isTooLong = false;
    for (;;) {
      const char = this.#text[this.#position];
      if (char === quote) break;
      if (char === undefined) {
        if (!isTooLong) {
          this.fault(
            this.endedEarly(
              `the ${quote} in line ${line} has no closing ${quote}`,
            ),
          );
        }
        return this.#giveUpLine({ start, line });
      }
      if (!isTooLong && this.#position - start > MAX_PARAMETER_LENGTH) {
        isTooLong = true;
        this.fault(
          new ConfigError(
            "too long parameter, probably missing terminating " +
              `"${quote}" character`,
            this.placeAt(line),
            `a parameter has at most ${MAX_PARAMETER_LENGTH} characters`,
          ),
        );
        if (this.#line > line) return this.#giveUpLine({ start, line });
      }
      if (isTooLong && char === "\n") return this.#giveUpLine({ start, line });
      this.#step(char);
    }
    this.#quote = { start, line };
    return this.#word(start, this.#position++, line);
  }

  /** Passes `char`, and with a backslash the character whose meaning it takes. */
  #step(char: string): void {
    if (char === "\n") this.#line++;
    this.#position++;
    if (char !== "\\" || this.#position === this.#text.length) return;
    if (this.#text[this.#position] === "\n") this.#line++;
    this.#position++;
  }

  #word(start: number, end: number, line: number): string {
    const raw = this.#text.slice(start, end);
    this.#checkCharacters(raw, line);
    return raw.includes("\\") ? unescape(raw) : raw;
  }

  /**
   * A NUL would end a path or a name early in the system's eyes, and U+FFFD
   * is what a decoder leaves of bytes that are not UTF-8: neither can be meant.
   */
  #checkCharacters(raw: string, line: number): void {
    if (raw.includes("\0")) {
      this.fault(
        new ConfigError(
          "NUL character in a parameter",
          this.placeAt(line),
          "the file is damaged, or is no text",
        ),
      );
    }
    if (raw.includes("\uFFFD")) {
      this.fault(
        new ConfigError(
          "invalid UTF-8 in a parameter",
          this.placeAt(line),
          "save the file as UTF-8",
        ),
      );
    }
  }
}

function isBlank(char: string): boolean {
  return char === " " || char === "\t" || char === "\r" || char === "\n";
}

function countLines(text: string, start: number, end: number): number {
  let count = 0;
  for (
    let at = text.indexOf("\n", start);
    at !== -1 && at < end;
    at = text.indexOf("\n", at + 1)
  ) count++;
  return count;
}

/** The characters that `\` followed by a letter stands for. */
const CONTROL: Readonly<Record<string, string>> = {
  t: "\t",
  r: "\r",
  n: "\n",
};

function unescape(raw: string): string {
  return raw.replace(
    /\\(["'\\trn])/g,
    (_, char: string) => CONTROL[char] ?? char,
  );
}
