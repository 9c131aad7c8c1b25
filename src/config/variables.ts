/**
 * Texts with variables: `"$scheme://${host}/x"`, compiled at startup to a
 * function of whatever the variables are read from (a request, an exchange).
 *
 * A name is a run of letters, digits and `_` after `$`, or in `${…}` where a
 * letter follows; its case does not matter. `$1` to `$9` have one digit. There
 * is no way to write a plain `$`, as in nginx.
 */

import { ConfigError, type SourcePlace } from "./errors.ts";
import { nearestName } from "./nearest.ts";

/** Reads a variable; `undefined` if there is nothing, unlike an empty text. */
export type Variable<C> = (context: C) => string | undefined;

/** Makes the variable of a family from what follows the family's prefix. */
export type VariableFamily<C> = (suffix: string) => Variable<C>;

/** The variables there are. All names and prefixes are lowercase. */
export interface VariableTable<C> {
  /** Variables by name. They win over families. */
  readonly names: ReadonlyMap<string, Variable<C>>;
  /** Families by prefix, such as `http_`; the longest prefix wins. */
  readonly families: ReadonlyMap<string, VariableFamily<C>>;
}

/** Makes a table out of plain objects. */
export function variableTable<C>(
  names: Readonly<Record<string, Variable<C>>>,
  families: Readonly<Record<string, VariableFamily<C>>> = {},
): VariableTable<C> {
  return {
    names: new Map(Object.entries(names)),
    families: new Map(Object.entries(families)),
  };
}

/** One table of several; where a name is in two, the later one has it. */
export function joinTables<C>(
  ...tables: readonly VariableTable<C>[]
): VariableTable<C> {
  return {
    names: new Map(tables.flatMap((table) => [...table.names])),
    families: new Map(tables.flatMap((table) => [...table.families])),
  };
}

/** A compiled text. */
export interface Template<C> {
  /** The text as it was written. */
  readonly source: string;
  /** The result, if no variable is in the text. */
  readonly constant: string | undefined;
  /** The variables in the text, lowercase, each once. */
  readonly variables: readonly string[];
  /** The text with the variables' values in it. */
  evaluate(context: C): string;
}

/** How {@linkcode compileTemplate} puts values into the text. */
export interface TemplateOptions {
  /** Applied to every value that is there, such as a log's escaping. */
  readonly escape?: (value: string) => string;
  /** Stands for a value that is not there; empty if left out. */
  readonly missing?: string;
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
  let position = 0;
  for (;;) {
    const dollar = text.indexOf("$", position);
    if (dollar === -1) break;
    const { name, end } = readReference(text, dollar + 1, place);
    literals.push(text.slice(position, dollar));
    values.push(rendered(findVariable(name, table, place), options));
    names.add(name);
    position = end;
  }
  return Object.freeze({
    source: text,
    constant: values.length === 0 ? text : undefined,
    variables: Object.freeze([...names]),
    evaluate: evaluator(literals, values, text.slice(position)),
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
    throw new ConfigError("invalid variable name", place);
  }
  if (closing === "") {
    throw new ConfigError(
      `the closing bracket in "${name}" variable is missing`,
      place,
    );
  }
  return { name: name.toLowerCase(), end: start + whole.length };
}

function findVariable<C>(
  name: string,
  table: VariableTable<C>,
  place: SourcePlace,
): Variable<C> {
  const exact = table.names.get(name);
  if (exact !== undefined) return exact;
  const [prefix] = [...table.families.keys()]
    .filter((prefix) => name.length > prefix.length && name.startsWith(prefix))
    .sort((a, b) => b.length - a.length);
  if (prefix !== undefined) {
    const family = table.families.get(prefix);
    if (family !== undefined) return family(name.slice(prefix.length));
  }
  const nearest = nearestName(name, [...table.names.keys()]);
  throw new ConfigError(
    `unknown "${name}" variable`,
    place,
    nearest === undefined ? undefined : `did you mean "$${nearest}"?`,
  );
}

function rendered<C>(
  variable: Variable<C>,
  { escape, missing = "" }: TemplateOptions,
): (context: C) => string {
  if (escape === undefined) return (context) => variable(context) ?? missing;
  return (context) => {
    const value = variable(context);
    return value === undefined ? missing : escape(value);
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
