/**
 * Texts with variables: `"$scheme://${host}/x"`, compiled at startup to a
 * function of whatever the variables are read from (a request, an exchange).
 *
 * A name is a run of letters, digits and `_` after `$`, or in `${...}` where a
 * letter follows; its case does not matter. `$1` to `$9` have one digit. There
 * is no way to write a plain `$`, as in nginx.
 */

import { byteString, textOf } from "../http/byte_string.ts";
import { HttpError } from "../http/errors.ts";
import { ConfigError, type SourcePlace } from "./errors.ts";
import type { Form, Variable } from "./variables.ts";

/** A compiled text. */
export interface Template<C> {
  /** The text as it was written. */
  readonly source: string;
  /** The result, in its form, if no variable is in the text. */
  readonly constant: string | undefined;
  /** The variables in the text, lowercase, each once. */
  readonly variables: readonly string[];
  /**
   * The text with the variables' values in it. It is not to be called before
   * the whole configuration has been read, which may define the variables.
   */
  readonly evaluate: (context: C) => string;
}

/** A text that is what it is, whatever is in it. */
export function constantTemplate<C>(text: string): Template<C> {
  return {
    source: text,
    constant: text,
    variables: [],
    evaluate: () => text,
  };
}

/** How values are put into a text. */
export interface TemplateOptions<C> {
  /**
   * The form of the result: a text where it names a file or a path, a byte
   * string where it is sent, logged or compared. Default `text`.
   */
  readonly form?: "bytes" | "text";
  /** Applied to every value that is there, such as a log's escaping. */
  readonly escape?: (value: string) => string;
  /** Stands for a value that is not there; empty if left out. */
  readonly missing?: string;
  /** Stands for a value that cannot be found; else the error is thrown. */
  readonly failed?: (context: C, error: unknown) => string | undefined;
  /** Takes a variable's place, where it says something else than usual. */
  readonly instead?: (name: string, variable: Variable<C>) => Variable<C>;
}

/** A text taken apart. */
interface TemplateParts {
  /** The variables in it, lowercase, in their order. */
  readonly names: readonly string[];
  /** The text before each variable, and what follows the last one. */
  readonly literals: readonly string[];
}

/** A variable in a text, and where the text goes on after it. */
interface Reference {
  readonly name: string;
  readonly end: number;
}

/**
 * Takes `text` apart, which stands at `place`.
 *
 * @throws {ConfigError} when a variable is misspelt
 */
export function parseTemplate(text: string, place: SourcePlace): TemplateParts {
  const names: string[] = [];
  const literals: string[] = [];
  let position = 0;
  for (;;) {
    const dollar = text.indexOf("$", position);
    if (dollar === -1) break;
    const { name, end } = readReference(text, dollar + 1, place);
    literals.push(text.slice(position, dollar));
    names.push(name);
    position = end;
  }
  literals.push(text.slice(position));
  return { names, literals };
}

/** `ngx_http_script_compile()`: what `$` at `start - 1` begins. */
function readReference(
  text: string,
  start: number,
  place: SourcePlace,
): Reference {
  const capture = /[1-9]/y;
  const braced = /\{([A-Za-z0-9_]*)(\}?)/y;
  const plain = /[A-Za-z0-9_]+/y;
  for (const pattern of [capture, plain]) {
    pattern.lastIndex = start;
    const name = pattern.exec(text)?.[0];
    if (name !== undefined) {
      return { name: name.toLowerCase(), end: start + name.length };
    }
  }
  braced.lastIndex = start;
  const [whole = "", name = "", closing = ""] = braced.exec(text) ?? [];
  if (whole === "" || whole === "{}" || start + 1 === text.length) {
    throw new ConfigError(
      "invalid variable name",
      place,
      `"$" in "${text}" begins no variable: expected $name or \${name}`,
    );
  }
  if (closing === "") {
    throw new ConfigError(
      `the closing bracket in "${name}" variable is missing`,
      place,
      `expected "\${${name}}" in "${text}"`,
    );
  }
  return { name: name.toLowerCase(), end: start + whole.length };
}

/**
 * Most characters that a text with several variables may come to. Ten internal
 * redirects with `set $a $a$a$a` would else make gigabytes of a short request;
 * a head with its URI has 32 KiB at most by default.
 */
export const MAX_TEXT_LENGTH = 1024 * 1024;

/** What a text without variables comes to. */
export function constantOf<C>(
  literal: string,
  { form }: TemplateOptions<C>,
): string {
  return form === "bytes" ? byteString(literal) : literal;
}

/**
 * The function of a text whose variables are known. It throws an
 * {@linkcode HttpError} when the text gets too long, unless a log takes what
 * there is.
 */
export function evaluatorOf<C>(
  { names, literals }: TemplateParts,
  variables: readonly Variable<C>[],
  options: TemplateOptions<C>,
): (context: C) => string {
  const { instead } = options;
  const values = variables.map((variable, i) =>
    rendered(instead?.(names[i]!, variable) ?? variable, options)
  );
  const texts = literals.map((literal) => constantOf(literal, options));
  const limit = options.failed === undefined ? MAX_TEXT_LENGTH : Infinity;
  return evaluator(texts, values, names, limit);
}

/** What makes values of a form into ones of another, if that takes anything. */
function conversion(
  from: Form,
  to: "bytes" | "text",
): ((value: string) => string) | undefined {
  if (from === "ascii" || from === to) return undefined;
  return to === "bytes" ? byteString : textOf;
}

function attempting<C>(
  { read }: Variable<C>,
  failed: NonNullable<TemplateOptions<C>["failed"]>,
): Variable<C>["read"] {
  return (context) => {
    try {
      return read(context);
    } catch (error) {
      return failed(context, error);
    }
  };
}

function rendered<C>(
  variable: Variable<C>,
  options: TemplateOptions<C>,
): (context: C) => string {
  const { form } = variable;
  const { form: wanted = "text", escape, failed, missing = "" } = options;
  const read = failed !== undefined && variable.mayFail === true
    ? attempting(variable, failed)
    : variable.read;
  const convert = conversion(form, wanted);
  const steps = [convert, escape].filter((step) => step !== undefined);
  if (steps.length === 0) return (context) => read(context) ?? missing;
  return (context) => {
    let value = read(context);
    if (value === undefined) return missing;
    for (const step of steps) value = step(value);
    return value;
  };
}

/** The common short forms get functions without a loop. */
function evaluator<C>(
  literals: readonly string[],
  values: readonly ((context: C) => string)[],
  names: readonly string[],
  limit: number,
): (context: C) => string {
  const [value] = values;
  const [head = ""] = literals;
  const tail = literals.at(-1) ?? "";
  if (value === undefined) return () => tail;
  if (values.length === 1) return (context) => head + value(context) + tail;
  return (context) => {
    let text = "";
    for (let index = 0; index < values.length; index++) {
      text += literals[index] ?? "";
      text += values[index]?.(context) ?? "";
      if (text.length > limit) throw tooLong(names[index], limit);
    }
    return text + tail;
  };
}

function tooLong(name: string | undefined, limit: number): HttpError {
  const what = `the value of a text with "$${name}"`;
  return new HttpError(500, `${what} is longer than ${limit} characters`);
}
