/**
 * `try_files`: the first file or folder of several that is there, else a path
 * to go on with or a status. It comes after access and before content, which
 * then serves what was found in the same location.
 *
 * Where it is stricter than nginx 1.22: a name that does not begin with a
 * slash, but for one under an `alias`, finds nothing, where nginx looks for a
 * neighbour of the folder; and neither does one with a `..` segment.
 */

import { defineDirective, type ParseContext } from "../../config/directive.ts";
import { ConfigError, type SourcePlace } from "../../config/errors.ts";
import type { Statement } from "../../config/syntax/parser.ts";
import type { Scope } from "../../config/scope.ts";
import { parseInteger } from "../../config/units.ts";
import type { Template } from "../../config/template.ts";
import { byteString } from "../../http/byte_string.ts";
import { HttpError } from "../../http/errors.ts";
import { HttpResponse } from "../../http/response.ts";
import type { Exchange } from "../../core/exchange.ts";
import { FileLocation, kindByName } from "../../core/file_location.ts";
import {
  type Environment,
  InternalRedirect,
  type LocationHooks,
  type Module,
  type Outcome,
} from "../../core/module.ts";
import { trace } from "../../core/trace.ts";
import { goBehindAlias } from "../../core/settings/root.ts";

/** A path that is tried. */
interface Candidate {
  /** The URI, without the slash that ends the name of a folder. */
  readonly uri: Template<Exchange>;
  /** What has to be there. */
  readonly kind: "file" | "directory";
}

/** What `try_files` says. */
interface TryFiles {
  /** What is tried, in order. */
  readonly candidates: readonly Candidate[];
  /** What comes when nothing is there: a status, a URI or `@name`. */
  readonly fallback: number | Template<Exchange>;
}

/** `try_files file ... uri`, `try_files file ... =code`. */
const tryFilesDirective = defineDirective<TryFiles | undefined>({
  name: "try_files",
  contexts: ["server", "location"],
  args: [2, Infinity],
  inherit: false,
  default: undefined,
  summary: "Serves the first file that exists, else a URI or =code.",
  syntax: "file ... uri | file ... =code",
  differs:
    "Names without a slash are looked for in the folder of an alias only.",
  parse: (statement, _previous, context) => parseTryFiles(statement, context),
});

function parseTryFiles(
  statement: Statement,
  { variables }: ParseContext,
): TryFiles {
  const { args, place } = statement;
  const last = args.at(-1)!;
  const candidates = args.slice(0, -1).map((text): Candidate => {
    const isFolder = text.endsWith("/");
    return {
      uri: variables.textTemplate(isFolder ? text.slice(0, -1) : text, place),
      kind: isFolder ? "directory" : "file",
    };
  });
  if (!last.startsWith("=")) {
    return { candidates, fallback: variables.textTemplate(last, place) };
  }
  const code = parseInteger(last.slice(1));
  if (code === undefined || code > 999) {
    throw new ConfigError(
      `invalid code "${last}"`,
      place,
      "expected = and the code of an answer, as in =404",
    );
  }
  if (code < 200 || (code >= 300 && code < 400) || code > 599) {
    throw new ConfigError(
      `invalid code "${last}", it must be 200 to 299 or 400 to 599`,
      place,
      'a redirect needs a "return" in a named location',
    );
  }
  return { candidates, fallback: code };
}

/** Tries the candidates of one location. */
class Trial {
  readonly #candidates: readonly Candidate[];
  readonly #fallback: number | Template<Exchange>;
  readonly #files: FileLocation;
  readonly #prefix: string;
  readonly #place: SourcePlace | undefined;

  constructor(
    { candidates, fallback }: TryFiles,
    files: FileLocation,
    place: SourcePlace | undefined,
  ) {
    this.#place = place;
    this.#candidates = candidates;
    this.#fallback = fallback;
    this.#files = files;
    this.#prefix = files.paths.aliasedPrefix;
  }

  content(exchange: Exchange): Outcome {
    for (const { uri: template, kind } of this.#candidates) {
      const uri = this.#uriOf(template, exchange);
      // Only a folder has a name that ends with a slash.
      if (kind === "file" && uri.endsWith("/")) continue;
      const found = this.#files.lookupNamed(exchange, uri);
      const isThere = kindByName(found, exchange) === kind;
      trace.steps?.push({
        kind: "try_files",
        text: `${kind} "${uri}" ${isThere ? "is there" : "is not there"}`,
        place: this.#place,
      });
      if (!isThere) continue;
      this.#take(exchange, uri, kind);
      return undefined;
    }
    return this.#otherwise(exchange);
  }

  /**
   * Goes on with what was found. As in nginx a folder behind an alias that is a
   * whole path is not gone into: the alias stands for itself then.
   */
  #take(exchange: Exchange, uri: string, kind: Candidate["kind"]): void {
    if (this.#files.paths.behind === undefined) {
      exchange.uri = uri;
    } else if (kind === "file" && uri !== "") {
      exchange.uri = uri;
      goBehindAlias(exchange, uri);
    }
  }

  /**
   * The URI of a candidate. Under an alias a name is one in its folder; that
   * of a variable may have the location's path before it, as `$uri` does.
   */
  #uriOf(template: Template<Exchange>, exchange: Exchange): string {
    const name = template.evaluate(exchange);
    const prefix = this.#prefix;
    if (prefix === "") return name;
    if (template.constant === undefined && name.startsWith(prefix)) return name;
    return prefix.endsWith("/") && name.startsWith("/")
      ? prefix + name.slice(1)
      : prefix + name;
  }

  #otherwise(exchange: Exchange): Outcome {
    trace.steps?.push({
      kind: "try_files",
      text: typeof this.#fallback === "number"
        ? `nothing is there: ${this.#fallback}`
        : `nothing is there: on to "${this.#fallback.source}"`,
      place: this.#place,
    });
    if (typeof this.#fallback === "number") {
      return this.#fallback < 300
        ? new HttpResponse(this.#fallback)
        : new HttpError(this.#fallback, "nothing that was tried exists", {
          severity: "silent",
        });
    }
    const text = this.#fallback.evaluate(exchange);
    if (text.startsWith("@")) return new InternalRedirect(text);
    return new InternalRedirect(...splitArgs(text));
  }
}

/**
 * A URI of the configuration and its query, as `ngx_http_split_args()`: without
 * `?` there is none. The path is a text, the query a byte string, as those of
 * a request are.
 */
export function splitArgs(uri: string): [path: string, args: string] {
  const question = uri.indexOf("?");
  return question < 0
    ? [uri, ""]
    : [uri.slice(0, question), byteString(uri.slice(question + 1))];
}

function create(
  scope: Scope,
  environment: Environment,
): LocationHooks | undefined {
  const value = scope.own(tryFilesDirective);
  if (value === undefined) return undefined;
  const trial = new Trial(
    value,
    FileLocation.of(scope, environment),
    scope.placeOf(tryFilesDirective),
  );
  return { content: (exchange) => trial.content(exchange) };
}

/** What is tried. */
export const tryFilesModule: Module = {
  name: "try_files",
  directives: [tryFilesDirective],
  dependsOn: [],
  create,
};
