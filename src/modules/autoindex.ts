/**
 * `autoindex`: the names in a folder, in one of nginx's formats or as a page
 * for people (`page`).
 */

import type { Directive } from "../config/directive.ts";
import type { Scope } from "../config/scope.ts";
import { oneOfDirective, onOffDirective } from "../config/values.ts";
import { textOf } from "../http/byte_string.ts";
import { HttpError } from "../http/errors.ts";
import {
  isCallbackName,
  renderJson,
  renderJsonp,
  renderXml,
} from "../http/listing_data.ts";
import type { ListingEntry } from "../http/listing_entry.ts";
import { renderListing } from "../http/listing_page.ts";
import {
  listingComparison,
  nameKey,
  parseListingQuery,
  type SortableEntry,
} from "../http/listing_query.ts";
import {
  ENTRIES_PER_PAGE,
  LISTING_POLICY,
  ListingTotal,
  renderView,
} from "../http/listing_view.ts";
import { HeaderList, HttpResponse } from "../http/response.ts";
import { type ContainedPath, withSlash } from "../routing/path_map.ts";
import { saysUtf8 } from "./charset.ts";
import type { Exchange } from "./exchange.ts";
import { failureOf, FileLocation } from "./file_location.ts";
import { readListing } from "./listing_reader.ts";
import { listingBody } from "./listing_source.ts";
import type { Environment, LocationHooks, Module } from "./module.ts";
import { sortInTurns, Turns } from "./turns.ts";
import { queryArgument } from "./variables.ts";

const ANYWHERE = ["http", "server", "location"] as const;

/** `autoindex on | off`. */
export const autoindexDirective: Directive<boolean> = onOffDirective({
  name: "autoindex",
  contexts: ANYWHERE,
  default: false,
  summary: "Whether a directory without index file is listed.",
});

/** `autoindex_exact_size on | off`. */
export const autoindexExactSizeDirective: Directive<boolean> = onOffDirective({
  name: "autoindex_exact_size",
  contexts: ANYWHERE,
  default: true,
  summary: "Whether the html format shows sizes to the byte.",
});

/** `autoindex_localtime on | off`. */
export const autoindexLocaltimeDirective: Directive<boolean> = onOffDirective({
  name: "autoindex_localtime",
  contexts: ANYWHERE,
  default: false,
  summary: "Whether html and page show local times instead of UTC.",
});

/** How a listing looks. */
export type AutoindexFormat = "html" | "json" | "jsonp" | "xml" | "page";

/** `autoindex_format html | json | jsonp | xml | page`. */
export const autoindexFormatDirective: Directive<AutoindexFormat> =
  oneOfDirective({
    name: "autoindex_format",
    contexts: ANYWHERE,
    values: ["html", "json", "jsonp", "xml", "page"],
    default: "html",
    summary: "How listings look; page is the one for people.",
  });

/** What a listing looks like in one location. */
interface ListingSettings {
  readonly format: AutoindexFormat;
  readonly exactSize: boolean;
  readonly localtime: boolean;
  readonly utf8: boolean;
}

/** How a listing is sent. */
interface Rendering {
  readonly type: string;
  readonly text: Iterator<string>;
  /** How many entries the text is made of; all of them if left out. */
  readonly entries?: number;
  readonly fields?: readonly (readonly [name: string, value: string])[];
}

/** How many minutes local time is ahead of UTC at a moment. */
function offsetMinutesAt(timeMs: number): number {
  return -new Date(timeMs).getTimezoneOffset();
}

function render(
  exchange: Exchange,
  entries: readonly ListingEntry[],
  settings: ListingSettings,
): Rendering | Promise<Rendering> {
  const { localtime } = settings;
  switch (settings.format) {
    case "html": {
      const offsetMinutes = localtime ? offsetMinutesAt(Date.now()) : 0;
      return {
        type: "text/html; charset=utf-8",
        text: renderListing(exchange.uri, entries, {
          ...settings,
          offsetMinutes,
        }),
      };
    }
    case "json":
      return { type: "application/json", text: renderJson(entries) };
    case "jsonp":
      return jsonp(exchange, entries);
    case "xml":
      return { type: "text/xml; charset=utf-8", text: renderXml(entries) };
    case "page":
      return page(exchange, entries, localtime);
  }
}

