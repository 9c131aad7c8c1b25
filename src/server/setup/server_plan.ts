/** From the scope of a server to its locations, each with what is done there. */

import type { FaultList } from "../../config/fault_list.ts";
import type { Scope } from "../../config/scope.ts";
import type { Steps } from "../../config/steps.ts";
import type { Exchange, ServerInfo } from "../../core/exchange.ts";
import { FileLocation } from "../../core/file_location.ts";
import {
  type Admission,
  type Environment,
  type Handler,
  type LocationHooks,
  type LocationPlan,
  type Module,
  STAGES,
} from "../../core/module.ts";
import { clientSettings, headLimits } from "../../core/settings/client.ts";
import {
  IGNORES_CASE,
  internalDirective,
  patternOf,
} from "../../core/settings/core.ts";
import {
  http2ChunkBytes,
  type Http2ServerSettings,
  http2Settings,
} from "../../core/settings/http2.ts";
import { addressText } from "../../core/settings/listen_address.ts";
import { defaultListen, listenDirective } from "../../core/settings/listen.ts";
import { mergeSlashesDirective } from "../../core/settings/merge_slashes.ts";
import {
  hostName,
  primaryName,
  serverNameDirective,
} from "../../core/settings/server_name.ts";
import { serverToken } from "../../core/settings/server_tokens.ts";
import type { HeadLimits } from "../../http/limits.ts";
import {
  type LocationEntry,
  LocationTable,
} from "../../routing/location_table.ts";
import {
  labelKey,
  ServerCounters,
  type ServerLabel,
} from "../../core/counters/server_counters.ts";
import { accessPhase } from "./access_phase.ts";
import { SharedHooks } from "./location_hooks.ts";

/**
 * How many servers have counters of their own. More of them count together:
 * whoever collects the numbers keeps a row of each.
 */
const MAX_COUNTED_SERVERS = 1000;

/** What servers above that are called together. */
const OTHER_SERVERS: ServerLabel = { name: "other", listen: "" };

/** A virtual server, compiled. */
export interface ServerPlan extends ServerInfo {
  /** Its directives. */
  readonly scope: Scope;
  /** Limits of request heads. */
  readonly limits: HeadLimits;
  /** What a client of HTTP/2 may do that has named it (SNI). */
  readonly http2: Http2ServerSettings;
  /** Whether `//` in a path is `/`. */
  readonly mergeSlashes: boolean;
}

/** What {@linkcode ServerCompiler} needs beside the configuration. */
export interface ServerOptions {
  /** The features. */
  readonly modules: readonly Module[];
  /** What they share. */
  readonly environment: Environment;
  /** Takes what is wrong. */
  readonly faults: FaultList;
  /** Says something at `warn` level. */
  warn(message: string): void;
}

/** What is found in a server beside what is found by a path. */
interface Found {
  /** Its named locations. */
  readonly named: Map<string, LocationPlan>;
  /** The blocks in its locations. */
  readonly blocks: Map<Scope, LocationPlan>;
}

/** What locations share that are told the same. */
type SharedPlan = Omit<LocationPlan, "scope" | "find">;

/** A location, and the locations in it. */
type Compiled = Omit<LocationEntry<LocationPlan>, "pattern">;

/** Compiles the servers of one configuration. */
export class ServerCompiler {
  readonly #options: ServerOptions;
  readonly #environment: Environment;
  readonly #shared: SharedHooks<SharedPlan>;
  readonly #counters = new Map<string, ServerCounters>();

