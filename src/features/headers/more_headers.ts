/**
 * `more_set_headers`, `more_clear_headers`: fields of answers of every status,
 * as in headers-more-nginx-module. They come before `expires`, `add_header`
 * and compression, which go on from what is set here.
 *
 * A 304 says what the 200 would say (RFC 9110 §15.4.5), so that `-s 304` is
 * for no answer to a file.
 */

import { appended, defineDirective } from "../../config/directive.ts";
import { ConfigError } from "../../config/errors.ts";
import type { Scope } from "../../config/scope.ts";
import type { Statement } from "../../config/syntax/parser.ts";
import {
  changeable,
  ENCODER_FIELDS,
  FRAMING_FIELDS,
  showResponse,
  SINGLE_FIELDS,
} from "../../core/added_fields.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { LocationHooks, Module } from "../../core/module.ts";
import type { HttpResponse } from "../../http/response.ts";
import {
  commandsIn,
  concerns,
  type FieldChange,
  type FieldCommand,
  isForType,
  parseCommand,
} from "./more_headers_command.ts";

/** What the reference page says of both directives. */
const DIFFERS = "Of headers-more-nginx-module. A 304 has the fields of the " +
  "200; what frames a message, Date and Connection stay as they are, and so " +
  "does Vary of a coding.";

/** What says how the body is to be read is only changed by its full name. */
const NOT_BY_WILDCARD: ReadonlySet<string> = new Set([
  "content-encoding",
  "content-type",
  "last-modified",
]);

/** What decides whether an answer is compressed, or is part of how. */
const BEFORE_CODING: ReadonlySet<string> = new Set([
  "accept-ranges",
  "cache-control",
  "content-encoding",
  "content-type",
  "etag",
]);

function judgeOf({ name, args, place }: Statement, sets: boolean) {
  const appends = args.includes("-a");
  return (key: string, isWildcard: boolean): boolean => {
    if (isWildcard) return true;
    if (sets && FRAMING_FIELDS.has(key)) {
      throw new ConfigError(
        `"${name}" cannot set "${key}"`,
        place,
        "the server itself says where a message ends",
      );
    }
    if (appends && (key === "server" || SINGLE_FIELDS.has(key))) {
      throw new ConfigError(
        `${name}: option -a does not go with "${key}"`,
        place,
        "an answer has at most one such field",
      );
    }
    return !ENCODER_FIELDS.has(key) && !FRAMING_FIELDS.has(key);
  };
}

const moreSetHeaders = defineDirective<readonly FieldCommand[]>({
  name: "more_set_headers",
  contexts: ["http", "server", "location", "if in location"],
  args: [1, Infinity],
  repeatable: true,
  default: [],
  summary: "Sets fields of answers of every status, or takes them away.",
  syntax: "[-a] [-s codes] [-t types] 'name: value' ...",
  differs: DIFFERS,
  parse(statement, previous = [], context) {
    const judge = judgeOf(statement, true);
    return appended(previous, [
      parseCommand(statement, context, {
        options: "ast",
        clears: false,
        judge,
      }),
    ]);
  },
});

/** `more_clear_headers [-s codes] [-t types] Name ...`; `X-*` for all such. */
const moreClearHeaders = defineDirective<readonly FieldCommand[]>({
  name: "more_clear_headers",
  contexts: ["http", "server", "location", "if in location"],
  args: [1, Infinity],
  repeatable: true,
  default: [],
  summary: "Takes fields of answers away; X-* are all that begin so.",
  syntax: "[-s codes] [-t types] name ...",
  differs: DIFFERS,
  parse(statement, previous = [], context) {
    const judge = judgeOf(statement, false);
    return appended(previous, [
      parseCommand(statement, context, {
        options: "st",
        clears: true,
        judge,
      }),
    ]);
  },
});

function commandsOf(scope: Scope): readonly FieldCommand[] {
  return commandsIn(
    scope,
    (one) => [
      ...one.own(moreSetHeaders) ?? [],
      ...one.own(moreClearHeaders) ?? [],
    ],
  );
}

function isConstant(commands: readonly FieldCommand[]): boolean {
  return commands.every(({ changes }) =>
    changes.every(({ value }) =>
      value === undefined || value.constant !== undefined
    )
  );
}

/** Whether what is set in `scope` follows from the response alone. */
export function moreHeadersAreConstant(scope: Scope): boolean {
  return isConstant(commandsOf(scope));
}

/** Whether a command is for this response. */
function isFor(command: FieldCommand, response: HttpResponse): boolean {
  const { statuses } = command;
  return (statuses === undefined || statuses.has(response.status)) &&
    isForType(command, response.headers.get("Content-Type"));
}

/** Does to a response what is said, with `exchange` for the variables. */
function run(
  response: HttpResponse,
  commands: readonly FieldCommand[],
  exchange: Exchange | undefined,
): void {
  const { headers } = response;
  const vary = headers.get("Vary");
  for (const command of commands) {
    if (!isFor(command, response)) continue;
    for (const change of command.changes) {
      const value = change.value?.constant ??
        (exchange === undefined ? "" : change.value?.evaluate(exchange) ?? "");
      if (change.key === "server" && !change.isWildcard) {
        response.server = value;
      } else if (command.appends && value !== "") {
        headers.append(change.name, value);
      } else {
        setField(response, change, value);
      }
    }
  }
  // Who does not say that there are parts does not give them (the module).
  if (headers.get("Accept-Ranges") !== "bytes") response.ranges = false;
  // What the answer was chosen by, caches must know (RFC 9110 §12.5.5).
  if (vary !== undefined) keepVary(response, vary);
}

function setField(
  { headers }: HttpResponse,
  change: FieldChange,
  value: string,
): void {
  if (!change.isWildcard) {
    if (value === "") headers.delete(change.name);
    else headers.set(change.name, value);
    return;
  }
  const names = new Set(
    [...headers].map(([name]) => name.toLowerCase())
      .filter((key) => concerns(change, key) && !NOT_BY_WILDCARD.has(key)),
  );
  const [first, ...others] = names;
  if (first !== undefined && value !== "") headers.set(first, value);
  for (const name of value === "" ? names : others) headers.delete(name);
}

function keepVary({ headers }: HttpResponse, vary: string): void {
  for (const [name, value] of headers) {
    if (name.toLowerCase() === "vary" && value === vary) return;
  }
  headers.append("Vary", vary);
}

/**
 * Whether what is set in `scope` depends on the request, and decides whether
 * an answer is compressed.
 */
export function changesCodingByRequest(scope: Scope): boolean {
  const commands = commandsOf(scope);
  return !isConstant(commands) &&
    commands.some(({ changes }) =>
      changes.some((change) =>
        [...BEFORE_CODING].some((key) => concerns(change, key))
      )
    );
}

function create(scope: Scope): LocationHooks | undefined {
  const commands = commandsOf(scope);
  if (commands.length === 0) return undefined;
  if (isConstant(commands)) {
    return { represent: (response) => run(response, commands, undefined) };
  }
  function stage(exchange: Exchange, made: HttpResponse): HttpResponse {
    if (!commands.some((command) => isFor(command, made))) return made;
    const response = changeable(made);
    showResponse(exchange, response);
    run(response, commands, exchange);
    return response;
  }
  return {
    stages: changesCodingByRequest(scope)
      ? { coding: stage }
      : { fields: stage },
  };
}

/** Fields of answers of every status. */
export const moreHeadersModule: Module = {
  name: "more_headers",
  directives: [moreSetHeaders, moreClearHeaders],
  dependsOn: [],
  create,
};
