/** `log_format`, `access_log`, `error_log` and `log_not_found`. */

import {
  appended,
  defineDirective,
  type Directive,
  type ParseContext,
} from "../../config/directive.ts";
import { ConfigError, type SourcePlace } from "../../config/errors.ts";
import { FaultList } from "../../config/fault_list.ts";
import type { Scope } from "../../config/scope.ts";
import { parseSize, parseTime } from "../../config/units.ts";
import type { Template } from "../../config/template.ts";
import { ErrorLog } from "../../logging/error_log.ts";
import type { LogFile } from "../../logging/log_file.ts";
import { isFalse } from "../rewrite/condition.ts";
import { appendCombined } from "./combined.ts";
import {
  errorLogDirective,
  logNotFound,
  ownErrorLogs,
} from "../../core/settings/error_log.ts";
import type { Exchange } from "../../core/exchange.ts";
import { COMBINED, logFailure, type LogFormat, logFormatDirective } from "./log_format.ts";
import {
  checkLogPath,
  isLogFile,
  logPath,
  openFault,
  type WrittenFile,
} from "../../core/settings/log_path.ts";
import type { Environment, LocationHooks, Module } from "../../core/module.ts";

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
  /** Whether nothing says so. */
  readonly isDefault?: boolean;
}

/** The parameter that says what is logged. */
const CONDITION_PARAMETER = "if=";

/** What `off` means: as in nginx also for the other logs of its block. */
const OFF: readonly AccessLogValue[] = [];

/** `access_log path [format [buffer=size] [flush=time] [if=condition]] | off`. */
export const accessLogDirective: Directive<readonly AccessLogValue[]> =
  defineDirective<readonly AccessLogValue[]>({
    name: "access_log",
    contexts: ["http", "server", "location", "if in location", "limit_except"],
    args: [1, Infinity],
    repeatable: true,
    default: [],
    summary: "Where requests are logged: path [format [if=…]], or off.",
    syntax: "path [format [buffer=size] [flush=time] [if=condition]] | off",
    defaultText: "logs/access.log combined",
    parse(statement, previous = [], context) {
      const [path = "", name = COMBINED, ...parameters] = statement.args;
      const { place } = statement;
      if (path === "off") {
        if (statement.args.length > 1) {
          throw new ConfigError(
            `invalid parameter "${name}"`,
            place,
            'nothing follows "access_log off"',
          );
        }
        return OFF;
      }
      checkLogPath(path, statement);
      const log = {
        path: logPath(path, context),
        format: formatOf(name, context.scope, place),
        condition: conditionOf(parameters, place, context),
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
  context: ParseContext,
): Template<Exchange> | undefined {
  let condition: Template<Exchange> | undefined;
  for (const parameter of parameters) {
    if (parameter.startsWith(CONDITION_PARAMETER)) {
      condition = context.variables.template(
        parameter.slice(CONDITION_PARAMETER.length),
        place,
        {
          form: "bytes",
          // What cannot be told is logged.
          failed(exchange: Exchange, error) {
            logFailure(exchange, error);
            return "unknown";
          },
        },
      );
    } else {
      checkBuffering(parameter, place, context);
    }
  }
  return condition;
}

/**
 * Parameters that tune nginx's buffering; this log is always buffered.
 *
 * @throws {ConfigError} when it is another one, or has a value that is none
 */
function checkBuffering(
  parameter: string,
  place: SourcePlace,
  { warnOnce }: ParseContext,
): void {
  const [, name, value] = /^(buffer|flush|gzip)(?:=(.*))?$/.exec(parameter) ??
    [];
  switch (name) {
    case "buffer":
      if (parseSize(value ?? "") !== undefined) return;
      throw new ConfigError(
        `invalid buffer size "${value ?? ""}"`,
        place,
        "access_log: expected bytes, or a number with k or m, as in buffer=64k",
      );
    case "flush":
      if (parseTime(value ?? "") !== undefined) return;
      throw new ConfigError(
        `invalid flush time "${value ?? ""}"`,
        place,
        "access_log: expected a time, as in flush=1m",
      );
    case "gzip":
      if (value === undefined || /^[1-9]$/.test(value)) {
        return warnOnce(
          'the "gzip" parameter of "access_log" has no effect, ignored: ' +
            "logrotate compresses logs",
        );
      }
      throw new ConfigError(
        `invalid compression level "${value}"`,
        place,
        "access_log: expected gzip=1 to gzip=9; the log is written as it is",
      );
  }
  throw new ConfigError(
    `invalid parameter "${parameter}"`,
    place,
    "access_log: expected path [format [buffer=size] [flush=time] [if=…]]",
  );
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
    return [{ path, place: scope.place, isDefault: true }];
  }
  return scope.get(accessLogDirective);
}

function openLog(
  name: string,
  file: WrittenFile,
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
  const accessValues = accessLogs(scope, environment)
    .filter(({ path }) => path !== "/dev/null");
  const errorValues = ownErrorLogs(scope);
  // Thousands of locations may have neither.
  if (accessValues.length === 0 && errorValues === undefined) return undefined;
  const faults = new FaultList();
  const logs = accessValues.flatMap((value) => {
    const open = () => openLog("access_log", value, environment);
    const file = faults.attempt(open);
    return file === undefined ? [] : [{ ...value, file }];
  });
  const errorLogs = errorValues?.flatMap((value) => {
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

/** The access logs of all servers. */
function serverLogs(main: Scope, environment: Environment): string[] {
  return [...main.descendantsOf("server")].flatMap((scope) =>
    accessLogs(scope, environment).map(({ path }) => path)
  );
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
  dependsOn: [],
  create,
  accessLogs: serverLogs,
  permissions: (main, environment) =>
    serverLogs(main, environment).some(isLogFile) ? ["write"] : [],
};
