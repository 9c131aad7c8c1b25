/**
 * The listing of a folder for people: `autoindex_format page`. One page of
 * HTML, sorted by plain links, without script and without anything from
 * elsewhere. All names stand on it: who follows links and leaves out those
 * with a query, as mirrors do, must not miss any.
 *
 * Names are whatever somebody called a file. As links they are one
 * percent-encoded component; as text they are escaped, set apart from the
 * text around them (`bdi`), and characters that are invisible or turn the
 * direction of writing are shown as U+FFFD, so that `exe.gpj` cannot pass
 * for a picture.
 */

import { MONTHS } from "../../http/semantics/date.ts";
import { mediaTypeByExtension } from "../../http/semantics/media_type.ts";
import {
  encodeName,
  escapeHtml,
  type ListingEntry,
  validTime,
} from "./listing_entry.ts";
import {
  formatListingQuery,
  type ListingColumn,
  type ListingQuery,
} from "./listing_query.ts";
import {
  LISTING_ICONS,
  LISTING_STYLE,
  LISTING_STYLE_SHA256,
  type ListingIcon,
} from "./listing_view_style.ts";

/** The `Content-Security-Policy` of the page. */
export const LISTING_POLICY: string = "default-src 'none'; " +
  `style-src 'sha256-${LISTING_STYLE_SHA256}'; base-uri 'none'; ` +
  "form-action 'none'; frame-ancestors 'self'";

/** What a page is made of. */
export interface ListingView {
  /** The decoded, normalised path of the folder, with a slash at its end. */
  readonly path: string;
  /** The entries, in order. */
  readonly entries: readonly ListingEntry[];
  /** What was asked for. */
  readonly query: ListingQuery;
  /** What is in the whole folder. */
  readonly total: ListingTotal;
  /** How many minutes local time is ahead of UTC at a moment. */
  offsetMinutesAt(timeMs: number): number;
}

/** What is in a folder. */
export class ListingTotal {
  /** How many folders. */
  folders = 0;
  /** How many files and others. */
  files = 0;
  /** The bytes of all files. */
  bytes = 0;
  /** How many names are not UTF-8: no request can ask for them. */
  unnamed = 0;

  /** Counts an entry in. */
  add({ kind, size }: ListingEntry): void {
    if (kind === "directory") this.folders++;
    else this.files++;
    if (kind === "file") this.bytes += size;
  }
}

/** The page, piece by piece. */
export function* renderView(view: ListingView): Generator<string> {
  const { path, entries, query } = view;
  yield `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Index of ${shown(path)}</title>
<style>${LISTING_STYLE}</style>
</head>
<body>
${LISTING_ICONS}
<main>
<h1>${breadcrumbs(path)}</h1>
${summary(view.total)}<table>
<thead><tr>${heading("N", "Name", query)}${heading("M", "Modified", query)}${
    heading("S", "Size", query)
  }</tr></thead>
<tbody>
`;
  if (path !== "/") {
    yield `<tr><td>${link("../", "up", "Parent folder")}</td>` +
      "<td></td><td></td></tr>\n";
  }
  for (const entry of entries) yield row(entry, view);
  if (entries.length === 0) {
    yield '<tr><td class="none" colspan="3">This folder is empty.</td></tr>\n';
  }
  yield `</tbody>\n</table>\n</main>\n</body>\n</html>\n`;
}

/** The path as links to the folders above; the last one is this one. */
function breadcrumbs(path: string): string {
  const names = ["Home", ...path.split("/").filter((name) => name !== "")];
  const last = names.length - 1;
  return names.map((name, i) => {
    const text = `<bdi>${shown(name)}</bdi>`;
    return i === last
      ? `<span aria-current="page">${text}</span>`
      : `<a href="${"../".repeat(last - i)}">${text}</a><i>/</i>`;
  }).join("");
}

function summary({ folders, files, bytes, unnamed }: ListingTotal): string {
  const parts = [];
  if (folders > 0) parts.push(counted(folders, "folder"));
  if (files > 0) parts.push(counted(files, "file"), formatSize(bytes));
  if (unnamed > 0) {
    const names = counted(unnamed, "name");
    parts.push(`${names} left out: not UTF-8`);
  }
  return parts.length === 0 ? "" : `<p class="sum">${parts.join(" · ")}</p>\n`;
}

