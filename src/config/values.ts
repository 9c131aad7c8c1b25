/**
 * Arguments as values, and short declarations for the directives that have
 * just one of them. The checks and the words of the errors are those of
 * nginx's `ngx_conf_set_*_slot()`.
 */

import {
  type ContextName,
  defineDirective,
  type Directive,
} from "./directive.ts";
import { ConfigError } from "./errors.ts";
import type { Statement } from "./syntax/parser.ts";
import {
  parseInteger,
  parseOffset,
  parseSize,
  parseTime,
  sizeText,
  timeText,
} from "./units.ts";

/**
 * The argument at `index`, counted from 0 after the name.
 *
 * @throws {ConfigError} when there are not so many
 */
export function argument(statement: Statement, index = 0): string {
  const text = statement.args[index];
  if (text !== undefined) return text;
  throw new ConfigError(
    `invalid number of arguments in "${statement.name}" directive`,
    statement.place,
  );
}

/**
 * `on` or `off` in any case.
 *
 * @throws {ConfigError} when it is neither
 */
export function onOff(statement: Statement, index = 0): boolean {
  return oneOf(statement, ["on", "off"], index) === "on";
}

/**
 * One of some words, in any case; `choices` are lowercase, and so are those of
 * `own`, which nginx has not: they stand in the hint, for nginx's words stay.
 *
 * @throws {ConfigError} when it is none of them, with all that it may be
 */
export function oneOf<const T extends string>(
  statement: Statement,
  choices: readonly T[],
  index = 0,
  own: readonly T[] = [],
): T {
  const text = argument(statement, index);
  const word = text.toLowerCase();
  const chosen = [...choices, ...own].find((choice) => choice === word);
  if (chosen !== undefined) return chosen;
  throw new ConfigError(
    `invalid value "${text}" in "${statement.name}" directive, ` +
      `it must be ${listed(choices)}`,
    statement.place,
    own.length === 0 ? undefined : `or ${listed(own)}, which nginx has not`,
  );
}

function listed(choices: readonly string[]): string {
  const quoted = choices.map((choice) => `"${choice}"`);
  const last = quoted.pop() ?? "";
  return quoted.length === 0 ? last : `${quoted.join(", ")} or ${last}`;
}

/**
 * A size in bytes: `8192`, `8k`, `1m`.
 *
 * @throws {ConfigError} when it is not one
 */
export function size(statement: Statement, index = 0): number {
  return parsed(statement, index, parseSize, SIZE_FORM);
}

/**
 * An offset or a file size in bytes: as {@linkcode size}, and also `2g`.
 *
 * @throws {ConfigError} when it is not one
 */
export function offset(statement: Statement, index = 0): number {
  return parsed(statement, index, parseOffset, OFFSET_FORM);
}

/**
 * A time in milliseconds: `60`, `60s`, `1h30m`, `500ms`.
 *
 * @throws {ConfigError} when it is not one
 */
export function time(statement: Statement, index = 0): number {
  return parsed(statement, index, parseTime, TIME_FORM);
}

/** The smallest and the largest value allowed, both included. */
interface Bounds {
  /** The smallest value; 0 if left out. */
  readonly min?: number;
  /** The largest value; none if left out. */
  readonly max?: number;
}

/**
 * A number without sign within `bounds`.
 *
 * @throws {ConfigError} when it is not a number, or out of bounds
 */
export function integer(
  statement: Statement,
  bounds: Bounds = {},
  index = 0,
): number {
  const text = argument(statement, index);
  const value = parseInteger(text);
  if (value === undefined) {
    throw new ConfigError(
      `"${statement.name}" directive invalid number`,
      statement.place,
      `"${text}" is no number without sign`,
    );
  }
  const { min = 0, max = Infinity } = bounds;
  if (value >= min && value <= max) return value;
  throw new ConfigError(
    max === Infinity
      ? `value must be equal to or greater than ${min}`
      : `value must be between ${min} and ${max}`,
    statement.place,
    `"${statement.name}" is ${text}`,
  );
}

/** How the values of each kind are written, for messages. */
const SIZE_FORM = "no size: expected bytes, or a number with k or m, as in 10m";
const OFFSET_FORM =
  "no size: expected bytes, or a number with k, m or g, as in 10m";
