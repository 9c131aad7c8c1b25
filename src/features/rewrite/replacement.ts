/** The `rewrite` directive: what a URI becomes that its expression matches. */

import type { ParseContext } from "../../config/directive.ts";
import { ConfigError, type SourcePlace } from "../../config/errors.ts";
import type { Statement } from "../../config/syntax/parser.ts";
import { compileRegex } from "../../config/regex.ts";
import type { Template } from "../../config/template.ts";
import type { AnyVariables } from "../../config/configured_variables.ts";
import { ascii, type Variable } from "../../config/variables.ts";
import { textOf } from "../../http/byte_string.ts";
import { HttpError } from "../../http/errors.ts";
import { quote } from "../../logging/diagnostic_line.ts";
import { encodePathSegment } from "../../http/path_encoding.ts";
import { hasParentSegment } from "../../routing/path_map.ts";
import type { Exchange } from "../../core/exchange.ts";
import { inRedirect, isUrl, redirectTo } from "../../core/redirect.ts";
import { isNoted, note, noteMatch } from "./rewrite_log.ts";
import type { Step } from "./script.ts";
import { trace } from "../../core/trace.ts";

/** The status of each flag that makes a redirect. */
const REDIRECTS: ReadonlyMap<string, number> = new Map([
  ["redirect", 302],
  ["permanent", 301],
]);

/** What an expression took, as part of a path in a URL. */
function escapeInPath(text: string): string {
  return encodePathSegment(text).replaceAll("%2F", "/").replaceAll("%3A", ":");
}

/** What an expression took, as part of a query. */
function escapeInQuery(text: string): string {
  return escapeInPath(text).replaceAll("&", "%26").replaceAll("+", "%2B");
}

/**
 * A variable as it stands in a path or query: what an expression took is
 * escaped. What a client's path decodes to must not change the meaning of a
 * URL.
 */
function escaped(
  variable: Variable<Exchange>,
  escape: (text: string) => string,
): Variable<Exchange> {
  if (variable.taken !== true) return variable;
  const { form, read } = variable;
  return ascii((exchange) => {
    const value = read(exchange);
    return value && escape(form === "bytes" ? textOf(value) : value);
  });
}

function queryTemplate(
  text: string | undefined,
  place: SourcePlace,
  variables: AnyVariables,
): Template<Exchange> | undefined {
  return text === undefined ? undefined : variables.template(text, place, {
    form: "bytes",
    instead: (_name, variable) => escaped(variable, escapeInQuery),
  });
}

/** What a replacement says, taken apart. */
interface Replacement {
  /** What stands before `?`. */
  readonly path: string;
  /** What stands behind it, if there is one. */
  readonly args: string | undefined;
  /** Whether the request's own query is kept, behind the other. */
  readonly keepsArgs: boolean;
}

/** A `?` at the end says that the request's own query is dropped. */
function takeApart(text: string): Replacement {
  const keepsArgs = !text.endsWith("?");
  const rest = keepsArgs ? text : text.slice(0, -1);
  const mark = rest.indexOf("?");
  return mark < 0 ? { path: rest, args: undefined, keepsArgs } : {
    path: rest.slice(0, mark),
    args: rest.slice(mark + 1),
    keepsArgs,
  };
}

/**
 * Compiles a `rewrite`.
 *
 * @throws {ConfigError} when its expression, text or flag is wrong
 */
export function compileRewrite(
  { args, place }: Statement,
  { variables }: ParseContext,
): Step {
  const [source = "", text = "", flag] = args;
  const regex = compileRegex(source, { ignoreCase: false, place, variables });
  if (
    flag !== undefined && flag !== "last" && flag !== "break" &&
    !REDIRECTS.has(flag)
  ) {
    throw new ConfigError(
      `invalid parameter "${flag}"`,
      place,
      "expected last, break, redirect or permanent",
    );
  }
  const parts = takeApart(text);
  const status = REDIRECTS.get(flag ?? "") ?? (isUrl(text) ? 302 : undefined);
  const follow = status === undefined
    ? change(parts, flag, { place, variables })
    : redirect(parts, status, { place, variables });
  return (exchange, run) => {
    const { uri: text } = exchange;
    const match = regex.exec(text);
    noteMatch(exchange, regex, text, match !== null);
    trace.steps?.push({
      kind: "rewrite",
      text: `"${source}" ${
        match === null ? "does not match" : "matches"
      } "${text}"`,
      place,
    });
    if (match === null) {
      // As in nginx, one that does not match forgets what others took.
      exchange.captures = undefined;
      return undefined;
    }
    regex.keep(match, exchange);
    return follow(exchange, run);
  };
}

/** The query of a request that had `own`. */
function queryOf(
  args: Template<Exchange> | undefined,
  keepsArgs: boolean,
  exchange: Exchange,
): string {
  const own = keepsArgs ? exchange.args : "";
  if (args === undefined) return own;
  const fresh = args.evaluate(exchange);
  return own === "" ? fresh : `${fresh}&${own}`;
}

/** What a text is compiled with. */
interface Compiling {
  readonly place: SourcePlace;
  readonly variables: AnyVariables;
}

/** The client is sent elsewhere. */
function redirect(
  parts: Replacement,
  status: number,
  { place, variables }: Compiling,
): Step {
  const path = variables.template(parts.path, place, {
    form: "bytes",
    instead: (name, variable) =>
      escaped(inRedirect(name, variable), escapeInPath),
  });
  const args = queryTemplate(parts.args, place, variables);
  return (exchange) => {
    const query = queryOf(args, parts.keepsArgs, exchange);
    const target = path.evaluate(exchange) + (query === "" ? "" : `?${query}`);
    trace.steps?.push({
      kind: "rewrite",
      text: `redirect ${status} to ${target}`,
      place,
    });
    if (isNoted(exchange)) {
      note(exchange, `rewritten redirect: ${quote(textOf(target))}`);
    }
    return redirectTo(exchange, status, target);
  };
}

/** The request goes on with another URI. */
function change(
  parts: Replacement,
  flag: string | undefined,
  { place, variables }: Compiling,
): Step {
  const path = variables.textTemplate(parts.path, place);
  const args = queryTemplate(parts.args, place, variables);
  return (exchange, run) => {
    const uri = path.evaluate(exchange);
    // The captures are read before the query they may be in is replaced.
    exchange.args = queryOf(args, parts.keepsArgs, exchange);
    if (isNoted(exchange)) {
      const args = quote(textOf(exchange.args));
      note(exchange, `rewritten data: ${quote(uri)}, args: ${args}`);
    }
    trace.steps?.push({
      kind: "rewrite",
      text: `the URI is now "${uri}"` +
        (exchange.args === ""
          ? ""
          : ` with the query "${textOf(exchange.args)}"`),
      place,
    });
    // A URI is made of what a client sent, so it may try to lead elsewhere.
    if (!uri.startsWith("/") || hasParentSegment(uri)) {
      return new HttpError(
        404,
        `the rewritten URI ${quote(uri)} leads nowhere`,
      );
    }
    exchange.uri = uri;
    exchange.internal = true;
    run.moved = flag !== "break";
    return flag === undefined ? undefined : "end";
  };
}
