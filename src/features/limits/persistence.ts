/**
 * When a connection does not go on after an answer, though the client would
 * have it so: `keepalive_disable`, and `chunked_transfer_encoding`, without
 * which a body of unknown length ends with the connection.
 */

import {
  defineDirective,
  type Directive,
  type ParseContext,
} from "../../config/directive.ts";
import { ConfigError } from "../../config/errors.ts";
import type { Scope } from "../../config/scope.ts";
import type { Statement } from "../../config/syntax/parser.ts";
import { onOffDirective } from "../../config/values.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { LocationHooks, Module } from "../../core/module.ts";
import { Field } from "../../http/fields.ts";

/** Browsers that do not do well with persistent connections. */
const BROWSERS = ["msie6", "safari"] as const;

type Browser = typeof BROWSERS[number];

/** `keepalive_disable none | browser ...`. */
const keepaliveDisable: Directive<ReadonlySet<Browser>> = defineDirective<
  ReadonlySet<Browser>
>({
  name: "keepalive_disable",
  contexts: ["http", "server", "location"],
  args: [1, Infinity],
  default: new Set(["msie6"]),
  summary: "Old browsers whose connections end after each answer.",
  syntax: "none | msie6 | safari ...",
  differs:
    "Nobody looks for msie6, which has not been seen for years, unless it is said.",
  defaultText: "msie6",
  parse: parseBrowsers,
});

function parseBrowsers(
  { args, name, place }: Statement,
  _previous: unknown,
  { warn }: ParseContext,
): ReadonlySet<Browser> {
  const browsers = new Set<Browser>();
  const seen = new Set<string>();
  for (const arg of args) {
    const word = arg.toLowerCase();
    const browser = BROWSERS.find((browser) => browser === word);
    if (browser === undefined && word !== "none") {
      throw new ConfigError(
        `invalid value "${arg}"`,
        place,
        `"${name}" takes none, ${BROWSERS.join(" or ")}`,
      );
    }
    if (seen.has(word)) warn(`duplicate value "${arg}"`);
    seen.add(word);
    if (browser !== undefined) browsers.add(browser);
  }
  return browsers;
}

/** `chunked_transfer_encoding on | off`. */
const chunkedTransferEncoding: Directive<boolean> = onOffDirective({
  name: "chunked_transfer_encoding",
  contexts: ["http", "server", "location"],
  default: true,
  summary: "Whether a body of unknown length is sent in chunks.",
});

/** nginx's `msie6`: Internet Explorer before a service pack of its 6. */
const MSIE_6 = /MSIE (?:[45]\.|6\.(?!.*SV1))/s;

/** nginx's `safari`. */
function isSafari(agent: string): boolean {
  return agent.includes("Safari/") && agent.includes("Mac OS X") &&
    !/MSIE |Gecko\/|Chrome\//.test(agent);
}

/** Whether the connection ends after an answer to this client. */
function isDisabled(
  { request, method }: Exchange,
  browsers: ReadonlySet<Browser>,
): boolean {
  const agent = request.first(Field.UserAgent);
  if (agent === undefined || agent.includes("Opera")) return false;
  return browsers.has("safari") && isSafari(agent) ||
    browsers.has("msie6") && method === "POST" && MSIE_6.test(agent);
}

function create(scope: Scope): LocationHooks | undefined {
  const browsers = scope.get(keepaliveDisable);
  const chunks = scope.get(chunkedTransferEncoding);
  // The default is for POST requests of a browser that nobody has any more.
  const isDefault = scope.placeOf(keepaliveDisable) === undefined;
  const disables = browsers.size > 0 && !isDefault;
  if (chunks && !disables) return undefined;
  return {
    stages: {
      pacing(exchange, response) {
        if (disables && isDisabled(exchange, browsers)) {
          exchange.endsConnection = true;
        }
        if (chunks || response.length !== undefined) return response;
        return response.with({ endsWithConnection: true, close: true });
      },
    },
  };
}

/** Ends of connections. */
export const persistenceModule: Module = {
  name: "persistence",
  directives: [keepaliveDisable, chunkedTransferEncoding],
  dependsOn: [],
  create,
};
