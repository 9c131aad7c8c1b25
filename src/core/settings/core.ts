/** The blocks of a configuration, and what concerns the process as a whole. */

import { eventsDirective, httpDirective } from "../../config/build.ts";
import {
  type AnyDirective,
  defineDirective,
  type Directive,
} from "../../config/directive.ts";
import { ConfigError, type SourcePlace } from "../../config/errors.ts";
import type { Statement } from "../../config/syntax/parser.ts";
import type { Scope } from "../../config/scope.ts";
import { compileRegex } from "../../config/regex.ts";
import type { AnyVariables } from "../../config/configured_variables.ts";
import {
  argument,
  integer,
  invalidValue,
  onOff,
  onOffDirective,
  timeDirective,
} from "../../config/values.ts";
import { parseInteger } from "../../config/units.ts";
import {
  type LocationPattern,
  patternKey,
} from "../../routing/location_table.ts";
import type { Module } from "../module.ts";

const serverDirective = defineDirective({
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

/** The locations directly in a scope. */
interface Locations {
  /** Where each stands, by the key of its pattern. */
  readonly places: Map<string, SourcePlace>;
  /** Their patterns by the arguments that say them. */
  readonly patterns: Map<readonly string[], LocationPattern>;
}

/** `location [modifier] path { ... }`, or `@name`. */
const locationDirective = defineDirective<Locations>({
  name: "location",
  contexts: ["server", "location"],
  args: [1, 2],
  body: "scope",
  opens: "location",
  repeatable: true,
  inherit: false,
  default: { places: new Map(), patterns: new Map() },
  summary: "Opens the block for the paths it names: [ = | ~ | ~* | ^~ ] uri.",
  syntax: "[ = | ~ | ~* | ^~ ] uri | @name",
  differs:
    'A path that does not begin with "/" is an error; it would never match.',
  parse({ args, place }, locations, { scope, warn, variables }) {
    const { places, patterns } = locations ??
      { places: new Map(), patterns: new Map() };
    const pattern = parseLocation(args, place, variables);
    if (scope.context === "location") checkNesting(args, pattern, scope, place);
    const { text } = splitLocation(args, place);
    const key = inCaseOfFiles(patternKey(pattern));
    const first = places.get(key);
    if (first === undefined) {
      places.set(key, place);
    } else if (pattern.kind === "named") {
      warn(`duplicate location "${text}", the first one is used`);
    } else if (pattern.kind !== "regex") {
      throw new ConfigError(
        `duplicate location "${text}"`,
        place,
        `the first one is in ${first.file}:${first.line}`,
      );
    }
    patterns.set(args, pattern);
    return { places, patterns };
  },
});

/**
 * Whether files have their names in any case, and locations therefore as well,
 * as nginx has it: what is denied must not be had in capitals.
 */
export const IGNORES_CASE: boolean = Deno.build.os === "darwin" ||
  Deno.build.os === "windows";

/** A path as the file system compares it. */
function inCaseOfFiles(path: string): string {
  return IGNORES_CASE ? path.toLowerCase() : path;
}

/** What may not stand in a location, in the order and words of nginx. */
function checkNesting(
  args: readonly string[],
  pattern: LocationPattern,
  outer: Scope,
  place: SourcePlace,
): void {
  const { text } = splitLocation(args, place);
  const { text: outerText } = splitLocation(outer.args, outer.place);
  const { kind } = patternOf(outer);
  if (kind === "exact" || kind === "named") {
    throw new ConfigError(
      `location "${text}" cannot be inside the ${kind} location "${outerText}"`,
      place,
      "it has to stand beside it",
    );
  }
  if (pattern.kind === "named") {
    throw new ConfigError(
      `named location "${text}" can be on the server level only`,
      place,
      `it has to stand outside of location "${outerText}"`,
    );
  }
  const isWithin = inCaseOfFiles(text).startsWith(inCaseOfFiles(outerText));
  if (pattern.kind !== "regex" && !isWithin) {
    throw new ConfigError(
      `location "${text}" is outside location "${outerText}"`,
      place,
      "what is not below the outer location would never be looked for here",
    );
  }
}

/** What the location of `scope` is for. */
export function patternOf({ args, place, parent }: Scope): LocationPattern {
  return parent?.own(locationDirective)?.patterns.get(args) ??
    parseLocation(args, place);
}

/** A location's modifier, which may be empty, and the text behind it. */
function splitLocation(
  [first = "", second]: readonly string[],
  place: SourcePlace,
): { readonly modifier: string; readonly text: string } {
  const [, modifier = "", rest = ""] = /^(=|\^~|~\*|~|)([^]*)$/.exec(first) ??
    [];
  if (second === undefined) return { modifier, text: rest };
  if (rest === "" && modifier !== "") return { modifier, text: second };
  throw new ConfigError(
    `invalid location modifier "${first}"`,
    place,
    "expected =, ~, ~* or ^~ before the path, or the path alone",
  );
}

/**
 * What `location` with these arguments is for. As in nginx the modifier may
 * touch the path: `location =/x`. Named groups become `variables`.
 *
 * @throws {ConfigError} when the modifier or the pattern is wrong
 */
export function parseLocation(
  args: readonly string[],
  place: SourcePlace,
  variables?: AnyVariables,
): LocationPattern {
  const { modifier, text } = splitLocation(args, place);
  switch (modifier) {
    case "=":
      return { kind: "exact", path: checkedPath(text, place) };
    case "^~":
      return { kind: "prefix", path: checkedPath(text, place), final: true };
    case "~":
    case "~*":
      return {
        kind: "regex",
        regex: compileRegex(text, {
          ignoreCase: IGNORES_CASE || modifier === "~*",
          place,
          variables,
        }),
      };
  }
  if (text.startsWith("@")) {
    if (text === "@") {
      throw new ConfigError("empty location name", place, "expected @name");
    }
    return { kind: "named", name: text };
  }
  // Every path begins with the empty text.
  const path = text === "" ? text : checkedPath(text, place);
  return { kind: "prefix", path, final: false };
}

/** nginx takes a path without `/` and never matches it; that is a mistake. */
function checkedPath(path: string, place: SourcePlace): string {
  if (path.startsWith("/")) return path;
  throw new ConfigError(
    `invalid location "${path}", it must begin with "/"`,
    place,
    "paths of requests do; ~ before it makes it a regular expression",
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
  syntax: "number | auto",
  defaultText: "1",
  differs: "Workers are threads of one process, and one fills a core.",
  parse(statement) {
    const text = argument(statement);
    if (text === "auto") return "auto";
    if (parseInteger(text) === undefined) {
      throw invalidValue(statement, `"${text}" is no number, nor auto`);
    }
    return integer(statement, { min: 1, max: MOST_WORKERS });
  },
});

/** `worker_connections number`. */
export const workerConnections: Directive<number> = defineDirective({
  name: "worker_connections",
  contexts: ["events"],
  args: [1, 1],
  default: 16_384,
  summary: "Most connections of a worker at a time.",
  syntax: "number",
  defaultText: "16384",
  differs: "The default is 512 in nginx.",
  parse: (statement) => integer(statement, { min: 1 }),
});

/** `worker_shutdown_timeout time`, in ms; 0 waits as long as it takes. */
export const workerShutdownTimeout: Directive<number> = timeDirective({
  name: "worker_shutdown_timeout",
  contexts: ["main"],
  default: 0,
  summary: "How long a drain or reload waits for requests in flight; 0 as " +
    "long as they take.",
});

/** `pid file`. */
export const pidDirective: Directive<string> = defineDirective({
  name: "pid",
  contexts: ["main"],
  args: [1, 1],
  default: "logs/webserv.pid",
  summary: "The file that holds the number of the process.",
  syntax: "file",
  defaultText: "logs/webserv.pid",
  differs: "The default of nginx is logs/nginx.pid.",
  parse: (statement: Statement) => statement.args[0]!,
});

/** `executable_upgrade on | off`. */
export const executableUpgradeDirective: Directive<boolean> = onOffDirective({
  name: "executable_upgrade",
  contexts: ["main"],
  default: true,
  summary: "Whether USR2 starts the program anew, which takes the place of " +
    "this one: off gives up the right to start programs at the start.",
  differs: "nginx has no such directive; it is as with on.",
});

/** `daemon on | off`: the foreground is the only mode. */
const daemonDirective = defineDirective<boolean>({
  name: "daemon",
  contexts: ["main"],
  args: [1, 1],
  default: false,
  summary: "Accepted; the server always runs in the foreground.",
  syntax: "on | off",
  defaultText: "off",
  differs: "on has no effect but a warning.",
  parse(statement, _previous, { warnOnce }) {
    const isOn = onOff(statement);
    if (isOn) {
      warnOnce(
        'the "daemon" directive has no effect, ignored: it stays in the ' +
          "foreground; a unit of systemd, or & in a shell, takes it from there",
      );
    }
    return isOn;
  },
});

/** Whom the server becomes. */
export interface UserSetting {
  /** The name of the user. */
  readonly user: string;
  /** The name of the group; that of the user's own if left out. */
  readonly group: string | undefined;
}

/** `user user [group]`. */
export const userDirective: Directive<UserSetting | undefined> =
  defineDirective<UserSetting | undefined>({
    name: "user",
    contexts: ["main"],
    args: [1, 2],
    default: undefined,
    summary: "Whom a server becomes that root has started.",
    syntax: "user [group]",
    differs: "Where nothing is said it stays root. The whole server becomes " +
      "that user, so a reload can do what that user can. Supplementary groups " +
      "stay as they are.",
    parse: ({ args: [user = "", group] }) => ({ user, group }),
  });

/** `internal`; as in nginx it is also for the locations within. */
export const internalDirective: Directive<boolean> = defineDirective({
  name: "internal",
  contexts: ["location"],
  args: [0, 0],
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
  executableUpgradeDirective,
  daemonDirective,
  userDirective,
  internalDirective,
];

/** The blocks and the process. */
export const coreModule: Module = { name: "core", directives };
