/**
 * From URIs to file paths, as `root` and `alias` have it. Nothing a client
 * says may lead out of the folder that is meant:
 *
 * - A URI arrives decoded, without `.` and `..` segments, so a constant folder
 *   and a URI make a path within the folder.
 * - The value of a variable may hold anything. A path that has a `..` segment
 *   because of one leads nowhere.
 * - `location /img { alias /data/img/; }` is also for `/img../secret` in
 *   nginx, which makes `/data/img/../secret` of it. Here an alias maps whole
 *   segments: what follows the location's path must begin with a slash, and
 *   the folder and the rest are joined by exactly one.
 */

import type { Template } from "../config/variables.ts";

/** How the paths of one location are made; `C` is what variables read. */
export interface PathMap<C> {
  /**
   * The folder, if a file's path is always the folder and then the URI; else
   * `undefined`.
   */
  readonly constantRoot: string | undefined;
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
  /** The folder in force: nginx's `$document_root`. */
  documentRoot(context: C): string;
  /**
   * The file-system path of a decoded, normalised URI; `undefined` when it
   * has none.
   */
  pathOf(context: C, uri: string): string | undefined;
}

/** A folder as it is configured, perhaps with variables. */
export interface Folder<C> {
  /** The text, without slashes at its end. */
  readonly template: Template<C>;
  /** Makes a path absolute that is not. */
  resolve(path: string): string;
}

/** What a location without folder has: no file. */
export const NO_PATHS: PathMap<unknown> = Object.freeze({
  constantRoot: undefined,
  ownLength: 0,
  aliasedPrefix: "",
  shared: false,
  documentRoot: () => "",
  pathOf: () => undefined,
});

/** Whether a path, or the rest of one, has a segment `..`. */
export function hasParentSegment(path: string): boolean {
  return path.includes("..") && /(?:^|\/)\.\.(?:\/|$)/.test(path);
}

/** How many characters of the folder come before the first variable. */
function ownLength<C>({ template }: Folder<C>): number {
  if (template.constant !== undefined) return template.constant.length;
  const before = template.source.slice(0, template.source.indexOf("$"));
  return Math.max(0, before.lastIndexOf("/"));
}

/** The folder for this request; `undefined` when a variable leads out. */
function evaluate<C>(folder: Folder<C>, context: C): string | undefined {
  const { constant } = folder.template;
  if (constant !== undefined) return constant;
  const text = folder.template.evaluate(context);
  if (hasParentSegment(text)) return undefined;
  return withoutEndingSlashes(
    text.startsWith("/") ? text : folder.resolve(text),
  );
}

/** A path without the slashes it ends with; `/` becomes the empty text. */
export function withoutEndingSlashes(path: string): string {
  let end = path.length;
  while (end > 0 && path.charCodeAt(end - 1) === 0x2f) end--;
  return path.slice(0, end);
}

/** `root`: the folder, and in it the whole URI. */
export function rootPaths<C>(folder: Folder<C>): PathMap<C> {
  return {
    constantRoot: folder.template.constant,
    ownLength: ownLength(folder),
    aliasedPrefix: "",
    shared: false,
    documentRoot: (context) => evaluate(folder, context) ?? "",
    pathOf(context, uri) {
      const root = evaluate(folder, context);
      return root === undefined ? undefined : root + uri;
    },
  };
}

/** `alias` for the URIs at or below `prefix`, which it takes the place of. */
export function aliasPaths<C>(folder: Folder<C>, prefix: string): PathMap<C> {
  const start = prefix.endsWith("/") ? prefix.length - 1 : prefix.length;
  return {
    constantRoot: undefined,
    ownLength: ownLength(folder),
    aliasedPrefix: prefix,
    shared: false,
    documentRoot: (context) => evaluate(folder, context) ?? "",
    pathOf(context, uri) {
      if (!uri.startsWith(prefix)) return undefined;
      const rest = uri.slice(start);
      if (rest !== "" && !rest.startsWith("/")) return undefined;
      const base = evaluate(folder, context);
      return base === undefined ? undefined : base + rest;
    },
  };
}

/** `alias` in a location with a regular expression: the path of the file. */
export function wholePaths<C>(folder: Folder<C>): PathMap<C> {
  return {
    constantRoot: undefined,
    ownLength: ownLength(folder),
    aliasedPrefix: "",
    shared: true,
    documentRoot: (context) => evaluate(folder, context) ?? "",
    pathOf: (context) => evaluate(folder, context),
  };
}
