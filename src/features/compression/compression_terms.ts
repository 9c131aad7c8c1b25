/**
 * For whom nothing is compressed: `gzip_http_version`, `gzip_proxied` and
 * `gzip_disable`, which here hold for all codings and for static variants too,
 * as nginx's `gzip_static` has it. And `gzip_vary`.
 */

import { type AnyDirective, defineDirective } from "../../config/directive.ts";
import { ConfigError } from "../../config/errors.ts";
import { compileRegex } from "../../config/regex.ts";
import type { Scope } from "../../config/scope.ts";
import { oneOfDirective, onOffDirective } from "../../config/values.ts";
import { HttpError } from "../../http/errors.ts";
import { Field } from "../../http/fields.ts";
import { parseHttpDate } from "../../http/semantics/date.ts";
import type { HeaderList, HttpResponse } from "../../http/response.ts";
import { trimWhitespace } from "../../http/text_scan.ts";
import type { Pattern } from "../../regex/pattern.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { Module } from "../../core/module.ts";

const ANYWHERE = ["http", "server", "location"] as const;

/**
 * `gzip_vary on | off`. Unlike in nginx it is on by default: without `Vary` a
 * cache gives the compressed answer to clients that cannot read it.
 */
const gzipVary = onOffDirective({
  name: "gzip_vary",
  contexts: ANYWHERE,
  default: true,
  summary: 'Whether answers that may be compressed say "Vary".',
  differs: "The default is off in nginx.",
});

const gzipHttpVersion = oneOfDirective({
  name: "gzip_http_version",
  contexts: ANYWHERE,
  values: ["1.0", "1.1"],
  default: "1.1",
  summary: "The lowest version whose requests get compressed answers.",
});

const PROXIED = [
  "off",
  "expired",
  "no-cache",
  "no-store",
  "private",
  "no_last_modified",
  "no_etag",
  "auth",
  "any",
] as const;

/** A condition under which a proxy gets a compressed answer. */
type Proxied = typeof PROXIED[number];

/** `gzip_proxied off | condition ...`: for requests with `Via`. */
const gzipProxied = defineDirective<ReadonlySet<Proxied>>({
  name: "gzip_proxied",
  contexts: ANYWHERE,
  args: [1, Infinity],
  repeatable: true,
  default: new Set<Proxied>(["off"]),
  summary: "When requests through a proxy get compressed answers.",
  syntax:
    "off | expired | no-cache | no-store | private | no_last_modified | no_etag | auth | any ...",
  defaultText: "off",
  parse(statement, previous) {
    const conditions = statement.args.map((word) => {
      const condition = PROXIED.find((known) => known === word);
      if (condition !== undefined) return condition;
      throw new ConfigError(
        `invalid value "${word}"`,
        statement.place,
        `gzip_proxied: expected some of ${PROXIED.join(", ")}`,
      );
    });
    return new Set([...previous ?? [], ...conditions]);
  },
});

/** What nginx calls `msie6`: Internet Explorer before 6.0 SV1. */
const MSIE6 = "MSIE (?:4|5|6(?!.*SV1))";

/** `gzip_disable regex ...`: user agents that get no compressed answers. */
const gzipDisable = defineDirective<readonly Pattern[]>({
  name: "gzip_disable",
  contexts: ANYWHERE,
  args: [1, Infinity],
  repeatable: true,
  default: [],
  summary: "User agents that get no compressed answers.",
  syntax: "regex ...",
  parse: ({ args, place }, previous = []) => [
    ...previous,
    ...args.map((text) =>
      text === "msie6"
        ? compileRegex(MSIE6, { ignoreCase: false, place })
        : compileRegex(text, { ignoreCase: true, place })
    ),
  ],
});

/** As in nginx, an agent that takes too long to match counts as matched. */
function isDisabled(regex: Pattern, agent: string): boolean {
  try {
    return regex.execBytes(agent) !== null;
  } catch (error) {
    if (error instanceof HttpError) return true;
    throw error;
  }
}

/** Whether `Vary` is said in `scope`. */
export function saysVary(scope: Scope): boolean {
  return scope.get(gzipVary);
}

/** For whom a location compresses. */
export interface Terms {
  /**
   * Whether the client may be sent a compressed answer; `response` is looked
   * at for proxies, as far as it is known.
   */
  allow(exchange: Exchange, response?: HttpResponse): boolean;
}

/** The terms of `scope`. */
export function compressionTerms(scope: Scope): Terms {
  const takesOld = scope.get(gzipHttpVersion) === "1.0";
  const proxied = scope.get(gzipProxied);
  const disabled = scope.get(gzipDisable);
  return {
    allow({ request }, response) {
      if (request.version === "1.0" && !takesOld) return false;
      if (disabled.length > 0 && request.has(Field.UserAgent)) {
        const agent = request.first(Field.UserAgent) ?? "";
        if (disabled.some((regex) => isDisabled(regex, agent))) return false;
      }
      return !request.has(Field.Via) ||
        allowsProxy(proxied, request.has(Field.Authorization), response);
    },
  };
}

/** The directives of `Cache-Control` that `gzip_proxied` knows. */
const CACHE_DIRECTIVES = ["no-cache", "no-store", "private"] as const;

/**
 * `ngx_http_gzip_ok()`: what a proxy may be sent, and keep. An answer that
 * says nothing of how long it is fresh may be compressed, whatever else the
 * parameters are, unless they ask for the lack of a tag that it has. They may
 * ask for the lack of `Last-Modified` too, but the date of a file, which nginx
 * writes later, does not count (measured with nginx 1.22).
 */
function allowsProxy(
  proxied: ReadonlySet<Proxied>,
  authorized: boolean,
  response: HttpResponse | undefined,
): boolean {
  if (proxied.has("off")) return false;
  if (proxied.has("any") || (proxied.has("auth") && authorized)) return true;
  if (response === undefined) return true;
  const expired = isExpired(response);
  if (expired !== undefined) return proxied.has("expired") && expired;
  const control = cacheDirectives(response.headers);
  if (control !== undefined) {
    return CACHE_DIRECTIVES.some((name) =>
      proxied.has(name) && control.includes(name)
    );
  }
  return !(proxied.has("no_etag") && response.headers.has("ETag"));
}

/**
 * Whether a response was stale before it was sent; `undefined` when it does
 * not say. A date that cannot be read is none that has passed, as in nginx.
 */
function isExpired(response: HttpResponse): boolean | undefined {
  if (response.expiresAfter !== undefined) return response.expiresAfter < 0;
  const expires = response.headers.get("Expires");
  if (expires === undefined) return undefined;
  const nowMs = Date.now();
  const expiresMs = parseHttpDate(expires, nowMs);
  return expiresMs !== undefined &&
    expiresMs < Math.floor(nowMs / 1000) * 1000;
}

/** What `Cache-Control` says, in lower case; `undefined` without it. */
function cacheDirectives(headers: HeaderList): string[] | undefined {
  const values = [...headers]
    .filter(([name]) => name.toLowerCase() === "cache-control");
  if (values.length === 0) return undefined;
  return values.flatMap(([, value]) => value.toLowerCase().split(/[;,]/))
    .map(trimWhitespace);
}

const directives: readonly AnyDirective[] = [
  gzipVary,
  gzipHttpVersion,
  gzipProxied,
  gzipDisable,
];

/** For whom nothing is compressed. */
export const compressionTermsModule: Module = {
  name: "compression_terms",
  directives,
};
