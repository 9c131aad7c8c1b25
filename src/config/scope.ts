/**
 * Scopes: the blocks of a configuration with the values set in them.
 *
 * A directive's value in a scope is the scope's own, or that of the nearest
 * scope around it, or the declared default. A value set in a scope replaces
 * the outer one as a whole, as nginx merges its configurations.
 */

import { type ContextName, type Directive, isContext } from "./directive.ts";
import type { SourcePlace } from "./errors.ts";
import type { Statement } from "./syntax/parser.ts";

/** A value and the statement that set it last. */
export interface Setting {
  /** What the directive's `parse` returned. */
  readonly value: unknown;
  /** Where the last statement with a part in it stands. */
  readonly place: SourcePlace;
}

/** What a {@linkcode Scope} is made of. */
interface ScopeParts {
  /** The kind of block. */
  readonly context: ContextName;
  /** The scope around it; the outermost has none. */
  readonly parent: Scope | undefined;
  /** Where it is opened. */
  readonly place: SourcePlace;
  /** The arguments before its `{`. */
  readonly args: readonly string[];
  /** The values set in it, by directive name. */
  readonly settings: ReadonlyMap<string, Setting>;
  /** The blocks in it, in the order of the file. */
  readonly children: readonly Scope[];
  /** The statements in it that are wrong and left out; none by default. */
  readonly failed?: readonly Statement[];
}

/**
 * A block of the configuration. It can only be read; while a directive is
 * being parsed it holds what stands before that directive.
 */
export class Scope {
  /** The kind of block. */
  readonly context: ContextName;
  /** The scope around it; the outermost has none. */
  readonly parent: Scope | undefined;
  /** Where it is opened; for the outermost, the beginning of the main file. */
  readonly place: SourcePlace;
  /** The arguments before its `{`, such as the prefix of a `location`. */
  readonly args: readonly string[];
  /** The scopes directly in it, in the order of the file. */
  readonly children: readonly Scope[];
  readonly #settings: ReadonlyMap<string, Setting>;
  readonly #failed: readonly Statement[];

  constructor(parts: ScopeParts) {
    this.context = parts.context;
    this.parent = parts.parent;
    this.place = parts.place;
    this.args = parts.args;
    this.children = parts.children;
    this.#settings = parts.settings;
    this.#failed = parts.failed ?? [];
    Object.freeze(this);
  }

  /** The value in force here: own, else inherited, else the default. */
  get<T>(directive: Directive<T>): T {
    const setting = this.#effective(directive);
    return setting === undefined ? directive.default : setting.value as T;
  }

  /** The value set in this very scope, if there is one. */
  own<T>(directive: Directive<T>): T | undefined {
    return this.#settings.get(directive.name)?.value as T | undefined;
  }

  /** Whether the directive stands in this very scope. */
  has<T>(directive: Directive<T>): boolean {
    return this.#settings.has(directive.name);
  }

  /** The nearest scope for which `isIt` holds, this one first. */
  nearest(isIt: (scope: Scope) => boolean): Scope | undefined {
    return isIt(this) ? this : this.parent?.nearest(isIt);
  }

  /** The names of the directives that stand in this very scope. */
  ownNames(): IteratorObject<string> {
    return this.#settings.keys();
  }

  /** Where the value in force was set; `undefined` if it is the default. */
  placeOf<T>(directive: Directive<T>): SourcePlace | undefined {
    return this.#effective(directive)?.place;
  }

  /**
   * The statements of a directive, here and around, that are wrong and left
   * out: what seems to be missing may be in one of them.
   */
  failedOf<T>(directive: Directive<T>): readonly Statement[] {
    return [
      ...this.parent?.failedOf(directive) ?? [],
      ...this.#failed.filter(({ name }) => name === directive.name),
    ];
  }

  /** The scopes of one kind directly in this one, in the order of the file. */
  childrenOf(context: ContextName): readonly Scope[] {
    return this.children.filter((child) => child.context === context);
  }

  /**
   * The scopes of one kind at any depth, in the order of the file: the servers
   * in `http` and those at the top of the file, or all locations of a server.
   */
  *descendantsOf(context: ContextName): Generator<Scope> {
    for (const scope of this.descendants()) {
      if (scope.context === context) yield scope;
    }
  }

  /** All scopes in this one at any depth, in the order of the file. */
  *descendants(): Generator<Scope> {
    for (const child of this.children) {
      yield child;
      yield* child.descendants();
    }
  }

  #inherits<T>({ inherit }: Directive<T>): boolean {
    return inherit === "if" ? isContext(this.context, "if") : inherit;
  }

  #effective<T>(directive: Directive<T>): Setting | undefined {
    const own = this.#settings.get(directive.name);
    if (own !== undefined || !this.#inherits(directive)) return own;
    const { parent } = this;
    return parent === undefined ? undefined : parent.#effective(directive);
  }
}

/** The scope of what all servers share: `http`, or `main` without one. */
export function httpScope(main: Scope): Scope {
  return main.childrenOf("http")[0] ?? main;
}
