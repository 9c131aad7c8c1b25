/**
 * The files of one location: from a URI to what is there, by `root` or
 * `alias`, past `dotfiles` and `disable_symlinks`.
 */

import { stringBytes } from "../bytes/memory_budget.ts";
import { TextMemo } from "../bytes/text_memo.ts";
import type { AnyDirective } from "../config/directive.ts";
import type { Scope } from "../config/scope.ts";
import type { Template } from "../config/template.ts";
import type { FileCache } from "../files/cache/file_cache.ts";
import type { FileEntry } from "../files/cache/file_entry.ts";
import type { Finding, SymlinkPolicy } from "../files/cache/symlinks.ts";
import { SymlinkError } from "../files/cache/symlinks.ts";
import { isHidden } from "../files/cache/hidden.ts";
import { HttpError } from "../http/errors.ts";
import { quote } from "../logging/diagnostic_line.ts";
import { log } from "../logging/logger.ts";
import {
  failureReason,
  GUARDED_REMEDY,
  isGuarded,
  osErrorText,
} from "../os_error.ts";
import { type ContainedPath, type PathMap } from "../routing/path_map.ts";
import type { Exchange } from "./exchange.ts";
import { trace } from "./trace.ts";
import {
  disableSymlinks,
  dotfiles,
  fileCacheOptions,
  fileSettingsModule,
  trustedLength,
} from "./settings/file_settings.ts";
import type { Environment } from "./module.ts";
import { contextOf } from "./request_log.ts";
import { compilePaths, rootModule } from "./settings/root.ts";

/**
 * What is looked up where nothing may be. There is no path in it, so nothing
 * can be opened, listed or added to by mistake.
 */
export class Refusal {
  readonly kind = "refused";
  /** The URI that was looked up. */
  readonly uri: string;
  /** Why nothing may be there. */
  readonly reason: string;

  constructor(uri: string, reason: string) {
    this.uri = uri;
    this.reason = reason;
  }
}

/** What a look-up comes to. */
type Lookup = FileEntry | Refusal;

/** How many URIs of a location are remembered with their paths. */
const MAX_KNOWN_PATHS = 2048;

/** What {@linkcode FileLocation} is made of. */
export const FILE_DIRECTIVES: readonly AnyDirective[] = [
  ...rootModule.directives,
  ...fileSettingsModule.directives,
];

const NAMES: ReadonlySet<string> = new Set(
  FILE_DIRECTIVES.map(({ name }) => name),
);

/** The locations that have been made; they end with their environment. */
const KNOWN = new WeakMap<Environment, Map<Scope, FileLocation>>();

/** The scope from here outwards that says where files are, or the outermost. */
function originOf(scope: Scope): Scope {
  return scope.nearest((outer) =>
    outer.parent === undefined ||
    outer.ownNames().some((name) => NAMES.has(name))
  )!;
}

/** The files of one location. */
export class FileLocation {
  /** Where the files are. */
  readonly paths: PathMap<Exchange>;
  /** What is known of them. */
  readonly cache: FileCache;
  /** Which symbolic links are followed. */
  readonly symlinks: SymlinkPolicy;
  readonly #hidesDots: boolean;
  readonly #linksFrom: Template<Exchange> | undefined;
  /**
   * Paths that were made of URIs. The cache is asked by path, and a string
   * that was made just now has its hash yet to be worked out (measured: twice
   * the time of the two look-ups). Those where nothing is are not worth it.
   */
  readonly #paths = new TextMemo<ContainedPath>(MAX_KNOWN_PATHS);

  /** The files of `scope`, the same for all that are told the same of them. */
  static of(scope: Scope, environment: Environment): FileLocation {
    const known = KNOWN.get(environment) ?? new Map<Scope, FileLocation>();
    KNOWN.set(environment, known);
    const origin = originOf(scope);
    let location = known.get(origin);
    if (location === undefined) {
      location = new FileLocation(scope, environment);
      known.set(origin, location);
    }
    return location;
  }

  private constructor(scope: Scope, { files, resolvePath }: Environment) {
    this.paths = compilePaths(scope, resolvePath);
    this.cache = files.of(fileCacheOptions(scope));
    this.#hidesDots = scope.get(dotfiles) === "deny";
    const { policy, from } = scope.get(disableSymlinks);
    this.symlinks = policy;
    this.#linksFrom = from;
  }

  /** What is at a decoded URI. */
  lookup(exchange: Exchange, uri: string): Lookup {
    const known = this.#paths.known.get(uri);
    if (known !== undefined) return this.#open(exchange, known);
    const path = this.paths.pathOf(exchange, uri);
    if (path === undefined) {
      return new Refusal(uri, "the location has no such path");
    }
    const found = this.#at(exchange, uri, path);
    if (this.paths.constant && isThere(found)) {
      this.#paths.set(uri, path, stringBytes(path));
    }
    return found;
  }

  /** What is called `name` in the folder at the request's URI. */
  lookupIn(exchange: Exchange, name: string): Lookup {
    const uri = exchange.uri + name;
    if (this.paths.childOf === undefined) return this.lookup(exchange, uri);
    const path = this.paths.childOf(exchange, name);
    return path === undefined
      ? new Refusal(uri, "the location has no such path")
      : this.#at(exchange, uri, path);
  }

