/** `autoindex`: a page with the names in a directory. */

import type { Directive } from "../config/directive.ts";
import type { Scope } from "../config/scope.ts";
import { onOffDirective } from "../config/values.ts";
import { HttpError } from "../http/errors.ts";
import { type ListingEntry, renderListing } from "../http/listing_page.ts";
import { HeaderList, HttpResponse } from "../http/response.ts";
import type { Exchange } from "./exchange.ts";
import type { LocationHooks, Module } from "./module.ts";
import { rootDirective } from "./root.ts";

/** `autoindex on | off`. */
export const autoindexDirective: Directive<boolean> = onOffDirective({
  name: "autoindex",
  contexts: ["http", "server", "location"],
  default: false,
  summary: "Whether a directory without index file is listed.",
});

/** After this many names others get a turn. */
const NAMES_PER_TURN = 256;

/** The entries of a directory that a listing shows: no dotfiles, as nginx. */
async function readEntries(path: string): Promise<ListingEntry[]> {
  const entries: ListingEntry[] = [];
  let seen = 0;
  for await (const { name } of Deno.readDir(path)) {
    if (++seen % NAMES_PER_TURN === 0) await nextTurn();
    if (name.startsWith(".")) continue;
    try {
      const info = Deno.statSync(`${path}${name}`);
      entries.push({
        name,
        isDirectory: info.isDirectory,
        size: info.size,
        mtimeMs: info.mtime?.getTime() ?? 0,
      });
    } catch {
      // A dangling link, or a file that has gone since: nothing to link to.
    }
  }
  return entries;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

function create(scope: Scope): LocationHooks | undefined {
  const root = scope.get(rootDirective);
  if (root === undefined || !scope.get(autoindexDirective)) return undefined;

  async function list(exchange: Exchange): Promise<HttpResponse> {
    const { uri } = exchange;
    try {
      const entries = await readEntries(root + uri);
      return new HttpResponse(200, {
        headers: new HeaderList([["Content-Type", "text/html; charset=utf-8"]]),
        body: renderListing(uri, entries),
      });
    } catch (error) {
      const status = error instanceof Deno.errors.NotFound
        ? 404
        : error instanceof Deno.errors.PermissionDenied
        ? 403
        : 500;
      throw new HttpError(status, `"${root}${uri}" cannot be listed`, {
        cause: error,
      });
    }
  }

  return {
    content(exchange) {
      const { uri, method } = exchange;
      const reads = method === "GET" || method === "HEAD";
      return uri.endsWith("/") && reads ? list(exchange) : undefined;
    },
  };
}

/** Directory listings. */
export const autoindexModule: Module = {
  name: "autoindex",
  directives: [autoindexDirective],
  create,
};
