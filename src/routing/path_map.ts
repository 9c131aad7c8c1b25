/**
 * From URIs to file paths, as `root` and `alias` have it. Nothing a client
 * says may lead out of the folder that is meant:
 *
 * - What follows the folder is empty or begins with a slash, and has no `..`
 *   segment, wherever the URI comes from: a client, a `rewrite`, an `index`.
 * - The value of a variable may hold anything. A path that has a `..` segment
 *   because of one leads nowhere.
 * - `location /img { alias /data/img/; }` is also for `/img../secret` in
 *   nginx, which makes `/data/img/../secret` of it. Here an alias maps whole
 *   segments: what follows the location's path must begin with a slash, and
 *   the folder and the rest are joined by exactly one.
 */

import type { Template } from "../config/template.ts";

declare const CONTAINED: unique symbol;

/**
 * A file-system path that leads into the folder of a location: what is opened,
 * listed or looked at for a client has one. Only a {@linkcode PathMap} makes
 * them, so what it refuses is a text that nothing can open.
 */
export type ContainedPath = string & { readonly [CONTAINED]: never };

/** How the paths of one location are made; `C` is what variables read. */
export interface PathMap<C> {
  /** Whether a URI always has the same path, whatever the request says. */
  readonly constant: boolean;
  /**
   * How many characters at the beginning of every path are the
   * configuration's own, not a client's.
   */
  readonly ownLength: number;
  /**
   * The part of the location's path that an alias stands for; empty without
   * alias.
   */
  readonly aliasedPrefix: string;
  /** Whether several URIs can have the same path. */
  readonly shared: boolean;
  /**
   * The folder in force, for people to read: nginx's `$document_root`. It is
   * no path to open something by, because variables may lead out of it.
   */
  documentRoot(context: C): string;
  /** The file-system path of a decoded URI; `undefined` when it has none. */
  pathOf(context: C, uri: string): ContainedPath | undefined;
  /**
   * The path of what is called `name` in the folder that the request's own URI
   * has the path of. Left out where that is the path of the URI and the name.
   */
  readonly childOf?: (context: C, name: string) => ContainedPath | undefined;
  /**
   * The path of `name` behind that of an alias which is a path as a whole. Left
   * out where what is behind is a URI.
   */
  readonly behind?: (context: C, name: string) => ContainedPath | undefined;
  /**
   * Whether a path with an ending behind its last name is in the folder too:
   * beside the folder's own path lie its neighbours. `isFile` says that `path`
   * leads to a file: then it is no folder, whatever it was meant for.
   */
  hasSiblings(context: C, path: ContainedPath, isFile: boolean): boolean;
}

/** A folder as it is configured, perhaps with variables. */
export interface Folder<C> {
  /** The text, without slashes at its end. */
  readonly template: Template<C>;
  /** What is behind it for people to read, as nginx has it of an alias. */
  readonly ending?: "/" | undefined;
  /** Makes a path absolute that is not. */
  resolve(path: string): string;
  /** Whether paths are read as Windows does. */
  readonly windows?: boolean;
}

/**
 * What Windows reads as something else than a name: `\` separates as `/` does,
 * `:` begins a stream or follows a drive, and a dot or space at the end of a
 * name is left out.
 */
const NO_WINDOWS_NAME = /[\\:]|[. ](?:\/|$)/;

/** Whether a path, or the rest of one, has a segment `..`. */
export function hasParentSegment(path: string): boolean {
  return path.includes("..") && /(?:^|\/)\.\.(?:\/|$)/.test(path);
}

/**
 * Whether the value of a template leads up where its text does not: then a
 * variable has brought a `..` segment along.
 */
export function leadsUp<C>(template: Template<C>, value: string): boolean {
  return template.constant === undefined && hasParentSegment(value) &&
    parentSegments(value) > parentSegments(template.source);
}

function parentSegments(path: string): number {
  return path.split("/").filter((segment) => segment === "..").length;
}

/** How many characters of the folder come before the first variable. */
function ownLength<C>({ template }: Folder<C>): number {
  if (template.constant !== undefined) return template.constant.length;
  const before = template.source.slice(0, template.source.indexOf("$"));
  return Math.max(0, before.lastIndexOf("/"));
}