  /** What is at a URI, or by that name behind an alias that is a whole path. */
  lookupNamed(exchange: Exchange, name: string): Lookup {
    const { behind } = this.paths;
    if (behind === undefined) return this.lookup(exchange, name || "/");
    const path = behind(exchange, name);
    return path === undefined
      ? new Refusal(name, "the location has no such path")
      : this.#at(exchange, name, path);
  }

  /** What is beside `original`, with `suffix` behind its name. */
  sibling(exchange: Exchange, original: FileEntry, suffix: string): Lookup {
    const { uri } = exchange;
    const isFile = original.kind === "file";
    return this.paths.hasSiblings(exchange, original.path, isFile)
      ? this.#at(exchange, uri, original.sibling(suffix))
      : new Refusal(uri, `its ${suffix} would lie beside the folder`);
  }

  /**
   * Whether it was `folder` that was read by its path, in which `findings`
   * were, and not one behind a link that is not to be followed.
   */
  hasRead(
    exchange: Exchange,
    folder: FileEntry,
    findings: readonly Finding[],
  ): boolean {
    const trusted = trustedLength(this.#linksFrom, exchange, folder.path);
    return this.cache.isStill(folder, trusted, findings);
  }

  #at(exchange: Exchange, uri: string, path: ContainedPath): Lookup {
    if (this.#hidesDots && isHidden(path, this.paths.ownLength)) {
      return new Refusal(uri, 'it is hidden by "dotfiles deny"');
    }
    return this.#open(exchange, path);
  }

  /** What is at a path that is not hidden. */
  #open(exchange: Exchange, path: ContainedPath): FileEntry {
    const trusted = this.#linksFrom === undefined
      ? 0
      : trustedLength(this.#linksFrom, exchange, path);
    const found = this.cache.lookup(
      path,
      trusted,
      exchange.connection.lastActivityAt,
    );
    trace.steps?.push({ kind: "file", text: `${path}: ${found.kind}` });
    return found;
  }
}

/**
 * What a name stands for, as nginx looks in `try_files` and `index`: by `stat`.
 * What is there but cannot be opened, or not now, is there; whoever serves it
 * says what is wrong. With an `exchange` the log says what cannot be looked at.
 */
export function kindByName(
  entry: Lookup,
  exchange?: Exchange,
): "file" | "directory" | undefined {
  switch (entry.kind) {
    case "file":
    case "special":
      return "file";
    case "directory":
      return "directory";
    case "missing":
    case "refused":
      return undefined;
  }
  const { path, error } = entry;
  // A symbolic link that must not be followed leads to nothing.
  if (error instanceof SymlinkError) return undefined;
  try {
    return Deno.statSync(path).isDirectory ? "directory" : "file";
  } catch (error) {
    if (exchange !== undefined) logStat(exchange, path, error);
    return undefined;
  }
}

/** As in nginx what cannot even be looked at is told, and passed over. */
function logStat(exchange: Exchange, path: string, error: unknown): void {
  if (error instanceof Deno.errors.NotFound) return;
  const words = `stat() ${quote(path)} failed (${failureReason(error)})`;
  log.crit(words, contextOf(exchange));
}

/** What the system says of what is not there. */
const NOT_THERE = osErrorText("ENOENT");

function isThere({ kind }: Lookup): boolean {
  return kind === "file" || kind === "directory";
}

/** Under what an entry keeps its failure. */
const FAILURES = {};

/**
 * Why what was looked up cannot be served, in nginx's words. Made once per
 * entry: what is not there is asked for again and again, and an error costs
 * 2 µs to make.
 */
export function failureOf(found: Lookup): HttpError {
  if (found.kind === "refused") {
    const words = `${quote(found.uri)} is not served: ${found.reason}`;
    return new HttpError(404, words, { severity: "error" });
  }
  const known = found.derivedFor(FAILURES);
  if (known !== undefined) return known as HttpError;
  const error = newFailure(found, `open() ${quote(found.path)} failed`);
  found.setDerived(FAILURES, error);
  return error;
}

/**
 * Why there is no index file at `path`: `found` stands in its way, itself or
 * its folder.
 */
export function indexFailureOf(path: string, found: Lookup): HttpError {
  if (found.kind === "refused") return failureOf(found);
  const why = found.kind === "forbidden" ? "is forbidden" : "is not found";
  return newFailure(found, `${quote(path)} ${why}`);
}

/** A failure in `words`, with what the system says of it. */
function newFailure(
  { kind, path, error }: FileEntry,
  words: string,
): HttpError {
  switch (kind) {
    case "special": {
      const what = `${quote(path)} is not a regular file`;
      return new HttpError(404, what, { severity: "crit" });
    }
    case "failed":
      return new HttpError(500, words, { severity: "crit", cause: error });
    default: {
      // A file where a folder was looked for.
      const code = kind === "file" ? "ENOTDIR" : error;
      const why = code === undefined ? NOT_THERE : failureReason(code);
      const remedy = isGuarded(error) ? `: ${GUARDED_REMEDY}` : "";
      const status = kind === "forbidden" ? 403 : 404;
      const text = `${words} (${why})${remedy}`;
      return new HttpError(status, text, { severity: "error" });
    }
  }
}
