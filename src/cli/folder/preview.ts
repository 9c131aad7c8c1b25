/** What serving a folder for a look at it has in its configuration. */

import { resolve } from "@std/path/resolve";
import type { Statement } from "../../config/syntax/parser.ts";
import type { Arguments } from "../arguments.ts";
import { block, say } from "./statements.ts";

/** How many names of a folder stand on a page: a browser shows them at once. */
const PAGE_SIZE = "500";

/** Folders without an index, for people. */
const LISTINGS: readonly Statement[] = [
  say("autoindex", "on"),
  say("autoindex_format", "page"),
  say("autoindex_localtime", "on"),
  say("autoindex_page_size", PAGE_SIZE),
  say("autoindex_header", "HEADER.md", "HEADER.txt", "HEADER"),
  say(
    "autoindex_readme",
    ...["README.md", "README.txt", "README", "readme.md", "readme.txt"],
  ),
];

/** Whoever edits a file sees it at the next request, and nobody keeps it. */
const FRESH: readonly Statement[] = [
  say("open_file_cache", "off"),
  say("open_file_cache_errors", "off"),
  // Two edits of one size within a second have nginx's tag in common.
  say("etag", "content"),
  say("add_header", "Cache-Control", "no-cache", "always"),
];

/**
 * What a path may be: the file, the page of that name, and the folder, which
 * is sent to its name with a slash.
 */
const CANDIDATES = ["$uri", "$uri.html", "$uri/"];

/** `/about` is `about.html`. */
const CLEAN_URLS: readonly Statement[] = [
  block("location", ["/"], [say("try_files", ...CANDIDATES, "=404")]),
];

/**
 * `--spa`: a path that is no file is a view of the application. One with an
 * extension is not: a missing script must not be answered with a page.
 */
const SPA: readonly Statement[] = [
  block("location", ["/"], [say("try_files", ...CANDIDATES, "/index.html")]),
  block("location", ["~", "\\.[^/.]+$"], [
    say("try_files", ...CANDIDATES, "=404"),
  ]),
];

/** Where pages that are loaded again find their script and its events. */
const LIVE_URI = "/.webserv/live";

/**
 * `--live`. The error log may be in the folder, and each answer may make a line
 * of it; the standard streams are known.
 */
function liveStatements(errorLog: string | undefined): Statement[] {
  const logs = errorLog === undefined ? [] : [resolve(errorLog)];
  return [
    say("live_reload", LIVE_URI),
    block("location", ["=", LIVE_URI], [
      say("access_log", "off"),
      // In the place of the fields that files have.
      say("add_header", "X-Content-Type-Options", "nosniff"),
      say("live_events", ".", ...logs),
    ]),
  ];
}

/** Whether a folder is served for a look at it, and not to everybody. */
export function isPreview({ folder, https }: Arguments): boolean {
  return folder !== undefined && https?.kind !== "authority";
}

/** What the arguments ask for beside where it is served and logged. */
export function previewStatements(
  { autoindex, spa, https, live, errorLog }: Arguments,
): Statement[] {
  // With a certificate that everybody trusts it is no preview: nothing is
  // listed that nobody asked for, and files may be kept.
  const isPublished = https?.kind === "authority";
  const lists = autoindex ?? !isPublished;
  return [
    ...(lists ? LISTINGS : [say("autoindex", "off")]),
    ...(isPublished ? [] : FRESH),
    ...(live ? liveStatements(errorLog) : []),
    ...(spa ? SPA : CLEAN_URLS),
  ];
}
