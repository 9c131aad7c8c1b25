/**
 * The `include` directive: it is replaced by the statements of the files it
 * names, in whatever block it stands, before anything else is looked at.
 *
 * Files come from a {@linkcode ConfigReader}, so that the language itself
 * touches no disk.
 */

import { isAbsolute } from "@std/path/is-absolute";
import {
  failureReason,
  GUARDED_REMEDY,
  isGuarded,
  osErrorCode,
} from "../../os_error.ts";
import { ConfigError, type SourcePlace } from "../errors.ts";
import { FaultList } from "../fault_list.ts";
import { expandGlob, isGlob } from "./glob.ts";
import { missingSemicolon, swallowedStatement } from "./missing_semicolon.ts";
import { parseConfigSteps, type Statement } from "./parser.ts";
import { finish, STATEMENTS_PER_STEP, type Steps } from "../steps.ts";

/**
 * The deepest chain of files that include each other. nginx has no limit and
 * ends with its file descriptors.
 */
export const MAX_INCLUDE_DEPTH = 32;

/** The file that may be missing because webserv has its contents built in. */
const BUILT_IN_FILE = "mime.types";

/** Where configuration files come from. */
export interface ConfigReader {
  /** The text of a file; throws what the system says. */
  readText(path: string): string;
  /** The names in a directory; throws what the system says. */
  listDirectory(path: string): readonly string[];
}

/** What {@linkcode expandIncludes} needs to know. */
export interface IncludeOptions {
  /** Where the files come from. */
  readonly reader: ConfigReader;
  /** The directory of the main file; relative names begin there. */
  readonly directory: string;
  /** Takes the faults; if left out, they are thrown at the end. */
  readonly faults?: FaultList;
  /** Says something at `warn` level; the text ends with `in FILE:LINE`. */
  warn(message: string): void;
  /** Called with every file that was read, in order, as `-T` shows them. */
  onFile?(path: string, text: string): void;
}

/** The main configuration file cannot be read; no line is to blame. */
export class ConfigFileError extends Error {
  /** The name under which the error is printed. */
  override readonly name = "ConfigFileError";
  /** A second line for the person who started the program. */
  readonly hint: string | undefined;

  constructor(message: string, hint: string | undefined, cause: unknown) {
    super(message, { cause });
    this.hint = hint;
  }
}

/**
 * The statements of the main configuration `file`, with all includes expanded.
 *
 * @throws {ConfigFileError} when the file itself cannot be read
 * @throws {ConfigError} when it or an included file is not well formed, or an
 * included file cannot be read
 */
export function* loadConfig(
  file: string,
  options: IncludeOptions,
): Steps<Statement[]> {
  let text: string;
  try {
    text = options.reader.readText(file);
  } catch (error) {
    throw new ConfigFileError(
      describeFailure(file, error),
      isGuarded(error) ? GUARDED_REMEDY : undefined,
      error,
    );
  }
  options.onFile?.(file, text);
  const faults = options.faults ?? new FaultList();
  const statements = yield* parseConfigSteps(text, file, { faults });
  const expanded = yield* expand(statements, { ...options, faults }, [file]);
  if (options.faults === undefined) faults.throwIfFound();
  return expanded;
}

/**
 * `statements` with every `include` in them, at any depth, replaced by what
 * the named files hold.
 *
 * @throws {ConfigError} when an `include` is malformed, names a file that
 * cannot be read, or leads back to its own file
 */
export function expandIncludes(
  statements: readonly Statement[],
  options: IncludeOptions,
): Statement[] {
  const faults = options.faults ?? new FaultList();
  const expanded = finish(expand(statements, { ...options, faults }, []));
  if (options.faults === undefined) faults.throwIfFound();
  return expanded;
}

/** What {@linkcode expand} needs to know. */
type ExpandOptions = IncludeOptions & { readonly faults: FaultList };

/**
 * `chain` holds the files that are being read, outermost first; `within` is
 * the name of the block that the statements stand in.
 */
function* expand(
  statements: readonly Statement[],
  options: ExpandOptions,
  chain: readonly string[],
  within?: string,
): Steps<Statement[]> {
  const expanded: Statement[] = [];
  for (let i = 0; i < statements.length; i++) {
    if (i % STATEMENTS_PER_STEP === 0) yield;
    const statement = statements[i]!;
    const { name, block } = statement;
    if (name === "include") {
      const included = include(statement, options, chain, within);
      for (const each of yield* included) expanded.push(each);
    } else if (block === undefined) {
      expanded.push(statement);
    } else {
      const inner = yield* expand(block, options, chain, name);
      expanded.push({ ...statement, block: inner });
    }
  }
  return expanded;
}

