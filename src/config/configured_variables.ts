/**
 * The variables of one configuration: the program's, and those that it defines
 * or sets itself. As in nginx a variable may be used further up than it is
 * defined, so names become variables when the whole configuration has been
 * read.
 */

import { HttpError } from "../http/errors.ts";
import { ConfigError, type SourcePlace } from "./errors.ts";
import { nearestName } from "./nearest.ts";
import { STATEMENTS_PER_STEP, type Steps } from "./steps.ts";
import {
  constantOf,
  evaluatorOf,
  parseTemplate,
  type Template,
  type TemplateOptions,
} from "./template.ts";
import {
  FOREIGN_VARIABLES,
  insteadOfVariable,
} from "./unsupported/foreign_table.ts";
import {
  bytes,
  inBytes,
  type Read,
  type Variable,
  type VariableTable,
  variableTable,
} from "./variables.ts";

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

/** Whose values are remembered: an exchange. */
export interface ValueHolder {
  /**
   * Values of variables that the configuration defines, as byte strings, by
   * their numbers in {@linkcode Variables}; none until one is known.
   */
  values: (string | undefined)[] | undefined;
}

/** A variable that the configuration defines or sets. */
interface OwnVariable<C> {
  /** What it is while nothing is set; of the program if left out. */
  variable?: Variable<C>;
  /** What it is if nobody defines it. */
  unset?: Variable<C>;
  /** Where its value is remembered, if it is. */
  slot?: number;
}

/** How a variable is defined. */
export interface DefineOptions {
  /** Whether its value is found anew each time it is read. */
  readonly volatile?: boolean;
}

/** Most variables whose values are made of one another (nginx has 100). */
const MAX_DEPTH = 100;

/** The variables of one configuration. */
export class Variables<C extends ValueHolder> {
  readonly #program: VariableTable<C>;
  readonly #own = new Map<string, OwnVariable<C>>();
  /** What waits for the end of the configuration; none after that. */
  #waiting: (() => void)[] | undefined = [];
  #slots = 0;
  #depth = 0;

  /** The variables of the program alone, to begin with. */
  constructor(program: VariableTable<C> = variableTable({})) {
    this.#program = program;
  }

  /** Compiles what names a file or a path; its value is a text. */
  textTemplate(text: string, place: SourcePlace): Template<C> {
    return this.template(text, place);
  }

  /** Compiles what is sent or compared; its value is a byte string. */
  byteTemplate(text: string, place: SourcePlace): Template<C> {
    return this.template(text, place, { form: "bytes" });
  }

