/** Files: the content phase for paths that do not end with a slash. */

import type { Scope } from "../config/scope.ts";
import type { FileEntry } from "../files/file_entry.ts";
import { BODY_HEADROOM_BYTES } from "../files/file_cache.ts";
import { FileSource } from "../files/file_source.ts";
import { formatHttpDate } from "../http/date.ts";
import { HttpError } from "../http/errors.ts";
import { makeEtag } from "../http/etag.ts";
import { encodePath } from "../http/path_encoding.ts";
import { meaningfulMtime } from "../http/preconditions.ts";
import { HeaderList, HttpResponse } from "../http/response.ts";
import type { Exchange } from "./exchange.ts";
import { checkReadMethod, optionsResponse } from "./methods.ts";
import type { Environment, LocationHooks, Module, Outcome } from "./module.ts";
import { originOf, redirectResponse } from "./redirect.ts";
import { rootDirective } from "./root.ts";
import { compileTypes, type TypeOf } from "./types.ts";

/** Serves the files of one location. */
class StaticFiles {
  readonly #root: string;
  readonly #typeOf: TypeOf;
  readonly #environment: Environment;

  constructor(root: string, scope: Scope, environment: Environment) {
    this.#root = root;
    this.#typeOf = compileTypes(scope);
    this.#environment = environment;
  }

  content(exchange: Exchange): Outcome {
    if (checkReadMethod(exchange) === "options") return optionsResponse();
    const { uri } = exchange;
    if (uri.endsWith("/")) return undefined;
    const entry = this.#environment.files.lookup(this.#root + uri);
    switch (entry.kind) {
      case "file":
        return this.#file(entry);
      case "directory":
        return addSlash(exchange);
      default:
        return failureOf(entry);
    }
  }

  #file(entry: FileEntry): HttpResponse {
    const known = entry.derived;
    if (known?.owner === this) return known.value as HttpResponse;
    const headers = this.#headers(entry);
    if (entry.body === undefined) {
      return new HttpResponse(200, {
        headers,
        body: new FileSource(entry, 0, entry.size, this.#environment.chunks),
      });
    }
    const response = new HttpResponse(200, {
      headers,
      body: entry.body,
      shared: true,
      // The memory before the body has room for one head: the first owner's.
      headroom: known === undefined ? BODY_HEADROOM_BYTES : 0,
    });
    if (known === undefined) entry.derived = { owner: this, value: response };
    return response;
  }

  #headers(entry: FileEntry): HeaderList {
    const headers = new HeaderList([
      ["Content-Type", this.#typeOf(entry.path)],
    ]);
    if (meaningfulMtime(entry.mtimeMs)) {
      headers.append("Last-Modified", formatHttpDate(entry.mtimeMs));
      headers.append("ETag", makeEtag(entry.mtimeMs, entry.size));
    }
    return headers.append("Accept-Ranges", "bytes");
  }
}

/**
 * Why an entry cannot be served. Made once per entry: what is not there is
 * asked for again and again, and an error costs 2 µs to make.
 */
export function failureOf(entry: FileEntry): HttpError {
  if (entry.derived?.value instanceof HttpError) return entry.derived.value;
  const error = newFailure(entry);
  entry.derived = { owner: undefined, value: error };
  return error;
}

function newFailure({ kind, path, error }: FileEntry): HttpError {
  switch (kind) {
    case "missing":
      return new HttpError(404, `"${path}" is not found`);
    case "special":
      return new HttpError(404, `"${path}" is not a regular file`);
    case "forbidden":
      return new HttpError(403, `"${path}" is forbidden`, { cause: error });
    default:
      return new HttpError(500, `"${path}" cannot be read`, { cause: error });
  }
}

/** The redirect from `/dir` to `/dir/`. */
function addSlash(exchange: Exchange): HttpResponse {
  const query = exchange.args === "" ? "" : `?${exchange.args}`;
  const location = `${originOf(exchange)}${encodePath(exchange.uri)}/${query}`;
  return redirectResponse(301, location);
}

function create(scope: Scope, environment: Environment): LocationHooks {
  const root = scope.get(rootDirective);
  if (root === undefined) {
    return {
      content(exchange) {
        if (checkReadMethod(exchange) === "options") return optionsResponse();
        throw new HttpError(404, "the location has no root");
      },
    };
  }
  const files = new StaticFiles(root, scope, environment);
  return { content: (exchange) => files.content(exchange) };
}

/** Files. */
export const staticModule: Module = { name: "static", directives: [], create };
