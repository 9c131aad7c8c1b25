/**
 * `sub_filter`: strings in answers are replaced by others. The answer is then
 * made for the request: it has no length before it is sent, no ranges, and
 * only where the site says so the validators of the file.
 *
 * What is in a content coding already stays as it is: nginx looks for the
 * strings in the compressed bytes.
 */

import { appended, defineDirective } from "../../config/directive.ts";
import { ConfigError } from "../../config/errors.ts";
import type { Scope } from "../../config/scope.ts";
import type { Template } from "../../config/template.ts";
import { onOffDirective } from "../../config/values.ts";
import { isSealed, madeFields } from "../../core/changed_content.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { LocationHooks, Module } from "../../core/module.ts";
import { isOfType, mediaTypesDirective } from "../../core/settings/types.ts";
import { MadeBody } from "../../files/body/made_body.ts";
import { bytesOf } from "../../http/byte_string.ts";
import { Patterns } from "./patterns.ts";
import { substituted } from "./substitution.ts";

/** Most strings that are looked for in a location (nginx). */
const MAX_PATTERNS = 255;

const ANYWHERE = ["http", "server", "location"] as const;

/** A string, and what takes its place. */
interface Pair {
  readonly string: Template<Exchange>;
  readonly replacement: Template<Exchange>;
}

/** `sub_filter string replacement`; inherited where a level has none. */
const subFilterDirective = defineDirective<readonly Pair[]>({
  name: "sub_filter",
  contexts: ANYWHERE,
  args: [2, 2],
  repeatable: true,
  default: [],
  summary: "Replaces a string in answers, whatever the case of its letters.",
  syntax: "string replacement",
  differs: "Answers that are in a content coding already are left alone.",
  parse({ args: [string = "", replacement = ""], place }, previous = [], {
    variables,
  }) {
    if (string === "") {
      throw new ConfigError(
        "empty search pattern",
        place,
        'expected what is to be replaced, as in sub_filter "</head>" "..."',
      );
    }
    if (previous.length === MAX_PATTERNS) {
      throw new ConfigError(
        `"sub_filter" directive number of search patterns exceeds ${MAX_PATTERNS}`,
        place,
        "expected fewer of them in a block",
      );
    }
    return appended(previous, [{
      string: variables.byteTemplate(string, place),
      replacement: variables.byteTemplate(replacement, place),
    }]);
  },
});

const onceDirective = onOffDirective({
  name: "sub_filter_once",
  contexts: ANYWHERE,
  default: true,
  summary: "Whether each string is replaced only once.",
});

const typesDirective = mediaTypesDirective({
  name: "sub_filter_types",
  summary: 'The media types that "sub_filter" is for, beside text/html.',
});

const lastModifiedDirective = onOffDirective({
  name: "sub_filter_last_modified",
  contexts: ANYWHERE,
  default: false,
  summary: "Whether the time and the tag of the file are sent all the same.",
});

/** What is looked for in an answer, and which replacement belongs to it. */
interface Search {
  readonly patterns: Patterns;
  readonly pairs: readonly Pair[];
}

/** `ngx_http_sub_header_filter()`: a string that is empty is none. */
function searchOf(
  pairs: readonly Pair[],
  textOf: (string: Template<Exchange>) => string,
): Search {
  const texts = pairs.map(({ string }) => textOf(string));
  const isThere = (_: unknown, i: number) => texts[i] !== "";
  return {
    patterns: new Patterns(texts.filter(isThere).map(bytesOf)),
    pairs: pairs.filter(isThere),
  };
}

function create(scope: Scope): LocationHooks | undefined {
  const all = scope.get(subFilterDirective);
  if (all.length === 0) return undefined;
  const types = scope.get(typesDirective);
  const once = scope.get(onceDirective);
  const keepsValidators = scope.get(lastModifiedDirective);
  const fixed = all.every(({ string }) => string.constant !== undefined)
    ? searchOf(all, ({ constant }) => constant!)
    : undefined;
  return {
    stages: {
      coding(exchange, response) {
        const { body, headers, length } = response;
        if (
          body === undefined || length === 0 || !isOfType(types, response) ||
          headers.has("Content-Encoding") || isSealed(response)
        ) return response;
        const { patterns, pairs } = fixed ??
          searchOf(all, (string) => string.evaluate(exchange));
        if (pairs.length === 0) return response;
        const substitution = {
          patterns,
          once,
          count: pairs.length,
          replacement: (index: number) =>
            bytesOf(pairs[index]!.replacement.evaluate(exchange)),
        };
        return response.with({
          headers: madeFields(headers, keepsValidators),
          body: new MadeBody(
            body,
            (made) => substituted(made.read(body), substitution),
          ),
        });
      },
    },
  };
}

/** Strings replaced in answers. */
export const subFilterModule: Module = {
  name: "sub_filter",
  directives: [
    subFilterDirective,
    onceDirective,
    typesDirective,
    lastModifiedDirective,
  ],
  dependsOn: [],
  create,
};
