/**
 * `secure_link`: links that nobody can make who does not know a secret.
 * Whether one is good is in `$secure_link`; `if` does the rest.
 */

import { createHash, timingSafeEqual } from "node:crypto";
import { defineDirective, type Directive } from "../../config/directive.ts";
import { ConfigError } from "../../config/errors.ts";
import type { Scope } from "../../config/scope.ts";
import type { Template } from "../../config/template.ts";
import { argument } from "../../config/values.ts";
import { bytes, variableTable } from "../../config/variables.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { Module } from "../../core/module.ts";
import { byteString } from "../../http/byte_string.ts";

/** Its digest in base64url, without padding or with. */
const DIGEST = /^([A-Za-z0-9_-]{22})={0,2}$/;

/** A time in seconds since 1970, which is not 0. */
const SECOND = /^0*[1-9]\d*$/;

/** A link of the old form: a prefix, a digest, and what it is for. */
const OLD_LINK = /^\/[^/]*\/([0-9A-Fa-f]{32})\/(.+)$/s;

function templateDirective(
  name: "secure_link" | "secure_link_md5",
  summary: string,
): Directive<Template<Exchange> | undefined> {
  return defineDirective<Template<Exchange> | undefined>({
    name,
    contexts: ["http", "server", "location"],
    args: [1, 1],
    default: undefined,
    summary,
    syntax: "expression",
    parse: (statement, _previous, { variables }) =>
      variables.byteTemplate(argument(statement), statement.place),
  });
}

const secureLink = templateDirective(
  "secure_link",
  "Where a link has its checksum and, behind a comma, when it expires.",
);
const secureLinkMd5 = templateDirective(
  "secure_link_md5",
  "What the checksum of a link is made of, with a secret in it.",
);
const secureLinkSecret: Directive<string | undefined> = defineDirective<
  string | undefined
>({
  name: "secure_link_secret",
  contexts: ["location"],
  args: [1, 1],
  inherit: false,
  default: undefined,
  summary: "The secret of links of the form /prefix/checksum/link.",
  syntax: "word",
  parse: (statement) => byteString(argument(statement)),
});

/** How the links of a block are looked at. */
interface LinkReader {
  /** `$secure_link`: nothing if the link is not good. */
  value(exchange: Exchange): string | undefined;
  /** `$secure_link_expires`, which the checksum may be made of. */
  expires(exchange: Exchange): string | undefined;
}

/** Made when they are asked for: locations that say nothing share all hooks. */
const READERS = new WeakMap<Scope, LinkReader>();

/** Of a block where nothing is said of links. */
const NO_READER: LinkReader = {
  value: () => undefined,
  expires: () => undefined,
};

function md5(text: string, encoding: "base64url" | "hex"): string {
  return createHash("md5").update(text, "latin1").digest(encoding);
}

/** Whether two ASCII texts of one length are the same, in constant time. */
function isSame(a: string, b: string): boolean {
  return timingSafeEqual(
    new TextEncoder().encode(a),
    new TextEncoder().encode(b),
  );
}

/** A link taken apart: its checksum, and the second it expires at. */
function parsed(said: string) {
  const comma = said.indexOf(",");
  if (comma < 0) return { checksum: said, expires: undefined };
  return { checksum: said.slice(0, comma), expires: said.slice(comma + 1) };
}

/** `ngx_http_secure_link_variable()`: `checksum,expires`. */
function readerOf(
  link: Template<Exchange>,
  source: Template<Exchange>,
): LinkReader {
  return {
    value(exchange) {
      const { checksum, expires } = parsed(link.evaluate(exchange));
      const [, digest] = DIGEST.exec(checksum) ?? [];
      const isRight = digest !== undefined &&
        (expires === undefined || SECOND.test(expires)) &&
        isSame(digest, md5(source.evaluate(exchange), "base64url"));
      if (!isRight) return undefined;
      const now = Math.floor(Date.now() / 1000);
      return expires !== undefined && Number(expires) < now ? "0" : "1";
    },
    expires(exchange) {
      const { expires } = parsed(link.evaluate(exchange));
      return expires !== undefined && SECOND.test(expires)
        ? expires
        : undefined;
    },
  };
}

/** `ngx_http_secure_link_old_variable()`: `/prefix/checksum/link`. */
function oldReaderOf(secret: string): LinkReader {
  return {
    value({ requestUri }) {
      const [, digest, link] = OLD_LINK.exec(requestUri) ?? [];
      const isRight = digest !== undefined && link !== undefined &&
        isSame(digest.toLowerCase(), md5(link + secret, "hex"));
      return isRight ? link : undefined;
    },
    expires: () => undefined,
  };
}

function create(scope: Scope): undefined {
  if (
    scope.own(secureLinkSecret) !== undefined &&
    (scope.has(secureLink) || scope.has(secureLinkMd5))
  ) {
    throw new ConfigError(
      '"secure_link_secret" cannot be mixed with "secure_link" and ' +
        '"secure_link_md5"',
      scope.placeOf(secureLinkSecret) ?? scope.place,
      "take one of the two forms in a location",
    );
  }
}

/** How the links of `scope` are looked at. */
function readerIn(scope: Scope): LinkReader {
  const secret = scope.own(secureLinkSecret);
  if (secret !== undefined) return oldReaderOf(secret);
  const link = scope.get(secureLink);
  const source = scope.get(secureLinkMd5);
  return link === undefined || source === undefined
    ? NO_READER
    : readerOf(link, source);
}

function readerFor({ location: { scope } }: Exchange): LinkReader {
  let reader = READERS.get(scope);
  if (reader === undefined) {
    reader = readerIn(scope);
    READERS.set(scope, reader);
  }
  return reader;
}

/** Links that cannot be made up. */
export const secureLinkModule: Module = {
  name: "secure_link",
  directives: [secureLink, secureLinkMd5, secureLinkSecret],
  dependsOn: [],
  variables: variableTable({
    secure_link: bytes((x: Exchange) => readerFor(x).value(x)),
    secure_link_expires: bytes((x: Exchange) => readerFor(x).expires(x)),
  }),
  create,
};