const TIME_FORM =
  "no time: expected seconds, or numbers with units from long " +
  "to short (w, d, h, m, s, ms), as in 1h30m";

function parsed(
  statement: Statement,
  index: number,
  parse: (text: string) => number | undefined,
  form: string,
): number {
  const text = argument(statement, index);
  const value = parse(text);
  if (value === undefined) {
    throw invalidValue(statement, `"${text}" is ${form}`);
  }
  return value;
}

/** nginx's error of a value that is none, with what is wrong with it. */
export function invalidValue(
  { name, place }: Statement,
  hint: string,
): ConfigError {
  return new ConfigError(`"${name}" directive invalid value`, place, hint);
}

/**
 * The error of {@linkcode size}, for a value that may also be something else.
 */
export function invalidSize(statement: Statement, text: string): ConfigError {
  return invalidValue(statement, `"${text}" is ${SIZE_FORM}`);
}

/**
 * A directive with one argument, a `T`. Where no scope has it, its value may
 * also be a `D`, such as `undefined`.
 */
interface ValueSpec<T, D = never> {
  /** The name as it is written in the file. */
  readonly name: string;
  /** The blocks it may stand in. */
  readonly contexts: readonly ContextName[];
  /** The value where no scope has it. */
  readonly default: T | D;
  readonly summary?: string;
  /** See {@linkcode Directive.defaultText}; follows from the default. */
  readonly defaultText?: string;
  readonly differs?: string;
  /** Whether scopes inside have it too; yes if left out. */
  readonly inherit?: boolean;
}

/** Declares a directive that takes {@linkcode onOff}. */
export function onOffDirective<D = never>(
  spec: ValueSpec<boolean, D>,
): Directive<boolean | D> {
  return single(
    spec,
    { syntax: "on | off", text: (value) => value ? "on" : "off" },
    (statement) => onOff(statement),
  );
}

const SIZE = { syntax: "size", unit: "bytes", text: sizeText };
const TIME = { syntax: "time", unit: "seconds", text: timeText };

/** Declares a directive that takes a {@linkcode size} in bytes. */
export function sizeDirective<D = never>(
  spec: ValueSpec<number, D>,
): Directive<number | D> {
  return single(spec, SIZE, (statement) => size(statement));
}

/** Declares a directive that takes an {@linkcode offset} in bytes. */
export function offsetDirective<D = never>(
  spec: ValueSpec<number, D>,
): Directive<number | D> {
  return single(spec, SIZE, (statement) => offset(statement));
}

/** Declares a directive that takes a {@linkcode time} in milliseconds. */
export function timeDirective<D = never>(
  spec: ValueSpec<number, D>,
): Directive<number | D> {
  return single(spec, TIME, (statement) => time(statement));
}

/** Declares a directive that takes an {@linkcode integer} within bounds. */
export function integerDirective<D = never>(
  spec: ValueSpec<number, D> & Bounds,
): Directive<number | D> {
  const { min: _min, max: _max, ...rest } = spec;
  return single(
    rest,
    { syntax: "number", text: String },
    (statement) => integer(statement, spec),
  );
}

/** Declares a directive that takes {@linkcode oneOf} `values` or `own`. */
export function oneOfDirective<const T extends string, D = never>(
  { values, own = [], ...spec }: ValueSpec<T, D> & {
    readonly values: readonly T[];
    readonly own?: readonly T[];
  },
): Directive<T | D> {
  return single(
    spec,
    { syntax: [...values, ...own].join(" | "), text: String },
    (statement) => oneOf(statement, values, 0, own),
  );
}

/** What the reference page says of values of one kind. */
interface Kind<T> {
  readonly syntax: string;
  readonly unit?: string;
  text(value: T): string;
}

function single<T, D>(
  spec: ValueSpec<T, D>,
  { text, ...kind }: Kind<T>,
  parse: (statement: Statement) => T,
): Directive<T | D> {
  const isSaid = ["boolean", "number", "string"].includes(typeof spec.default);
  return defineDirective<T | D>({
    defaultText: isSaid ? text(spec.default as T) : "",
    ...kind,
    ...spec,
    args: [1, 1],
    parse,
  });
}
