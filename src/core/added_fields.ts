/** What the directives that set fields have in common. */

import type { ParseContext } from "../config/directive.ts";
import { ConfigError, type SourcePlace } from "../config/errors.ts";
import type { Statement } from "../config/syntax/parser.ts";
import type { Template } from "../config/template.ts";
import { isFieldValue, isToken } from "../http/field_syntax.ts";
import { Representation } from "../http/representation.ts";
import { trimWhitespace } from "../http/text_scan.ts";
import type { HttpResponse } from "../http/response.ts";
import type { Exchange } from "./exchange.ts";

/** Fields that say where a message ends; a second one splits it. */
export const FRAMING_FIELDS: ReadonlySet<string> = new Set([
  "content-length",
  "transfer-encoding",
]);

/** Fields the encoder writes, which say what is so and not what is wished. */
export const ENCODER_FIELDS: ReadonlySet<string> = new Set([
  "connection",
  "date",
  "keep-alive",
]);

/** Fields of which a response has at most one. */
export const SINGLE_FIELDS: ReadonlySet<string> = new Set([
  "age",
  "content-location",
  "content-range",
  "content-type",
  "etag",
  "expires",
  "last-modified",
  "location",
  "retry-after",
]);

/** A field that a directive adds. */
export interface AddedField {
  /** Its name as written. */
  readonly name: string;
  /** Its value; nothing is added while it is empty. */
  readonly value: Template<Exchange>;
  /** Whether it is added whatever the status is. */
  readonly always: boolean;
}

/** The statuses that fields are added to without `always`: nginx's list. */
const USUAL_STATUSES: ReadonlySet<number> = new Set([
  200,
  201,
  204,
  206,
  301,
  302,
  303,
  304,
  307,
  308,
]);

/** Whether fields without `always` are added to a response of `status`. */
export function isUsualStatus(status: number): boolean {
  return USUAL_STATUSES.has(status);
}

/** Line breaks, and what nginx's users indent the next line with. */
const LINE_BREAKS = /[ \t]*\r?\n\s*/g;

/**
 * A field's value as it is sent: one that goes over several lines in the file
 * is one line. nginx sends the line breaks, which RFC 9112 §5.2 forbids.
 */
export function onOneLine(value: string): string {
  return value.includes("\n")
    ? trimWhitespace(value.replace(LINE_BREAKS, " "))
    : value;
}

/**
 * Compiles the value of the field `name`, which is sent on one line.
 *
 * @throws {ConfigError} when `name` is no field name, or the value may not
 * stand in a field
 */
export function fieldTemplate(
  name: string,
  value: string,
  place: SourcePlace,
  { variables, warn }: ParseContext,
): Template<Exchange> {
  if (!isToken(name)) {
    throw new ConfigError(
      `invalid field name "${name}"`,
      place,
      "expected letters, digits and -, as in X-Frame-Options",
    );
  }
  const line = onOneLine(value);
  if (!isFieldValue(line)) {
    throw new ConfigError(
      `invalid value of the field "${name}"`,
      place,
      "a field value has no control characters",
    );
  }
  if (line !== value) {
    warn(`the value of the field "${name}" is sent without its line breaks`);
  }
  return variables.byteTemplate(line, place);
}

/**
 * `name value [always]`.
 *
 * @throws {ConfigError} as {@linkcode fieldTemplate}
 */
export function parseAddedField(
  statement: Statement,
  context: ParseContext,
): AddedField {
  const { args: [name = "", value = "", flag], place } = statement;
  const template = fieldTemplate(name, value, place, context);
  if (flag !== undefined && flag !== "always") {
    throw new ConfigError(
      `invalid parameter "${flag}"`,
      place,
      'expected "always", or quotes around a value with blanks',
    );
  }
  return { name, value: template, always: flag !== undefined };
}

/** Whether the fields are the same in every response. */
export function areConstant(fields: readonly AddedField[]): boolean {
  return fields.every(({ value }) => value.constant !== undefined);
}

/** The response itself, or a copy to change if it answers many requests. */
export function changeable(response: HttpResponse): HttpResponse {
  return response instanceof Representation ? response.with({}) : response;
}

/** Lets variables such as `$status` and `$sent_http_...` see a response. */
export function showResponse(exchange: Exchange, response: HttpResponse): void {
  exchange.response = response;
  exchange.status = response.status;
}
