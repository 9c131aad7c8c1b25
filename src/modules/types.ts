/** `types` and `default_type`: what a file is called by its name's ending. */

import {
  defineDirective,
  type Directive,
  type ParseContext,
} from "../config/directive.ts";
import { ConfigError } from "../config/errors.ts";
import type { Statement } from "../config/parser.ts";
import type { Scope } from "../config/scope.ts";
import { byteString } from "../http/byte_string.ts";
import { mediaTypeByExtension } from "../http/media_type.ts";
import type { Module } from "./module.ts";

/** The entries of a `types` block, and whether it replaces what is built in. */
export interface TypeMap {
  /** Media types by lower-case extension. */
  readonly byExtension: ReadonlyMap<string, string>;
  /**
   * Whether extensions that are not in it have no type. In `http` and
   * `server` a block adds to the built-in table, because a site wants its
   * `.woff2` and `.avif` known; in a `location`, and when it is empty, it
   * replaces it, because there it says what may not be shown as a page.
   */
  readonly exclusive: boolean;
}

const BUILT_IN: TypeMap = { byExtension: new Map(), exclusive: false };

/** `types { media/type extension ...; }`. */
export const typesDirective: Directive<TypeMap> = defineDirective<TypeMap>({
  name: "types",
  contexts: ["http", "server", "location"],
  args: [0, 0],
  body: "entries",
  repeatable: true,
  default: BUILT_IN,
  summary: "Media types by file-name extension.",
  parse(statement, previous, context) {
    const byExtension = new Map(previous?.byExtension);
    const entries = statement.block ?? [];
    for (const entry of entries) {
      if (!/^[^\s/;]+\/[^\s/]+$/.test(entry.name)) {
        throw new ConfigError(
          `invalid media type "${entry.name}", expected type/subtype`,
          entry.place,
        );
      }
      for (const extension of entry.args) {
        byExtension.set(extension.toLowerCase(), byteString(entry.name));
      }
    }
    const exclusive = context.scope.context === "location" ||
      byExtension.size === 0;
    return { byExtension, exclusive };
  },
});

/** `default_type media/type`. */
export const defaultTypeDirective: Directive<string> = defineDirective({
  name: "default_type",
  contexts: ["http", "server", "location"],
  args: [1, 1],
  default: "text/plain",
  summary: "The media type of files whose extension has none.",
  parse: (statement) => byteString(statement.args[0]!),
});

/** Gives the media type of a path; `charset` is added by that module. */
export type TypeOf = (path: string) => string;

/** How media types are found in `scope`. */
export function compileTypes(scope: Scope): TypeOf {
  const { byExtension, exclusive } = scope.get(typesDirective);
  const fallback = scope.get(defaultTypeDirective);
  return (path) => {
    const extension = extensionOf(path);
    const type = extension === "" ? undefined : byExtension.get(extension) ??
      (exclusive ? undefined : mediaTypeByExtension(extension));
    return type ?? fallback;
  };
}

/** What follows the last dot of a path's last segment, in lower case. */
export function extensionOf(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  return dot < 0 ? "" : name.slice(dot + 1).toLowerCase();
}

/**
 * The types that a directive lists beside `text/html`, which it always has:
 * how `gzip_types` and `charset_types` read.
 */
export function listedTypes(
  { args }: Statement,
  previous: ReadonlySet<string> | undefined,
  context: ParseContext,
): ReadonlySet<string> {
  const types = new Set(previous ?? ["text/html"]);
  for (const arg of args) {
    const type = byteString(arg.toLowerCase());
    if (types.has(type)) context.warn(`duplicate MIME type "${arg}"`);
    types.add(type);
  }
  return types;
}

/** Media types. */
export const typesModule: Module = {
  name: "types",
  directives: [typesDirective, defaultTypeDirective],
};
