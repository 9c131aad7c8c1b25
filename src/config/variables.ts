/** What a variable is: its value, its form, and the tables of a program. */

import { byteString } from "../http/byte_string.ts";
import { ConfigError, type SourcePlace } from "./errors.ts";

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
  /**
   * Takes a value that `set` gives it, a byte string; left out where a value
   * that is set just stands in for the other.
   */
  readonly write?: (context: C, value: string) => void;
  /** Whether a configuration may define or set it anew. Default: no. */
  readonly changeable?: boolean;
  /** Whether there may be an error instead of a value. Default: no. */
  readonly mayFail?: boolean;
  /** Whether its value is what a regular expression took of a text. */
  readonly taken?: boolean;
}

/** What gives the value of a variable. */
export type Read<C> = Variable<C>["read"];

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

/** A variable that `set` may change; `write` takes what it says. */
export function settable<C>(
  variable: Variable<C>,
  write: (context: C, value: string) => void,
): Variable<C> {
  return { ...variable, write, changeable: true };
}

/** Makes the variable of a family from what follows the family's prefix. */
export type VariableFamily<C> = (suffix: string) => Variable<C>;

/** Variables of the program. All names and prefixes are lowercase. */
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

/**
 * The name of a variable that a directive defines, as `$name`.
 *
 * @throws {ConfigError} when it is none, or nothing could refer to it
 */
export function variableName(written: string, place: SourcePlace): string {
  const name = /^\$([A-Za-z0-9_]+)$/.exec(written)?.[1];
  if (name !== undefined) return name;
  throw new ConfigError(
    `invalid variable name "${written}"`,
    place,
    "expected $ and letters, digits or _, as in $name",
  );
}

/** What gives the value of a variable as a byte string. */
export function inBytes<C>({ form, read }: Variable<C>): Read<C> {
  if (form !== "text") return read;
  return (context) => {
    const value = read(context);
    return value === undefined ? undefined : byteString(value);
  };
}
