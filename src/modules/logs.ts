/** `log_format`, `access_log`, `error_log` and `log_not_found`. */

import {
  appended,
  defineDirective,
  type Directive,
} from "../config/directive.ts";
import { ConfigError, type SourcePlace } from "../config/errors.ts";
import { FaultList } from "../config/fault_list.ts";
import type { Statement } from "../config/parser.ts";
import type { Scope } from "../config/scope.ts";
import { onOffDirective } from "../config/values.ts";
import type { Template } from "../config/variables.ts";
import { appendCombined } from "../logging/combined.ts";
import { ErrorLog } from "../logging/error_log.ts";
import { isLevel, type Level, LEVELS } from "../logging/level.ts";
import type { LogFile } from "../logging/log_file.ts";
import { failureReason, GUARDED_REMEDY, isGuarded } from "../os_error.ts";
import { isFalse } from "./condition.ts";
import type { Exchange } from "./exchange.ts";
import { COMBINED, type LogFormat, logFormatDirective } from "./log_format.ts";
import type { Environment, LocationHooks, Module } from "./module.ts";
import { byteTemplate } from "./variables.ts";

/** One access log. */
export interface AccessLogValue {
  /** The file, absolute. */
  readonly path: string;
  /** What its lines say; `undefined` for `combined`. */
  readonly format?: LogFormat | undefined;
  /** Logs nothing while it is empty or `0`. */
  readonly condition?: Template<Exchange> | undefined;
  /** Where it is said. */
  readonly place: SourcePlace;
}

/** Names that mean a stream of the process, not a file under the prefix. */
const STREAMS = /^(?:stderr|\/dev\/(?:stdout|stderr|null))$/;

/** Parameters that tune nginx's buffering; this log is always buffered. */
const BUFFER_PARAMETER = /^(?:buffer=\w+|flush=\w+|gzip(?:=\d)?)$/;

/** The parameter that says what is logged. */
const CONDITION_PARAMETER = "if=";

/** What `off` means: as in nginx also for the other logs of its block. */
const OFF: readonly AccessLogValue[] = [];

/** `access_log path [format [buffer=size] [flush=time] [if=condition]] | off`. */
export const accessLogDirective: Directive<readonly AccessLogValue[]> =
  defineDirective<readonly AccessLogValue[]>({
    name: "access_log",
    contexts: ["http", "server", "location"],
    args: [1, Infinity],
    repeatable: true,
    default: [],
    summary: "Where requests are logged: path [format [if=…]], or off.",
    parse(statement, previous = [], context) {
      const [path = "", name = COMBINED, ...parameters] = statement.args;
      const { place } = statement;
      if (path === "off") {
        if (statement.args.length > 1) {
          throw new ConfigError(`invalid parameter "${name}"`, place);
        }
        return OFF;
      }
      checkLogPath(path, statement);
      const log = {
        path: logPath(path, context),
        format: formatOf(name, context.scope, place),
        condition: conditionOf(parameters, place),
        place,
      };
      return previous === OFF ? OFF : appended(previous, [log]);
    },
  });

/** As in nginx, a format has to stand before the logs that are in it. */
function formatOf(
  name: string,
  scope: Scope,
  place: SourcePlace,
): LogFormat | undefined {
  const format = scope.get(logFormatDirective).get(name);
  const hasFailed = scope.failedOf(logFormatDirective)
    .some(({ args }) => args[0] === name);
  if (format === undefined && name !== COMBINED && !hasFailed) {
    throw new ConfigError(
      `unknown log format "${name}"`,
      place,
      '"log_format" has to stand before',
    );
  }
  return format;
}

function conditionOf(
  parameters: readonly string[],
  place: SourcePlace,
): Template<Exchange> | undefined {
  let condition: Template<Exchange> | undefined;
  for (const parameter of parameters) {
    if (parameter.startsWith(CONDITION_PARAMETER)) {
      condition = byteTemplate(
        parameter.slice(CONDITION_PARAMETER.length),
        place,
      );
    } else if (!BUFFER_PARAMETER.test(parameter)) {
      throw new ConfigError(`invalid parameter "${parameter}"`, place);
    }
  }
  return condition;
}

