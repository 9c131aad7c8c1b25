/**
 * What a feature is. A module owns its directives and what it does in each
 * phase; the server room strings the modules together once, at startup.
 *
 * ```
 * (server's rewrite)                before the location is found
 *   -> choose                        another plan of the location
 *   -> rewrite -> preaccess           the first one to answer ends the row
 *   -> access                        who may go on: all have to agree, or one
 *   -> content                       the first one to answer ends the row
 *   -> represent                     fields that follow from the response alone
 *   -> stages                        coding, fields, conditions, pacing
 *   -> (error pages)                 for a status an `error_page` is for
 *   -> log                           once, when the response is on its way
 *   -> Exchange.onEnd                what was acquired for the request
 * ```
 */

import type { MemoryBudget } from "../bytes/memory_budget.ts";
import type { AnyDirective } from "../config/directive.ts";
import type { Scope } from "../config/scope.ts";
import type { Variables } from "../config/configured_variables.ts";
import type { VariableTable } from "../config/variables.ts";
import type { ChunkPool } from "../files/body/chunk_pool.ts";
import type { CompressedCache } from "../files/coding/compressed_cache.ts";
import type { FileCaches } from "../files/cache/file_caches.ts";
import type { PartCache } from "../files/body/part_cache.ts";
import type { HttpError } from "../http/errors.ts";
import type { HttpResponse } from "../http/response.ts";
import type { ErrorLog } from "../logging/error_log.ts";
import type { LogFiles } from "../logging/log_files.ts";
import type { CaptureHolder } from "../regex/pattern.ts";
import type { PathMap } from "../routing/path_map.ts";
import type { ClientSettings } from "./settings/client.ts";
import type { Exchange } from "./exchange.ts";
import type { NamedFile, ServerTls, TlsChallenge } from "./server_tls.ts";
import type { MemoryKind, Statistics } from "./statistics.ts";
import type { Zones } from "./zones.ts";

/** Go on as if the request had been for another URI, or by a name. */
export class InternalRedirect {
  /** The decoded, normalised path, or `@name`. */
  readonly uri: string;
  /** The query; `undefined` keeps the request's own. */
  readonly args: string | undefined;
  /** A `redirect` begins anew; a `rewrite` goes on where it was. */
  readonly kind: "redirect" | "rewrite";

  /** A redirect within the server, which the client does not see. */
  constructor(
    uri: string,
    args?: string,
    kind: "redirect" | "rewrite" = "redirect",
  ) {
    this.uri = uri;
    this.args = args;
    this.kind = kind;
  }
}

/**
 * What a handler says: an answer, another place to go, a failure, or nothing.
 * A failure may also be thrown; what happens often, such as a missing file,
 * is returned, because a throw costs more than an answer (measured: 10 µs).
 */
export type Outcome = HttpResponse | InternalRedirect | HttpError | undefined;

/**
 * A module's part in a phase. It returns a promise only when it has to wait.
 */
export type Handler = (exchange: Exchange) => Outcome | Promise<Outcome>;

/** The client may go on: with `satisfy any` whatever other checks say. */
export const GRANTED: unique symbol = Symbol("granted");

/** What a check of access says: yes, no and why, or nothing. */
export type Verdict = typeof GRANTED | HttpError | undefined;

/**
 * A module's part in the access phase, which is one question: `satisfy` says
 * whether all checks have to agree or one is enough. Of the refusals 401 and
 * 403 are those that another check may overrule.
 */
export type AccessCheck = (exchange: Exchange) => Verdict | Promise<Verdict>;

/**
 * What is decided of every response, in this order, whatever the order of the
 * modules is. Fields come before conditions: what a client's validators are
 * compared with is what it would be sent.
 */
export const STAGES = [
  /** In which content coding it goes out (RFC 9110 §8.4). */
  "coding",
  /** What else is said of it. */
  "fields",
  /** Preconditions, and then ranges (RFC 9110 §13.2.2, §14.2). */
  "conditions",
  /** How fast and in which form its body goes out. */
  "pacing",
] as const;

/**
 * A module's part in a stage: returns the response, or another one in its
 * place. A {@linkcode Representation} is never changed, but answered with
 * another response. Nothing is opened yet: a later stage may decide that no
 * body is needed.
 *
 * @throws {HttpError} when another answer is due
 */
export type Stage = (
  exchange: Exchange,
  response: HttpResponse,
) => HttpResponse;