  /**
   * Compiles `text`, which stands at `place`. Whether its variables exist is
   * said by {@linkcode link}, or here if that has been called.
   *
   * @throws {ConfigError} when a variable is misspelt
   */
  template(
    text: string,
    place: SourcePlace,
    options: TemplateOptions<C> = {},
  ): Template<C> {
    const parts = parseTemplate(text, place);
    const { names, literals } = parts;
    const constant = names.length === 0
      ? constantOf(literals[0]!, options)
      : undefined;
    const template = {
      source: text,
      constant,
      variables: [...new Set(names)],
      evaluate: (_context: C) => constant ?? notRead(),
    };
    if (constant === undefined) {
      this.#whenRead(() => {
        const variables = names.map((name) => this.#find(name, place));
        template.evaluate = evaluatorOf(parts, variables, options);
      });
    }
    return template;
  }

  /**
   * Defines a variable, as `map` does. Its value is remembered until the end
   * of the request unless it is volatile. As in nginx a later definition takes
   * the place of an earlier one.
   *
   * @throws {ConfigError} when the program has a variable of the name, and it
   * may not be changed
   */
  define(
    name: string,
    variable: Variable<C>,
    place: SourcePlace,
    { volatile = false }: DefineOptions = {},
  ): void {
    const own = this.#changeable(name, place);
    const read = this.#guarded(name, inBytes(variable));
    if (volatile) {
      own.variable = { ...bytes(read), mayFail: true };
      return;
    }
    const slot = own.slot ??= this.#slots++;
    own.variable = { ...kept(read, slot), mayFail: true };
  }

  /**
   * Lets a variable be set: the function does it. Until then it is what it is
   * otherwise, or what `unset` says once in a request.
   *
   * @throws {ConfigError} as {@linkcode define}
   */
  settable(
    name: string,
    unset: Variable<C>,
    place: SourcePlace,
  ): (context: C, value: string) => void {
    const own = this.#changeable(name, place);
    const write = this.#program.names.get(name.toLowerCase())?.write;
    if (write !== undefined) return write;
    const slot = own.slot ??= this.#slots++;
    own.unset ??= kept(unset.read, slot);
    return (context, value) => {
      (context.values ??= [])[slot] = value;
    };
  }

  /**
   * The slot of what a named group of a regular expression takes.
   *
   * @throws {ConfigError} as {@linkcode define}
   */
  group(name: string, place: SourcePlace): number {
    const own = this.#changeable(name, place);
    own.variable = { form: "bytes", read: () => undefined, taken: true };
    return own.slot ??= this.#slots++;
  }

  /**
   * The value of a variable whose name, lowercase, only a request brings, as a
   * byte string; `undefined` also if nobody knows the variable.
   */
  read(name: string, context: C): string | undefined {
    const variable = this.#known(name);
    return variable && inBytes(variable)(context);
  }

  /** Whether the configuration defines or sets a variable. */
  changes(name: string): boolean {
    return this.#own.has(name);
  }

  /**
   * Says that the configuration has been read: templates get their variables.
   * `report` is told of those that cannot be used.
   */
  *link(report: (error: ConfigError) => void): Steps<void> {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const [i, connect] of waiting.entries()) {
      if (i % STATEMENTS_PER_STEP === 0) yield;
      try {
        connect();
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        report(error);
      }
    }
  }

  #whenRead(connect: () => void): void {
    if (this.#waiting === undefined) connect();
    else this.#waiting.push(connect);
  }

  #changeable(written: string, place: SourcePlace): OwnVariable<C> {
    const name = written.toLowerCase();
    const fixed = this.#program.names.get(name);
    if (fixed !== undefined && fixed.changeable !== true) {
      throw new ConfigError(
        `the duplicate "${written}" variable`,
        place,
        "it is one of the program's own: expected a name that is none of them",
      );
    }
    const own = this.#own.get(name) ?? {};
    this.#own.set(name, own);
    return own;
  }

  /** @throws {HttpError} when the value is made of itself (from `read`) */
  #guarded(name: string, read: Read<C>): Read<C> {
    return (context) => {
      if (this.#depth === MAX_DEPTH) {
        throw new HttpError(500, `cycle while evaluating variable "${name}"`);
      }
      this.#depth++;
      try {
        return read(context);
      } finally {
        this.#depth--;
      }
    };
  }

  #find(name: string, place: SourcePlace): Variable<C> {
    const variable = this.#known(name);
    if (variable === undefined) throw this.#unknown(name, place);
    return variable;
  }

  #known(name: string): Variable<C> | undefined {
    const own = this.#own.get(name);
    const variable = own?.variable ?? this.#program.names.get(name) ??
      this.#member(name) ?? own?.unset;
    if (variable === undefined) return undefined;
    if (own?.slot === undefined) return variable;
    const { slot } = own;
    const read = inBytes(variable);
    return {
      form: "bytes",
      read: (context) => context.values?.[slot] ?? read(context),
      mayFail: variable.mayFail === true,
      taken: variable.taken === true && own.unset === undefined,
    };
  }

  /** The variable of a family. */
  #member(name: string): Variable<C> | undefined {
    const { families } = this.#program;
    const [prefix] = [...families.keys()]
      .filter((each) => name.length > each.length && name.startsWith(each))
      .sort((a, b) => b.length - a.length);
    return prefix === undefined
      ? undefined
      : families.get(prefix)?.(name.slice(prefix.length));
  }

  #unknown(name: string, place: SourcePlace): VariableError {
    if (FOREIGN_VARIABLES.test(name)) {
      return new VariableError(
        `the "${name}" variable is not supported by webserv`,
        place,
        insteadOfVariable(name),
      );
    }
    const known = [...this.#program.names.keys(), ...this.#own.keys()];
    const nearest = nearestName(name, known);
    return new UnknownVariableError(
      name,
      place,
      nearest === undefined ? undefined : `did you mean "$${nearest}"?`,
    );
  }
}

/** Those of a configuration whose directives know what they are read from. */
// deno-lint-ignore no-explicit-any -- as a registry holds directives of every type
export type AnyVariables = Variables<any>;

function notRead(): never {
  throw new TypeError("the configuration has not been read to its end");
}

/** What reads a value once in a request, and remembers it. */
function kept<C extends ValueHolder>(read: Read<C>, slot: number): Variable<C> {
  return bytes((context) => {
    const value = read(context);
    (context.values ??= [])[slot] = value;
    return value;
  });
}
