/** Values of SSI: variables in them, conditions, and how they are written. */

import { Pattern } from "../../regex/pattern.ts";
import { PatternError } from "../../regex/pattern_error.ts";
import { textOf } from "../../http/byte_string.ts";

/** A command that cannot be done; the page says so in its place. */
export class SsiError extends Error {
  /** The name under which the error is printed. */
  override readonly name = "SsiError";
}

/** The longest value that is made of others, in bytes: 8 times nginx's buffer. */
const MAX_VALUE_BYTES = 64 * 1024;

/** What a variable stands for; nothing if there is none of that name. */
export type Lookup = (name: string) => string | undefined;

/** A backslash goes in front of these only. */
const ESCAPED = /\\([\\'"$])/g;

const PARTS = /\$(?:\{([A-Za-z0-9_]*)(\}?)|([A-Za-z0-9_]*))|(?:\\[^]|[^$])+/g;

/**
 * A value with its variables in it (`ngx_http_ssi_evaluate_string()`).
 *
 * @throws {SsiError} when a variable is misspelt, or the value is too long
 */
export function evaluated(value: string, lookup: Lookup): string {
  let result = "";
  for (const [part, braced, closing, plain] of value.matchAll(PARTS)) {
    const name = braced ?? plain;
    if (name === undefined) {
      result += part.replace(ESCAPED, "$1");
      continue;
    }
    if (part.startsWith("${") && part.length > 2 && closing === "") {
      throw new SsiError(
        `the closing bracket in "${name}" variable is missing`,
      );
    }
    if (name === "") throw new SsiError(`invalid variable name in "${value}"`);
    result += lookup(name.toLowerCase()) ?? "";
    if (result.length > MAX_VALUE_BYTES) {
      throw new SsiError(`the value of "${value}" is too long`);
    }
  }
  return result;
}

/** What an expression with a pattern took: groups by their numbers and names. */
export type Taken = (pattern: Pattern, captures: readonly string[]) => void;

const LEFT = /^[A-Za-z0-9$_{}"']*/;

/**
 * Whether the expression of an `if` holds.
 *
 * @throws {SsiError} when it is none
 */
export function holds(
  expression: string,
  lookup: Lookup,
  taken: Taken,
): boolean {
  const start = LEFT.exec(expression)![0];
  const left = evaluated(start.toLowerCase(), lookup);
  let rest = expression.slice(start.length).replace(/^ +/, "");
  if (rest === "") return left !== "";
  const operator = /^!?=/.exec(rest)?.[0];
  if (operator === undefined) throw invalid(expression);
  rest = rest.slice(operator.length).replace(/^ +/, "");
  return matches(left, rest) === (operator === "=");

  function matches(text: string, right: string): boolean {
    if (right.length < 2 || !right.startsWith("/")) {
      const plain = /^\\\/./.test(right) ? right.slice(1) : right;
      return text === evaluated(plain, lookup);
    }
    if (!right.endsWith("/")) throw invalid(expression);
    const pattern = compiled(evaluated(right.slice(1, -1), lookup));
    const captures = pattern.execBytes(text);
    if (captures === null) return false;
    taken(pattern, captures.map((part) => part ?? ""));
    return true;
  }
}

function invalid(expression: string): SsiError {
  return new SsiError(`invalid expression in "${expression}"`);
}

function compiled(source: string): Pattern {
  try {
    return new Pattern(textOf(source));
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new SsiError(
      `invalid regular expression "${source}": ${error.message}`,
    );
  }
}

/** How `echo` writes a value. */
export type Encoding = "none" | "url" | "entity";

const ENTITIES: Readonly<Record<string, string>> = {
  "<": "&lt;",
  ">": "&gt;",
  "&": "&amp;",
  '"': "&quot;",
};

/** `NGX_ESCAPE_HTML`: what would end or change a link in a page. */
// deno-lint-ignore no-control-regex -- all of them are meant
const NOT_IN_LINKS = /[\x00-\x20"#%'<>\\^`{|}\x7f-\xff]/g;

/** A value as `echo` writes it. */
export function written(value: string, encoding: Encoding): string {
  switch (encoding) {
    case "none":
      return value;
    case "url":
      return value.replace(
        NOT_IN_LINKS,
        (byte) =>
          `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
      );
    case "entity":
      return value.replace(/[<>&"]/g, (character) => ENTITIES[character]!);
  }
}
