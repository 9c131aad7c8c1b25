/** `types` and `default_type`: what a file is called by its name's ending. */

import {
  defineDirective,
  type Directive,
  type ParseContext,
} from "../../config/directive.ts";
import { ConfigError } from "../../config/errors.ts";
import type { Statement } from "../../config/syntax/parser.ts";
import type { Scope } from "../../config/scope.ts";
import { argument } from "../../config/values.ts";
import { byteString, textOf } from "../../http/byte_string.ts";
import { isFieldValue } from "../../http/field_syntax.ts";
import { HeaderList, type HttpResponse } from "../../http/response.ts";
import {
  essenceOf,
  mediaTypeByExtension,
} from "../../http/semantics/media_type.ts";
import type { Module } from "../module.ts";

/** What a configuration says of media types. */
interface TypeMap {
  /** Media types, as byte strings, by lower-case extension. */
  readonly byExtension: ReadonlyMap<string, string>;
  /** Whether extensions that are not in it have their built-in types. */
  readonly builtIn: boolean;
}

/** Where no block says anything. */
const BUILT_IN: TypeMap = { byExtension: new Map(), builtIn: true };

/** The entry that stands for the built-in table. */
const BUILT_IN_ENTRY = "built_in";

/**
 * `types { media/type extension ...; }`. As in nginx the blocks of one level
 * are one, and take the place of those of the levels around it: a table says
 * all there is. `built_in;` in it adds what webserv knows by itself.
 */
const typesDirective = defineDirective<TypeMap>({
  name: "types",
  contexts: ["http", "server", "location"],
  args: [0, 0],
  body: "entries",
  repeatable: true,
  default: BUILT_IN,
  summary: "Media types by file-name extension.",
  syntax: "{ type extension ...; }",
  differs:
    'The default is the table of IANA and browsers; "built_in;" in the block adds to it.',
  parse(statement, previous, context) {
    const byExtension = new Map(previous?.byExtension);
    let builtIn = previous?.builtIn ?? false;
    for (const entry of statement.block ?? []) {
      if (entry.name === BUILT_IN_ENTRY && entry.args.length === 0) {
        builtIn = true;
      } else {
        addEntry(byExtension, entry, context);
      }
    }
    return { byExtension, builtIn };
  },
});

function addEntry(
  byExtension: Map<string, string>,
  { name, args, place }: Statement,
  { warn }: ParseContext,
): void {
  if (!/^[^\s/;]+\/[^\s/]+$/.test(name) || !isFieldValue(name)) {
    throw new ConfigError(
      `invalid media type "${name}", expected type/subtype`,
      place,
    );
  }
  const type = byteString(name);
  for (const written of args) {
    const extension = written.toLowerCase();
    const before = byExtension.get(extension);
    if (before !== undefined) {
      warn(
        `duplicate extension "${written}", content type: "${name}", ` +
          `previous content type: "${textOf(before)}"`,
      );
    }
    byExtension.set(extension, type);
  }
}

/** `default_type media/type`, as a byte string. */
const defaultTypeDirective = defineDirective<string | undefined>({
  name: "default_type",
  contexts: ["http", "server", "location"],
  args: [1, 1],
  default: undefined,
  summary: "The media type of files whose extension has none.",
  syntax: "mime-type",
  differs:
    "Without it the first bytes of a file decide: text/plain or application/octet-stream (nginx: text/plain).",
  parse(statement) {
    const type = argument(statement);
    if (!isFieldValue(type)) {
      throw new ConfigError(
        `invalid media type "${type}"`,
        statement.place,
        "a media type has no line breaks and no control characters",
      );
    }
    return byteString(type);
  },
});

/**
 * Gives the media type of a path, by its name; `charset` is added by that
 * module. `undefined` where the configuration leaves it to the content.
 */
export type TypeOf = (path: string) => string | undefined;

/** How media types are found in `scope`. */
export function compileTypes(scope: Scope): TypeOf {
  const { byExtension, builtIn } = scope.get(typesDirective);
  const fallback = scope.get(defaultTypeDirective);
  return (path) => {
    const extension = extensionOf(path);
    if (extension === "") return fallback;
    return byExtension.get(extension) ??
      (builtIn ? mediaTypeByExtension(extension) : undefined) ?? fallback;
  };
}

/** The field that says a type; as in nginx there is none of an empty one. */
export function fieldsOfType(type: string): HeaderList {
  return new HeaderList(type === "" ? [] : [["Content-Type", type]]);
}

/**
 * What follows the last dot of a path's last segment, in lower case. As in
 * nginx a dot at its beginning makes a hidden file, and no extension.
 */
export function extensionOf(path: string): string {
  const start = path.lastIndexOf("/") + 1;
  const dot = path.lastIndexOf(".");
  return dot <= start ? "" : path.slice(dot + 1).toLowerCase();
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

/** Types in lower case without parameters; `*` for all. */
export type MediaTypes = ReadonlySet<string> | "*";

/** `*_types type ...`; `text/html` is always among them. */
export function mediaTypesDirective(
  spec: {
    readonly name: string;
    readonly summary: string;
    readonly differs?: string;
  },
): Directive<MediaTypes> {
  return defineDirective<MediaTypes>({
    contexts: ["http", "server", "location"],
    args: [1, Infinity],
    repeatable: true,
    default: new Set(["text/html"]),
    syntax: "mime-type ...",
    defaultText: "text/html",
    ...spec,
    parse(statement, previous, context) {
      if (previous === "*" || statement.args.includes("*")) return "*";
      return listedTypes(statement, previous, context);
    },
  });
}

/** Whether an answer is of one of these types. */
export function isOfType(
  types: MediaTypes,
  { headers }: HttpResponse,
): boolean {
  if (types === "*") return true;
  const type = headers.get("Content-Type");
  return type !== undefined && types.has(essenceOf(type));
}

/** Media types. */
export const typesModule: Module = {
  name: "types",
  directives: [typesDirective, defaultTypeDirective],
};
