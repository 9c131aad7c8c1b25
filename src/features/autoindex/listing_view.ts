/**
 * The listing of a folder for people: `autoindex_format page`. One page of
 * HTML, without anything from elsewhere, sorted by plain links and filtered by
 * a form; a script only saves the key that sends it. Unless `autoindex_page_size`
 * divides them, all names stand on it: who follows links and leaves out those
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
import { linkedPages, type ListingSelection } from "./listing_selection.ts";
import type { ListingText } from "./listing_text.ts";
import {
  LISTING_SCRIPT,
  LISTING_SCRIPT_SHA256,
} from "./listing_view_script.ts";
import {
  LISTING_ICONS,
  LISTING_STYLE,
  LISTING_STYLE_SHA256,
  type ListingIcon,
} from "./listing_view_style.ts";

/** The `Content-Security-Policy` of the page. */
export const LISTING_POLICY: string = "default-src 'none'; " +
  `style-src 'sha256-${LISTING_STYLE_SHA256}'; ` +
  `script-src 'sha256-${LISTING_SCRIPT_SHA256}'; connect-src 'self'; ` +
  "base-uri 'none'; form-action 'self'; frame-ancestors 'self'";

/** What a page is made of. */
export interface ListingView extends ListingSelection {
  /** The decoded, normalised path of the folder, with a slash at its end. */
  readonly path: string;
  /** What was asked for. */
  readonly query: ListingQuery;
  /** What is in the whole folder. */
  readonly total: ListingTotal;
  /** The name of the time zone of all times. */
  readonly zone: string;
  /** How many minutes local time is ahead of UTC at a moment. */
  offsetMinutesAt(timeMs: number): number;
  /** What stands above the names, if anything; asked for when it is due. */
  header(): ListingText | undefined;
  /** What stands below them. */
  readme(): ListingText | undefined;
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
${summary(view.total)}${fileText(view.header())}${
    filterForm(view)
  }<div id="list">
${found(view)}<table>
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
    const text = query.filter === ""
      ? "This folder is empty."
      : "No name matches.";
    yield `<tr><td class="none" colspan="3">${text}</td></tr>\n`;
  }
  const data = formatListingQuery({ ...query, page: 1 }).replace(/^\.\//, "");
  const json = escapeHtml(`${data === "" ? "?" : `${data}&`}format=json`);
  yield `</tbody>\n</table>\n${pager(view)}</div>\n` +
    `${fileText(view.readme())}<p class="foot">Times are in ` +
    `${escapeHtml(view.zone)}. <a rel="nofollow" href="${json}">This list as ` +
    "JSON</a></p>\n</main>\n" +
    (hasForm(view) ? `<script>${LISTING_SCRIPT}</script>\n` : "") +
    "</body>\n</html>\n";
}

/** Whether there is anything to filter. */
function hasForm({ total, query }: ListingView): boolean {
  return total.folders + total.files > 0 || query.filter !== "";
}

/** A form that keeps the order. */
function filterForm(view: ListingView): string {
  if (!hasForm(view)) return "";
  const { column, order, filter } = view.query;
  const hidden = column === "N" && order === "A"
    ? ""
    : `<input type=hidden name=C value=${column}>` +
      `<input type=hidden name=O value=${order}>`;
  return '<form role="search"><input type="search" name="q" value="' +
    `${escapeHtml(filter)}" maxlength="255" placeholder="Filter by name" ` +
    'aria-label="Filter by name" autocomplete="off" spellcheck="false">' +
    `${hidden}<button>Filter</button></form>\n`;
}

/** What part of the folder is shown, unless it is all of it. */
function found(
  { query, matching, total, page, pages }: ListingView,
): string {
  const all = total.folders + total.files;
  const parts = [];
  if (query.filter !== "") {
    parts.push(`${grouped(matching)} of ${counted(all, "name")}`);
  }
  if (pages > 1) parts.push(`Page ${grouped(page)} of ${grouped(pages)}`);
  return parts.length === 0
    ? ""
    : `<p class="sum" role="status">${parts.join(" · ")}</p>\n`;
}

/** Links to other pages. */
function pager({ query, page, pages }: ListingView): string {
  if (pages === 1) return "";
  const to = (number: number, text: string, rel = "") => {
    const href = escapeHtml(formatListingQuery({ ...query, page: number }));
    return `<a${rel} href="${href}">${text}</a>`;
  };
  const numbers = linkedPages(page, pages).map((number) =>
    number === 0
      ? "<i>\u2026</i>"
      : number === page
      ? `<b aria-current="page">${grouped(number)}</b>`
      : to(number, grouped(number))
  );
  return '<nav aria-label="Pages">' +
    (page > 1 ? to(page - 1, "Previous", ' rel="prev"') : "") +
    numbers.join("") +
    (page < pages ? to(page + 1, "Next", ' rel="next"') : "") + "</nav>\n";
}

/** The text of a file, as it is. */
function fileText(file: ListingText | undefined): string {
  if (file === undefined) return "";
  const name = `<a href="${encodeName(file.name)}"><bdi>${shown(file.name)}` +
    "</bdi></a>";
  const more = file.whole ? "" : `<p>The rest is in ${name}.</p>`;
  // The first line break of the element is not a part of its text.
  return `<section><h2>${name}</h2><pre>\n${
    escapeHtml(file.text.replace(UNSEEN, "\ufffd"))
  }</pre>${more}</section>\n`;
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
  const href = escapeHtml(
    formatListingQuery({ ...query, column, order, page: 1 }),
  );
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
  // To media types that is a film (MPEG), to people a program.
  if (/\.[cm]?tsx?$/i.test(name)) return "code";
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

/** Of those what a text of several lines has no use for. */
const UNSEEN =
  // deno-lint-ignore no-control-regex -- they are what is looked for
  /[\0-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

/** A name as text of the page. */
function shown(name: string): string {
  return escapeHtml(name.toWellFormed().replace(DECEPTIVE, "\ufffd"));
}