/** One error log. */
export interface ErrorLogValue {
  /** The file, absolute, or `stderr`. */
  readonly path: string;
  /** The least severe level it takes. */
  readonly level: Level;
  /** Where it is said. */
  readonly place: SourcePlace;
}

/**
 * `error_log file [level]`. The one outside of `http` is for the process, and
 * for requests where no block around them has another.
 */
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

/** `log_not_found on | off`. */
export const logNotFound: Directive<boolean> = onOffDirective({
  name: "log_not_found",
  contexts: ["http", "server", "location"],
  default: true,
  summary: "Whether a file that is not there is logged.",
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
    // One that is wrong has been reported, and does not mean the default.
    if (scope.failedOf(accessLogDirective).length > 0) return [];
    const path = environment.resolvePath(DEFAULT_ACCESS_LOG);
    return [{ path, place: scope.place }];
  }
  return scope.get(accessLogDirective);
}

/**
 * The error logs of a server or location: those of the innermost block that
 * has any, as in nginx. `undefined` if that is the whole configuration.
 */
export function ownErrorLogs(
  scope: Scope,
): readonly ErrorLogValue[] | undefined {
  for (
    let owner: Scope | undefined = scope;
    owner !== undefined && owner.context !== "main";
    owner = owner.parent
  ) {
    const own = owner.own(errorLogDirective);
    if (own !== undefined) return own;
  }
  return undefined;
}

/** What can be done, by the system's number of the error. */
const REMEDIES: Readonly<Record<string, string>> = {
  "13": "the user of the server needs the right to write there",
  "20": "a part of the path is a file and no folder",
  "21": "expected the name of a file, and this is a folder",
  "28": "the disk is full",
  "30": "nothing can be written there " +
    "(in systemd: ReadWritePaths= or LogsDirectory=)",
};

/** The error of a file that the directive `name` wants to write. */
export function openFault(
  name: string,
  { path, place }: { readonly path: string; readonly place: SourcePlace },
  error: unknown,
): ConfigError {
  const reason = failureReason(error);
  const remedy = isGuarded(error)
    ? GUARDED_REMEDY
    : REMEDIES[reason.split(":")[0]!];
  return new ConfigError(
    `open() "${path}" failed (${reason})`,
    place,
    [`"${name}" cannot be written`, remedy].join(": "),
  );
}

function openLog(
  name: string,
  file: { readonly path: string; readonly place: SourcePlace },
  { logs }: Environment,
): LogFile {
  try {
    return logs.open(file.path);
  } catch (error) {
    throw openFault(name, file, error);
  }
}

function create(
  scope: Scope,
  environment: Environment,
): LocationHooks | undefined {
  const faults = new FaultList();
  const logs = accessLogs(scope, environment)
    .filter(({ path }) => path !== "/dev/null")
    .flatMap((value) => {
      const open = () => openLog("access_log", value, environment);
      const file = faults.attempt(open);
      return file === undefined ? [] : [{ ...value, file }];
    });
  const errorLogs = ownErrorLogs(scope)?.flatMap((value) => {
    const open = () => openLog("error_log", value, environment);
    const file = faults.attempt(open);
    return file === undefined ? [] : [{ file, level: value.level }];
  });
  faults.throwIfFound();
  return {
    errorLog: errorLogs === undefined ? undefined : new ErrorLog(errorLogs),
    ...(logs.length === 0 ? {} : { log: writeTo(logs) }),
  };
}

function writeTo(
  logs: readonly (AccessLogValue & { readonly file: LogFile })[],
): NonNullable<LocationHooks["log"]> {
  return (exchange) => {
    for (const { file, format, condition } of logs) {
      if (condition !== undefined && isFalse(condition.evaluate(exchange))) {
        continue;
      }
      if (format !== undefined) format.append(file.buffer, exchange);
      else appendCombined(file.buffer, exchange, Date.now());
      file.lineDone();
    }
  };
}

/** Logs. */
export const logsModule: Module = {
  name: "logs",
  directives: [
    logFormatDirective,
    accessLogDirective,
    errorLogDirective,
    logNotFound,
  ],
  create,
};
