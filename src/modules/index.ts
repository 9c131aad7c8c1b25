/** `index`: the file that stands for a directory. */

import { defineDirective, type Directive } from "../config/directive.ts";
import type { Scope } from "../config/scope.ts";
import { HttpError } from "../http/errors.ts";
import type { Exchange } from "./exchange.ts";
import {
  type Environment,
  InternalRedirect,
  type LocationHooks,
  type Module,
  type Outcome,
} from "./module.ts";
import { rootDirective } from "./root.ts";

/** `index file ...`; an absolute one, last, is always taken. */
export const indexDirective: Directive<readonly string[]> = defineDirective<
  readonly string[]
>({
  name: "index",
  contexts: ["http", "server", "location"],
  args: [1, Infinity],
  repeatable: true,
  default: ["index.html"],
  summary: "The files that stand for a directory, in order.",
  parse(statement, previous = [], context) {
    statement.args.forEach((name, i) => {
      if (name.startsWith("/") && i < statement.args.length - 1) {
        context.warn(
          'only the last index in "index" directive should be absolute',
        );
      }
    });
    return [...previous, ...statement.args];
  },
});

function create(
  scope: Scope,
  { files }: Environment,
): LocationHooks | undefined {
  const root = scope.get(rootDirective);
  if (root === undefined) return undefined;
  const names = scope.get(indexDirective);

  function content(exchange: Exchange): Outcome {
    const { uri, method } = exchange;
    if (!uri.endsWith("/") || (method !== "GET" && method !== "HEAD")) {
      return undefined;
    }
    for (const name of names) {
      if (name.startsWith("/")) return new InternalRedirect(name);
      const entry = files.lookup(root + uri + name);
      if (entry.kind === "file" || entry.kind === "directory") {
        return new InternalRedirect(uri + name);
      }
      if (entry.kind === "forbidden") {
        throw new HttpError(403, `"${entry.path}" is forbidden`, {
          cause: entry.error,
        });
      }
    }
    const directory = files.lookup(root + uri);
    if (directory.kind === "missing") {
      throw new HttpError(404, `"${directory.path}" is not found`);
    }
    if (directory.kind === "forbidden") {
      throw new HttpError(403, `"${directory.path}" is forbidden`, {
        cause: directory.error,
      });
    }
    return undefined;
  }
  return { content };
}

/** Index files. */
export const indexModule: Module = {
  name: "index",
  directives: [indexDirective],
  create,
};
