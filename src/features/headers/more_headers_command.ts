/**
 * How the directives of headers-more-nginx-module read: options, then fields
 * as `Name: value`, in any order and number.
 */

import type { ParseContext } from "../../config/directive.ts";
import { ConfigError } from "../../config/errors.ts";
import type { Scope } from "../../config/scope.ts";
import type { Statement } from "../../config/syntax/parser.ts";
import type { Template } from "../../config/template.ts";
import { fieldTemplate } from "../../core/added_fields.ts";
import type { Exchange } from "../../core/exchange.ts";
import { byteString } from "../../http/byte_string.ts";
import { isToken } from "../../http/field_syntax.ts";
import { essenceOf } from "../../http/semantics/media_type.ts";
import { trimWhitespace } from "../../http/text_scan.ts";

/** A field that is set, or taken away while its value is empty. */
export interface FieldChange {
  /** The name as written. */
  readonly name: string;
  /** The name in lower case; of `X-*` only the beginning. */
  readonly key: string;
  /** Whether all fields are meant whose name begins with `key`. */
  readonly isWildcard: boolean;
  /** The value; `undefined` takes the field away. */
  readonly value: Template<Exchange> | undefined;
}

/** One statement. */
export interface FieldCommand {
  /** Those that stand later in a file have higher numbers. */
  readonly order: number;
  /** The statuses it is for (`-s`); all if left out. */
  readonly statuses: ReadonlySet<number> | undefined;
  /** The media types it is for (`-t`), without parameters; all if left out. */
  readonly types: ReadonlySet<string> | undefined;
  /** Whether it adds to fields that are there (`-a`). */
  readonly appends: boolean;
  /** Whether it only replaces fields that are there (`-r`). */
  readonly replaces: boolean;
  /** What it does, in order. */
  readonly changes: readonly FieldChange[];
}

/** Tells what must not be changed; throws or returns `false` to leave it. */
export type FieldJudge = (key: string, isWildcard: boolean) => boolean;

let commands = 0;

/**
 * Reads a statement that takes the letters of `options` as options; `clears`
 * tells whether its fields have names only.
 *
 * @throws {ConfigError} when an option or a field is not what it must be
 */
export function parseCommand(
  statement: Statement,
  context: ParseContext,
  { options, clears, judge }: {
    readonly options: string;
    readonly clears: boolean;
    readonly judge: FieldJudge;
  },
): FieldCommand {
  const { name: directive, args, place } = statement;
  const statuses: number[] = [];
  const types: string[] = [];
  const flags = new Set<string>();
  const changes: FieldChange[] = [];

  function fault(what: string, hint?: string): never {
    throw new ConfigError(`${directive}: ${what}`, place, hint);
  }

  function valuesOf(option: string, list: string | undefined): string[] {
    if (list === undefined) fault(`option ${option} takes an argument`);
    const values = list.split(/[\s,]+/).filter((value) => value !== "");
    if (values.length === 0) fault(`option ${option} has an empty argument`);
    return values;
  }

  function readStatus(text: string): number {
    if (/^[1-5]\d\d$/.test(text)) return Number(text);
    return fault(`invalid status "${text}"`, 'expected codes, as in "404 500"');
  }

  function readChange(text: string): FieldChange | undefined {
    const colon = text.indexOf(":");
    const name = trimWhitespace(colon < 0 ? text : text.slice(0, colon));
    const value = colon < 0 || clears
      ? ""
      : trimWhitespace(text.slice(colon + 1));
    if (!isToken(name)) {
      fault(`invalid field name "${name}"`, 'expected "Name: value"');
    }
    const isWildcard = name.endsWith("*");
    if (name === "*") fault("wildcard key too short: *");
    const key = (isWildcard ? name.slice(0, -1) : name).toLowerCase();
    if (!judge(key, isWildcard)) {
      context.warn(`"${directive} ${name}" has no effect, ignored`);
      return undefined;
    }
    return {
      name,
      key,
      isWildcard,
      value: value === ""
        ? undefined
        : fieldTemplate(name, value, place, context),
    };
  }

  const rest = [...args];
  for (let arg; (arg = rest.shift()) !== undefined;) {
    if (!arg.startsWith("-")) {
      const change = readChange(arg);
      if (change !== undefined) changes.push(change);
      continue;
    }
    const letter = arg.slice(1);
    if (letter.length !== 1 || !options.includes(letter)) {
      fault(`invalid option name: "${arg}"`);
    }
    if (letter === "s") {
      statuses.push(...valuesOf(arg, rest.shift()).map(readStatus));
    } else if (letter === "t") {
      types.push(...valuesOf(arg, rest.shift()).map(asType));
    } else flags.add(letter);
  }
  return {
    order: ++commands,
    statuses: statuses.length === 0 ? undefined : new Set(statuses),
    types: types.length === 0 ? undefined : new Set(types),
    appends: flags.has("a"),
    replaces: flags.has("r"),
    changes,
  };
}

function asType(text: string): string {
  return essenceOf(byteString(text));
}

/**
 * The commands in force in `scope`: as in the module those of a block come
 * after those of the blocks around it, and do not take their place.
 */
export function commandsIn(
  scope: Scope,
  own: (scope: Scope) => readonly FieldCommand[],
): readonly FieldCommand[] {
  const { parent } = scope;
  const outer = parent === undefined ? [] : commandsIn(parent, own);
  return [...outer, ...own(scope).toSorted((a, b) => a.order - b.order)];
}

/** Whether a command is for messages of this type. */
export function isForType(
  { types }: FieldCommand,
  contentType: string | undefined,
): boolean {
  return types === undefined ||
    contentType !== undefined && types.has(essenceOf(contentType));
}

/** Whether a change is one of the field `key`, in lower case. */
export function concerns(change: FieldChange, key: string): boolean {
  return change.isWildcard ? key.startsWith(change.key) : key === change.key;
}
