/** `error_log` and `log_not_found`: what trouble is logged, and where. */

import {
  appended,
  defineDirective,
  type Directive,
} from "../../config/directive.ts";
import { ConfigError, type SourcePlace } from "../../config/errors.ts";
import type { Statement } from "../../config/syntax/parser.ts";
import type { Scope } from "../../config/scope.ts";
import { onOffDirective } from "../../config/values.ts";
import { isLevel, type Level, LEVELS } from "../../logging/level.ts";
import { logPath } from "./log_path.ts";

interface ErrorLogValue {
  /** The file, absolute, or `stderr`, or `syslog:...`. */
  readonly path: string;
  /** The least severe level it takes. */
  readonly level: Level;
  /** Where it is said. */
  readonly place: SourcePlace;
}

/**
 * `error_log file|stderr|syslog:... [level]`. The one outside of `http` is for
 * the process, and for requests where no block around them has another.
 */
export const errorLogDirective: Directive<readonly ErrorLogValue[]> =
  defineDirective<readonly ErrorLogValue[]>({
    name: "error_log",
    contexts: ["main", "http", "server", "location"],
    args: [1, Infinity],
    repeatable: true,
    default: [],
    summary: "Where trouble is logged: file, stderr or syslog, [level].",
    syntax: "file | stderr | syslog:server=address[,parameter=value] [level]",
    defaultText: "stderr notice",
    differs: "The default of nginx is logs/error.log error.",
    parse(statement, previous = [], context) {
      const [path = ""] = statement.args;
      if (path === "off") {
        context.warn(
          '"error_log off" writes to a file called "off"; ' +
            '"error_log /dev/null" writes nothing',
        );
      }
      if (path.includes("$")) {
        context.warn(
          `"${path}" is the name of a file: the path of "error_log" has no ` +
            "variables",
        );
      }
      return appended(previous, [{
        path: logPath(statement, context),
        level: levelOf(statement),
        place: statement.place,
      }]);
    },
  });

/** Parts of nginx that can be debugged alone; all are `debug` here. */
const DEBUG_LEVEL = /^debug_(?:core|alloc|mutex|event|http|mail|stream)$/;

/** As in nginx: one level, or several parts to debug. */
function levelOf({ args, place }: Statement): Level {
  let level: Level | undefined;
  for (const word of args.slice(1)) {
    const isPart = DEBUG_LEVEL.test(word);
    const named = isPart ? "debug" : word;
    if (!isLevel(named)) {
      throw new ConfigError(
        `invalid log level "${word}"`,
        place,
        `expected one of ${LEVELS.join(", ")}`,
      );
    }
    if (level !== undefined && !(isPart && level === "debug")) {
      throw new ConfigError(
        `duplicate log level "${word}"`,
        place,
        "expected the least severe level alone",
      );
    }
    level = named;
  }
  return level ?? "error";
}

/**
 * The error logs of a server or location: those of the innermost block that
 * has any, as in nginx. `undefined` if that is the whole configuration.
 */
export function ownErrorLogs(
  scope: Scope,
): readonly ErrorLogValue[] | undefined {
  const owner = scope.nearest((outer) =>
    outer.context === "main" || outer.has(errorLogDirective)
  );
  return owner?.context === "main" ? undefined : owner?.own(errorLogDirective);
}

/** `log_not_found on | off`. */
export const logNotFound: Directive<boolean> = onOffDirective({
  name: "log_not_found",
  contexts: ["http", "server", "location"],
  default: true,
  summary: "Whether a file that is not there is logged.",
});