/** What a module does in one location. */
export interface LocationHooks {
  /**
   * Which of the blocks in the location is for a request that comes to it, if
   * one is; the first module that knows is heard.
   */
  readonly choose?: (exchange: Exchange) => LocationPlan | undefined;
  /**
   * Before anything is decided about access. That of a server comes before
   * the location is found. It may move the exchange to a block in its
   * location.
   */
  readonly rewrite?: (exchange: Exchange) => Outcome;
  /**
   * What comes before the question who may: whose request it is, and whether
   * there are too many. As in nginx subrequests are asked, too.
   */
  readonly preaccess?: Handler;
  /** Whether the client may go on. A subrequest may. */
  readonly access?: AccessCheck;
  /** Makes the answer. */
  readonly content?: Handler;
  /** As {@linkcode content}, asked where the URI ends with a slash only. */
  readonly folder?: Handler;
  /**
   * Sets fields that follow from the response alone. What answers many
   * requests is asked about once.
   */
  readonly represent?: (response: HttpResponse) => void;
  /** What it does in the stages of a response. */
  readonly stages?: Partial<Record<typeof STAGES[number], Stage>>;
  /** What stands in for an error answer; `undefined` for the default page. */
  readonly errorPage?: (exchange: Exchange, status: number) => ErrorPage;
  /** Says that the exchange is over. */
  readonly log?: (exchange: Exchange) => void;
  /** Where lines about its requests go; that of the process if left out. */
  readonly errorLog?: ErrorLog | undefined;
}

/** What `error_page` says of a status. */
export type ErrorPage =
  | {
    /** Where the page is, or a response that takes its place. */
    readonly target: InternalRedirect | HttpResponse;
    /** The status to answer with; `undefined` for the page's own. */
    readonly status: number | undefined;
    /** Whether an error of the page has no page of its own. */
    readonly last: boolean;
  }
  | undefined;

/** What modules share while a configuration is in force. */
export interface Environment {
  /** Files by path, in one cache for each way of looking them up. */
  readonly files: FileCaches;
  /** Small bodies that have been compressed. */
  readonly compressed: CompressedCache;
  /** Buffers for streaming them. */
  readonly chunks: ChunkPool;
  /** Parts of large files that are asked for again and again. */
  readonly parts: PartCache;
  /** Access logs by path. */
  readonly logs: LogFiles;
  /** What the server counts, for modules that show it. */
  readonly statistics: Statistics;
  /** The variables of the configuration. */
  readonly variables: Variables<Exchange>;
  /** State that outlives a reload, and is one for all workers. */
  readonly zones: Zones;
  /** Answers a request of the server's own; see `core/subrequest.ts`. */
  answer(subrequest: Exchange): HttpResponse | Promise<HttpResponse>;
  /** Numbers of modules, which add theirs when they `prepare`. */
  readonly gauges: Gauge[];
  /** Makes a path absolute, relative to the prefix. */
  resolvePath(path: string): string;
}

/** A number of a {@linkcode Gauge}, and of what it is. */
export interface GaugeSample {
  /** What it is of, by the names of labels. */
  readonly labels: Readonly<Record<string, string>>;
  /** The number. */
  readonly value: number;
}

/** A number that goes up and down, or several, to be shown by `metrics`. */
export interface Gauge {
  /** Its name, as Prometheus's conventions have it. */
  readonly name: string;
  /** What it is, as a sentence. */
  readonly help: string;
  /** The numbers now. Of those with the same labels the last one counts. */
  samples(): readonly GaugeSample[];
}

/** A permission, by the name it has in Deno. */
export type PermissionName = "run" | "sys" | "net" | "write" | "ffi";

/** Why a request is refused, if it is. */
export type Admission = (exchange: Exchange) => HttpError | undefined;

/** Ends what a module has started. */
export type Stop = () => void;

/**
 * A feature. But for its name and directives it says only what it needs. A
 * directive that `opens` a block may give it a context of the module's own:
 * any name that the contexts of other directives have.
 */
