/**
 * How files are looked up: `open_file_cache` and what belongs to it,
 * `disable_symlinks`, `dotfiles`.
 *
 * nginx caches open files only where it is told to. Here a cache is always
 * on, because it checks a file after one second and keeps it whole in memory;
 * `open_file_cache off` makes it check at every request.
 */

import {
  type AnyDirective,
  defineDirective,
  type Directive,
} from "../../config/directive.ts";
import { ConfigError } from "../../config/errors.ts";
import { parseInteger, parseTime } from "../../config/units.ts";
import type { Statement } from "../../config/syntax/parser.ts";
import type { Scope } from "../../config/scope.ts";
import type { Template } from "../../config/template.ts";
import {
  argument,
  integerDirective,
  oneOf,
  oneOfDirective,
  onOffDirective,
  sizeDirective,
  timeDirective,
} from "../../config/values.ts";
import { COMPRESSED_BUDGET_BYTES } from "../../files/coding/compressed_cache.ts";
import {
  DEFAULT_FILE_CACHE,
  type FileCacheOptions,
} from "../../files/cache/file_cache_options.ts";
import type { SymlinkPolicy } from "../../files/cache/symlinks.ts";
import { withoutEndingSlashes } from "../../routing/path_map.ts";
import type { Exchange } from "../exchange.ts";
import type { Module } from "../module.ts";

const ANYWHERE = ["http", "server", "location"] as const;

/** What `open_file_cache` says. */
interface OpenFileCache {
  /** Whether entries are used unchecked at all. */
  readonly enabled: boolean;
  /** Most entries. */
  readonly maxEntries: number;
  /** How long an entry that nobody asks for is kept, in ms. */
  readonly inactiveMs: number;
}

const openFileCache = defineDirective({
  name: "open_file_cache",
  contexts: ANYWHERE,
  args: [1, 2],
  default: {
    enabled: true,
    maxEntries: DEFAULT_FILE_CACHE.maxEntries,
    inactiveMs: DEFAULT_FILE_CACHE.inactiveMs,
  },
  summary: "How many paths are remembered: off | max=N [inactive=time].",
  syntax: "off | max=N [inactive=time]",
  defaultText: "max=10000 inactive=60s",
  differs: "It is on by default, and holds the bytes of small files too.",
  parse: parseOpenFileCache,
});

function parseOpenFileCache(statement: Statement): OpenFileCache {
  let { enabled, inactiveMs } = openFileCache.default;
  let maxEntries: number | undefined;
  for (const word of statement.args) {
    const [, name, text = ""] = /^(max|inactive)=(.*)$/.exec(word) ?? [];
    const value = name === "max" ? parseInteger(text) : parseTime(text);
    if (word === "off") {
      enabled = false;
    } else if (name === "max" && value !== undefined && value > 0) {
      maxEntries = value;
    } else if (name === "inactive" && value !== undefined) {
      inactiveMs = value;
    } else {
      throw new ConfigError(
        `invalid "open_file_cache" parameter "${word}"`,
        statement.place,
        "expected off, or max=N [inactive=time]",
      );
    }
  }
  if (enabled && maxEntries === undefined) {
    throw new ConfigError(
      '"open_file_cache" must have the "max" parameter',
      statement.place,
      "expected open_file_cache max=N [inactive=time]",
    );
  }
  maxEntries ??= openFileCache.default.maxEntries;
  return { enabled, maxEntries, inactiveMs };
}

/** `open_file_cache_valid time`, in ms; 0 checks at every request. */
const openFileCacheValid = timeDirective({
  name: "open_file_cache_valid",
  contexts: ANYWHERE,
  default: DEFAULT_FILE_CACHE.validMs,
  summary: "How long a file is served unchecked; 0 checks each time.",
  differs: "The default is 60 s in nginx.",
});

const openFileCacheMinUses = integerDirective({
  name: "open_file_cache_min_uses",
  contexts: ANYWHERE,
  default: DEFAULT_FILE_CACHE.minUses,
  summary: "How many requests make a file worth remembering.",
});

/** `open_file_cache_errors on | off`; without it for a tenth of a second. */
const openFileCacheErrors = onOffDirective<undefined>({
  name: "open_file_cache_errors",
  contexts: ANYWHERE,
  default: undefined,
  summary: "Whether failed lookups are remembered as long as others.",
});

/** `open_file_cache_memory size`, in bytes; 0 keeps no file in memory. */
const openFileCacheMemory = sizeDirective({
  name: "open_file_cache_memory",
  contexts: ANYWHERE,
  default: DEFAULT_FILE_CACHE.bodyBudgetBytes,
  summary: "How many bytes of small files are kept in memory.",
  differs: "nginx has no such directive.",
});