/** As nginx, JSON without a callback and 400 with one that is no name. */
function jsonp(
  { args }: Exchange,
  entries: readonly ListingEntry[],
): Rendering {
  const callback = queryArgument(args, "callback") ?? "";
  if (callback === "") {
    return { type: "application/json", text: renderJson(entries) };
  }
  return {
    type: "application/javascript; charset=utf-8",
    text: renderJsonp(entries, callback),
  };
}

/** A page for people: sorted as they asked, at most so many names at once. */
async function page(
  { uri, args }: Exchange,
  entries: readonly ListingEntry[],
  localtime: boolean,
): Promise<Rendering> {
  const turns = new Turns();
  const asked = parseListingQuery(args);
  const sorted: SortableEntry[] = [];
  const total = new ListingTotal();
  for (const entry of entries) {
    sorted.push({ entry, key: nameKey(entry.name) });
    total.add(entry);
    if (turns.over) await turns.next();
  }
  await sortInTurns(sorted, listingComparison(asked), turns);
  const pages = Math.max(1, Math.ceil(sorted.length / ENTRIES_PER_PAGE));
  const query = { ...asked, page: Math.min(asked.page, pages) };
  const start = (query.page - 1) * ENTRIES_PER_PAGE;
  const shown = sorted.slice(start, start + ENTRIES_PER_PAGE)
    .map(({ entry }) => entry);
  const text = renderView({
    path: uri,
    entries: shown,
    query,
    pages,
    total,
    offsetMinutesAt: localtime ? offsetMinutesAt : () => 0,
  });
  return {
    type: "text/html; charset=utf-8",
    text,
    entries: shown.length,
    fields: [
      ["Content-Security-Policy", LISTING_POLICY],
      ["X-Content-Type-Options", "nosniff"],
    ],
  };
}

/** What the operating system says of a folder, as a status. */
export function listingError(path: string, error: unknown): HttpError {
  const status = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory
    ? 404
    : error instanceof Deno.errors.PermissionDenied
    ? 403
    : 500;
  return new HttpError(status, `"${path}" cannot be listed`, { cause: error });
}

function create(
  scope: Scope,
  environment: Environment,
): LocationHooks | undefined {
  if (!scope.get(autoindexDirective)) return undefined;
  const files = new FileLocation(scope, environment);
  if (!files.exists) return undefined;
  const settings: ListingSettings = {
    format: scope.get(autoindexFormatDirective),
    exactSize: scope.get(autoindexExactSizeDirective),
    localtime: scope.get(autoindexLocaltimeDirective),
    utf8: saysUtf8(scope),
  };

  async function list(
    exchange: Exchange,
    path: ContainedPath,
  ): Promise<HttpResponse> {
    let entries: readonly ListingEntry[];
    try {
      entries = await readListing(path);
    } catch (error) {
      throw listingError(path, error);
    }
    const rendering = await render(exchange, entries, settings);
    return new HttpResponse(200, {
      headers: new HeaderList([
        ["Content-Type", rendering.type],
        ...rendering.fields ?? [],
      ]),
      body: listingBody(rendering.text, rendering.entries ?? entries.length),
    });
  }

  return {
    content(exchange) {
      const { uri, method, args } = exchange;
      const reads = method === "GET" || method === "HEAD";
      if (!uri.endsWith("/") || !reads) return undefined;
      const folder = files.lookup(exchange, uri);
      if (folder.kind !== "directory") return failureOf(folder);
      if (settings.format === "jsonp") checkCallback(args);
      return list(exchange, withSlash(folder.path));
    },
  };
}

function checkCallback(args: string): void {
  const callback = queryArgument(args, "callback") ?? "";
  if (callback !== "" && !isCallbackName(callback)) {
    throw new HttpError(400, `invalid callback name "${textOf(callback)}"`);
  }
}

/** Directory listings. */
export const autoindexModule: Module = {
  name: "autoindex",
  directives: [
    autoindexDirective,
    autoindexExactSizeDirective,
    autoindexLocaltimeDirective,
    autoindexFormatDirective,
  ],
  create,
};
