/**
 * `charset`: what is said of the encoding of texts. Nothing is recoded.
 *
 * Without the directive, texts are said to be `utf-8`: files of today are,
 * and a browser that has to guess guesses wrong. nginx says nothing there.
 * Which types are texts is said by `charset_types`, or else here: those of
 * nginx's default and all others that begin with `text/`.
 */

import { defineDirective, type Directive } from "../../config/directive.ts";
import { ConfigError } from "../../config/errors.ts";
import type { Scope } from "../../config/scope.ts";
import { argument, onOffDirective } from "../../config/values.ts";
import type { Template } from "../../config/template.ts";
import { isToken } from "../../http/field_syntax.ts";
import {
  essenceOf,
  hasCharset,
  isTextual,
} from "../../http/semantics/media_type.ts";
import { changeable, showResponse } from "../../core/added_fields.ts";
import type { HttpResponse } from "../../http/response.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { LocationHooks, Module } from "../../core/module.ts";
import { listedTypes } from "../../core/settings/types.ts";
import { moreHeadersAreConstant } from "./more_headers.ts";

/** What is said where the configuration says nothing. */
const DEFAULT_CHARSET = "utf-8";

/** `charset name | off`. */
export const charsetDirective: Directive<
  Template<Exchange> | "off" | undefined
> = defineDirective<Template<Exchange> | "off" | undefined>({
  name: "charset",
  contexts: ["http", "server", "location"],
  args: [1, 1],
  default: undefined,
  summary: "The encoding that is said of texts; off for none.",
  syntax: "charset | off",
  differs: "Without it text is sent as utf-8.",
  parse(statement, _previous, { variables }) {
    const text = argument(statement);
    if (text === "off") return "off";
    const name = variables.byteTemplate(text, statement.place);
    if (name.constant !== undefined && !isToken(name.constant)) {
      throw new ConfigError(
        `invalid charset "${text}"`,
        statement.place,
        "expected the name of an encoding, as in utf-8, or off",
      );
    }
    return name;
  },
});

/** `charset_types type ...`: lower case; `*` is any type. */
export const charsetTypesDirective: Directive<
  ReadonlySet<string> | undefined
> = defineDirective<ReadonlySet<string> | undefined>({
  name: "charset_types",
  contexts: ["http", "server", "location"],
  args: [1, Infinity],
  repeatable: true,
  default: undefined,
  summary: "The types that have a charset, beside text/html.",
  syntax: "mime-type ...",
  differs: "The default is that of nginx and all other text/*.",
  parse(statement, previous, context) {
    return listedTypes(statement, previous, context);
  },
});

/** `override_charset on | off`. */
export const overrideCharsetDirective: Directive<boolean> = onOffDirective({
  name: "override_charset",
  contexts: ["http", "server", "location"],
  default: false,
  summary: "Whether charset replaces one that the type already says.",
});

/** Whether a media type, with or without parameters, has a charset. */
type TypeTest = (type: string) => boolean;

/** The test of a scope that may name types, and a charset. */
function typeTest(
  types: ReadonlySet<string> | undefined,
  isNamed: boolean,
): TypeTest {
  if (types === undefined) return isNamed ? hasCharset : isTextual;
  if (types.has("*")) return () => true;
  return (type) => types.has(essenceOf(type));
}

const PARAMETER = /;\s*charset=(?:"[^"]*"|[^;\s]*)/i;

/** The value of `Content-Type` with the charset where it belongs. */
export function withCharset(
  type: string,
  charset: string,
  options: { readonly has: TypeTest; readonly override: boolean },
): string {
  if (PARAMETER.test(type)) {
    return options.override
      ? type.replace(PARAMETER, () => `; charset=${charset}`)
      : type;
  }
  return options.has(type) ? `${type}; charset=${charset}` : type;
}

/** Whether texts in `scope` are said to be UTF-8 in so many words. */
export function saysUtf8(scope: Scope): boolean {
  const charset = scope.get(charsetDirective);
  return typeof charset === "object" &&
    charset.constant?.toLowerCase() === "utf-8";
}

/**
 * Whether texts in `scope` are in UTF-8 as far as anybody says. Where another
 * encoding is named, or none on purpose, they may be in any.
 */
export function takesUtf8(scope: Scope): boolean {
  return scope.get(charsetDirective) === undefined || saysUtf8(scope);
}

function create(scope: Scope): LocationHooks | undefined {
  const charset = scope.get(charsetDirective);
  if (charset === "off") return undefined;
  const fixed = charset === undefined ? DEFAULT_CHARSET : charset.constant;
  const options = {
    has: typeTest(scope.get(charsetTypesDirective), charset !== undefined),
    override: scope.get(overrideCharsetDirective),
  };

  /** The value with the charset; `undefined` if it is right as it is. */
  function changed({ headers }: HttpResponse, name: string) {
    const type = headers.get("Content-Type");
    if (type === undefined || !isToken(name)) return undefined;
    const value = withCharset(type, name, options);
    return value === type ? undefined : value;
  }

  if (fixed !== undefined && moreHeadersAreConstant(scope)) {
    return {
      represent(response) {
        const value = changed(response, fixed);
        if (value !== undefined) response.headers.set("Content-Type", value);
      },
    };
  }
  return {
    stages: {
      fields(exchange, made) {
        showResponse(exchange, made);
        const name = charset?.evaluate(exchange) ?? DEFAULT_CHARSET;
        const value = changed(made, name);
        if (value === undefined) return made;
        const response = changeable(made);
        response.headers.set("Content-Type", value);
        return response;
      },
    },
  };
}

/** Encodings of texts. */
export const charsetModule: Module = {
  name: "charset",
  directives: [
    charsetDirective,
    charsetTypesDirective,
    overrideCharsetDirective,
  ],
  create,
};
