/** `index`: the file that stands for a directory. */

import { appended, defineDirective } from "../../config/directive.ts";
import { ConfigError } from "../../config/errors.ts";
import type { Scope } from "../../config/scope.ts";
import { constantTemplate, type Template } from "../../config/template.ts";
import type { Exchange } from "../../core/exchange.ts";
import {
  FILE_DIRECTIVES,
  FileLocation,
  indexFailureOf,
  kindByName,
} from "../../core/file_location.ts";
import {
  type Environment,
  InternalRedirect,
  type LocationHooks,
  type Module,
  type Outcome,
} from "../../core/module.ts";

const DEFAULT: readonly Template<Exchange>[] = [
  constantTemplate("index.html"),
];

/** `index file ...`; an absolute one, last, is always taken. */
const indexDirective = defineDirective<readonly Template<Exchange>[]>({
  name: "index",
  contexts: ["http", "server", "location"],
  args: [1, Infinity],
  repeatable: true,
  default: DEFAULT,
  summary: "The files that stand for a directory, in order.",
  syntax: "file ...",
  defaultText: "index.html",
  parse(statement, previous = [], context) {
    statement.args.forEach((name, i) => {
      if (name === "") {
        throw new ConfigError(
          'index "" in "index" directive is invalid',
          statement.place,
          "expected the name of a file",
        );
      }
      if (name.startsWith("/") && i < statement.args.length - 1) {
        context.warn(
          'only the last index in "index" directive should be absolute',
        );
      }
    });
    return appended(
      previous,
      statement.args.map((name) =>
        context.variables.textTemplate(name, statement.place)
      ),
    );
  },
});

function create(
  scope: Scope,
  environment: Environment,
): LocationHooks | undefined {
  const files = FileLocation.of(scope, environment);
  const names = scope.get(indexDirective);

  function folder(exchange: Exchange): Outcome {
    const { uri, method } = exchange;
    // As in nginx a POST is told by the file that it is not allowed.
    const reads = method === "GET" || method === "HEAD" || method === "POST";
    if (!reads) return undefined;
    let isThere = false;
    for (const { constant, evaluate } of names) {
      const name = constant ?? evaluate(exchange);
      if (name.startsWith("/")) return new InternalRedirect(name);
      if (name === "") continue;
      const entry = files.lookupIn(exchange, name);
      if (kindByName(entry) !== undefined) {
        return new InternalRedirect(uri + name);
      }
      if (entry.kind === "forbidden" || entry.kind === "failed") {
        return indexFailureOf(entry.path, entry);
      }
      if (isThere) continue;
      const directory = files.lookup(exchange, uri);
      if (directory.kind !== "directory") {
        // One that is refused has no path to name.
        const path = entry.kind === "refused" ? uri + name : entry.path;
        return indexFailureOf(path, directory);
      }
      isThere = true;
    }
    return undefined;
  }
  return { folder };
}

/** Index files. */
export const indexModule: Module = {
  name: "index",
  directives: [indexDirective],
  dependsOn: FILE_DIRECTIVES,
  create,
};
