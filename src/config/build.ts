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
import { FaultList } from "./fault_list.ts";
import { foreignDirective } from "./unsupported/foreign.ts";
import { FOREIGN_CONTEXTS } from "./unsupported/foreign_contexts.ts";
import { ForeignStatements } from "./unsupported/foreign_statements.ts";
import {
  missingSemicolon,
  swallowedStatement,
} from "./syntax/missing_semicolon.ts";
import { nearestName } from "./nearest.ts";
import { type OpenScope, openScope } from "./open_scope.ts";
import type { Statement } from "./syntax/parser.ts";
import type { Scope } from "./scope.ts";
import { isSteps, STATEMENTS_PER_STEP, type Steps } from "./steps.ts";
import {
  checkArguments,
  checkEnd,
  checkEntries,
  duplicate,
  isAllowedIn,
  MisplacedError,
  notAllowedHere,
  withSummary,
} from "./statement_checks.ts";
import { type AnyVariables, Variables } from "./configured_variables.ts";

/** What {@linkcode buildConfig} needs to know. */
export interface BuildOptions {
  /** The main configuration file, for the place of the outermost scope. */
  readonly file: string;
  /**
   * All directives there are, each name once. `events` and `http` need not be
   * among them.
   */
  readonly directives: Iterable<AnyDirective>;
  /** Takes the faults; if left out, they are thrown at the end. */
  readonly faults?: FaultList;
  /** Its variables, which directives may add to; none if left out. */
  readonly variables?: AnyVariables;
  /** Makes a path absolute, relative to the prefix (`-p`). */
  resolvePath(path: string): string;
  /** See {@linkcode ParseContext.resolveConfigPath}; the prefix if left out. */
  resolveConfigPath?(path: string): string;
  /** Says something at `warn` level; the text ends with `in FILE:LINE`. */
  warn(message: string): void;
}

/** The block `events { ... }`: what concerns connections as such. */
export const eventsDirective: Directive<undefined> = outerBlock(
  "events",
  "Opens the block for directives about connection processing.",
);

/** The block `http { ... }`: what all servers share. */
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
  readonly faults: FaultList;
  readonly foreign: ForeignStatements;
  readonly variables: AnyVariables;
  /** What was said that is said once. */
  readonly told: Set<string>;
}

/**
 * Checks `statements` and returns the outermost scope, whose context is
 * `main`. Statements that are wrong are left out of it.
 *
 * @throws {ConfigError} in nginx's words, when statements are wrong
 * @throws {TypeError} when two directives have one name
 */
