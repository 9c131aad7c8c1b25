/**
 * `live_reload` and `live_events`: pages that are loaded again when a file of
 * theirs has changed.
 */

import { defineDirective } from "../../config/directive.ts";
import { ConfigError } from "../../config/errors.ts";
import type { Scope } from "../../config/scope.ts";
import { isSealed, madeFields } from "../../core/changed_content.ts";
import type { Exchange } from "../../core/exchange.ts";
import { checkReadMethod, optionsResponse } from "../../core/methods.ts";
import type {
  Environment,
  LocationHooks,
  Module,
  Stage,
} from "../../core/module.ts";
import { MadeBody } from "../../files/body/made_body.ts";
import { HeaderList, HttpResponse } from "../../http/response.ts";
import { isWeakEtag } from "../../http/semantics/etag.ts";
import { essenceOf } from "../../http/semantics/media_type.ts";
import { Policies } from "./policies.ts";
import { SCRIPT } from "./script.ts";
import { Version, VERSION_BYTES } from "./version.ts";
import { Waiting } from "./waiting.ts";
import { watch } from "./watcher.ts";

/** A path that needs no quotes in HTML, and has no query. */
const PLAIN_PATH = /^\/[\w.~/-]*$/;

const liveReload = defineDirective<string>({
  name: "live_reload",
  contexts: ["http", "server", "location"],
  args: [1, 1],
  default: "",
  defaultText: "off",
  syntax: "uri | off",
  summary: "Adds a line to HTML that loads the page again when a file of the " +
    "folder of `live_events` changes, which answers at this URI.",
  differs: "nginx has no such directive.",
  parse({ args: [uri = ""], place }) {
    if (uri === "off") return "";
    if (PLAIN_PATH.test(uri)) return uri;
    throw new ConfigError(
      `invalid URI "${uri}"`,
      place,
      'expected "off", or a path such as /.webserv/live of letters, digits ' +
        "and . _ ~ - /",
    );
  },
});

/** What `live_events` watches. */
interface Watched {
  readonly folder: string;
  /** Files in it that do not count. */
  readonly logs: readonly string[];
}

const liveEvents = defineDirective<Watched | undefined>({
  name: "live_events",
  contexts: ["location"],
  args: [1, 64],
  inherit: "if",
  default: undefined,
  syntax: "folder [log ...]",
  summary: "Answers with the script of `live_reload`, and tells it when a " +
    "file in the folder changes; not of those that are hidden, nor of logs.",
  differs: "nginx has no such directive.",
  parse({ args: [folder = "", ...logs] }, _previous, { resolvePath }) {
    return { folder: resolvePath(folder), logs: logs.map(resolvePath) };
  },
});

const ZONE = { name: "live_reload", kind: "live", bytes: VERSION_BYTES };

/** What a configuration has of it. */
interface Setup {
  readonly version: Version;
  readonly waiting: Waiting;
  readonly watched: readonly Watched[];
  readonly policies: Policies;
}

/** By the environment of the configuration; none where nothing is watched. */
const setups = new WeakMap<Environment, Setup>();

/** Folders, each one once: a location may be that of many servers. */
function watchedIn(main: Scope): Watched[] {
  const all = new Map<string, Watched>();
  for (const scope of main.descendantsOf("location")) {
    const watched = scope.get(liveEvents);
    if (watched === undefined) continue;
    const { folder, logs } = watched;
    const before = all.get(folder)?.logs ?? [];
    all.set(folder, { folder, logs: [...before, ...logs] });
  }
  return [...all.values()];
}

/** @throws {ConfigError} when pages would ask and nobody answers */
function prepare(main: Scope, environment: Environment): void {
  const watched = watchedIn(main);
  if (watched.length === 0) {
    for (const scope of main.descendants()) {
      if (scope.get(liveReload) === "") continue;
      throw new ConfigError(
        '"live_reload" has nobody who answers',
        scope.placeOf(liveReload)!,
        'expected "live_events" in the location of the URI',
      );
    }
    return;
  }
  const place = { file: "live_events", line: 1 };
  const version = new Version(environment.zones.open(ZONE.name, {
    kind: ZONE.kind,
    bytes: ZONE.bytes,
    place,
  }));
  const waiting = new Waiting({
    version: () => version.current,
    isEnding: () => environment.statistics.draining,
  });
  setups.set(environment, {
    version,
    waiting,
    watched,
    policies: new Policies(),
  });
}

/** Answers where a location says so. */
function createEvents(
  scope: Scope,
  environment: Environment,
): LocationHooks | undefined {
  const setup = setups.get(environment);
  if (setup === undefined || scope.get(liveEvents) === undefined) {
    return undefined;
  }
  return { content: (exchange) => answer(exchange, setup) };
}

/** Adds the line where a location says so. */
function createReload(
  scope: Scope,
  environment: Environment,
): LocationHooks | undefined {
  const setup = setups.get(environment);
  const uri = scope.get(liveReload);
  if (setup === undefined || uri === "") return undefined;
  return { stages: { coding: stageOf(uri, setup) } };
}

