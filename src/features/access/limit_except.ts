/** `limit_except`: a block of a location for all methods but some. */

import { defineDirective, type Directive } from "../../config/directive.ts";
import { ConfigError } from "../../config/errors.ts";
import type { Scope } from "../../config/scope.ts";
import type {
  Blocks,
  Environment,
  LocationHooks,
  Module,
} from "../../core/module.ts";

/** The context of its block. */
const CONTEXT = "limit_except";

/** The methods that it takes, as in nginx. */
const METHODS: readonly string[] = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "DELETE",
  "MKCOL",
  "COPY",
  "MOVE",
  "OPTIONS",
  "PROPFIND",
  "PROPPATCH",
  "LOCK",
  "UNLOCK",
  "PATCH",
];

/** `limit_except method ... {...}`; the value is the methods it is not for. */
const limitExceptDirective: Directive<ReadonlySet<string>> = defineDirective<
  ReadonlySet<string>
>({
  name: "limit_except",
  contexts: ["location"],
  args: [1, Infinity],
  body: "scope",
  opens: CONTEXT,
  inherit: false,
  default: new Set(),
  summary: "Opens a block for all methods but those it names.",
  syntax: "method ...",
  parse({ args, place }) {
    const methods = new Set(args.map((method) => method.toUpperCase()));
    const unknown = args.find((arg) => !METHODS.includes(arg.toUpperCase()));
    if (unknown !== undefined) {
      throw new ConfigError(
        `invalid method "${unknown}"`,
        place,
        `expected ${METHODS.join(", ")}`,
      );
    }
    if (methods.has("GET")) methods.add("HEAD");
    return methods;
  },
});

function create(
  scope: Scope,
  _environment: Environment,
  blocks: Blocks,
): LocationHooks | undefined {
  const allowed = scope.own(limitExceptDirective);
  const [block] = scope.childrenOf(CONTEXT);
  const plan = block && blocks.get(block);
  if (allowed === undefined || plan === undefined) return undefined;
  return {
    choose: ({ method }) => allowed.has(method) ? undefined : plan,
  };
}

/** Access by method. */
export const limitExceptModule: Module = {
  name: "limit_except",
  directives: [limitExceptDirective],
  dependsOn: [],
  create,
};
