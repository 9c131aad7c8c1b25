/**
 * `log_format`, `access_log`, `open_log_file_cache`, `error_log` and
 * `log_not_found`.
 */

import { FaultList } from "../../config/fault_list.ts";
import type { Scope } from "../../config/scope.ts";
import type { Template } from "../../config/template.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { Environment, LocationHooks, Module } from "../../core/module.ts";
import {
  errorLogDirective,
  logNotFound,
  ownErrorLogs,
} from "../../core/settings/error_log.ts";
import {
  isLogFile,
  openFault,
  type WrittenFile,
} from "../../core/settings/log_path.ts";
import { ErrorLog } from "../../logging/error_log.ts";
import type { LogFile } from "../../logging/log_file.ts";
import { isFalse } from "../rewrite/condition.ts";
import {
  accessLogDirective,
  accessLogs,
  type AccessLogValue,
  openingOf,
} from "./access_log.ts";
import { appendCombined } from "./combined.ts";
import { type LogFormat, logFormatDirective } from "./log_format.ts";
import { openLogFileCache, pathLogsOf, VariableLog } from "./path_logs.ts";

function openLog(
  name: string,
  file: WrittenFile,
  environment: Environment,
): LogFile {
  const { name: opened, options } = openingOf(file.path, environment);
  try {
    return environment.logs.open(opened, options);
  } catch (error) {
    throw openFault(name, file, error);
  }
}

/** A log that lines are written to, or that finds the one of each line. */
interface OpenedLog {
  readonly format: LogFormat | undefined;
  readonly condition: Template<Exchange> | undefined;
  readonly file: LogFile | undefined;
  readonly files: VariableLog | undefined;
}

function toLog(
  value: AccessLogValue,
  scope: Scope,
  environment: Environment,
): OpenedLog {
  const { format, condition, template } = value;
  if (template === undefined) {
    const file = openLog("access_log", value, environment);
    return { format, condition, file, files: undefined };
  }
  const logs = pathLogsOf(environment, scope.get(openLogFileCache));
  const files = new VariableLog(template, logs, environment);
  return { format, condition, file: undefined, files };
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
    const open = () => toLog(value, scope, environment);
    return faults.attempt(open) ?? [];
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
  logs: readonly OpenedLog[],
): NonNullable<LocationHooks["log"]> {
  return (exchange) => {
    for (const { file, files, format, condition } of logs) {
      if (condition !== undefined && isFalse(condition.evaluate(exchange))) {
        continue;
      }
      const taker = file ?? files?.fileFor(exchange);
      if (taker === undefined) continue;
      if (format !== undefined) format.append(taker.buffer, exchange);
      else appendCombined(taker.buffer, exchange, Date.now());
      taker.lineDone();
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
    openLogFileCache,
  ],
  dependsOn: [],
  create,
  accessLogs: serverLogs,
  permissions: (main, environment) =>
    serverLogs(main, environment).some(isLogFile) ? ["write"] : [],
};
