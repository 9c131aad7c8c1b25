/**
 * `rewrite`, `set`, `if`, `break` and `return`: nginx's rewrite module. Those of a
 * server are followed before its location is found, those of a location after
 * that; a location is found anew when they have changed the URI.
 */

import {
  appended,
  defineDirective,
  type Directive,
  isContext,
} from "../../config/directive.ts";
import type { Scope } from "../../config/scope.ts";
import { compileCondition, type Condition } from "./condition.ts";
import {
  type Blocks,
  type Environment,
  InternalRedirect,
  type LocationHooks,
  type Module,
  type Outcome,
} from "../../core/module.ts";
import { compileRewrite } from "./replacement.ts";
import { trace } from "../../core/trace.ts";
import { rewriteLogDirective } from "./rewrite_log.ts";
import { returnDirective, returnStep } from "./return.ts";
import { setDirective, uninitializedVariableWarn } from "./set.ts";
import { inOrder, type OrderedStep, type Step } from "./script.ts";

/** The context of an `if` in a location, and in an `if` there. */
const LIF = "if in location";

/** The blocks of all these directives. */
const BLOCKS = ["server", "location", "if"] as const;

/** `rewrite regex replacement [last | break | redirect | permanent]`. */
export const rewriteDirective: Directive<readonly OrderedStep[]> =
  defineDirective<readonly OrderedStep[]>({
    name: "rewrite",
    contexts: BLOCKS,
    args: [2, 3],
    inherit: false,
    repeatable: true,
    default: [],
    summary: "Changes the URI, or redirects: regex, replacement, flag.",
    syntax: "regex replacement [last | break | redirect | permanent]",
    differs: "What it took from a path is escaped in a redirect.",
    parse: (statement, previous = [], context) =>
      appended(previous, [
        { order: context.index, step: compileRewrite(statement, context) },
      ]),
  });

/** `break`: nothing of this module is followed any more. */
export const breakDirective: Directive<readonly OrderedStep[]> =
  defineDirective<readonly OrderedStep[]>({
    name: "break",
    contexts: BLOCKS,
    args: [0, 0],
    inherit: false,
    repeatable: true,
    default: [],
    summary: "Ends what rewrite, if and return do here.",
    parse: ({ place }, previous = [], { index }) =>
      appended(previous, [{
        order: index,
        step(_exchange, run) {
          trace.steps?.push({
            kind: "break",
            text: "nothing more of this script is followed",
            place,
          });
          run.moved = false;
          return "end";
        },
      }]),
  });

interface IfValue {
  readonly order: number;
  readonly condition: Condition;
}

/**
 * `if (condition) { ... }`. In a server its block holds directives of this
 * module; in a location it is a location of its own, which takes the place of
 * the one around it.
 */
export const ifDirective: Directive<readonly IfValue[]> = defineDirective<
  readonly IfValue[]
>({
  name: "if",
  contexts: BLOCKS,
  args: [1, Infinity],
  body: "scope",
  opens: (outer) => outer === "server" || outer === "if" ? "if" : LIF,
  inherit: false,
  repeatable: true,
  default: [],
  summary: "Follows its block when a condition holds.",
  syntax: "(condition)",
  differs: "It may stand in itself.",
  parse: (statement, previous = [], context) =>
    appended(previous, [{
      order: context.index,
      condition: compileCondition(statement, context),
    }]),
});

/** The steps of a block; `undefined` if it has none. */
function scriptOf(scope: Scope, blocks: Blocks): Step | undefined {
  const value = scope.own(returnDirective);
  const steps = [
    ...scope.own(rewriteDirective) ?? [],
    ...scope.own(setDirective) ?? [],
    ...scope.own(breakDirective) ?? [],
    ...(value === undefined ? [] : [returnStep(value, scope)]),
    ...ifSteps(scope, blocks),
  ];
  return steps.length === 0 ? undefined : inOrder(steps);
}

/** The `if`s of a block: their values and their blocks come in one order. */
function ifSteps(scope: Scope, blocks: Blocks): OrderedStep[] {
  const scopes = scope.children.filter(isIf);
  return (scope.own(ifDirective) ?? []).map(({ order, condition }, index) => {
    const inner = scriptOf(scopes[index]!, blocks);
    const location = blocks.get(scopes[index]!);
    return {
      order,
      step(exchange, run) {
        const holds = condition(exchange);
        trace.steps?.push({
          kind: "if",
          text: `${scopes[index]!.args.join(" ")} ${
            holds ? "holds" : "does not hold"
          }`,
          place: scopes[index]!.place,
        });
        if (!holds) return undefined;
        if (location !== undefined) exchange.location = location;
        return inner?.(exchange, run);
      },
    };
  });
}

function isIf({ context }: Scope): boolean {
  return isContext(context, "if");
}

function create(
  scope: Scope,
  _environment: Environment,
  blocks: Blocks,
): LocationHooks | undefined {
  // What stands in an `if` is a part of the script around it.
  const script = isIf(scope) ? undefined : scriptOf(scope, blocks);
  if (script === undefined) return undefined;
  const isServer = scope.context === "server";
  return {
    rewrite(exchange): Outcome {
      const run = { moved: false };
      const flow = script(exchange, run);
      if (flow !== undefined && flow !== "end") return flow;
      // The location of a server's URI is still to be found.
      if (!run.moved || isServer) return undefined;
      return new InternalRedirect(exchange.uri, exchange.args, "rewrite");
    },
  };
}

/** Changes of the URI, and fixed answers. */
export const rewriteModule: Module = {
  name: "rewrite",
  directives: [
    rewriteDirective,
    setDirective,
    breakDirective,
    ifDirective,
    returnDirective,
    rewriteLogDirective,
    uninitializedVariableWarn,
  ],
  dependsOn: [],
  create,
};