export interface Module {
  /** Its name, as in the registry. */
  readonly name: string;
  /** The directives it owns. */
  readonly directives: readonly AnyDirective[];
  /**
   * The directives of other modules that its hooks depend on. With it, even
   * with none, locations that are told the same about these and its own
   * directives share its hooks; without it those that are told the same about
   * everything. What is found by the scope of a location is not for `create`.
   */
  readonly dependsOn?: readonly AnyDirective[];
  /** The variables that it has, whatever is configured. */
  readonly variables?: VariableTable<Exchange>;
  /**
   * Called once per configuration, before any {@linkcode create}: zones are
   * opened here. So it is on every thread, and when a configuration is only
   * checked: nothing is started.
   *
   * @throws {ConfigError} when directives do not go together
   */
  prepare?(main: Scope, environment: Environment): void;
  /**
   * What it does in the location (or server) of `scope`; `undefined` for
   * nothing. Called at startup, once per location, or once for all that are
   * told the same (see {@linkcode dependsOn}); so too for the blocks that
   * directives open in a location: those are locations of their own, `blocks`,
   * which the one around them has already. `warn` says something at
   * `warn` level.
   *
   * @throws {ConfigError} when directives do not go together
   */
  create?(
    scope: Scope,
    environment: Environment,
    blocks: Blocks,
    warn: (message: string) => void,
  ): LocationHooks | undefined;
  /**
   * Called in every worker that is to serve a configuration, before root
   * becomes somebody else: for what has to be read then.
   *
   * @throws {Error} when it cannot be served
   */
  ready?(main: Scope, environment: Environment): Promise<void> | undefined;
  /**
   * Called in every worker that begins to serve a configuration. What it
   * returns is called when nothing is served by that one any more; the next
   * one has been started long before.
   */
  start?(main: Scope, environment: Environment): Stop | void;
  /**
   * As {@linkcode start}, but once in the program, whatever the number of
   * workers, and until the next configuration is served. Logs are written by
   * the workers, not here.
   */
  supervise?(main: Scope, environment: Environment): Stop | void;
  /**
   * Loads what {@linkcode supervise} needs of the program's own code, on the
   * thread that it is called on. It is asked for where root is to become
   * somebody else, who perhaps may not read that code.
   */
  load?(main: Scope): Promise<void> | undefined;
  /** The folders that {@linkcode supervise} makes files in. */
  keeps?(main: Scope, environment: Environment): readonly string[];
  /** What it must be allowed to do after the start. */
  permissions?(
    main: Scope,
    environment: Environment,
  ): readonly PermissionName[];
  /**
   * What it would do for a configuration that is checked (`-t`) and right:
   * sentences to be told.
   */
  tells?(
    main: Scope,
    resolvePath: (path: string) => string,
  ): readonly string[];
  /** The access logs of the servers, by path, to be told at the start. */
  accessLogs?(main: Scope, environment: Environment): readonly string[];
  /** The files that it reads when a configuration is prepared. */
  reads?(main: Scope): readonly NamedFile[];
  /**
   * What the server of `scope` asks before anything else of a request, whatever
   * its method and path: why it is refused. `undefined` for nothing to ask.
   *
   * @throws {ConfigError} when it cannot
   */
  admit?(scope: Scope): Admission | undefined;
  /** What the server of `scope` does with a TLS handshake, if it says so. */
  tls?(scope: Scope, environment: Environment): ServerTls | undefined;
  /** What addresses with TLS show to those who doubt whose a name is. */
  tlsChallenge?(environment: Environment): TlsChallenge | undefined;
  /** Budgets of what clients can make it hold, to be shown. */
  readonly memory?: Partial<Record<MemoryKind, MemoryBudget>>;
}

/** The blocks within locations, compiled. */
export type Blocks = ReadonlyMap<Scope, LocationPlan>;

/** A location, compiled. */
export interface LocationPlan {
  /** Its directives. */
  readonly scope: Scope;
  /** See {@linkcode LocationHooks.choose}. */
  readonly choose: LocationHooks["choose"];
  /** See {@linkcode LocationHooks.rewrite}; none in that of a server. */
  readonly rewrite: LocationHooks["rewrite"];
  /** What is asked before and about access, and for content, in order. */
  readonly handlers: readonly Handler[];
  /** Sets the fields of a new response that follow from it alone. */
  represent(response: HttpResponse): void;
  /** What its modules do with every response, in order. */
  readonly stages: readonly Stage[];
  /** What its clients may cost. */
  readonly client: ClientSettings;
  /** The largest piece of a body over HTTP/2, in bytes. */
  readonly http2ChunkBytes: number;
  /**
   * The value of `Server`, and what error pages call the program; empty for
   * none. A byte string.
   */
  readonly serverToken: string;
  /** The default error answers it has given, by status. */
  readonly errorResponses: Map<number, HttpResponse>;
  /** Whether it can only be reached from within (`internal`, `@name`). */
  readonly internal: boolean;
  /** See {@linkcode LocationHooks.errorPage}. */
  readonly errorPages:
    readonly ((exchange: Exchange, status: number) => ErrorPage)[];
  /** See {@linkcode LocationHooks.errorLog}. */
  readonly errorLog: ErrorLog | undefined;
  /** See {@linkcode LocationHooks.log}. */
  readonly logs: readonly ((exchange: Exchange) => void)[];
  /** Where its files are. */
  readonly paths: PathMap<Exchange>;
  /**
   * The location below this one that `path` is for, or this one; `holder`
   * gets what its regular expression matched.
   */
  find(path: string, holder?: CaptureHolder): LocationPlan;
}