/** A path without the slashes it ends with; `/` becomes the empty text. */
export function withoutEndingSlashes(path: string): string {
  let end = path.length;
  while (end > 0 && path.charCodeAt(end - 1) === 0x2f) end--;
  return path.slice(0, end);
}

/** The path of a folder with a slash at its end, to which names are added. */
export function withSlash(path: ContainedPath): ContainedPath {
  return path.endsWith("/") ? path : `${path}/` as ContainedPath;
}

/** The folder for this request, wherever it leads. */
function evaluate<C>(folder: Folder<C>, context: C): string {
  const { constant } = folder.template;
  if (constant !== undefined) return constant;
  const text = folder.template.evaluate(context);
  const isWhole = text.startsWith("/") || leadsOut(folder, text);
  return withoutEndingSlashes(isWhole ? text : folder.resolve(text));
}

function leadsOut<C>({ windows }: Folder<C>, path: string): boolean {
  return hasParentSegment(windows ? path.replaceAll("\\", "/") : path);
}

/**
 * The one place where paths are made: a folder, and what follows it, which is
 * empty or begins with a slash. `undefined` when a variable or the rest has a
 * `..` segment, or bytes that are not UTF-8: the runtime names files by texts,
 * and would open another one that is called U+FFFD in their place.
 */
function contained<C>(
  folder: Folder<C>,
  context: C,
  rest: string,
): ContainedPath | undefined {
  if (rest !== "" && !rest.startsWith("/")) return undefined;
  if (folder.windows && NO_WINDOWS_NAME.test(rest)) return undefined;
  const base = evaluate(folder, context);
  const isConstant = folder.template.constant !== undefined;
  const said = isConstant ? rest : base + rest;
  return leadsOut(folder, said) || !said.isWellFormed()
    ? undefined
    : base + rest as ContainedPath;
}

/** `root`: the folder, and in it the whole URI. */
export function rootPaths<C>(folder: Folder<C>): PathMap<C> {
  return {
    constant: folder.template.constant !== undefined,
    ownLength: ownLength(folder),
    aliasedPrefix: "",
    shared: false,
    documentRoot: (context) => evaluate(folder, context),
    pathOf: (context, uri) =>
      uri === "" ? undefined : contained(folder, context, uri),
    hasSiblings: () => true,
  };
}

/**
 * `alias` for the URIs at or below `prefix`, which it takes the place of. Of
 * an exact location, `isExact`, it is the path of a file.
 */
export function aliasPaths<C>(
  folder: Folder<C>,
  prefix: string,
  isExact = false,
): PathMap<C> {
  const start = prefix.endsWith("/") ? prefix.length - 1 : prefix.length;
  return {
    constant: folder.template.constant !== undefined,
    ownLength: ownLength(folder),
    aliasedPrefix: prefix,
    shared: false,
    documentRoot: (context) =>
      evaluate(folder, context) + (folder.ending ?? ""),
    pathOf: (context, uri) =>
      uri.startsWith(prefix)
        ? contained(folder, context, uri.slice(start))
        : undefined,
    hasSiblings: (context, path, isFile) =>
      isFile || isExact || path !== contained(folder, context, ""),
  };
}

/**
 * `alias` where it is the path of a file: in a location with a regular
 * expression. Variants of that file lie beside it. `added` is the name behind
 * it that a request is for instead, if it is for one.
 */
export function wholePaths<C>(
  folder: Folder<C>,
  added: (context: C) => string | undefined = () => undefined,
): PathMap<C> {
  /** Whether the value ends with a slash: then it is a folder's. */
  const isFolder = (context: C) =>
    folder.ending === "/" || folder.template.evaluate(context).endsWith("/");
  const behind = (context: C, name: string) => {
    const separator = isFolder(context) && !name.startsWith("/") ? "/" : "";
    return contained(folder, context, separator + name);
  };
  return {
    constant: false,
    ownLength: ownLength(folder),
    aliasedPrefix: "",
    shared: true,
    documentRoot: (context) =>
      evaluate(folder, context) + (folder.ending ?? ""),
    pathOf(context) {
      const name = added(context);
      return name === undefined
        ? contained(folder, context, "")
        : behind(context, name);
    },
    childOf: (context, name) => contained(folder, context, `/${name}`),
    behind,
    hasSiblings: (context, _path, isFile) => isFile || !isFolder(context),
  };
}
