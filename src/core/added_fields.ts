/** What `expires`, `add_header` and `add_trailer` have in common. */

import { ConfigError } from "../config/errors.ts";
import type { Statement } from "../config/syntax/parser.ts";
import type { Template } from "../config/variables.ts";
import { isFieldValue, isToken } from "../http/field_syntax.ts";
import { Representation } from "../http/representation.ts";
import type { HttpResponse } from "../http/response.ts";
import type { Exchange } from "./exchange.ts";
import { byteTemplate } from "./variables.ts";

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

/**
 * `name value [always]`.
 *
 * @throws {ConfigError} when the name is no field name, or the text of the
 * value may not stand in a field
 */
export function parseAddedField(statement: Statement): AddedField {
  const { args: [name = "", value = "", flag], place } = statement;
  if (!isToken(name)) {
    throw new ConfigError(
      `invalid field name "${name}"`,
      place,
      "expected letters, digits and -, as in X-Frame-Options",
    );
  }
  if (!isFieldValue(value)) {
    throw new ConfigError(
      `invalid value of the field "${name}"`,
      place,
      "a field value has no line breaks and no control characters",
    );
  }
  if (flag !== undefined && flag !== "always") {
    throw new ConfigError(
      `invalid parameter "${flag}"`,
      place,
      'expected "always", or quotes around a value with blanks',
    );
  }
  return {
    name,
    value: byteTemplate(value, place),
    always: flag !== undefined,
  };
}

/** Whether the fields are the same in every response. */
export function areConstant(fields: readonly AddedField[]): boolean {
  return fields.every(({ value }) => value.constant !== undefined);
}

/** The response itself, or a copy to change if it answers many requests. */
export function changeable(response: HttpResponse): HttpResponse {
  return response instanceof Representation ? response.with({}) : response;
}

/** Lets variables such as `$status` and `$sent_http_…` see a response. */
export function showResponse(exchange: Exchange, response: HttpResponse): void {
  exchange.response = response;
  exchange.status = response.status;
}
