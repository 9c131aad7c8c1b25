/** Files: the content phase for paths that do not end with a slash. */

import type { Scope } from "../../config/scope.ts";
import { oneOfDirective } from "../../config/values.ts";
import { SUFFIXES } from "../../files/coding/codings.ts";
import { FileBody } from "../../files/body/file_body.ts";
import type { FileEntry } from "../../files/cache/file_entry.ts";
import { BODY_HEADROOM_BYTES } from "../../files/cache/file_loader.ts";
import { firstBytes } from "../../files/body/first_bytes.ts";
import { etagOf, lastModifiedOf } from "../../files/cache/validators.ts";
import { formatHttpDate } from "../../http/semantics/date.ts";
import { HttpError } from "../../http/errors.ts";
import {
  SNIFFED_BYTES,
  sniffType,
} from "../../http/semantics/content_sniffing.ts";
import { encodePath } from "../../http/path_encoding.ts";
import { Representation } from "../../http/representation.ts";
import { type HeaderList, HttpResponse } from "../../http/response.ts";
import { quote } from "../../logging/diagnostic_line.ts";
import { takesUtf8 } from "../headers/charset.ts";
import { maxRanges } from "../conditional/conditional.ts";
import type { Exchange } from "../../core/exchange.ts";
import { failureOf, FileLocation } from "../../core/file_location.ts";
import { checkReadMethod, optionsResponse } from "../../core/methods.ts";
import type {
  Environment,
  LocationHooks,
  Module,
  Outcome,
} from "../../core/module.ts";
import { absoluteLocation, redirectResponse } from "../../core/redirect.ts";
import { type Selection, StaticVariants } from "./static_variants.ts";
import {
  compileTypes,
  fieldsOfType,
  type TypeOf,
} from "../../core/settings/types.ts";

/** What the tag is made of stands in `validators.ts`. */
const etagDirective = oneOfDirective({
  name: "etag",
  contexts: ["http", "server", "location"],
  values: ["on", "off"],
  own: ["content"],
  default: "on",
  summary:
    "Whether files have an entity tag: that of nginx, which is made of " +
    "the second a file was modified in and its size, or with `content` one " +
    "that no two versions share however they are written.",
});

/** Serves the files of one location. */
class StaticFiles {
  readonly #files: FileLocation;
  readonly #typeOf: TypeOf;
  readonly #utf8: boolean;
  readonly #etags: "on" | "off" | "content";
  readonly #ranges: boolean;
  readonly #variants: StaticVariants | undefined;
  readonly #environment: Environment;
  /** Keys of representations that are not the plain file's, by what they say. */
  readonly #keys = new Map<string, object>();

  constructor(files: FileLocation, scope: Scope, environment: Environment) {
    this.#files = files;
    this.#typeOf = compileTypes(scope);
    this.#utf8 = takesUtf8(scope);
    this.#etags = scope.get(etagDirective);
    this.#ranges = scope.get(maxRanges) > 0;
    this.#variants = StaticVariants.of(scope, files);
    this.#environment = environment;
  }

  content(exchange: Exchange): Outcome {
    const { method, uri } = exchange;
    const isFolder = uri.endsWith("/");
    // As in nginx, a POST is told first that there is nothing, or a folder.
    if (method !== "GET" && method !== "POST") {
      if (checkReadMethod(exchange) === "options") return optionsResponse();
    }
    if (isFolder) return this.#noIndex(exchange);
    // As in nginx an empty URI, of a `try_files` with an empty variable, is
    // the folder itself.
    const entry = this.#files.lookup(exchange, uri || "/");
    // As in nginx a POST is not for variants.
    if (
      this.#variants !== undefined && method !== "POST" &&
      (entry.kind === "file" || entry.kind === "missing")
    ) {
      const selection = this.#variants.select(exchange, entry);
      if (selection === "unacceptable") return unacceptable(entry);
      if (selection !== undefined) {
        return this.#variant(exchange, entry, selection);
      }
    }
    switch (entry.kind) {
      case "file":
        if (method === "POST") checkReadMethod(exchange);
        return this.#plain(exchange, entry);
      case "directory":
        return addSlash(exchange);
      default:
        return failureOf(entry);
    }
  }

