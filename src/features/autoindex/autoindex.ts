/**
 * `autoindex`: the names in a folder, in one of nginx's formats or as a page
 * for people (`page`).
 */

import type { Directive } from "../../config/directive.ts";
import type { Scope } from "../../config/scope.ts";
import {
  integerDirective,
  oneOfDirective,
  onOffDirective,
} from "../../config/values.ts";
import { textOf } from "../../http/byte_string.ts";
import { HttpError } from "../../http/errors.ts";
import { quote } from "../../logging/diagnostic_line.ts";
import {
  isCallbackName,
  renderJson,
  renderJsonp,
  renderXml,
} from "./listing_data.ts";
import { renderListing } from "./listing_page.ts";
import { parseListingQuery } from "./listing_query.ts";
import { filtered, pageOf } from "./listing_selection.ts";
import {
  autoindexHeaderDirective,
  autoindexReadmeDirective,
  listingText,
} from "./listing_text.ts";
import { LISTING_POLICY, renderView } from "./listing_view.ts";
import { trace } from "../../core/trace.ts";
import { HeaderList, HttpResponse } from "../../http/response.ts";
import type { FileEntry } from "../../files/cache/file_entry.ts";
import { OpenFile } from "../../files/cache/open_file.ts";
import { failureReason, osErrorCode } from "../../os_error.ts";
import { type ContainedPath, withSlash } from "../../routing/path_map.ts";
import { charsetDirective, saysUtf8 } from "../headers/charset.ts";
import type { Exchange } from "../../core/exchange.ts";
import {
  failureOf,
  FILE_DIRECTIVES,
  FileLocation,
} from "../../core/file_location.ts";
import { type Listing, LISTING_MEMORY, readListing } from "./listing_reader.ts";
import { listingBody, UNREAD_LISTING } from "./listing_source.ts";
import type { Environment, LocationHooks, Module } from "../../core/module.ts";
import { queryArgument } from "../../core/variables.ts";

const ANYWHERE = ["http", "server", "location"] as const;

/** `autoindex on | off`. */
export const autoindexDirective: Directive<boolean> = onOffDirective({
  name: "autoindex",
  contexts: ANYWHERE,
  default: false,
  summary: "Whether a directory without index file is listed.",
});

const autoindexExactSizeDirective = onOffDirective({
  name: "autoindex_exact_size",
  contexts: ANYWHERE,
  default: true,
  summary: "Whether the html format shows sizes to the byte.",
});

const autoindexLocaltimeDirective = onOffDirective({
  name: "autoindex_localtime",
  contexts: ANYWHERE,
  default: false,
  summary: "Whether html and page show local times instead of UTC.",
});

/** How a listing looks. */
type AutoindexFormat = "html" | "json" | "jsonp" | "xml" | "page";

const autoindexFormatDirective = oneOfDirective({
  name: "autoindex_format",
  contexts: ANYWHERE,
  values: ["html", "json", "jsonp", "xml", "page"],
  default: "html",
  summary: "How listings look; page is the one for people.",
  differs: '"page" is a listing to look at; nginx has no such value.',
});

/** `autoindex_page_size number`; 0 is one page of all names. */
const autoindexPageSizeDirective = integerDirective({
  name: "autoindex_page_size",
  contexts: ANYWHERE,
  default: 0,
  summary: "How many names the page format shows on a page; 0 is all of them.",
  differs: "nginx has no such directive.",
});

/** What a listing looks like in one location. */
interface ListingSettings {
  readonly format: AutoindexFormat;
  readonly exactSize: boolean;
  readonly localtime: boolean;
  readonly utf8: boolean;
  readonly pageSize: number;
  readonly header: readonly string[];
  readonly readme: readonly string[];
}

/** How a listing is answered: people may ask for their page as data. */
function formatFor({ args }: Exchange, format: AutoindexFormat) {
  return format === "page" && queryArgument(args, "format") === "json"
    ? "json"
    : format;
}

/** How many minutes local time is ahead of UTC at a moment. */
function offsetMinutesAt(timeMs: number): number {
  return -new Date(timeMs).getTimezoneOffset();
}

/** The fields of a listing, whatever is in the folder. */
function fieldsOf(
  exchange: Exchange,
  { format }: ListingSettings,
): [name: string, value: string][] {
  switch (formatFor(exchange, format)) {
    case "html":
      return [["Content-Type", "text/html; charset=utf-8"]];
    case "json":
      return [["Content-Type", "application/json"]];
    case "jsonp":
      return [[
        "Content-Type",
        callbackOf(exchange.args) === ""
          ? "application/json"
          : "application/javascript; charset=utf-8",
      ]];
    case "xml":
      return [["Content-Type", "text/xml; charset=utf-8"]];
    case "page":
      return [
        ["Content-Type", "text/html; charset=utf-8"],
        ["Content-Security-Policy", LISTING_POLICY],
        ["X-Content-Type-Options", "nosniff"],
      ];
  }
}

