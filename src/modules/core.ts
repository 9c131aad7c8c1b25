/** The blocks of a configuration, and what concerns the process as a whole. */

import { eventsDirective, httpDirective } from "../config/build.ts";
import {
  type AnyDirective,
  defineDirective,
  type Directive,
} from "../config/directive.ts";
import { ConfigError, type SourcePlace } from "../config/errors.ts";
import type { Statement } from "../config/parser.ts";
import { compileRegex } from "../config/regex.ts";
import { integer, onOffDirective, timeDirective } from "../config/values.ts";
import { type LocationPattern, patternKey } from "../routing/location_table.ts";
import type { Module } from "./module.ts";

/** `server { … }`. */
export const serverDirective: Directive<undefined> = defineDirective({
  name: "server",
  contexts: ["http"],
  args: [0, 0],
  body: "scope",
  opens: "server",
  repeatable: true,
  inherit: false,
  default: undefined,
  summary: "Opens the block of a virtual server.",
  parse: () => undefined,
});

/** The patterns of the locations directly in a scope, in order. */
export const locationDirective: Directive<readonly LocationPattern[]> =
  defineDirective<readonly LocationPattern[]>({
    name: "location",
    contexts: ["server", "location"],
    args: [1, 2],
    body: "scope",
    opens: "location",
    repeatable: true,
    inherit: false,
    default: [],
    summary: "Opens the block for the paths it names: [ = | ~ | ~* | ^~ ] uri.",
    parse(statement, previous = []) {
      const pattern = parseLocation(statement.args, statement.place);
      const key = patternKey(pattern);
      if (
        pattern.kind !== "regex" &&
        previous.some((other) => patternKey(other) === key)
      ) {
        throw new ConfigError(
          `duplicate location "${statement.args.at(-1)}"`,
          statement.place,
        );
      }
      return [...previous, pattern];
    },
  });

/**
 * What `location` with these arguments is for. As in nginx the modifier may
 * touch the path: `location =/x`.
 *
 * @throws {ConfigError} when the modifier or the pattern is wrong
 */
export function parseLocation(
  args: readonly string[],
  place: SourcePlace,
): LocationPattern {
  const [first = "", second] = args;
  const [, modifier = "", rest = ""] =
    /^(=|\^~|~\*|~|)([^]*)$/.exec(second === undefined ? first : first) ?? [];
  if (second !== undefined && (rest !== "" || modifier === "")) {
    throw new ConfigError(`invalid location modifier "${first}"`, place);
  }
  const path = second ?? rest;
  switch (modifier) {
    case "=":
      return { kind: "exact", path: checkedPath(path, place) };
    case "^~":
      return { kind: "prefix", path: checkedPath(path, place), final: true };
    case "~":
    case "~*":
      return {
        kind: "regex",
        regex: compileRegex(path, { ignoreCase: modifier === "~*", place }),
      };
  }
  if (path.startsWith("@")) {
    if (path === "@") throw new ConfigError("empty location name", place);
    return { kind: "named", name: path };
  }
  return { kind: "prefix", path: checkedPath(path, place), final: false };
}

/** nginx takes a path without `/` and never matches it; that is a mistake. */
function checkedPath(path: string, place: SourcePlace): string {
  if (path.startsWith("/")) return path;
  throw new ConfigError(
    `invalid location "${path}", it must begin with "/"`,
    place,
  );
}

/** Most workers (nginx's `NGX_MAX_PROCESSES`). */
const MOST_WORKERS = 1024;

/** `worker_processes number | auto`. */
export const workerProcesses: Directive<number | "auto"> = defineDirective<
  number | "auto"
>({
  name: "worker_processes",
  contexts: ["main"],
  args: [1, 1],
  default: 1,
  summary: "How many threads serve; auto is one for each processor.",
  parse: (statement) =>
    statement.args[0] === "auto"
      ? "auto"
      : integer(statement, { min: 1, max: MOST_WORKERS }),
});

/** `worker_connections number`. */
export const workerConnections: Directive<number> = defineDirective({
  name: "worker_connections",
  contexts: ["events"],
  args: [1, 1],
  default: 16_384,
  summary: "Most connections of a worker at a time.",
  parse: (statement) => integer(statement, { min: 1 }),
});

/** `worker_shutdown_timeout time`, in ms; 0 waits as long as it takes. */
export const workerShutdownTimeout: Directive<number> = timeDirective({
  name: "worker_shutdown_timeout",
  contexts: ["main"],
  default: 0,
  summary: "How long a drain or reload waits for requests in flight.",
});

/** `pid file`. */
export const pidDirective: Directive<string> = defineDirective({
  name: "pid",
  contexts: ["main"],
  args: [1, 1],
  default: "logs/webserv.pid",
  summary: "The file that holds the number of the process.",
  parse: (statement: Statement) => statement.args[0]!,
});

/** `daemon on | off`: accepted, because the foreground is the only mode. */
export const daemonDirective: Directive<boolean> = onOffDirective({
  name: "daemon",
  contexts: ["main"],
  default: false,
  summary: "Accepted; the server always runs in the foreground.",
});

/** `internal`. */
export const internalDirective: Directive<boolean> = defineDirective({
  name: "internal",
  contexts: ["location"],
  args: [0, 0],
  inherit: false,
  default: false,
  summary: "The location can only be reached by an internal redirect.",
  parse: () => true,
});

const directives: readonly AnyDirective[] = [
  eventsDirective,
  httpDirective,
  serverDirective,
  locationDirective,
  workerProcesses,
  workerConnections,
  workerShutdownTimeout,
  pidDirective,
  daemonDirective,
  internalDirective,
];

/** The blocks and the process. */
export const coreModule: Module = { name: "core", directives };
