/** `return`: an answer that needs no file. */

import {
  defineDirective,
  type Directive,
  type ParseContext,
} from "../../config/directive.ts";
import { ConfigError } from "../../config/errors.ts";
import type { Statement } from "../../config/syntax/parser.ts";
import type { Scope } from "../../config/scope.ts";
import type { Template } from "../../config/template.ts";
import { parseInteger } from "../../config/units.ts";
import { bytesOf } from "../../http/byte_string.ts";
import { HttpError } from "../../http/errors.ts";
import { HttpResponse } from "../../http/response.ts";
import { NO_RESPONSE } from "../../http/semantics/status.ts";
import type { Exchange } from "../../core/exchange.ts";
import {
  isUrl,
  REDIRECTS,
  redirectTemplate,
  redirectTo,
} from "../../core/redirect.ts";
import { trace } from "../../core/trace.ts";
import type { Flow, OrderedStep } from "./script.ts";
import { compileTypes, fieldsOfType } from "../../core/settings/types.ts";

/** What a `return` says. */
export interface ReturnValue {
  /** Where it stands in its block. */
  readonly order: number;
  /** The status; 444 closes the connection without an answer. */
  readonly status: number;
  /** The text of the body, or the URL of a redirect. */
  readonly text: Template<Exchange> | undefined;
}

/** What the text is if neither the path nor the configuration says it. */
const DEFAULT_TYPE = "text/plain";

/** `return code [text]`, `return code URL`, `return URL`. */
export const returnDirective: Directive<ReturnValue | undefined> =
  defineDirective<ReturnValue | undefined>({
    name: "return",
    contexts: ["server", "location", "if"],
    args: [1, 2],
    inherit: false,
    repeatable: true,
    default: undefined,
    summary: "Ends the request with a status, and a text or URL.",
    syntax: "code [text] | code URL | URL",
    parse: (statement, previous, context) =>
      // As in nginx, what stands behind a `return` is never reached.
      previous ?? parseReturn(statement, context),
  });

function parseReturn(
  { args: [first = "", second], place }: Statement,
  { index: order, variables }: ParseContext,
): ReturnValue {
  if (second === undefined && isUrl(first)) {
    const text = redirectTemplate(first, place, variables);
    return { order, status: 302, text };
  }
  const status = parseInteger(first);
  if (status === undefined || status > 999) {
    throw new ConfigError(
      `invalid return code "${first}"`,
      place,
      "expected a status code, or a URL that begins with http:// or https://",
    );
  }
  if (status !== NO_RESPONSE && (status < 200 || status > 599)) {
    throw new ConfigError(
      `invalid return code "${first}", it must be 200 to 599, or 444`,
      place,
      "444 closes the connection without an answer",
    );
  }
  if (REDIRECTS.has(status)) {
    const text = redirectTemplate(second ?? "", place, variables);
    return { order, status, text };
  }
  const text = second === undefined
    ? undefined
    : variables.byteTemplate(second, place);
  return { order, status, text };
}

/** What a `return` of `scope` does. */
export function returnStep(
  { order, status, text }: ReturnValue,
  scope: Scope,
): OrderedStep {
  const typeOf = compileTypes(scope);

  /** The text, in which as in nginx `$status` is the one that is returned. */
  function textFor(exchange: Exchange): string {
    if (text === undefined) return "";
    if (text.constant !== undefined) return text.constant;
    const before = exchange.status;
    exchange.status = exchange.errorStatus ?? status;
    const value = text.evaluate(exchange);
    exchange.status = before;
    return value;
  }

  const place = scope.placeOf(returnDirective);

  function step(exchange: Exchange): Flow {
    trace.steps?.push({ kind: "return", text: String(status), place });
    if (REDIRECTS.has(status)) {
      return redirectTo(exchange, status, textFor(exchange));
    }
    if (text === undefined && status >= 400) {
      return new HttpError(status, "return says so", { severity: "silent" });
    }
    if (status === 204) return new HttpResponse(status);
    const body = bytesOf(textFor(exchange));
    return new HttpResponse(status, {
      headers: fieldsOfType(typeOf(exchange.uri) ?? DEFAULT_TYPE),
      body,
    });
  }
  return { order, step };
}
