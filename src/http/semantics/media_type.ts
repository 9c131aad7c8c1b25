/**
 * Media types by file extension: the standard library's table (IANA, Apache
 * and nginx together), with what static sites of 2026 have and it lacks or
 * says in an outdated way. `types` in the configuration goes before both.
 */

import { trimWhitespace } from "../text_scan.ts";
import { MEDIA_TYPE_TABLE } from "./media_type_table.ts";

/** Extension to type, where the library's table is not followed. */
const ADDITIONS: ReadonlyMap<string, string> = new Map([
  // Scripts: every JavaScript type but this one is obsolete (RFC 9239 §6).
  ["cjs", "text/javascript"],
  // Data (RFC 9512, RFC 8949, RFC 8878, RFC 6713).
  ["yaml", "application/yaml"],
  ["yml", "application/yaml"],
  ["topojson", "application/json"],
  ["ndjson", "application/x-ndjson"],
  ["jsonl", "application/x-ndjson"],
  ["cbor", "application/cbor"],
  ["zst", "application/zstd"],
  ["tgz", "application/gzip"],
  // Databases and columns read by range requests in the browser (IANA).
  ["pmtiles", "application/vnd.pmtiles"],
  ["sqlite", "application/vnd.sqlite3"],
  ["sqlite3", "application/vnd.sqlite3"],
  ["parquet", "application/vnd.apache.parquet"],
  ["arrow", "application/vnd.apache.arrow.file"],
  ["arrows", "application/vnd.apache.arrow.stream"],
  ["pbf", "application/x-protobuf"],
  // Images, sound and models (IANA; RFC 9639 for FLAC).
  ["cur", "image/vnd.microsoft.icon"],
  ["hdr", "image/vnd.radiance"],
  ["flac", "audio/flac"],
  // Texts (RFC 6350 for vCard).
  ["vcf", "text/vcard"],
  ["py", "text/x-python"],
  // Not an XML document, which is what the table takes Rust sources for.
  ["rs", "text/x-rust"],
  ["diff", "text/x-diff"],
  ["patch", "text/x-diff"],
  // Packages and books (IANA).
  ["deb", "application/vnd.debian.binary-package"],
  ["cbz", "application/vnd.comicbook+zip"],
  ["cbr", "application/vnd.comicbook-rar"],
]);

let typesByExtension: ReadonlyMap<string, string> | undefined;

/** Read when it is asked first: a site with `types` may never ask. */
function readTable(): ReadonlyMap<string, string> {
  const types = new Map<string, string>();
  for (const line of MEDIA_TYPE_TABLE.trim().split("\n")) {
    const [type, ...extensions] = line.split(" ");
    for (const extension of extensions) types.set(extension, type!);
  }
  return types;
}

/**
 * The media type of a file extension, without the dot and in any case; without
 * parameters. `undefined` for an unknown one: `default_type` is for those.
 */
export function mediaTypeByExtension(extension: string): string | undefined {
  const key = extension.toLowerCase();
  return ADDITIONS.get(key) ?? (typesByExtension ??= readTable()).get(key);
}

/** A media type without its parameters, in lower case. */
export function essenceOf(type: string): string {
  const semicolon = type.indexOf(";");
  const essence = semicolon < 0 ? type : type.slice(0, semicolon);
  return trimWhitespace(essence).toLowerCase();
}

/**
 * Whether `; charset=` belongs after a media type where nobody has said which
 * encoding a site has.
 *
 * It does for `text/*` and for JavaScript under its old names. It does not
 * for JSON, which is UTF-8 and defines no such parameter (RFC 8259 §11), and
 * not for XML, `text/xml` and SVG included, where it would override the
 * encoding the document itself declares (RFC 7303 §3).
 *
 * The case of the type and its parameters do not matter.
 */
export function isTextual(type: string): boolean {
  const essence = essenceOf(type);
  if (essence === "text/xml" || essence.endsWith("+xml")) return false;
  if (essence.endsWith("+json")) return false;
  return essence.startsWith("text/") || SCRIPT_TYPES.has(essence);
}

/**
 * Whether the `charset` that a configuration names belongs after a media type:
 * nginx's default `charset_types`, and all other texts. That has XML in it:
 * the site says what its documents are in.
 */
export function hasCharset(type: string): boolean {
  return isTextual(type) || XML_TYPES.has(essenceOf(type));
}

/** The types of nginx's `charset_types` that are no texts by themselves. */
const XML_TYPES: ReadonlySet<string> = new Set([
  "text/xml",
  "application/rss+xml",
]);

/** JavaScript outside `text/` (RFC 9239 §6). */
const SCRIPT_TYPES: ReadonlySet<string> = new Set([
  "application/javascript",
  "application/x-javascript",
  "application/ecmascript",
  "application/x-ecmascript",
]);