function counted(count: number, what: string): string {
  return `${grouped(count)} ${what}${count === 1 ? "" : "s"}`;
}

/** `12345` as `12,345`. */
function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A heading that sorts; the newest and the largest come first. */
function heading(
  column: ListingColumn,
  text: string,
  query: ListingQuery,
): string {
  const isSorted = query.column === column;
  const first = column === "N" ? "A" : "D";
  const order = isSorted ? (query.order === "A" ? "D" : "A") : first;
  const href = escapeHtml(formatListingQuery({ column, order }));
  const sort = query.order === "A" ? "ascending" : "descending";
  return `<th scope="col"${isSorted ? ` aria-sort="${sort}"` : ""}>` +
    `<a rel="nofollow" href="${href}">${text}</a></th>`;
}

function row(entry: ListingEntry, view: ListingView): string {
  const { name, kind, size, mtimeMs } = entry;
  const isFolder = kind === "directory";
  const sizeCell = kind === "file"
    ? `<td title="${counted(size, "byte")}">${formatSize(size)}</td>`
    : "<td></td>";
  return `<tr${isFolder ? ' class="d"' : ""}><td>` +
    link(
      `${encodeName(name)}${isFolder ? "/" : ""}`,
      iconOf(entry),
      `<bdi>${shown(name)}</bdi>`,
    ) + `</td><td>${time(mtimeMs, view)}</td>${sizeCell}</tr>\n`;
}

function link(href: string, icon: ListingIcon, html: string): string {
  return `<a href="${href}"><svg aria-hidden="true"><use href="#${icon}"/>` +
    `</svg>${html}</a>`;
}

const ARCHIVES =
  /\b(?:zip|gzip|zstd|bzip2?|xz|tar|7z|rar|compressed|package)\b/;
const CODE =
  /javascript|json|css|html|xml|yaml|typescript|x-python|x-rust|x-sh/;
const TEXTS = /^text\/|\/pdf$|document|msword|epub/;

/** What a file is, as far as its name tells. */
function iconOf({ name, kind }: ListingEntry): ListingIcon {
  if (kind === "directory") return "folder";
  if (kind === "other") return "other";
  const dot = name.lastIndexOf(".");
  const type = dot < 0 ? undefined : mediaTypeByExtension(name.slice(dot + 1));
  if (type === undefined) return "file";
  if (type.startsWith("image/")) return "image";
  if (/^(?:audio|video)\//.test(type)) return "media";
  if (ARCHIVES.test(type)) return "archive";
  if (CODE.test(type)) return "code";
  return TEXTS.test(type) ? "text" : "file";
}

/** `23 Nov 2026 19:04`; a narrow window shows the date alone. */
function time(mtimeMs: number, view: ListingView): string {
  const moment = validTime(mtimeMs);
  const offset = view.offsetMinutesAt(moment) * 60_000;
  const local = new Date(validTime(moment + offset));
  const clock = local.toISOString().replace(/^.*T(..:..).*$/, "$1");
  return `<time datetime="${new Date(moment).toISOString()}">` +
    `${local.getUTCDate()} ${MONTHS[local.getUTCMonth()]} ` +
    `${local.getUTCFullYear()}<span> ${clock}</span></time>`;
}

const UNITS = ["kB", "MB", "GB", "TB", "PB"] as const;

/** A size for people, in powers of 1000: `999 B`, `1.2 kB`, `34 MB`. */
export function formatSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  let value = bytes / 1000;
  let unit = 0;
  // What would be rounded to 1000 of a unit is 1 of the next.
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const text = value < 9.95 ? value.toFixed(1) : String(Math.round(value));
  return `${text} ${UNITS[unit]}`;
}

/** Controls, marks that turn the direction of writing, and invisible ones. */
const DECEPTIVE =
  // deno-lint-ignore no-control-regex -- they are what is looked for
  /[\0-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** A name as text of the page. */
function shown(name: string): string {
  return escapeHtml(name.toWellFormed().replace(DECEPTIVE, "\ufffd"));
}