/** A listing in a format that is nginx's. */
function render(
  { uri, args }: Exchange,
  { entries }: Pick<Listing, "entries">,
  { format, localtime, exactSize, utf8 }: ListingSettings,
): Iterator<string> {
  switch (format) {
    case "html": {
      const offsetMinutes = localtime ? offsetMinutesAt(Date.now()) : 0;
      return renderListing(uri, entries, { exactSize, utf8, offsetMinutes });
    }
    case "jsonp": {
      // As nginx, JSON without a callback.
      const callback = callbackOf(args);
      return callback === ""
        ? renderJson(entries)
        : renderJsonp(entries, callback);
    }
    case "xml":
      return renderXml(entries);
    case "json":
    case "page":
      return renderJson(entries);
  }
}

/** What the times of a page are in. */
function zoneOf(localtime: boolean): string {
  if (!localtime) return "UTC";
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  return timeZone;
}

/** What the operating system says of a folder, as a status. */
export function listingError(path: string, error: unknown): HttpError {
  const code = osErrorCode(error) ?? "";
  const status = ["ENOENT", "ENOTDIR", "ENAMETOOLONG"].includes(code)
    ? 404
    : code === "EACCES"
    ? 403
    : 500;
  const words = `opendir() ${quote(path.replace(/(?<=.)\/$/, ""))} failed`;
  if (status === 500) {
    return new HttpError(status, words, { severity: "crit", cause: error });
  }
  const text = `${words} (${failureReason(error)})`;
  return new HttpError(status, text, { severity: "error" });
}

/** A folder is read by its name, which may have become a link meanwhile. */
function linked({ path }: FileEntry): HttpError {
  const words = `${quote(path)} changed while it was read`;
  return new HttpError(403, words, { severity: "error" });
}

function create(
  scope: Scope,
  environment: Environment,
): LocationHooks | undefined {
  if (!scope.get(autoindexDirective)) return undefined;
  const files = FileLocation.of(scope, environment);
  const settings: ListingSettings = {
    format: scope.get(autoindexFormatDirective),
    exactSize: scope.get(autoindexExactSizeDirective),
    localtime: scope.get(autoindexLocaltimeDirective),
    utf8: saysUtf8(scope),
    pageSize: scope.get(autoindexPageSizeDirective),
    header: scope.get(autoindexHeaderDirective),
    readme: scope.get(autoindexReadmeDirective),
  };

  const place = scope.placeOf(autoindexDirective);

  async function list(
    exchange: Exchange,
    folder: FileEntry,
  ): Promise<HttpResponse> {
    const path = withSlash(folder.path);
    trace.steps?.push({ kind: "file", text: `${path}: listed`, place });
    const headers = new HeaderList(fieldsOf(exchange, settings));
    let listing: Listing | undefined;
    try {
      listing = await readListing(path, files.symlinks);
      if (!files.hasRead(exchange, folder, listing.findings)) {
        throw linked(folder);
      }
      const text = settings.format === "page"
        ? await forPeople(exchange, listing)
        : render(exchange, listing, settings);
      const body = listingBody(text, () => listing?.release());
      return new HttpResponse(200, { headers, body });
    } catch (error) {
      listing?.release();
      throw error instanceof HttpError ? error : listingError(path, error);
    }
  }

  /** Sorted, filtered and divided as they asked; as data it is all of it. */
  async function forPeople(
    exchange: Exchange,
    listing: Listing,
  ): Promise<Iterator<string>> {
    const { uri, args } = exchange;
    const query = parseListingQuery(args);
    const ordered = await listing.inOrder(query);
    const entries = await filtered(ordered, query.filter);
    if (formatFor(exchange, settings.format) === "json") {
      return renderJson(entries);
    }
    const selection = pageOf(entries, query, settings.pageSize);
    const { localtime, header, readme } = settings;
    return renderView({
      ...selection,
      path: uri,
      query,
      total: listing.total,
      zone: zoneOf(localtime),
      offsetMinutesAt: localtime ? offsetMinutesAt : () => 0,
      header: () => listingText(files, exchange, header),
      readme: () => listingText(files, exchange, readme),
    });
  }

  /** As in nginx the folder is opened and not read. */
  function head(exchange: Exchange, path: ContainedPath): HttpResponse {
    try {
      OpenFile.open(path).close();
    } catch (error) {
      throw listingError(path, error);
    }
    return new HttpResponse(200, {
      headers: new HeaderList(fieldsOf(exchange, settings)),
      body: UNREAD_LISTING,
    });
  }

  return {
    folder(exchange) {
      const { uri, method, args } = exchange;
      const reads = method === "GET" || method === "HEAD";
      if (!reads) return undefined;
      const folder = files.lookup(exchange, uri);
      if (folder.kind !== "directory") return failureOf(folder);
      if (settings.format === "jsonp") checkCallback(args);
      return method === "HEAD"
        ? head(exchange, withSlash(folder.path))
        : list(exchange, folder);
    },
  };
}

function callbackOf(args: string): string {
  return queryArgument(args, "callback") ?? "";
}

/** As nginx, 400 with a callback that is no name. */
function checkCallback(args: string): void {
  const callback = callbackOf(args);
  if (callback !== "" && !isCallbackName(callback)) {
    throw new HttpError(
      400,
      `client sent invalid callback name ${quote(textOf(callback))}`,
    );
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
    autoindexPageSizeDirective,
    autoindexHeaderDirective,
    autoindexReadmeDirective,
  ],
  dependsOn: [...FILE_DIRECTIVES, charsetDirective],
  create,
  memory: { listings: LISTING_MEMORY },
};