/** What a browser says that it fetches, where that is a page (Fetch §2.2.5). */
const PAGE_DESTINATIONS: ReadonlySet<string> = new Set([
  "document",
  ...["iframe", "frame", "object", "embed", "fencedframe"],
]);

/** Encodings that the line would not be read in (Encoding §4.2). */
const WIDE =
  /(?:^|;)\s*charset\s*=\s*"?(?:utf-?16|utf-?32|ucs-2|unicode\b|iso-10646)/i;

/** Whether the bytes begin as those of UTF-16 do, whatever the type says. */
function isWide(body: HttpResponse["body"]): boolean {
  if (!(body instanceof Uint8Array) || body.length < 2) return false;
  const mark = body[0]! << 8 | body[1]!;
  return mark === 0xfeff || mark === 0xfffe;
}

/**
 * Whether an answer is a page of its own: an HTML document that is whole and in
 * no coding. Scripts fetch parts of pages, which are put into others.
 */
function isPage(exchange: Exchange, response: HttpResponse): boolean {
  const { body, headers, status } = response;
  const type = headers.get("Content-Type");
  const wanted = exchange.request.get("sec-fetch-dest");
  return (status === 200 || status >= 400) && body !== undefined &&
    exchange.main === undefined && type !== undefined &&
    essenceOf(type) === "text/html" && !WIDE.test(type) && !isWide(body) &&
    !headers.has("Content-Encoding") && !isSealed(response) &&
    (wanted === undefined || PAGE_DESTINATIONS.has(wanted));
}

/** Adds the line. What is no page, not whole, or coded, is left as it is. */
function stageOf(uri: string, { version, policies }: Setup): Stage {
  return (exchange, response) => {
    policies.forget(exchange);
    if (!isPage(exchange, response)) return response;
    const { headers, length } = response;
    const body = response.body!;
    const { current } = version;
    const line = new TextEncoder().encode(
      `<script src="${uri}?version=${current}" async></script>\n`,
    );
    const fields = madeFields(headers, true);
    // A style sheet that has changed makes it another page, too.
    fields.delete("Last-Modified");
    fields.append("Vary", "Sec-Fetch-Dest");
    const etag = fields.get("ETag");
    if (etag !== undefined && isWeakEtag(etag)) {
      fields.set("ETag", `${etag.slice(0, -1)}-${current.toString(16)}"`);
    }
    const whole = new MadeBody(
      body,
      async function* (made) {
        let isFirst = true;
        for await (const piece of made.read(body)) {
          if (isFirst) policies.look(exchange, piece);
          isFirst = false;
          yield piece;
        }
        yield line;
      },
      length === undefined ? undefined : length + line.length,
    );
    policies.expect(exchange, uri);
    return response.with({ headers: fields, body: whole });
  };
}

function content(type: string, text: string): HttpResponse {
  return new HttpResponse(200, {
    headers: new HeaderList([
      ["Content-Type", type],
      ["Cache-Control", "no-store"],
    ]),
    body: new TextEncoder().encode(text),
  });
}

/** The script, or, when it is asked what has changed since, an event. */
async function answer(
  exchange: Exchange,
  { version, waiting }: Setup,
): Promise<HttpResponse> {
  if (checkReadMethod(exchange) === "options") return optionsResponse();
  const [, since] = /(?:^|&)since=(\d{1,16})(?:&|$)/.exec(exchange.args) ?? [];
  if (since === undefined) return content("text/javascript", SCRIPT);
  const isOther = exchange.method === "GET" &&
    await waiting.change(Number(since), exchange.signal);
  return content(
    "text/event-stream",
    isOther
      ? `retry: 200\nevent: change\ndata: ${version.current}\n\n`
      : "retry: 200\n: nothing has changed\n\n",
  );
}

/** Who answers that something has changed. */
export const liveEventsModule: Module = {
  name: "live_events",
  directives: [liveEvents],
  dependsOn: [],
  prepare,
  create: createEvents,
  supervise(_main, environment) {
    const setup = setups.get(environment);
    if (setup === undefined) return;
    const { version, watched } = setup;
    if (version.current === 0) version.advance();
    const stops = watched.map(({ folder, logs }) =>
      watch(folder, logs, () => version.advance())
    );
    return () => stops.forEach((stop) => stop());
  },
};

/** Pages that are loaded again; the others come first, who know of it. */
export const liveReloadModule: Module = {
  name: "live_reload",
  directives: [liveReload],
  dependsOn: [],
  create: createReload,
};

/** Their policies, which come behind all that sets fields of answers. */
export const livePolicyModule: Module = {
  name: "live_policy",
  directives: [],
  dependsOn: [liveReload],
  create(scope, environment) {
    const setup = setups.get(environment);
    if (setup === undefined || scope.get(liveReload) === "") return undefined;
    return { stages: { fields: setup.policies.stage } };
  },
};
