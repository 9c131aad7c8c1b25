/**
 * Texts with variables: `"$scheme://${host}/x"`, compiled at startup to a
 * function of whatever the variables are read from (a request, an exchange).
 *
 * A name is a run of letters, digits and `_` after `$`, or in `${…}` where a
 * letter follows; its case does not matter. `$1` to `$9` have one digit. There
 * is no way to write a plain `$`, as in nginx.
 */

import { byteString, textOf } from "../http/byte_string.ts";
import { ConfigError, type SourcePlace } from "./errors.ts";
import {
  FOREIGN_VARIABLES,
  insteadOfVariable,
} from "./unsupported/foreign_table.ts";
import { nearestName } from "./nearest.ts";

/**
 * What the characters of a string are: bytes, or those of a text; ASCII is
 * the same in both.
 */
export type Form = "ascii" | "bytes" | "text";

/** A variable: its value, and the form that has. */
export interface Variable<C> {
  /** The form of what {@linkcode read} gives. */
  readonly form: Form;
  /** The value; `undefined` if there is nothing, unlike an empty text. */
  readonly read: (context: C) => string | undefined;
}

type Read<C> = Variable<C>["read"];

/** A variable whose values are ASCII. */
export function ascii<C>(read: Read<C>): Variable<C> {
  return { form: "ascii", read };
}

/** A variable whose values are byte strings, such as what a client sent. */
export function bytes<C>(read: Read<C>): Variable<C> {
  return { form: "bytes", read };
}

/** A variable whose values are texts, such as paths of files. */
export function text<C>(read: Read<C>): Variable<C> {
  return { form: "text", read };
}

/** Makes the variable of a family from what follows the family's prefix. */
export type VariableFamily<C> = (suffix: string) => Variable<C>;

/** The variables there are. All names and prefixes are lowercase. */
export interface VariableTable<C> {
  /** Variables by name. They win over families. */
  readonly names: ReadonlyMap<string, Variable<C>>;
  /** Families by prefix, such as `http_`; the longest prefix wins. */
  readonly families: ReadonlyMap<string, VariableFamily<C>>;
  /** Variables that a configuration makes itself. They win over families. */
  readonly others?: (name: string) => Variable<C> | undefined;
}

/** Makes a table out of plain objects. */
export function variableTable<C>(
  names: Readonly<Record<string, Variable<C>>>,
  families: Readonly<Record<string, VariableFamily<C>>> = {},
  others?: (name: string) => Variable<C> | undefined,
): VariableTable<C> {
  return {
    names: new Map(Object.entries(names)),
    families: new Map(Object.entries(families)),
    ...(others === undefined ? {} : { others }),
  };
}

/** One table of several; where a name is in two, the later one has it. */
export function joinTables<C>(
  ...tables: readonly VariableTable<C>[]
): VariableTable<C> {
  return {
    names: new Map(tables.flatMap((table) => [...table.names])),
    families: new Map(tables.flatMap((table) => [...table.families])),
    others: (name) =>
      tables.map(({ others }) => others?.(name)).findLast((found) => found),
  };
}

/** A compiled text. */
export interface Template<C> {
  /** The text as it was written. */
  readonly source: string;
  /** The result, in its form, if no variable is in the text. */
  readonly constant: string | undefined;
  /** The variables in the text, lowercase, each once. */
  readonly variables: readonly string[];
  /** The text with the variables' values in it. */
  evaluate(context: C): string;
}

/** How {@linkcode compileTemplate} puts values into the text. */
export interface TemplateOptions {
  /**
   * The form of the result: a text where it names a file or a path, a byte
   * string where it is sent, logged or compared. Default `text`.
   */
  readonly form?: "bytes" | "text";
  /** Applied to every value that is there, such as a log's escaping. */
  readonly escape?: (value: string) => string;
  /** Stands for a value that is not there; empty if left out. */
  readonly missing?: string;
}

/** A variable that cannot be used. */
export class VariableError extends ConfigError {}

/** A variable that nobody knows. */
export class UnknownVariableError extends VariableError {
  /** Its name, lowercase. */
  readonly variable: string;

  /** Says that `variable` is unknown; see {@linkcode ConfigError}. */
  constructor(variable: string, place: SourcePlace, hint?: string) {
    super(`unknown "${variable}" variable`, place, hint);
    this.variable = variable;
  }
}

/** A variable in a text, and where the text goes on after it. */
interface Reference {
  readonly name: string;
  readonly end: number;
}

/**
 * Compiles `text`, which stands at `place`, with the variables of `table`.
 *
 * @throws {ConfigError} when a variable is unknown or misspelt
 */
export function compileTemplate<C>(
  text: string,
  table: VariableTable<C>,
  place: SourcePlace,
  options: TemplateOptions = {},
): Template<C> {
  /** The text before each variable. */
  const literals: string[] = [];
  const values: ((context: C) => string)[] = [];
  const names = new Set<string>();
  const literal = options.form === "bytes" ? byteString : asItIs;
  let position = 0;
  for (;;) {
    const dollar = text.indexOf("$", position);
    if (dollar === -1) break;
    const { name, end } = readReference(text, dollar + 1, place);
    literals.push(literal(text.slice(position, dollar)));
    values.push(rendered(findVariable(name, table, place), options));
    names.add(name);
    position = end;
  }
  return Object.freeze({
    source: text,
    constant: values.length === 0 ? literal(text) : undefined,
    variables: Object.freeze([...names]),
    evaluate: evaluator(literals, values, literal(text.slice(position))),
  });
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

function findVariable<C>(
  name: string,
  table: VariableTable<C>,
  place: SourcePlace,
): Variable<C> {
  const exact = table.names.get(name) ?? table.others?.(name);
  if (exact !== undefined) return exact;
  const [prefix] = [...table.families.keys()]
    .filter((prefix) => name.length > prefix.length && name.startsWith(prefix))
    .sort((a, b) => b.length - a.length);
  if (prefix !== undefined) {
    const family = table.families.get(prefix);
    if (family !== undefined) return family(name.slice(prefix.length));
  }
  if (FOREIGN_VARIABLES.test(name)) {
    throw new VariableError(
      `the "${name}" variable is not supported by webserv`,
      place,
      insteadOfVariable(name),
    );
  }
  const nearest = nearestName(name, [...table.names.keys()]);
  throw new UnknownVariableError(
    name,
    place,
    nearest === undefined ? undefined : `did you mean "$${nearest}"?`,
  );
}

function asItIs(value: string): string {
  return value;
}

/** What makes values of a form into ones of another, if that takes anything. */
function conversion(
  from: Form,
  to: "bytes" | "text",
): ((value: string) => string) | undefined {
  if (from === "ascii" || from === to) return undefined;
  return to === "bytes" ? byteString : textOf;
}

function rendered<C>(
  { form, read }: Variable<C>,
  { form: wanted = "text", escape, missing = "" }: TemplateOptions,
): (context: C) => string {
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
  tail: string,
): (context: C) => string {
  const [value] = values;
  const [head = ""] = literals;
  if (value === undefined) return () => tail;
  if (values.length === 1) return (context) => head + value(context) + tail;
  return (context) => {
    let text = "";
    for (let index = 0; index < values.length; index++) {
      text += literals[index] ?? "";
      text += values[index]?.(context) ?? "";
    }
    return text + tail;
  };
}