export function* buildConfig(
  statements: readonly Statement[],
  options: BuildOptions,
): Steps<Scope> {
  const faults = options.faults ?? new FaultList();
  const table = tableOf(options.directives);
  const build: Build = {
    table,
    options,
    faults,
    variables: options.variables ?? new Variables(),
    told: new Set(),
    foreign: new ForeignStatements(
      faults,
      (what, place) => warnAt(options, what, place),
      (directive) => table.has(directive),
    ),
  };
  const main = openScope("main", undefined, { file: options.file, line: 1 });
  yield* fillScope(main, statements, build);
  yield* build.variables.link((error) => build.foreign.takeError(error));
  build.foreign.finish();
  if (options.faults === undefined) faults.throwIfFound();
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

function* fillScope(
  open: OpenScope,
  statements: readonly Statement[],
  build: Build,
): Steps<void> {
  yield* applyStatements(open, statements, build);
  Object.freeze(open.children);
}

function* applyStatements(
  open: OpenScope,
  statements: readonly Statement[],
  build: Build,
): Steps<void> {
  for (let i = 0; i < statements.length; i++) {
    if (i % STATEMENTS_PER_STEP === 0) yield;
    const statement = statements[i]!;
    const attempt = attemptStatement(open, statement, build);
    const applied = isSteps(attempt) ? yield* attempt : attempt;
    const isRight = !(applied instanceof ConfigError) &&
      statement.broken !== true;
    if (isRight && statement.lineStarts === undefined) {
      if (applied !== undefined) yield* fillChild(applied, statement, build);
    } else {
      yield* doubtStatement(open, statement, applied, build);
    }
  }
}

function fillChild(
  child: OpenScope,
  { block = [] }: Statement,
  build: Build,
): Steps<void> {
  return fillScope(child, block, build);
}

/** What a statement came to: what is wrong, or the scope to fill from its block. */
type Applied = ConfigError | OpenScope | undefined;

/** Applies a statement, in steps if its block may be long. */
function attemptStatement(
  open: OpenScope,
  statement: Statement,
  build: Build,
): Applied | Steps<Applied> {
  if (statement.broken) return undefined;
  try {
    return applyDirective(open, statement, build);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

/**
 * Goes on behind a statement that is wrong, or may have swallowed another one;
 * `applied` is what {@linkcode attemptStatement} made of it.
 */
function* doubtStatement(
  open: OpenScope,
  statement: Statement,
  applied: Applied,
  build: Build,
): Steps<void> {
  const error = applied instanceof ConfigError ? applied : undefined;
  if (applied !== undefined && !(applied instanceof ConfigError)) {
    yield* fillChild(applied, statement, build);
  }
  const isRight = error === undefined && statement.broken !== true;
  const swallowed = statement.lineStarts === undefined
    ? undefined
    : swallowedStatement(
      statement,
      (name) => isDirectiveIn(name, open.scope.context, build),
    );
  if (swallowed !== undefined && isRight) {
    const { what, hint, place } = missingSemicolon(swallowed);
    warnAt(build.options, `${what}? ${hint}`, place);
  }
  if (isRight) return;
  if (swallowed !== undefined && error !== undefined) {
    build.faults.add(missingSemicolon(swallowed));
    const both = [swallowed.first, swallowed.rest];
    return yield* applyStatements(open, both, build);
  }
  open.failed.push(statement);
  if (error !== undefined && !isDoubtful(error, build)) {
    build.foreign.takeError(error);
  }
  yield* checkInside(open, statement, build);
}

/** Where braces do not fit, nobody knows which block a statement is in. */
function isDoubtful(error: ConfigError, { faults }: Build): boolean {
  return error instanceof MisplacedError &&
    faults.isMisshapen(error.place.file);
}

/** Whether `name` begins a statement that may stand in `context`. */
function isDirectiveIn(
  name: string,
  context: ContextName,
  { table }: Build,
): boolean {
  const directive = table.get(name);
  if (directive !== undefined) return isAllowedIn(directive, context);
  return foreignDirective(name) !== undefined;
}

/**
 * Applies a statement, but for what is in its block: that is to be filled into
 * the scope that is returned.
 *
 * @throws {ConfigError} when the statement is wrong
 */
function applyDirective(
  open: OpenScope,
  statement: Statement,
  build: Build,
): OpenScope | Steps<Applied> | undefined {
  const { context } = open.scope;
  const directive = build.table.get(statement.name);
  if (directive === undefined) {
    const { name } = statement;
    const contexts = FOREIGN_CONTEXTS.get(name);
    if (contexts !== undefined && !isAllowedIn({ contexts }, context)) {
      throw notAllowedHere({ name, contexts }, statement);
    }
    if (build.foreign.take(statement)) return undefined;
    throw unknownDirective(statement, build);
  }
  if (!isAllowedIn(directive, context)) {
    throw notAllowedHere(directive, statement);
  }
  checkEnd(statement, directive.body !== "none");
  checkArguments(statement, directive.args);
  const previous = open.settings.get(directive.name);
  if (previous !== undefined && !directive.repeatable) {
    throw duplicate(statement, previous.place);
  }
  if (directive.body === "entries") checkEntries(statement);
  const value = parseValue(directive, statement, open, build);
  if (isSteps(value)) return applyInSteps(value, directive, statement, open);
  open.settings.set(directive.name, { value, place: statement.place });
  return directive.body === "scope"
    ? addChild(open, directive, statement)
    : undefined;
}

/** As {@linkcode attemptStatement}, where the value is still to be made. */
function* applyInSteps(
  steps: Steps<unknown>,
  directive: AnyDirective,
  statement: Statement,
  open: OpenScope,
): Steps<ConfigError | undefined> {
  try {
    const value = yield* steps;
    open.settings.set(directive.name, { value, place: statement.place });
    return undefined;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return withSummary(error, directive, statement);
  }
}

/** @throws {ConfigError} what the directive says of its arguments */
function parseValue(
  directive: AnyDirective,
  statement: Statement,
  open: OpenScope,
  build: Build,
): unknown {
  try {
    return directive.parse(
      statement,
      open.settings.get(directive.name)?.value,
      {
        scope: open.scope,
        index: open.parsed++,
        variables: build.variables,
        resolvePath: (path) => build.options.resolvePath(path),
        resolveConfigPath: (path) =>
          build.options.resolveConfigPath?.(path) ??
            build.options.resolvePath(path),
        warn: (what, place = statement.place) =>
          warnAt(build.options, what, place),
        warnOnce: (what) => {
          if (build.told.has(what)) return;
          build.told.add(what);
          warnAt(build.options, what, statement.place);
        },
      },
    );
  } catch (error) {
    throw error instanceof ConfigError
      ? withSummary(error, directive, statement)
      : error;
  }
}

/** The context of a block in `outer`. */
function contextIn(
  outer: Scope,
  opens: NonNullable<AnyDirective["opens"]>,
): ContextName {
  return typeof opens === "string" ? opens : opens(outer.context);
}

function addChild(
  open: OpenScope,
  directive: AnyDirective,
  statement: Statement,
): OpenScope {
  if (directive.opens === undefined) {
    throw new TypeError(`directive "${directive.name}" opens no context`);
  }
  const child = openScope(
    contextIn(open.scope, directive.opens),
    open.scope,
    statement.place,
    statement.args,
  );
  open.children.push(child.scope);
  return child;
}

/** The arguments of a block whose own are wrong: good for any location. */
const STAND_IN_ARGUMENTS = ["/"] as const;

/**
 * Looks for mistakes in the block of a statement that is wrong itself, as if
 * it were right, or were what its name is near to.
 */
function* checkInside(
  open: OpenScope,
  { name, block, place }: Statement,
  build: Build,
): Steps<void> {
  const meant = build.table.has(name) ? name : nearest(name, build);
  const directive = build.table.get(meant ?? "");
  if (directive?.opens === undefined || block === undefined) return;
  const child = openScope(
    contextIn(open.scope, directive.opens),
    open.scope,
    place,
    STAND_IN_ARGUMENTS,
  );
  yield* fillScope(child, block, build);
}

function unknownDirective(statement: Statement, build: Build): ConfigError {
  const { name, place } = statement;
  const near = nearest(name, build);
  const hint = near === undefined ? undefined : `did you mean "${near}"?`;
  return new ConfigError(`unknown directive "${name}"`, place, hint);
}

function nearest(name: string, { table }: Build): string | undefined {
  return nearestName(name, [...table.keys()]);
}

function warnAt(
  options: BuildOptions,
  what: string,
  { file, line }: SourcePlace,
): void {
  options.warn(`${what} in ${file}:${line}`);
}
