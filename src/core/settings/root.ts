/** `root` and `alias`: where files are. */

import {
  type AnyDirective,
  defineDirective,
  type Directive,
  type ParseContext,
} from "../../config/directive.ts";
import { ConfigError } from "../../config/errors.ts";
import type { Statement } from "../../config/syntax/parser.ts";
import { constantTemplate, type Template } from "../../config/template.ts";
import type { Scope } from "../../config/scope.ts";
import { argument } from "../../config/values.ts";
import {
  aliasPaths,
  type Folder,
  hasParentSegment,
  type PathMap,
  rootPaths,
  wholePaths,
  withoutEndingSlashes,
} from "../../routing/path_map.ts";
import { patternOf } from "./core.ts";
import type { Exchange } from "../exchange.ts";
import type { Module } from "../module.ts";
import { Slot } from "../slot.ts";

/** Variables that are made of the folder and cannot be in it. */
const CIRCULAR: ReadonlySet<string> = new Set([
  "document_root",
  "realpath_root",
  "request_filename",
]);

/** Where files are if nothing says so, under the prefix: as in nginx. */
const DEFAULT_ROOT = "html";

/** A folder or file that the configuration names. */
export interface NamedFolder {
  /** As people read it: absolute, unless it begins with a variable. */
  readonly path: string;
  /** The path without slashes at its end. */
  readonly template: Template<Exchange>;
  /** The slash that an alias is written with at its end. */
  readonly ending?: "/";
}

/**
 * A path with no variable in it, whatever it is called: a folder may be called
 * `US$ 2024`.
 */
function fixedFolder(absolute: string): NamedFolder {
  const path = withoutEndingSlashes(absolute);
  return { path, template: constantTemplate(path) };
}

/** A path with variables below the folder `home`, whose name has none. */
function folderBelow(home: string, template: Template<Exchange>): NamedFolder {
  return {
    path: home + template.source,
    template: {
      ...template,
      source: home + template.source,
      evaluate: (exchange) => home + template.evaluate(exchange),
    },
  };
}

/** Reads the folder, which may begin with a variable. */
function parseFolder(
  statement: Statement,
  context: ParseContext,
): NamedFolder {
  const text = argument(statement);
  const { name, place } = statement;
  const { constant, variables } = context.variables.textTemplate(text, place);
  if (constant === undefined) {
    const circular = variables.find((variable) => CIRCULAR.has(variable));
    if (circular !== undefined) {
      throw new ConfigError(
        `the $${circular} variable cannot be used in the "${name}" directive`,
        place,
        `it is made of what "${name}" says`,
      );
    }
    if (hasParentSegment(text)) {
      throw new ConfigError(
        `".." and variables cannot be mixed in the "${name}" directive`,
        place,
        `"${text}": expected a path without ".."`,
      );
    }
  }
  if (constant !== undefined) return fixedFolder(context.resolvePath(constant));
  // The prefix has no variables, whatever is in its name.
  const home = /^[$/]/.test(text) ? "" : context.resolvePath(".");
  const absolute = text.startsWith("$") ? text : context.resolvePath(text);
  const [before, rest] = absolute.startsWith(`${home}/`)
    ? [home, absolute.slice(home.length)]
    : ["", absolute];
  return folderBelow(
    before,
    context.variables.textTemplate(withoutEndingSlashes(rest), place),
  );
}

/** `root path`; without it there is `html` under the prefix. */
export const rootDirective: Directive<NamedFolder | undefined> =
  defineDirective<NamedFolder | undefined>({
    name: "root",
    contexts: ["http", "server", "location", "if in location"],
    args: [1, 1],
    default: undefined,
    summary: "The folder that request paths are looked up in.",
    syntax: "path",
    defaultText: "html",
    differs: 'A ".." that a variable brings along leads nowhere.',
    parse(statement, _previous, context) {
      forbidBoth(statement, context, "alias");
      return parseFolder(statement, context);
    },
  });

/** `alias path`; the value is as that of `root`. */
export const aliasDirective: Directive<NamedFolder | undefined> =
  defineDirective<NamedFolder | undefined>({
    name: "alias",
    contexts: ["location"],
    args: [1, 1],
    default: undefined,
    summary: "The folder or file that takes the place of the location's path.",
    syntax: "path",
    differs:
      "It maps whole path segments: what a location without its last slash would let escape is 404.",
    parse(statement, _previous, context) {
      forbidBoth(statement, context, "root");
      if (patternOf(context.scope).kind === "named") {
        throw new ConfigError(
          'the "alias" directive cannot be used inside the named location',
          statement.place,
          'use "root": no part of a path leads to a named location',
        );
      }
      const folder = parseFolder(statement, context);
      return argument(statement).endsWith("/")
        ? { ...folder, ending: "/" }
        : folder;
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
    '"root" is before the path of a request, "alias" in place of its beginning',
  );
}

/** Where the files of `scope` are: its own folder, or that of one around it. */
export function compilePaths(
  scope: Scope,
  resolvePath: (path: string) => string,
): PathMap<Exchange> {
  const folder = ({ template, ending }: NamedFolder): Folder<Exchange> => ({
    template,
    ending,
    resolve: resolvePath,
    windows: Deno.build.os === "windows",
  });
  const owner = scope.nearest((outer) =>
    outer.has(rootDirective) || outer.has(aliasDirective)
  );
  const alias = owner?.own(aliasDirective);
  if (owner === undefined || alias === undefined) {
    const root = owner?.own(rootDirective) ?? defaultRoot(resolvePath);
    return rootPaths(folder(root));
  }
  const pattern = patternOf(owner);
  return pattern.kind === "exact" || pattern.kind === "prefix"
    ? aliasPaths(folder(alias), pattern.path, pattern.kind === "exact")
    : wholePaths(folder(alias), nameBehindAlias);
}

/** A name behind an alias, and the internal redirect after which it was found. */
interface NameBehindAlias {
  readonly name: string;
  readonly redirects: number;
}

const namesBehindAlias = new Slot<NameBehindAlias>();

/**
 * Makes a request be for `name` behind the path of its alias, until it is sent
 * elsewhere (nginx's `add_uri_to_alias`).
 */
export function goBehindAlias(exchange: Exchange, name: string): void {
  const { redirects } = exchange;
  namesBehindAlias.set(exchange, { name, redirects });
}

function nameBehindAlias(exchange: Exchange): string | undefined {
  const known = namesBehindAlias.get(exchange);
  return known?.redirects === exchange.redirects ? known.name : undefined;
}

/** Where files are if nothing says so. */
export function defaultRoot(
  resolvePath: (path: string) => string,
): NamedFolder {
  let folder = DEFAULT_ROOTS.get(resolvePath);
  if (folder === undefined) {
    folder = fixedFolder(resolvePath(DEFAULT_ROOT));
    DEFAULT_ROOTS.set(resolvePath, folder);
  }
  return folder;
}

/** The default root is that of thousands of locations. */
const DEFAULT_ROOTS = new WeakMap<(path: string) => string, NamedFolder>();

const directives: readonly AnyDirective[] = [rootDirective, aliasDirective];

/** The folders. */
export const rootModule: Module = { name: "root", directives };