const openFileCacheMaxBody = sizeDirective({
  name: "open_file_cache_max_body",
  contexts: ANYWHERE,
  default: DEFAULT_FILE_CACHE.maxBodyBytes,
  summary: "The largest file that is kept in memory.",
  differs: "nginx has no such directive.",
});

/** `compressed_cache size`, in bytes; one for all servers. */
export const compressedCache: Directive<number> = sizeDirective({
  name: "compressed_cache",
  contexts: ["http"],
  default: COMPRESSED_BUDGET_BYTES,
  summary: "How many bytes of compressed answers are kept in memory.",
  differs: "nginx has no such directive.",
});

/** What `disable_symlinks` says. */
interface SymlinkSetting {
  /** What is made of links. */
  readonly policy: SymlinkPolicy;
  /** The beginning of paths that may hold links; `undefined` for none. */
  readonly from: Template<Exchange> | undefined;
}

/** `disable_symlinks off | on | if_not_owner [from=part]`. */
export const disableSymlinks: Directive<SymlinkSetting> = defineDirective<
  SymlinkSetting
>({
  name: "disable_symlinks",
  contexts: ANYWHERE,
  args: [1, 2],
  default: { policy: "off", from: undefined },
  summary: "Which symbolic links are refused: off | on | if_not_owner [from=].",
  syntax: "off | on | if_not_owner [from=part]",
  defaultText: "off",
  differs:
    "It cannot be got round by exchanging a link for a folder meanwhile.",
  parse(statement, _previous, { variables }) {
    const [first = ""] = statement.args;
    const at = statement.args.length > 1 && first.startsWith("from=") ? 1 : 0;
    const policy = oneOf(statement, ["off", "on", "if_not_owner"], at);
    const second = statement.args[1 - at];
    if (second === undefined) return { policy, from: undefined };
    const from = argument(statement, 1 - at);
    if (policy === "off" && from.startsWith("from=")) {
      throw new ConfigError(
        '"from=" cannot be used with "off" parameter',
        statement.place,
        `"${from}": no link is refused`,
      );
    }
    if (!from.startsWith("from=") || from === "from=" || policy === "off") {
      throw new ConfigError(
        `invalid parameter "${second}"`,
        statement.place,
        "disable_symlinks: expected from=path behind on or if_not_owner",
      );
    }
    return {
      policy,
      from: variables.textTemplate(from.slice(5), statement.place),
    };
  },
});

/** How many characters of `path` may hold links, whatever the policy is. */
export function trustedLength(
  from: Template<Exchange> | undefined,
  exchange: Exchange,
  path: string,
): number {
  if (from === undefined) return 0;
  const part = withoutEndingSlashes(from.evaluate(exchange));
  return path.startsWith(`${part}/`) ? part.length : 0;
}

/**
 * `dotfiles deny | allow`. What is denied is a 404: that `.git` is there is
 * nobody's business. `.well-known` is always allowed (RFC 8615).
 */
export const dotfiles: Directive<"deny" | "allow"> = oneOfDirective({
  name: "dotfiles",
  contexts: ANYWHERE,
  values: ["deny", "allow"],
  default: "deny",
  summary: "Whether files and folders whose name begins with a dot exist.",
  differs: "nginx has no such directive.",
});

/** The cache that `scope` looks files up in. */
export function fileCacheOptions(scope: Scope): FileCacheOptions {
  const cache = scope.get(openFileCache);
  const validMs = cache.enabled ? scope.get(openFileCacheValid) : 0;
  const errors = scope.get(openFileCacheErrors);
  const bodyBudgetBytes = scope.get(openFileCacheMemory);
  return {
    validMs,
    errorValidMs: errors === undefined
      ? DEFAULT_FILE_CACHE.errorValidMs
      : errors
      ? validMs
      : 0,
    inactiveMs: cache.inactiveMs,
    minUses: scope.get(openFileCacheMinUses),
    maxEntries: cache.maxEntries,
    maxHandles: Math.min(DEFAULT_FILE_CACHE.maxHandles, cache.maxEntries),
    bodyBudgetBytes,
    maxBodyBytes: Math.min(scope.get(openFileCacheMaxBody), bodyBudgetBytes),
    symlinks: scope.get(disableSymlinks).policy,
  };
}

const directives: readonly AnyDirective[] = [
  openFileCache,
  openFileCacheValid,
  openFileCacheMinUses,
  openFileCacheErrors,
  openFileCacheMemory,
  openFileCacheMaxBody,
  compressedCache,
  disableSymlinks,
  dotfiles,
];

/** How files are looked up. */
export const fileSettingsModule: Module = { name: "file_settings", directives };