  /** Compiles with these modules. */
  constructor(options: ServerOptions) {
    const { environment } = options;
    this.#options = options;
    this.#environment = environment;
    this.#shared = new SharedHooks(
      options,
      (scope, hooks) => sharedPlan(scope, hooks, environment),
    );
  }

  /** Compiles a server. */
  *compile(scope: Scope): Steps<ServerPlan> {
    const named = new Map<string, LocationPlan>();
    const { value } = yield* this.#location(scope, {
      named,
      blocks: new Map(),
    });
    const names = scope.get(serverNameDirective);
    return {
      name: primaryName(names),
      hostName: hostName(names),
      scope,
      limits: headLimits(scope),
      http2: http2Settings(scope),
      mergeSlashes: scope.get(mergeSlashesDirective),
      // A server's script has been followed before any location was found.
      root: { ...value, rewrite: undefined },
      admit: this.#admission(scope),
      rewrite: value.rewrite,
      named,
      environment: this.#environment,
      counters: this.#countersOf(scope),
    };
  }

  /** What a server counts with; those of one name and address do so together. */
  #countersOf(scope: Scope): ServerCounters {
    const [first = defaultListen(scope.place)] = scope.get(listenDirective);
    const own: ServerLabel = {
      name: primaryName(scope.get(serverNameDirective)) || "_",
      listen: addressText(first),
    };
    const known = this.#counters.get(labelKey(own));
    if (known !== undefined) return known;
    const label = this.#counters.size < MAX_COUNTED_SERVERS
      ? own
      : OTHER_SERVERS;
    const key = labelKey(label);
    const counters = this.#counters.get(key) ?? new ServerCounters(label);
    this.#counters.set(key, counters);
    return counters;
  }

  /** What its modules ask before anything else, one after the other. */
  #admission(scope: Scope): Admission | undefined {
    const { modules, faults } = this.#options;
    return inSequence(
      modules.flatMap((module) =>
        faults.attempt(() => module.admit?.(scope)) ?? []
      ),
    );
  }

  /** Compiles a location, or a server as the location of all other paths. */
  *#location(scope: Scope, found: Found): Steps<Compiled> {
    yield;
    const entries: LocationEntry<LocationPlan>[] = [];
    for (const child of scope.children) {
      if (child.context !== "location") {
        // What a server holds beside locations has no settings.
        if (scope.context === "server") continue;
        const { value } = yield* this.#location(child, found);
        found.blocks.set(child, value);
        continue;
      }
      const pattern = patternOf(child);
      const { value, inner } = yield* this.#location(child, found);
      entries.push({ pattern, value, inner });
      // Of two with one name nginx finds the first.
      if (pattern.kind === "named" && !found.named.has(pattern.name)) {
        found.named.set(pattern.name, value);
      }
    }
    const inner = entries.length === 0
      ? undefined
      : new LocationTable(entries, { ignoreCase: IGNORES_CASE });
    const shared = this.#shared.of(scope, found.blocks);
    return { value: locationPlan(scope, shared, inner), inner };
  }
}

function locationPlan(
  scope: Scope,
  shared: SharedPlan,
  inner: LocationTable<LocationPlan> | undefined,
): LocationPlan {
  const find: LocationPlan["find"] = inner === undefined
    ? itself
    : function (this: LocationPlan, path, holder) {
      return inner.match(path, holder) ?? this;
    };
  return { ...shared, scope, find };
}

/** What is found in a location without others in it. */
function itself(this: LocationPlan): LocationPlan {
  return this;
}

/** What the hooks of a location come to. */
function sharedPlan(
  scope: Scope,
  hooks: readonly LocationHooks[],
  environment: Environment,
): SharedPlan {
  const stages = pick(hooks, "stages");
  const represents = pick(hooks, "represent");
  return {
    choose: inSequence(pick(hooks, "choose")),
    rewrite: inSequence(pick(hooks, "rewrite")),
    handlers: [
      ...pick(hooks, "preaccess"),
      ...accessPhase(pick(hooks, "access"), scope),
      ...contentOf(hooks),
    ],
    represent(response) {
      for (const represent of represents) represent(response);
    },
    stages: STAGES.flatMap((name) => pick(stages, name)),
    client: clientSettings(scope),
    http2ChunkBytes: http2ChunkBytes(scope),
    serverToken: serverToken(scope),
    errorResponses: new Map(),
    internal: scope.get(internalDirective),
    errorPages: pick(hooks, "errorPage"),
    errorLog: hooks.find(({ errorLog }) => errorLog !== undefined)?.errorLog,
    logs: pick(hooks, "log"),
    paths: FileLocation.of(scope, environment).paths,
  };
}

/** Asks one after the other until one has something to say. */
function inSequence<T>(
  hooks: readonly ((exchange: Exchange) => T | undefined)[],
): ((exchange: Exchange) => T | undefined) | undefined {
  if (hooks.length < 2) return hooks[0];
  return (exchange) => {
    for (const hook of hooks) {
      const said = hook(exchange);
      if (said !== undefined) return said;
    }
    return undefined;
  };
}

/** The content handlers in order; those of folders are asked for nothing else. */
function contentOf(hooks: readonly LocationHooks[]): Handler[] {
  const handlers: Handler[] = [];
  for (const { content, folder } of hooks) {
    if (content !== undefined) handlers.push(content);
    if (folder === undefined) continue;
    handlers.push((exchange) =>
      exchange.uri.endsWith("/") ? folder(exchange) : undefined
    );
  }
  return handlers;
}

/** What those of `all` have that have it, in their order. */
function pick<T, K extends keyof T>(
  all: readonly T[],
  key: K,
): NonNullable<T[K]>[] {
  const found: NonNullable<T[K]>[] = [];
  for (let i = 0; i < all.length; i++) {
    const value = all[i]![key];
    if (value !== undefined && value !== null) found.push(value);
  }
  return found;
}
