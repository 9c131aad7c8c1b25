/**
 * `add_header`: fields of the site's own.
 *
 * A field of which there can be only one (RFC 9110 §5.3) takes the place of
 * the one that is there, where nginx would send both; `Last-Modified` and
 * `ETag` with an empty value are taken away, as in nginx. Here that happens
 * before conditions are looked at: what is compared is what was sent.
 */

import {
  appended,
  defineDirective,
  type Directive,
} from "../../config/directive.ts";
import type { Scope } from "../../config/scope.ts";
import type { HttpResponse } from "../../http/response.ts";
import {
  type AddedField,
  areConstant,
  changeable,
  ENCODER_FIELDS,
  FRAMING_FIELDS,
  isUsualStatus,
  parseAddedField,
  showResponse,
  SINGLE_FIELDS,
} from "../../core/added_fields.ts";
import { moreHeadersModule } from "./more_headers.ts";
import { expiresIsConstant, expiresModule } from "./expires.ts";
import type { LocationHooks, Module } from "../../core/module.ts";

/** Fields that an empty value takes away. */
const REMOVABLE: ReadonlySet<string> = new Set(["etag", "last-modified"]);

/** `add_header name value [always]`. */
export const addHeaderDirective: Directive<readonly AddedField[]> =
  defineDirective<readonly AddedField[]>({
    name: "add_header",
    contexts: ["http", "server", "location", "if in location"],
    args: [2, 3],
    repeatable: true,
    default: [],
    summary: "A field for answers: name value [always].",
    syntax: "name value [always]",
    differs: "A field of which there can be only one takes the place of " +
      "another; a value on several lines is sent on one.",
    parse(statement, previous = [], context) {
      const field = parseAddedField(statement, context);
      const name = field.name.toLowerCase();
      if (FRAMING_FIELDS.has(name)) {
        context.warn(
          `"add_header ${field.name}" has no effect, ignored: ` +
            "the server itself says where a message ends",
        );
        return previous;
      }
      if (name !== "server" && !ENCODER_FIELDS.has(name)) {
        return appended(previous, [field]);
      }
      const hint = name === "server"
        ? ', use "server_tokens" or "more_set_headers"'
        : "";
      context.warn(
        `"add_header ${field.name}" has no effect${hint}, ignored`,
      );
      return previous;
    },
  });

/** Adds `fields` to a response that may be changed. */
function addFields(
  response: HttpResponse,
  fields: readonly AddedField[],
  valueOf: (value: AddedField["value"]) => string,
): void {
  const { headers } = response;
  const usual = isUsualStatus(response.status);
  for (const { name, value, always } of fields) {
    if (!usual && !always) continue;
    const text = valueOf(value);
    const key = name.toLowerCase();
    if (text === "") {
      if (REMOVABLE.has(key)) headers.delete(name);
    } else if (SINGLE_FIELDS.has(key)) {
      headers.set(name, text);
      if (key === "expires") response.expiresAfter = undefined;
    } else {
      headers.append(name, text);
    }
  }
}

function create(scope: Scope): LocationHooks | undefined {
  const fields = scope.get(addHeaderDirective);
  if (fields.length === 0) return undefined;
  // What `expires` sets comes first, so this cannot be earlier.
  if (areConstant(fields) && expiresIsConstant(scope)) {
    return {
      represent: (response) =>
        addFields(response, fields, ({ constant }) => constant ?? ""),
    };
  }
  return {
    stages: {
      fields(exchange, made) {
        if (!isUsualStatus(made.status) && !fields.some((f) => f.always)) {
          return made;
        }
        const response = changeable(made);
        showResponse(exchange, response);
        addFields(response, fields, (value) => value.evaluate(exchange));
        return response;
      },
    },
  };
}

/** Fields of the site's own. */
export const addHeaderModule: Module = {
  name: "add_header",
  directives: [addHeaderDirective],
  dependsOn: [
    ...expiresModule.directives,
    ...moreHeadersModule.directives,
  ],
  create,
};
