/**
 * From statements to scopes: every statement is checked against the table of
 * directives, in the order and the words of nginx's `ngx_conf_handler()`, and
 * its value is kept in the scope it stands in.
 *
 * Unlike in nginx, `http` and `events` need not be there: what may stand in
 * `http` may also stand at the top of the file, and is inherited from there.
 */

import {
  type AnyDirective,
  type ContextName,
  defineDirective,
  type Directive,
} from "./directive.ts";
import { ConfigError, type SourcePlace } from "./errors.ts";
import { foreignFate } from "./foreign.ts";
import { nearestName } from "./nearest.ts";
import type { Statement } from "./parser.ts";
import { Scope, type Setting } from "./scope.ts";

/** What {@linkcode buildConfig} needs to know. */
export interface BuildOptions {
  /** The main configuration file, for the place of the outermost scope. */
  readonly file: string;
  /**
   * All directives there are, each name once. `events` and `http` need not be
   * among them.
   */
  readonly directives: Iterable<AnyDirective>;
  /** Makes a path absolute, relative to the prefix (`-p`). */
  resolvePath(path: string): string;
  /** Says something at `warn` level; the text ends with `in FILE:LINE`. */
  warn(message: string): void;
}

/** The block `events { … }`: what concerns connections as such. */
export const eventsDirective: Directive<undefined> = outerBlock(
  "events",
  "Opens the block for directives about connection processing.",
);

/** The block `http { … }`: what all servers share. */
export const httpDirective: Directive<undefined> = outerBlock(
  "http",
  "Opens the block for directives that all servers share.",
);

function outerBlock(
  name: "events" | "http",
  summary: string,
): Directive<undefined> {
  return defineDirective({
    name,
    contexts: ["main"],
    args: [0, 0],
    body: "scope",
    opens: name,
    default: undefined,
    summary,
    parse: () => undefined,
  });
}

/** The directives by name, and what the checks need beside them. */
interface Build {
  readonly table: ReadonlyMap<string, AnyDirective>;
  readonly options: BuildOptions;
}

/** A scope and those parts of it that only its builder may change. */
interface OpenScope {
  readonly scope: Scope;
  readonly settings: Map<string, Setting>;
  readonly children: Scope[];
}

/**
 * Checks `statements` and returns the outermost scope, whose context is
 * `main`.
 *
 * @throws {ConfigError} in nginx's words, at the first statement that is wrong
 * @throws {TypeError} when two directives have one name
 */
export function buildConfig(
  statements: readonly Statement[],
  options: BuildOptions,
): Scope {
  const build: Build = { table: tableOf(options.directives), options };
  const main = openScope("main", undefined, { file: options.file, line: 1 });
  fillScope(main, statements, build);
  return main.scope;
}

function tableOf(
  directives: Iterable<AnyDirective>,
): ReadonlyMap<string, AnyDirective> {
  const table = new Map<string, AnyDirective>();
  for (const directive of directives) {
    if (table.has(directive.name)) {
      throw new TypeError(`two directives are named "${directive.name}"`);
    }
    table.set(directive.name, directive);
  }
  for (const directive of [eventsDirective, httpDirective]) {
    if (!table.has(directive.name)) table.set(directive.name, directive);
  }
  return table;
}

function openScope(
  context: ContextName,
  parent: Scope | undefined,
  place: SourcePlace,
  args: readonly string[] = [],
): OpenScope {
  const settings = new Map<string, Setting>();
  const children: Scope[] = [];
  const scope = new Scope({
    context,
    parent,
    place,
    args,
    settings,
    children,
  });
  return { scope, settings, children };
}

function fillScope(
  open: OpenScope,
  statements: readonly Statement[],
  build: Build,
): void {
  for (const statement of statements) applyStatement(open, statement, build);
  Object.freeze(open.children);
}

