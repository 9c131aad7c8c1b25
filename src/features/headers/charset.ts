/**
 * `charset`: what is said of the encoding of texts, and `source_charset`: what
 * they are in. Where the two differ they are recoded.
 *
 * Without the directive, texts are said to be `utf-8`: files of today are,
 * and a browser that has to guess guesses wrong. nginx says nothing there.
 * Which types are texts is said by `charset_types`, or else here: those of
 * nginx's default and all others that begin with `text/`.
 */

import {
  defineDirective,
  type Directive,
  type ParseContext,
} from "../../config/directive.ts";
import type { Statement } from "../../config/syntax/parser.ts";
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
import type { LocationHooks, Module, Stage } from "../../core/module.ts";
import { listedTypes } from "../../core/settings/types.ts";
import {
  charsetMapDirective,
  recodingKey,
  type Recodings,
} from "./charset_map.ts";
import { moreHeadersAreConstant, moreHeadersModule } from "./more_headers.ts";
import { recodedBody } from "./recoded_body.ts";

/** What is said where the configuration says nothing. */
const DEFAULT_CHARSET = "utf-8";

/** The name of an encoding, `off`, or what nothing says. */
type Charset = Template<Exchange> | "off" | undefined;

function parseCharset(
  statement: Statement,
  _previous: Charset,
  { variables }: ParseContext,
): Charset {
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
}

/** `charset charset | off`. */
export const charsetDirective: Directive<Charset> = defineDirective<Charset>({
  name: "charset",
  contexts: ["http", "server", "location", "if in location"],
  args: [1, 1],
  default: undefined,
  summary: "The encoding that is said of texts; off for none.",
  syntax: "charset | off",
  differs: "Without it text is sent as utf-8.",
  parse: parseCharset,
});

const sourceCharsetDirective = defineDirective<Charset>({
  name: "source_charset",
  contexts: ["http", "server", "location", "if in location"],
  args: [1, 1],
  default: undefined,
  summary: "The encoding of texts, which are recoded to that of charset.",
  syntax: "charset | off",
  differs: "What is recoded has no ranges.",
  parse: parseCharset,
});

/** `charset_types type ...`: lower case; `*` is any type. */
const charsetTypesDirective = defineDirective<ReadonlySet<string> | undefined>({
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

/** Checked, and of no effect. */
const overrideCharsetDirective = onOffDirective({
  name: "override_charset",
  contexts: ["http", "server", "location", "if in location"],
  default: false,
  summary: "Accepted; it is about answers of other servers, and here are none.",
  differs: "It has no effect.",
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

const PARAMETER = /;\s*charset=/i;

/** The value of `Content-Type` with the charset where it belongs. */
export function withCharset(
  type: string,
  charset: string,
  has: TypeTest,
): string {
  return has(type) && !PARAMETER.test(type)
    ? `${type}; charset=${charset}`
    : type;
}

function isUtf8(charset: Charset): boolean {
  return typeof charset === "object" &&
    charset.constant?.toLowerCase() === "utf-8";
}

/** Whether texts in `scope` are said to be UTF-8 in so many words. */
export function saysUtf8(scope: Scope): boolean {
  return isUtf8(scope.get(charsetDirective));
}

/**
 * Whether texts in `scope` are in UTF-8 as far as anybody says. Where another
 * encoding is named, or none on purpose, they may be in any.
 */
export function takesUtf8(scope: Scope): boolean {
  const source = scope.get(sourceCharsetDirective);
  const said = typeof source === "object"
    ? source
    : scope.get(charsetDirective);
  return said === undefined || isUtf8(said);
}

/** The settings of a location that may recode. */
interface RecodingSettings {
  readonly from: Template<Exchange>;
  readonly to: Template<Exchange>;
  readonly recodings: Recodings;
}

/**
 * What is recoded in `scope`; `undefined` if nothing is.
 *
 * @throws {ConfigError} when there is no table for it
 */
function recodingSettings(scope: Scope): RecodingSettings | undefined {
  const from = scope.get(sourceCharsetDirective);
  const to = scope.get(charsetDirective);
  if (typeof from !== "object" || typeof to !== "object") return undefined;
  const recodings = scope.get(charsetMapDirective);
  const [source, target] = [from.constant, to.constant];
  if (source === undefined || target === undefined) {
    return { from, to, recodings };
  }
  if (source.toLowerCase() === target.toLowerCase()) return undefined;
  if (!recodings.has(recodingKey(source, target))) {
    throw new ConfigError(
      `no "charset_map" between the charsets "${source}" and "${target}"`,
      scope.placeOf(sourceCharsetDirective) ?? scope.place,
      `write one in "http", or say the same in both directives`,
    );
  }
  return { from, to, recodings };
}

/** Recodes texts, and says so. Nothing is said of what cannot be recoded. */
function recodingStage(
  { from, to, recodings }: RecodingSettings,
  has: TypeTest,
): Stage {
  return (exchange, made) => {
    const type = made.headers.get("Content-Type");
    if (type === undefined || made.headers.has("Content-Encoding")) return made;
    showResponse(exchange, made);
    const [source, target] = [from.evaluate(exchange), to.evaluate(exchange)];
    if (!isToken(target)) return made;
    const value = withCharset(type, target, has);
    if (value === type) return made;
    const isSame = source.toLowerCase() === target.toLowerCase();
    const recoding = recodings.get(recodingKey(source, target));
    if (!isSame && recoding === undefined) return made;
    const headers = made.headers.clone().set("Content-Type", value);
    if (recoding === undefined) return made.with({ headers });
    headers.delete("Accept-Ranges");
    return made.with({ headers, body: recodedBody(made.body, recoding) });
  };
}

function create(scope: Scope): LocationHooks | undefined {
  const charset = scope.get(charsetDirective);
  const isRecoded = typeof scope.get(sourceCharsetDirective) === "object";
  if (charset === "off" || (charset === undefined && isRecoded)) {
    return undefined;
  }
  const fixed = charset === undefined ? DEFAULT_CHARSET : charset.constant;
  const has = typeTest(scope.get(charsetTypesDirective), charset !== undefined);
  const recoding = recodingSettings(scope);
  if (recoding !== undefined) {
    return { stages: { coding: recodingStage(recoding, has) } };
  }

  /** The value with the charset; `undefined` if it is right as it is. */
  function changed({ headers }: HttpResponse, name: string) {
    const type = headers.get("Content-Type");
    if (type === undefined || !isToken(name)) return undefined;
    const value = withCharset(type, name, has);
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
    sourceCharsetDirective,
    charsetMapDirective,
    charsetTypesDirective,
    overrideCharsetDirective,
  ],
  dependsOn: moreHeadersModule.directives,
  create,
};