/** What takes the place of an `include`. */
function* include(
  statement: Statement,
  options: ExpandOptions,
  chain: readonly string[],
  within: string | undefined,
): Steps<Statement[]> {
  const { faults } = options;
  const swallowed = swallowedStatement(statement, isWord);
  if (swallowed !== undefined && statement.args.length > 1) {
    faults.add(missingSemicolon(swallowed));
    const both = [swallowed.first, swallowed.rest];
    return yield* expand(both, options, chain, within);
  }
  const included: Statement[] = [];
  for (const path of faults.attempt(() => filesOf(statement, options)) ?? []) {
    yield;
    const read = readIncluded(path, statement, options, chain, within);
    const statements = yield* faults.attemptSteps(read);
    for (const each of statements ?? []) included.push(each);
  }
  return included;
}

/** Whether it may be the name of a directive, and hardly that of a file. */
function isWord(text: string): boolean {
  return /^[a-z][a-z0-9_]*$/.test(text);
}

/** The files an `include` statement names; a pattern may name none. */
function filesOf(statement: Statement, options: IncludeOptions): string[] {
  const { place } = statement;
  if (statement.broken) return [];
  if (statement.block !== undefined) {
    throw new ConfigError(
      'directive "include" is not terminated by ";"',
      place,
    );
  }
  const [name, ...rest] = statement.args;
  if (name === undefined || rest.length > 0) {
    throw new ConfigError(
      'invalid number of arguments in "include" directive',
      place,
      "it takes 1, the name of a file or a pattern of names",
    );
  }
  const { directory, reader } = options;
  if (!isGlob(name)) return [fullName(name, directory)];
  // The folder of the main file is no pattern, whatever it is called.
  const here = directory === "" ? "." : directory;
  return expandGlob(
    name,
    (at) => reader.listDirectory(at === "." ? here : fullName(at, directory)),
  ).map((path) => fullName(path, directory));
}

function* readIncluded(
  path: string,
  statement: Statement,
  options: ExpandOptions,
  chain: readonly string[],
  within: string | undefined,
): Steps<Statement[]> {
  const { place } = statement;
  checkChain(path, place, chain);
  let text: string;
  try {
    text = options.reader.readText(path);
  } catch (error) {
    if (isMissing(error) && isBuiltIn(path)) {
      options.warn(
        `"${path}" is missing, the built-in table of types is used ` +
          `in ${place.file}:${place.line}`,
      );
      return builtInTypes(place, within);
    }
    throw new ConfigError(
      describeFailure(path, error),
      place,
      remedyFor(error, statement, options),
    );
  }
  options.onFile?.(path, text);
  options.faults.noteInclude(path, place);
  const { faults } = options;
  const statements = yield* parseConfigSteps(text, path, { faults });
  return yield* expand(statements, options, [...chain, path], within);
}

/**
 * What stands for the file that is missing, so that entries beside it add to
 * the built-in table as they would add to the file's.
 */
function builtInTypes(
  place: SourcePlace,
  within: string | undefined,
): Statement[] {
  const entry = { name: "built_in", args: [], place };
  return within === "types"
    ? [entry]
    : [{ name: "types", args: [], place, block: [entry] }];
}

/** Nothing in the language is conditional: a file within itself never ends. */
function checkChain(
  path: string,
  place: SourcePlace,
  chain: readonly string[],
): void {
  if (chain.includes(path)) {
    throw new ConfigError(
      `"${path}" includes itself`,
      place,
      [...chain.slice(chain.indexOf(path)), path].join(" \u2192 "),
    );
  }
  if (chain.length > MAX_INCLUDE_DEPTH) {
    throw new ConfigError(
      `includes are nested deeper than ${MAX_INCLUDE_DEPTH} files`,
      place,
      "one of them may include itself under another name",
    );
  }
}

/** Joins as nginx does, without resolving `..`, so that messages agree. */
function fullName(name: string, directory: string): string {
  if (isAbsolute(name) || directory === "") return name;
  return directory.endsWith("/") ? directory + name : `${directory}/${name}`;
}

/** What may help against a file that cannot be read. */
function remedyFor(
  error: unknown,
  { args: [name = ""] }: Statement,
  { directory }: IncludeOptions,
): string | undefined {
  if (isGuarded(error)) return GUARDED_REMEDY;
  switch (osErrorCode(error)) {
    case "EISDIR":
      return `expected a file, or a pattern of names: "${name}/*.conf"`;
    case "EACCES":
      return "the user of the server needs the right to read it";
  }
  if (!isMissing(error)) return undefined;
  if (isAbsolute(name)) {
    return 'a pattern may name no file: "*.conf" for files that may be missing';
  }
  return `relative names begin at the folder "${directory}"`;
}

function isBuiltIn(path: string): boolean {
  return path.slice(path.lastIndexOf("/") + 1) === BUILT_IN_FILE;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && error.name === "NotFound";
}

/** nginx's line about a file that cannot be read, the system's words in it. */
function describeFailure(path: string, error: unknown): string {
  return `open() "${path}" failed (${failureReason(error)})`;
}