function applyStatement(
  open: OpenScope,
  statement: Statement,
  build: Build,
): void {
  const directive = build.table.get(statement.name);
  if (directive === undefined) {
    applyForeign(statement, build);
    return;
  }
  checkContext(directive, statement, open.scope.context);
  checkEnd(statement, directive.body !== "none");
  checkArguments(statement, directive.args);
  const previous = open.settings.get(directive.name);
  if (previous !== undefined && !directive.repeatable) {
    throw duplicate(statement, previous.place);
  }
  if (directive.body === "entries") checkEntries(statement);
  const value: unknown = directive.parse(statement, previous?.value, {
    scope: open.scope,
    resolvePath: (path) => build.options.resolvePath(path),
    warn: (what) => warnAt(build, what, statement.place),
  });
  open.settings.set(directive.name, { value, place: statement.place });
  if (directive.body === "scope") {
    addChild(open, directive, statement, build);
  }
}

function addChild(
  open: OpenScope,
  directive: AnyDirective,
  statement: Statement,
  build: Build,
): void {
  if (directive.opens === undefined) {
    throw new TypeError(`directive "${directive.name}" opens no context`);
  }
  const child = openScope(
    directive.opens,
    open.scope,
    statement.place,
    statement.args,
  );
  open.children.push(child.scope);
  fillScope(child, statement.block ?? [], build);
}

/** A directive that only nginx has, or that nobody has. */
function applyForeign(statement: Statement, build: Build): void {
  const { name, place } = statement;
  const fate = foreignFate(name);
  switch (fate) {
    case undefined:
      throw unknownDirective(statement, build);
    case "refused":
      throw new ConfigError(
        `directive "${name}" is not supported by webserv`,
        place,
      );
    case "silent":
    case "warned":
      checkEnd(statement, false);
      checkArguments(statement, [1, Infinity]);
      if (fate === "warned") {
        warnAt(build, `the "${name}" directive has no effect, ignored`, place);
      }
  }
}

function unknownDirective(statement: Statement, build: Build): ConfigError {
  const { name, place } = statement;
  const nearest = nearestName(name, [...build.table.keys()]);
  const hint = nearest === undefined ? undefined : `did you mean "${nearest}"?`;
  return new ConfigError(`unknown directive "${name}"`, place, hint);
}

/** At the top of the file stands also what may stand in `http`. */
function checkContext(
  directive: AnyDirective,
  statement: Statement,
  context: ContextName,
): void {
  const { contexts } = directive;
  if (contexts.includes(context)) return;
  if (context === "main" && contexts.includes("http")) return;
  throw new ConfigError(
    `"${statement.name}" directive is not allowed here`,
    statement.place,
    `it may stand in: ${contexts.join(", ")}`,
  );
}

function checkEnd(statement: Statement, wantsBlock: boolean): void {
  const { name, place } = statement;
  const hasBlock = statement.block !== undefined;
  if (hasBlock === wantsBlock) return;
  throw new ConfigError(
    wantsBlock
      ? `directive "${name}" has no opening "{"`
      : `directive "${name}" is not terminated by ";"`,
    place,
  );
}

function checkArguments(
  statement: Statement,
  [min, max]: readonly [number, number],
): void {
  const count = statement.args.length;
  if (count >= min && count <= max) return;
  throw new ConfigError(
    `invalid number of arguments in "${statement.name}" directive`,
    statement.place,
    `${expectedCount(min, max)}, not ${count}`,
  );
}

function expectedCount(min: number, max: number): string {
  if (min === max) return `it takes ${min}`;
  if (max === Infinity) return `it takes at least ${min}`;
  return `it takes ${min} to ${max}`;
}

/** A block of entries has no blocks inside. */
function checkEntries(statement: Statement): void {
  for (const entry of statement.block ?? []) {
    if (entry.block !== undefined) {
      throw new ConfigError('unexpected "{"', entry.place);
    }
  }
}

function duplicate(statement: Statement, first: SourcePlace): ConfigError {
  return new ConfigError(
    `"${statement.name}" directive is duplicate`,
    statement.place,
    `the first one is in ${first.file}:${first.line}`,
  );
}

function warnAt(build: Build, what: string, place: SourcePlace): void {
  build.options.warn(`${what} in ${place.file}:${place.line}`);
}
