/** `access_log` and `error_log`. */

import { defineDirective, type Directive } from "../config/directive.ts";
import { ConfigError, type SourcePlace } from "../config/errors.ts";
import type { Statement } from "../config/parser.ts";
import type { Scope } from "../config/scope.ts";
import { appendCombined } from "../logging/combined.ts";
import { isLevel, type Level, LEVELS } from "../logging/level.ts";
import type { LogFile } from "../logging/log_file.ts";
import type { Environment, LocationHooks, Module } from "./module.ts";

/** One access log. */
export interface AccessLogValue {
  /** The file, absolute. */
  readonly path: string;
  /** Where it is said. */
  readonly place: SourcePlace;
}

/** Names that mean a stream of the process, not a file under the prefix. */
const STREAMS = /^(?:stderr|\/dev\/(?:stdout|stderr|null))$/;

/** Parameters that tune nginx's buffering; this log is always buffered. */
const BUFFER_PARAMETER = /^(?:buffer=\w+|flush=\w+|gzip(?:=\d)?)$/;

/** `access_log path [combined [buffer=size] [flush=time]] | off`. */
export const accessLogDirective: Directive<readonly AccessLogValue[]> =
  defineDirective<readonly AccessLogValue[]>({
    name: "access_log",
    contexts: ["http", "server", "location"],
    args: [1, Infinity],
    repeatable: true,
    default: [],
    summary: "Where requests are logged: path [combined], or off.",
    parse(statement, previous = [], context) {
      const [path = "", format = "combined", ...parameters] = statement.args;
      if (path === "off") {
        if (statement.args.length > 1) {
          throw new ConfigError(
            `invalid parameter "${format}"`,
            statement.place,
          );
        }
        return [];
      }
      checkLogPath(path, statement);
      if (format !== "combined") {
        throw new ConfigError(
          `unknown log format "${format}"`,
          statement.place,
        );
      }
      for (const parameter of parameters) {
        if (!BUFFER_PARAMETER.test(parameter)) {
          throw new ConfigError(
            `invalid parameter "${parameter}"`,
            statement.place,
          );
        }
      }
      const value = { path: logPath(path, context), place: statement.place };
      return [...previous, value];
    },
  });

/** One error log. */
export interface ErrorLogValue {
  /** The file, absolute, or `stderr`. */
  readonly path: string;
  /** The least severe level it takes. */
  readonly level: Level;
  /** Where it is said. */
  readonly place: SourcePlace;
}

/** `error_log file [level]`. The main one is in force for the whole process. */
export const errorLogDirective: Directive<readonly ErrorLogValue[]> =
  defineDirective<readonly ErrorLogValue[]>({
    name: "error_log",
    contexts: ["main", "http", "server", "location"],
    args: [1, 2],
    repeatable: true,
    default: [],
    summary: "Where trouble is logged: file [level].",
    parse(statement, previous = [], context) {
      const [path = "", level = "error"] = statement.args;
      checkLogPath(path, statement);
      if (!isLevel(level)) {
        throw new ConfigError(
          `invalid log level "${level}"`,
          statement.place,
          `expected one of ${LEVELS.join(", ")}`,
        );
      }
      return [...previous, {
        path: logPath(path, context),
        level,
        place: statement.place,
      }];
    },
  });

function checkLogPath(path: string, { place, name }: Statement): void {
  if (/^(?:syslog|memory):/.test(path)) {
    throw new ConfigError(
      `"${path}": "${name}" to ${
        path.split(":")[0]
      } is not supported by webserv`,
      place,
    );
  }
  if (path.includes("$")) {
    throw new ConfigError(
      `"${path}": variables in the path of "${name}" are not supported by webserv`,
      place,
    );
  }
}

/** Whether a log is a file, and not a stream of the process. */
export function isLogFile(path: string): boolean {
  return !STREAMS.test(path);
}

function logPath(
  path: string,
  context: { resolvePath(path: string): string },
): string {
  return isLogFile(path) ? context.resolvePath(path) : path;
}

/** Where the access log is when nothing says so. */
export const DEFAULT_ACCESS_LOG = "logs/access.log";

/** The access logs in force in a scope. */
export function accessLogs(
  scope: Scope,
  environment: Pick<Environment, "resolvePath">,
): readonly AccessLogValue[] {
  if (scope.placeOf(accessLogDirective) === undefined) {
    const path = environment.resolvePath(DEFAULT_ACCESS_LOG);
    return [{ path, place: scope.place }];
  }
  return scope.get(accessLogDirective);
}

function openLog(
  { path, place }: AccessLogValue,
  environment: Environment,
): LogFile {
  try {
    return environment.logs.open(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`open() "${path}" failed (${reason})`, place);
  }
}

function create(
  scope: Scope,
  environment: Environment,
): LocationHooks | undefined {
  const logs = accessLogs(scope, environment)
    .filter(({ path }) => path !== "/dev/null")
    .map((value) => openLog(value, environment));
  if (logs.length === 0) return undefined;
  return {
    log(exchange) {
      const now = Date.now();
      for (const log of logs) {
        appendCombined(log.buffer, exchange, now);
        log.lineDone();
      }
    },
  };
}

/** Logs. */
export const logsModule: Module = {
  name: "logs",
  directives: [accessLogDirective, errorLogDirective],
  create,
};
