/**
 * What a directive is. A module declares each of its directives once, with
 * {@linkcode defineDirective}; checking, defaults, inheritance and the
 * reference page are all read from that declaration.
 */

import type { SourcePlace } from "./errors.ts";
import type { Steps } from "./steps.ts";
import type { Statement } from "./syntax/parser.ts";
import type { Scope } from "./scope.ts";
import type { AnyVariables } from "./configured_variables.ts";

/**
 * A kind of block that directives stand in: `main` is the top of the file,
 * then `events`, `http`, `server`, `location`, and whatever kinds modules open.
 * What may stand in an `if` may also stand in an `if in location`.
 */
export type ContextName = string;

/** Whether a block of the kind `context` is one of `kind`, too. */
export function isContext(context: ContextName, kind: ContextName): boolean {
  return context === kind || context.startsWith(`${kind} in `);
}

/** What follows a directive's arguments. */
export type DirectiveBody =
  /** A `;`. */
  | "none"
  /** A block of further directives, which opens a scope of its own. */
  | "scope"
  /** A block of free entries (`types`, `map`), read by `parse` itself. */
  | "entries";

/** Where a directive's `parse` finds what it may need beyond its arguments. */
export interface ParseContext {
  /** The scope the directive stands in. */
  readonly scope: Scope;
  /** The number of the statement in its block: later ones have higher ones. */
  readonly index: number;
  /** The variables of the configuration. */
  readonly variables: AnyVariables;
  /** Makes a path absolute, relative to the prefix (`-p`). */
  resolvePath(path: string): string;
  /** As `resolvePath`, relative to the folder of the configuration. */
  resolveConfigPath(path: string): string;
  /** Says something at `warn` level, with a place: by default its own. */
  warn(what: string, place?: SourcePlace): void;
  /** As `warn`, but the same text once for a whole configuration. */
  warnOnce(what: string): void;
}

/** The declaration of a directive whose value is a `T`. */
export interface Directive<T> {
  /** The name as it is written in the file. */
  readonly name: string;
  /** The blocks it may stand in. */
  readonly contexts: readonly ContextName[];
  /** The smallest and the largest number of arguments. */
  readonly args: readonly [min: number, max: number];
  /** What follows the arguments. */
  readonly body: DirectiveBody;
  /**
   * The context of the scope that a `scope` body opens, if need be by that of
   * the scope around it. What is opened in a location has its settings, and is compiled as
   * a location of its own, for the module to choose.
   */
  readonly opens:
    | ContextName
    | ((outer: ContextName) => ContextName)
    | undefined;
  /**
   * Whether it may stand several times in one scope; `parse` then gets the
   * value so far as `previous`. If not, a second one is an error.
   */
  readonly repeatable: boolean;
  /**
   * Whether a scope without the directive has its parent's value; `if`: one
   * of an `if` has, as nginx has what answers in a location. If not, it has
   * the default. A scope with it never sees the parent's value, as in nginx,
   * unless `parse` asks for it.
   */
  readonly inherit: boolean | "if";
  /** The value where no scope has the directive. */
  readonly default: T;
  /** One line for the reference page: what it does. */
  readonly summary: string;
  /** The arguments for the reference page: `size`, `on | off`. */
  readonly syntax: string;
  /** The default as a file would say it; empty if there is none. */
  readonly defaultText: string;
  /** What a number without a unit counts: `bytes`; empty if it has none. */
  readonly unit: string;
  /** Where it differs from nginx's directive, as sentences; empty if nowhere. */
  readonly differs: string;
  /**
   * Turns the statement into a value, or into the steps towards one if its
   * block may be long. `previous` is the value of this scope so far; it is
   * nobody else's, so it may be changed and returned, as
   * {@linkcode appended} does.
   *
   * @throws {ConfigError} when an argument is not what it must be
   */
  parse(
    statement: Statement,
    previous: T | undefined,
    context: ParseContext,
  ): T | Steps<T>;
}

// deno-lint-ignore no-explicit-any -- a registry holds directives of every value type
export type AnyDirective = Directive<any>;

/** The fields of a {@linkcode Directive} that may be left out. */
type OptionalFields =
  | "body"
  | "opens"
  | "repeatable"
  | "inherit"
  | "summary"
  | "syntax"
  | "defaultText"
  | "unit"
  | "differs";

/** Declares a directive: no body, not repeatable and inherited unless said. */
export function defineDirective<T>(
  spec:
    & Omit<Directive<T>, OptionalFields>
    & Partial<Pick<Directive<T>, OptionalFields>>,
): Directive<T> {
  return Object.freeze({
    body: "none",
    opens: undefined,
    repeatable: false,
    inherit: true,
    summary: "",
    syntax: "",
    defaultText: "",
    unit: "",
    differs: "",
    ...spec,
  });
}

/**
 * `previous` with `items` at its end: the list itself, which only `parse` has
 * seen. Copying it would make a block of ten thousand `deny` quadratic.
 */
export function appended<T>(
  previous: readonly T[],
  items: Iterable<T>,
): readonly T[] {
  const list = previous as T[];
  for (const item of items) list.push(item);
  return list;
}
