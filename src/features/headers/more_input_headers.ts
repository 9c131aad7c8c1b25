/**
 * `more_set_input_headers`, `more_clear_input_headers`: the fields of requests
 * as the site wants them read, by variables, conditions and negotiation alike.
 * As in headers-more-nginx-module they come after the rewrite directives.
 */

import { appended, defineDirective } from "../../config/directive.ts";
import { ConfigError } from "../../config/errors.ts";
import type { Scope } from "../../config/scope.ts";
import type { Statement } from "../../config/syntax/parser.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { LocationHooks, Module } from "../../core/module.ts";
import {
  commandsIn,
  concerns,
  type FieldCommand,
  type FieldJudge,
  isForType,
  parseCommand,
} from "./more_headers_command.ts";

/** What the reference page says of both directives. */
const DIFFERS = "Of headers-more-nginx-module. Host, Connection, Expect and " +
  "what frames the body cannot be changed.";

/** What has been acted upon when the location is found. */
const SETTLED: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "transfer-encoding",
]);

function judgeOf({ name, place }: Statement, sets: boolean): FieldJudge {
  return (key, isWildcard) => {
    if (isWildcard && sets) {
      throw new ConfigError(
        `"${name}" cannot set "${key}*"`,
        place,
        "expected the name of one field",
      );
    }
    if (isWildcard || !SETTLED.has(key)) return true;
    throw new ConfigError(
      `"${name}" cannot change "${key}"`,
      place,
      "it has been acted upon before a location is found",
    );
  };
}

const moreSetInputHeaders = defineDirective<readonly FieldCommand[]>({
  name: "more_set_input_headers",
  contexts: ["http", "server", "location", "if in location"],
  args: [1, Infinity],
  repeatable: true,
  default: [],
  summary: "Sets fields of requests, for all who read them.",
  syntax: "[-r] [-t types] 'name: value' ...",
  differs: DIFFERS,
  parse(statement, previous = [], context) {
    const judge = judgeOf(statement, true);
    return appended(previous, [
      parseCommand(statement, context, {
        options: "rt",
        clears: false,
        judge,
      }),
    ]);
  },
});

/** `more_clear_input_headers [-t types] Name ...`; `X-*` for all such. */
const moreClearInputHeaders = defineDirective<readonly FieldCommand[]>({
  name: "more_clear_input_headers",
  contexts: ["http", "server", "location", "if in location"],
  args: [1, Infinity],
  repeatable: true,
  default: [],
  summary: "Takes fields of requests away; X-* are all that begin so.",
  syntax: "[-t types] name ...",
  differs: DIFFERS,
  parse(statement, previous = [], context) {
    const judge = judgeOf(statement, false);
    return appended(previous, [
      parseCommand(statement, context, {
        options: "t",
        clears: true,
        judge,
      }),
    ]);
  },
});

/** Does to the fields of a request what `command` says. */
function run(exchange: Exchange, command: FieldCommand): void {
  if (!isForType(command, exchange.request.get("content-type"))) return;
  for (const change of command.changes) {
    const value = change.value?.evaluate(exchange) ?? "";
    const before = [...exchange.request.entries()];
    const after = before.filter(([name]) =>
      SETTLED.has(name) || !concerns(change, name)
    );
    const wasThere = after.length < before.length;
    if (value !== "" && (wasThere || !command.replaces)) {
      after.push([change.key, value]);
    }
    exchange.request = exchange.request.withFields(after);
  }
}

function create(scope: Scope): LocationHooks | undefined {
  const commands = commandsIn(
    scope,
    (one) => [
      ...one.own(moreSetInputHeaders) ?? [],
      ...one.own(moreClearInputHeaders) ?? [],
    ],
  );
  if (commands.length === 0) return undefined;
  return {
    preaccess(exchange) {
      for (const command of commands) run(exchange, command);
      return undefined;
    },
  };
}

/** Fields of requests. */
export const moreInputHeadersModule: Module = {
  name: "more_input_headers",
  directives: [moreSetInputHeaders, moreClearInputHeaders],
  dependsOn: [],
  create,
};
