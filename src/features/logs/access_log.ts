/** `access_log`: where requests are logged, and how their lines gather. */

import {
  appended,
  defineDirective,
  type Directive,
  type ParseContext,
} from "../../config/directive.ts";
import { ConfigError, type SourcePlace } from "../../config/errors.ts";
import type { Scope } from "../../config/scope.ts";
import type { Statement } from "../../config/syntax/parser.ts";
import type { Template } from "../../config/template.ts";
import { parseSize, parseTime } from "../../config/units.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { Environment } from "../../core/module.ts";
import { isLogFile, logPath } from "../../core/settings/log_path.ts";
import { type LogFileOptions, TICK_MS } from "../../logging/log_file.ts";
import { gzipName } from "../../logging/log_name.ts";
import { SYSLOG_PREFIX } from "../../logging/syslog.ts";
import {
  COMBINED,
  logFailure,
  type LogFormat,
  logFormatDirective,
} from "./log_format.ts";

/** One access log. */
export interface AccessLogValue {
  /** The file, absolute, perhaps with variables, a stream or `syslog:...`. */
  readonly path: string;
  /** The path, where it has variables. */
  readonly template?: Template<Exchange> | undefined;
  /** What its lines say; `undefined` for `combined`. */
  readonly format?: LogFormat | undefined;
  /** Logs nothing while it is empty or `0`. */
  readonly condition?: Template<Exchange> | undefined;
  /** Where it is said. */
  readonly place: SourcePlace;
  /** Whether nothing says so. */
  readonly isDefault?: boolean;
}

/** What `off` means: as in nginx also for the other logs of its block. */
const OFF: readonly AccessLogValue[] = [];

/**
 * `access_log path [format [buffer=size] [gzip[=level]] [flush=time]
 * [if=condition]] | off`.
 */
