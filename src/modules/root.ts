/** `root`: where files are. */

import { defineDirective, type Directive } from "../config/directive.ts";
import type { Exchange } from "./exchange.ts";
import type { Module } from "./module.ts";

/** `root path`; the value is absolute and has no slash at its end. */
export const rootDirective: Directive<string | undefined> = defineDirective<
  string | undefined
>({
  name: "root",
  contexts: ["http", "server", "location"],
  args: [1, 1],
  default: undefined,
  summary: "The folder that request paths are looked up in.",
  parse: (statement, _previous, context) =>
    context.resolvePath(statement.args[0]!).replace(/\/+$/, ""),
});

/** The file-system path of the root in force; nothing is under "". */
export function documentRoot(exchange: Exchange): string {
  return exchange.location.scope.get(rootDirective) ?? "";
}

/** The root. */
export const rootModule: Module = {
  name: "root",
  directives: [rootDirective],
};
