/** `error_page`: a page of the site's own for an error. */

import {
  appended,
  defineDirective,
  type Directive,
  type ParseContext,
} from "../../config/directive.ts";
import { ConfigError } from "../../config/errors.ts";
import type { Statement } from "../../config/syntax/parser.ts";
import type { Scope } from "../../config/scope.ts";
import { parseInteger } from "../../config/units.ts";
import { onOffDirective } from "../../config/values.ts";
import type { Template } from "../../config/template.ts";
import { toldStatus } from "../../http/semantics/status.ts";
import type { Exchange } from "../../core/exchange.ts";
import {
  type ErrorPage,
  InternalRedirect,
  type LocationHooks,
  type Module,
} from "../../core/module.ts";
import {
  redirectResponse,
  REDIRECTS,
  redirectTemplate,
} from "../../core/redirect.ts";
import { splitArgs } from "../static/try_files.ts";

/** One `error_page`. */
export interface ErrorPageValue {
  /** The statuses it stands in for. */
  readonly codes: readonly number[];
  /**
   * The status of the answer; "keep" is the error's own, "page" is the
   * page's own (`=` without a code).
   */
  readonly answer: number | "keep" | "page";
  /** A path, a URL or `@name`. */
  readonly target: Template<Exchange>;
  /** The same as a URL that clients are sent to. */
  readonly url: Template<Exchange>;
}

/** `error_page code ... [=[response]] uri`. */
export const errorPageDirective: Directive<readonly ErrorPageValue[]> =
  defineDirective<readonly ErrorPageValue[]>({
    name: "error_page",
    contexts: ["http", "server", "location", "if in location"],
    args: [2, Infinity],
    repeatable: true,
    default: [],
    summary: "The page for some errors: code ... [=[response]] uri.",
    syntax: "code ... [=[response]] uri",
    parse: (statement, previous = [], context) =>
      appended(previous, [parseErrorPage(statement, context)]),
  });

function parseErrorPage(
  statement: Statement,
  { variables }: ParseContext,
): ErrorPageValue {
  const { place } = statement;
  const words = statement.args.slice(0, -1);
  const target = statement.args.at(-1)!;
  let answer: ErrorPageValue["answer"] = "keep";
  if (words.at(-1)?.startsWith("=")) {
    const word = words.pop()!;
    if (words.length === 0) {
      throw new ConfigError(
        `invalid value "${word}"`,
        place,
        `expected the code of an error before "${word}"`,
      );
    }
    if (word === "=") answer = "page";
    else answer = code(word.slice(1), word, 200);
  }
  return {
    codes: words.map((word) => code(word, word, 300)),
    answer,
    target: variables.textTemplate(target, place),
    url: redirectTemplate(target, place, variables),
  };

  function code(text: string, word: string, lowest: number): number {
    const value = parseInteger(text);
    if (value === undefined || value === 499) {
      throw new ConfigError(
        `invalid value "${word}"`,
        place,
        value === 499
          ? "499 is for the log: its client has gone"
          : `expected ${text === word ? "" : "= and "}the code of an answer`,
      );
    }
    if (value < lowest || value > 599) {
      throw new ConfigError(
        `value "${word}" must be between ${lowest} and 599`,
        place,
        lowest === 300
          ? "error_page: only errors and redirects have pages"
          : "error_page: expected the code of an answer behind =",
      );
    }
    return value;
  }
}

/** `recursive_error_pages on | off`. */
export const recursiveErrorPages: Directive<boolean> = onOffDirective({
  name: "recursive_error_pages",
  contexts: ["http", "server", "location"],
  default: false,
  summary: "Whether the error of an error page has an error page.",
});

function create(scope: Scope): LocationHooks | undefined {
  const pages = scope.get(errorPageDirective);
  if (pages.length === 0) return undefined;
  const last = !scope.get(recursiveErrorPages);
  const byCode = new Map<number, ErrorPageValue>();
  for (const page of pages) {
    for (const code of page.codes) {
      if (!byCode.has(code)) byCode.set(code, page);
    }
  }

  function errorPage(exchange: Exchange, status: number): ErrorPage {
    const page = byCode.get(status);
    if (page === undefined) return undefined;
    const uri = page.target.evaluate(exchange);
    if (!uri.startsWith("/") && !uri.startsWith("@")) {
      const code = typeof page.answer === "number" && REDIRECTS.has(page.answer)
        ? page.answer
        : 302;
      return {
        target: redirectResponse(code, page.url.evaluate(exchange)),
        status: undefined,
        last,
      };
    }
    const target = uri.startsWith("@")
      ? new InternalRedirect(uri)
      : new InternalRedirect(...splitArgs(uri));
    const answer = page.answer === "keep" ? toldStatus(status) : page.answer;
    return { target, status: answer === "page" ? undefined : answer, last };
  }
  return { errorPage };
}

/** Error pages. */
export const errorPageModule: Module = {
  name: "error_page",
  directives: [errorPageDirective, recursiveErrorPages],
  dependsOn: [],
  create,
};