export const accessLogDirective: Directive<readonly AccessLogValue[]> =
  defineDirective<readonly AccessLogValue[]>({
    name: "access_log",
    contexts: ["http", "server", "location", "if in location", "limit_except"],
    args: [1, Infinity],
    repeatable: true,
    default: [],
    summary: "Where requests are logged: path [format [if=...]], or off.",
    syntax:
      "path [format [buffer=size] [gzip[=level]] [flush=time] [if=condition]] | off",
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
      const file = logPath(statement, context);
      const template = pathTemplate(statement, file, context);
      const format = formatOf(name, context.scope, place);
      const { condition, ...tuning } = tuningOf(parameters, place, context);
      const buffering = bufferingOf(tuning, statement, template !== undefined);
      buffer(file, buffering, statement, context.variables);
      const log = { path: file, template, format, condition, place };
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

/**
 * The path `file` of `access_log`, where it has variables. That of the prefix
 * has none, whatever it is called.
 */
function pathTemplate(
  { args: [text = ""], place }: Statement,
  file: string,
  { variables, resolvePath }: ParseContext,
): Template<Exchange> | undefined {
  if (!text.includes("$") || !isLogFile(file)) return undefined;
  const home = text.startsWith("/") ? "" : resolvePath(".");
  const rest = file.slice(home.length);
  const template = variables.textTemplate(rest, place);
  if (template.constant !== undefined) return undefined;
  return {
    ...template,
    evaluate: (exchange: Exchange) => home + template.evaluate(exchange),
  };
}

/** What the parameters of an `access_log` say, each by itself. */
interface Tuning {
  size?: number;
  flushMs?: number;
  level?: number;
  condition?: Template<Exchange>;
}

/** nginx's level of compression where `gzip` names none. */
const DEFAULT_LEVEL = 1;

/** The last of two parameters of one name counts, as in nginx. */
function tuningOf(
  parameters: readonly string[],
  place: SourcePlace,
  context: ParseContext,
): Tuning {
  const tuning: Tuning = {};
  for (const parameter of parameters) {
    const [, name, value] = /^(buffer|flush|gzip|if)(?:=(.*))?$/s
      .exec(parameter) ?? [];
    if (name === "if" && value !== undefined) {
      tuning.condition = conditionOf(value, place, context);
    } else if (name === "buffer" && value !== undefined) {
      tuning.size = positive(parseSize(value), `buffer size "${value}"`, {
        place,
        hint: "bytes, or a number with k or m, as in buffer=64k",
      });
    } else if (name === "flush" && value !== undefined) {
      tuning.flushMs = positive(parseTime(value), `flush time "${value}"`, {
        place,
        hint: "a time, as in flush=1m",
      });
    } else if (name === "gzip") {
      const isLevel = value === undefined || /^[1-9]$/.test(value);
      const level = isLevel ? Number(value ?? DEFAULT_LEVEL) : undefined;
      tuning.level = positive(level, `compression level "${value}"`, {
        place,
        hint: "gzip=1 to gzip=9",
      });
    } else {
      throw new ConfigError(
        `invalid parameter "${parameter}"`,
        place,
        "access_log: expected path [format [buffer=size] [gzip[=level]] " +
          "[flush=time] [if=...]]",
      );
    }
  }
  return tuning;
}

/** @throws {ConfigError} when `value` is none, or 0 */
function positive(
  value: number | undefined,
  what: string,
  { place, hint }: { readonly place: SourcePlace; readonly hint: string },
): number {
  if (value !== undefined && value > 0) return value;
  throw new ConfigError(
    `invalid ${what}`,
    place,
    `access_log: expected ${hint}`,
  );
}

function conditionOf(
  text: string,
  place: SourcePlace,
  { variables }: ParseContext,
): Template<Exchange> {
  return variables.template(text, place, {
    form: "bytes",
    // What cannot be told is logged.
    failed(exchange: Exchange, error) {
      logFailure(exchange, error);
      return "unknown";
    },
  });
}

/** How the lines of a file gather. */
interface Buffering {
  readonly size: number;
  readonly flushMs: number | undefined;
  readonly level: number | undefined;
}

/** nginx's buffer where only `gzip` is said, in bytes. */
const GZIP_BUFFER_BYTES = 64 * 1024;

/** @throws {ConfigError} when parameters do not go together */
function bufferingOf(
  { size, flushMs, level }: Tuning,
  { args: [path = ""], place }: Statement,
  isVariable: boolean,
): Buffering | undefined {
  const fault = (what: string, hint: string) =>
    new ConfigError(what, place, `access_log: ${hint}`);
  const bytes = size ?? (level === undefined ? undefined : GZIP_BUFFER_BYTES);
  if (bytes === undefined) {
    if (flushMs === undefined) return undefined;
    throw fault(
      `no buffer is defined for access_log "${path}"`,
      "expected buffer=size, or gzip, beside flush=time",
    );
  }
  if (isVariable) {
    throw fault(
      "buffered logs cannot have variables in name",
      'expected no "buffer", "gzip" and "flush" here',
    );
  }
  if (path.startsWith(SYSLOG_PREFIX)) {
    throw fault(
      "logs to syslog cannot be buffered",
      'expected no "buffer", "gzip" and "flush" here',
    );
  }
  return { size: bytes, flushMs, level };
}

/** How the logs of each configuration are buffered, by their paths. */
const buffers = new WeakMap<object, Map<string, Buffering>>();

/** @throws {ConfigError} when another line says otherwise of the same log */
function buffer(
  path: string,
  wanted: Buffering | undefined,
  { args: [written = ""], place }: Statement,
  configuration: object,
): void {
  if (wanted === undefined) return;
  const known = buffers.get(configuration) ?? new Map<string, Buffering>();
  buffers.set(configuration, known);
  const { size, flushMs, level } = known.get(path) ?? wanted;
  if (
    size !== wanted.size || flushMs !== wanted.flushMs || level !== wanted.level
  ) {
    throw new ConfigError(
      `access_log "${written}" already defined with conflicting parameters`,
      place,
      'expected the same "buffer", "gzip" and "flush" for the same log',
    );
  }
  known.set(path, wanted);
}

/** A buffer below this many bytes holds no line: each is written at once. */
const LEAST_LINE_BYTES = 64;

/**
 * What a log is opened as. One without a buffer, or with one that holds no
 * line, has each line at once. One that is compressed gathers as much as it is
 * told; any other one is written once a second, or sooner.
 */
export function openingOf(
  path: string,
  { variables }: Pick<Environment, "variables">,
): { name: string; options: Omit<LogFileOptions, "open" | "onTrouble"> } {
  const { size, flushMs, level } = buffers.get(variables)?.get(path) ?? {};
  if (size === undefined || path === "/dev/null") {
    return { name: path, options: { isPrompt: path !== "/dev/null" } };
  }
  if (level !== undefined) {
    const options = { flushBytes: size, flushMs: flushMs ?? Infinity };
    return { name: gzipName(path, level), options };
  }
  if (size < LEAST_LINE_BYTES) {
    return { name: path, options: { flushBytes: size, flushMs: 0 } };
  }
  const isSoon = flushMs !== undefined && flushMs < TICK_MS;
  return { name: path, options: isSoon ? { flushMs } : {} };
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