  /** A folder that no index file stands for and that is not listed. */
  #noIndex(exchange: Exchange): HttpError {
    const { uri } = exchange;
    const path = this.#files.paths.pathOf(exchange, uri) ?? uri;
    const words = `directory index of ${quote(path)} is forbidden`;
    return new HttpError(403, words, { severity: "error" });
  }

  #plain(exchange: Exchange, entry: FileEntry): HttpResponse {
    const { uri } = exchange;
    const key = this.#files.paths.shared
      ? this.#key(this.#typeOf(uri) ?? "")
      : this;
    const known = entry.derivedFor(key);
    return known instanceof Representation && !exchange.standsIn
      ? known
      : this.#make(exchange, entry, key, this.#headers(uri, entry));
  }

  /** The file in a coding, or as it is where it could have been in one. */
  #variant(
    exchange: Exchange,
    original: FileEntry,
    selection: Selection,
  ): HttpResponse {
    const { uri } = exchange;
    const { entry, coding, varies } = selection;
    const type = this.#files.paths.shared ? this.#typeOf(uri) ?? "" : "";
    const key = this.#key(`${coding} ${varies} ${type}`);
    const known = entry.derivedFor(key);
    if (known instanceof Representation && !exchange.standsIn) return known;
    const headers = this.#headers(uri, entry, original);
    if (coding !== undefined) {
      headers.append("Content-Encoding", coding);
      const etag = headers.get("ETag");
      if (etag !== undefined) {
        headers.set("ETag", variantEtag(etag, selection, original));
      }
    }
    if (varies) headers.append("Vary", "Accept-Encoding");
    return this.#make(exchange, entry, key, headers);
  }

  #key(name: string): object {
    let key = this.#keys.get(name);
    if (key === undefined) this.#keys.set(name, key = {});
    return key;
  }

  /** Makes what answers all requests for this version of the file. */
  #make(
    exchange: Exchange,
    entry: FileEntry,
    key: object,
    headers: HeaderList,
  ): HttpResponse {
    const body = entry.body ?? new FileBody(entry, this.#environment);
    const ranges = this.#ranges;
    const made = new HttpResponse(200, { headers, body, ranges });
    if (exchange.standsIn) return made;
    exchange.location.represent(made);
    // The memory before the body has room for one head: the first one's.
    const headroom = entry.underived ? BODY_HEADROOM_BYTES : 0;
    const representation = new Representation(made, headroom);
    entry.setDerived(key, representation);
    return representation;
  }

  /**
   * The fields of a file; as in nginx the URI says what type it has. If it
   * does not, the content does: that of `original`, which has no coding.
   */
  #headers(
    uri: string,
    entry: FileEntry,
    original: FileEntry = entry,
  ): HeaderList {
    const type = this.#typeOf(uri) ?? this.#typeOfContent(original);
    const headers = fieldsOfType(type);
    const exact = this.#etags === "content";
    const modified = lastModifiedOf(entry, Date.now(), exact);
    if (modified !== undefined) {
      headers.append("Last-Modified", formatHttpDate(modified));
    }
    const etag = this.#etags === "off" ? undefined : etagOf(entry, exact);
    if (etag !== undefined) headers.append("ETag", etag);
    return this.#ranges ? headers.append("Accept-Ranges", "bytes") : headers;
  }

  /** Asked once for each version of a file. */
  #typeOfContent(original: FileEntry): string {
    const bytes = original.kind === "file"
      ? firstBytes(original, SNIFFED_BYTES)
      : undefined;
    if (bytes === undefined) return "application/octet-stream";
    const truncated = bytes.length < original.size;
    return sniffType(bytes, { truncated, utf8: this.#utf8 });
  }
}

/**
 * The tag of a variant. Different codings of one file must not share a strong
 * tag (RFC 9110 §8.8.3), and a build may give its files one time and a `.br`
 * and a `.zst` one size; nginx's form is kept for `.gz` where that is enough.
 */
function variantEtag(
  etag: string,
  { entry, coding }: Selection,
  original: FileEntry,
): string {
  if (coding === undefined) return etag;
  if (coding === "gzip" && entry.size !== original.size) return etag;
  return `${etag.slice(0, -1)}-${SUFFIXES[coding].slice(1)}"`;
}

/** There is a file, but only for clients that can decode it. */
function unacceptable({ path }: FileEntry): HttpError {
  return new HttpError(404, `${quote(path)} is there in codings only`, {
    severity: "error",
    headers: [["Vary", "Accept-Encoding"]],
  });
}

/** The redirect from `/dir` to `/dir/`. */
function addSlash(exchange: Exchange): HttpResponse {
  const query = exchange.args === "" ? "" : `?${exchange.args}`;
  const path = `${encodePath(exchange.uri)}/${query}`;
  return redirectResponse(301, absoluteLocation(exchange, path));
}

function create(scope: Scope, environment: Environment): LocationHooks {
  const files = FileLocation.of(scope, environment);
  const served = new StaticFiles(files, scope, environment);
  return { content: (exchange) => served.content(exchange) };
}

/** Files. */
export const staticModule: Module = {
  name: "static",
  directives: [etagDirective],
  create,
};
