/**
 * `log_format`: what a line of an access log says. A format is compiled once;
 * its variables are those of all directives, as byte strings, and escaped as
 * the format says.
 */

import { defineDirective, type Directive } from "../../config/directive.ts";
import { ConfigError, type SourcePlace } from "../../config/errors.ts";
import type { Template } from "../../config/template.ts";
import type { AnyVariables } from "../../config/configured_variables.ts";
import { ESCAPERS, LOG_ESCAPES, type LogEscape } from "../../logging/escape.ts";
import type { LogBuffer } from "../../logging/log_buffer.ts";
import type { Exchange } from "../../core/exchange.ts";
import { contextOf } from "../../core/request_log.ts";
import { log } from "../../logging/logger.ts";

/** The format that every configuration has, and has no template for. */
export const COMBINED = "combined";

const ESCAPE_PARAMETER = "escape=";

const LINE_FEED = 0x0a;

/** What stands for a value that is not there, as in nginx. */
const MISSING: Readonly<Record<LogEscape, string>> = {
  default: "-",
  json: "",
  none: "",
};

/** Says why a variable has no value: a line is written all the same. */
export function logFailure(exchange: Exchange, error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error);
  log.error(`${reason} while logging request`, contextOf(exchange));
}

/** A compiled format. */
export class LogFormat {
  readonly #line: Template<Exchange>;

  /**
   * A format of `text`, which stands at `place`.
   *
   * @throws {ConfigError} when a variable is misspelt
   */
  constructor(
    text: string,
    escape: LogEscape,
    place: SourcePlace,
    variables: AnyVariables,
  ) {
    this.#line = variables.template(text, place, {
      form: "bytes",
      escape: ESCAPERS[escape],
      failed(exchange: Exchange, error: unknown) {
        logFailure(exchange, error);
        return undefined;
      },
      missing: MISSING[escape],
    });
  }

  /** Appends the line of an exchange that is over, with its terminator. */
  append(out: LogBuffer, exchange: Exchange): void {
    out.appendLatin1(this.#line.evaluate(exchange));
    out.appendByte(LINE_FEED);
  }
}

/** The formats by name; `combined` is not among them. */
type LogFormats = Map<string, LogFormat>;

/** `log_format name [escape=default|json|none] string ...`. */
export const logFormatDirective: Directive<LogFormats> = defineDirective<
  LogFormats
>({
  name: "log_format",
  contexts: ["http"],
  args: [2, Infinity],
  repeatable: true,
  default: new Map(),
  summary: "What a line of an access log says: name, parts of the line.",
  syntax: "name [escape=default | json | none] string ...",
  defaultText: 'combined "..."',
  parse({ args: [name = "", ...parts], place }, previous = new Map(), context) {
    if (name === COMBINED || previous.has(name)) {
      throw new ConfigError(
        `duplicate "log_format" name "${name}"`,
        place,
        name === COMBINED ? "this one is built in" : "expected another name",
      );
    }
    const escape = parts[0]?.startsWith(ESCAPE_PARAMETER)
      ? escapeOf(parts.shift()!, place)
      : "default";
    if (parts.length === 0) {
      throw new ConfigError(
        `the log format "${name}" says nothing`,
        place,
        "expected the text of a line, as in '$remote_addr \"$request\"'",
      );
    }
    const format = new LogFormat(
      parts.join(""),
      escape,
      place,
      context.variables,
    );
    return previous.set(name, format);
  },
});

function escapeOf(parameter: string, place: SourcePlace): LogEscape {
  const wanted = parameter.slice(ESCAPE_PARAMETER.length);
  const escape = LOG_ESCAPES.find((known) => known === wanted);
  if (escape !== undefined) return escape;
  throw new ConfigError(
    `unknown log format escaping "${wanted}"`,
    place,
    `expected one of ${LOG_ESCAPES.join(", ")}`,
  );
}
