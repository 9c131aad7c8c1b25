/** `root` and `alias`: where files are. */

import {
  type AnyDirective,
  defineDirective,
  type Directive,
  type ParseContext,
} from "../config/directive.ts";
import { ConfigError } from "../config/errors.ts";
import type { Statement } from "../config/parser.ts";
import type { Scope } from "../config/scope.ts";
import { argument } from "../config/values.ts";
import {
  aliasPaths,
  type Folder,
  hasParentSegment,
  NO_PATHS,
  type PathMap,
  rootPaths,
  wholePaths,
  withoutEndingSlashes,
} from "../routing/path_map.ts";
import { patternOf } from "./core.ts";
import type { Exchange } from "./exchange.ts";
import type { Module } from "./module.ts";
import { textTemplate } from "./variables.ts";

/** Variables that are made of the folder and cannot be in it. */
const CIRCULAR: ReadonlySet<string> = new Set([
  "document_root",
  "realpath_root",
  "request_filename",
]);

/** Reads the folder, which may begin with a variable. */
function parseFolder(statement: Statement, context: ParseContext): string {
  const text = argument(statement);
  const { name, place } = statement;
  const { constant, variables } = textTemplate(text, place);
  if (constant === undefined) {
    const circular = variables.find((variable) => CIRCULAR.has(variable));
    if (circular !== undefined) {
      throw new ConfigError(
        `the $${circular} variable cannot be used in the "${name}" directive`,
        place,
      );
    }
    if (hasParentSegment(text)) {
      throw new ConfigError(
        `".." and variables cannot be mixed in the "${name}" directive`,
        place,
      );
    }
  }
  const absolute = text.startsWith("$") ? text : context.resolvePath(text);
  return withoutEndingSlashes(absolute);
}

/**
 * `root path`; the value has no slash at its end and is absolute, unless it
 * begins with a variable.
 */
export const rootDirective: Directive<string | undefined> = defineDirective<
  string | undefined
>({
  name: "root",
  contexts: ["http", "server", "location"],
  args: [1, 1],
  default: undefined,
  summary: "The folder that request paths are looked up in.",
  parse(statement, _previous, context) {
    forbidBoth(statement, context, "alias");
    return parseFolder(statement, context);
  },
});

/** `alias path`; the value is as that of `root`. */
export const aliasDirective: Directive<string | undefined> = defineDirective<
  string | undefined
>({
  name: "alias",
  contexts: ["location"],
  args: [1, 1],
  default: undefined,
  summary: "The folder or file that takes the place of the location's path.",
  parse(statement, _previous, context) {
    forbidBoth(statement, context, "root");
    if (patternOf(context.scope).kind === "named") {
      throw new ConfigError(
        'the "alias" directive cannot be used inside the named location',
        statement.place,
      );
    }
    return parseFolder(statement, context);
  },
});

/** A location has `root` or `alias`. */
function forbidBoth(
  { name, place }: Statement,
  { scope }: ParseContext,
  other: "root" | "alias",
): void {
  const directive = other === "root" ? rootDirective : aliasDirective;
  if (!scope.has(directive)) return;
  throw new ConfigError(
    `"${name}" directive is duplicate, ` +
      `"${other}" directive was specified earlier`,
    place,
  );
}

/** Where the files of `scope` are: its own folder, or that of one around it. */
export function compilePaths(
  scope: Scope,
  resolvePath: (path: string) => string,
): PathMap<Exchange> {
  const folder = (text: string): Folder<Exchange> => ({
    template: textTemplate(text, scope.place),
    resolve: resolvePath,
    windows: Deno.build.os === "windows",
  });
  for (
    let owner: Scope | undefined = scope;
    owner !== undefined;
    owner = owner.parent
  ) {
    const root = owner.own(rootDirective);
    if (root !== undefined) return rootPaths(folder(root));
    const alias = owner.own(aliasDirective);
    if (alias === undefined) continue;
    const pattern = patternOf(owner);
    return pattern.kind === "exact" || pattern.kind === "prefix"
      ? aliasPaths(folder(alias), pattern.path, pattern.kind === "exact")
      : wholePaths(folder(alias));
  }
  return NO_PATHS;
}

const directives: readonly AnyDirective[] = [rootDirective, aliasDirective];

/** The folders. */
export const rootModule: Module = { name: "root", directives };
