/**
 * For whom nothing is compressed: `gzip_http_version`, `gzip_proxied` and
 * `gzip_disable`, which here hold for all codings and for static variants too,
 * as nginx's `gzip_static` has it. And `gzip_vary`.
 */

import {
  type AnyDirective,
  defineDirective,
  type Directive,
} from "../config/directive.ts";
import { ConfigError } from "../config/errors.ts";
import type { Scope } from "../config/scope.ts";
import { oneOfDirective, onOffDirective } from "../config/values.ts";
import { Field } from "../http/fields.ts";
import { parseHttpDate } from "../http/date.ts";
import type { HttpResponse } from "../http/response.ts";
import type { Exchange } from "./exchange.ts";
import type { Module } from "./module.ts";

const ANYWHERE = ["http", "server", "location"] as const;

/**
 * `gzip_vary on | off`. Unlike in nginx it is on by default: without `Vary` a
 * cache gives the compressed answer to clients that cannot read it.
 */
export const gzipVary: Directive<boolean> = onOffDirective({
  name: "gzip_vary",
  contexts: ANYWHERE,
  default: true,
  summary: 'Whether answers that may be compressed say "Vary".',
});

/** `gzip_http_version 1.0 | 1.1`. */
export const gzipHttpVersion: Directive<"1.0" | "1.1"> = oneOfDirective({
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
export type Proxied = typeof PROXIED[number];

/** `gzip_proxied off | condition ...`: for requests with `Via`. */
export const gzipProxied: Directive<ReadonlySet<Proxied>> = defineDirective<
  ReadonlySet<Proxied>
>({
  name: "gzip_proxied",
  contexts: ANYWHERE,
  args: [1, Infinity],
  repeatable: true,
  default: new Set<Proxied>(["off"]),
  summary: "When requests through a proxy get compressed answers.",
  parse(statement, previous) {
    const conditions = statement.args.map((word) => {
      const condition = PROXIED.find((known) => known === word);
      if (condition !== undefined) return condition;
      throw new ConfigError(`invalid value "${word}"`, statement.place);
    });
    return new Set([...previous ?? [], ...conditions]);
  },
});

/** What nginx calls `msie6`: Internet Explorer before 6.0 SV1. */
const MSIE6 = /MSIE (?:4|5|6(?!.*SV1))/;

/** `gzip_disable regex ...`: user agents that get no compressed answers. */
export const gzipDisable: Directive<readonly RegExp[]> = defineDirective<
  readonly RegExp[]
>({
  name: "gzip_disable",
  contexts: ANYWHERE,
  args: [1, Infinity],
  repeatable: true,
  default: [],
  summary: "User agents that get no compressed answers.",
  parse: (statement, previous = []) => [
    ...previous,
    ...statement.args.map((text) => {
      if (text === "msie6") return MSIE6;
      try {
        return new RegExp(text, "i");
      } catch (error) {
        throw new ConfigError(
          `invalid regular expression "${text}": ${(error as Error).message}`,
          statement.place,
        );
      }
    }),
  ],
});

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
  const minorVersion = scope.get(gzipHttpVersion) === "1.0" ? 0 : 1;
  const proxied = scope.get(gzipProxied);
  const disabled = scope.get(gzipDisable);
  return {
    allow({ request }, response) {
      if (request.minorVersion < minorVersion) return false;
      if (disabled.length > 0 && request.has(Field.UserAgent)) {
        const agent = request.first(Field.UserAgent) ?? "";
        if (disabled.some((regex) => regex.test(agent))) return false;
      }
      return !request.has(Field.Via) ||
        allowsProxy(proxied, request.has(Field.Authorization), response);
    },
  };
}

/** `ngx_http_gzip_ok()`: what a proxy may be sent, and keep. */
function allowsProxy(
  proxied: ReadonlySet<Proxied>,
  authorized: boolean,
  response: HttpResponse | undefined,
): boolean {
  if (proxied.has("off")) return false;
  if (proxied.has("any") || (proxied.has("auth") && authorized)) return true;
  const headers = response?.headers;
  const expires = headers?.get("Expires");
  if (expires !== undefined || (response?.expiresAfter ?? 0) < 0) {
    if (!proxied.has("expired")) return false;
    const now = Date.now();
    return expires === undefined || (parseHttpDate(expires, now) ?? 0) <= now;
  }
  const control = headers?.get("Cache-Control")?.toLowerCase();
  if (control !== undefined) {
    return (["no-cache", "no-store", "private"] as const).some((word) =>
      proxied.has(word) && control.includes(word)
    );
  }
  return (proxied.has("no_last_modified") &&
    headers?.has("Last-Modified") !== true) ||
    (proxied.has("no_etag") && headers?.has("ETag") !== true);
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
