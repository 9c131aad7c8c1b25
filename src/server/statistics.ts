/**
 * The counters of the running server. They outlive a reload: each generation
 * of the configuration has caches of its own, and what those have counted is
 * added here when the generation ends.
 */

import type { MemoryUse } from "../bytes/memory_budget.ts";
import { CODEC_MEMORY } from "../files/coding/codec_memory.ts";
import type { Connection } from "../net/connection.ts";
import type { DeadlineKind } from "../net/connection_state.ts";
import {
  type CompressedStatistics,
  type FileStatistics,
  heldMemory,
  HTTP2_KINDS,
  LIMIT_KINDS,
  type LimitKind,
  type Statistics,
  type StatisticsSnapshot,
  sumFields,
  TIMEOUT_KINDS,
  type TimeoutKind,
  zeros,
} from "../core/statistics.ts";
import {
  addRequests,
  addServers,
  labelKey,
  noRequests,
  type RequestCounts,
  type ServerCounters,
  type ServerSnapshot,
} from "../core/counters/server_counters.ts";
import { EventLoopLag } from "./event_loop_lag.ts";
import { budgetsOf, type CountedCaches, heldOf } from "./held_memory.ts";
import { openDescriptors } from "./open_descriptors.ts";

/** The limit that an error answer with this status stands for. */
const LIMIT_OF_STATUS: ReadonlyMap<number, LimitKind> = new Map([
  [413, "request_body"],
  [414, "request_line"],
  [431, "request_head"],
]);

/** What is called a timeout; lingering has done its work when time is up. */
const TIMEOUT_OF_DEADLINE: Readonly<
  Record<DeadlineKind, TimeoutKind | undefined>
> = {
  connect: "client_header",
  head: "client_header",
  body: "client_body",
  send: "send",
  idle: "keepalive",
  linger: undefined,
  none: undefined,
};

/** Where the server's connections are, and how they are. */
interface ConnectionCensus {
  /** The live connections. */
  readonly connections: {
    /** Calls `action` for each. */
    forEach(action: (connection: Connection) => void): void;
  };
}

/** The counters of one thread. */
export class ServerStatistics implements Statistics {
  /** Whether the server accepts nothing any more. */
  draining = false;
  /** Connections accepted. */
  accepted = 0;
  /** Idle connections that were ended to make room. */
  evicted = 0;
  /** Requests begun. */
  requests = 0;
  /** What of it all was HTTP/2. */
  readonly http2 = zeros(HTTP2_KINDS);
  /** How late the event loop is. */
  readonly lag = new EventLoopLag();
  readonly #startedAt = Date.now() / 1000;
  readonly #census: ConnectionCensus;
  readonly #hosts: () => MemoryUse;
  /** The counters of servers in all configurations that are in use. */
  readonly #servers = new Set<ServerCounters>();
  /** What servers have counted before, that there still are. */
  #pastServers: readonly ServerSnapshot[] = [];
  /** What those have counted that are no more. */
  #goneServers: RequestCounts = noRequests();
  #servedSince = 0;
  #bytesReceived = 0;
  #bytesSent = 0;
  readonly #timeouts = zeros(TIMEOUT_KINDS);
  /** Those that are budgets count for themselves. */
  readonly #limits = zeros(LIMIT_KINDS);
  readonly #caches = new Set<CountedCaches>();
  #pastFiles = { hits: 0, revalidations: 0, misses: 0 };
  #pastCompressed = { hits: 0, misses: 0 };

  /**
   * Counters at 0; `census` is asked when a snapshot is taken, and so is what
   * is remembered of hosts.
   */
  constructor(
    census: ConnectionCensus,
    hosts: () => MemoryUse = () => ({ bytes: 0, budget: 0 }),
  ) {
    this.#census = census;
    this.#hosts = hosts;
  }

  /** An error with this status was answered: perhaps a limit was hit. */
  requestFailed(status: number): void {
    const limit = LIMIT_OF_STATUS.get(status);
    if (limit !== undefined) this.#limits[limit]++;
  }

  /** A connection was refused because there is no room. */
  connectionRefused(): void {
    this.#limits.connections++;
  }

  connectionEnded({ bytesIn, bytesOut, timedOut }: Connection): void {
    this.#bytesReceived += bytesIn;
    this.#bytesSent += bytesOut;
    const kind = timedOut === undefined
      ? undefined
      : TIMEOUT_OF_DEADLINE[timedOut];
    if (kind !== undefined) this.#timeouts[kind]++;
  }

  /**
   * A configuration with these servers is served from now on. What others have
   * counted goes on in the sums alone, so that labels do not become more with
   * each reload.
   */
  addServers(counters: readonly ServerCounters[]): void {
    this.#servedSince = Date.now() / 1000;
    for (const one of counters) this.#servers.add(one);
    const past = this.#pastServers;
    this.#pastServers = [];
    this.#keep(past);
  }

  /** No request will come any more to servers of a configuration. */
  retireServers(counters: readonly ServerCounters[]): void {
    const retired = counters.filter((one) => this.#servers.delete(one));
    this.#keep(retired.map((one) => one.snapshot()));
  }

  #keep(past: readonly ServerSnapshot[]): void {
    const known = new Set(
      Array.from(this.#servers, ({ label }) => labelKey(label)),
    );
    const isKnown = (server: ServerSnapshot) => known.has(labelKey(server));
    this.#pastServers = addServers(this.#pastServers, past.filter(isKnown));
    this.#goneServers = past.filter((server) => !isKnown(server))
      .reduce<RequestCounts>(addRequests, this.#goneServers);
  }

  /** The caches of a new generation are counted too. */
  addCaches(caches: CountedCaches): void {
    this.#caches.add(caches);
  }

  /** A generation has ended: what its caches have counted stays. */
  retireCaches(caches: CountedCaches): void {
    if (!this.#caches.delete(caches)) return;
    const { files, compressed } = caches;
    this.#pastFiles = sumFields(this.#pastFiles, files.counters);
    this.#pastCompressed = sumFields(this.#pastCompressed, compressed.counters);
  }

  /** The server now. */
  snapshot(): StatisticsSnapshot {
    const connections = { reading: 0, writing: 0, waiting: 0 };
    let bytesReceived = this.#bytesReceived;
    let bytesSent = this.#bytesSent;
    this.#census.connections.forEach((connection) => {
      bytesReceived += connection.bytesIn;
      bytesSent += connection.bytesOut;
      if (connection.idle) connections.waiting++;
      else if (connection.state === "reading") connections.reading++;
      else connections.writing++;
    });
    const memory = Deno.memoryUsage();
    const servers = addServers(
      this.#pastServers,
      Array.from(this.#servers, (one) => one.snapshot()),
    );
    const { statusClasses, answerBytes, durations } = servers
      .reduce<RequestCounts>(addRequests, this.#goneServers);
    const sums = { statusClasses, answerBytes, durations };
    return {
      draining: this.draining,
      startedAt: this.#startedAt,
      connections,
      accepted: this.accepted,
      handled: this.accepted - this.#limits.connections,
      evicted: this.evicted,
      requests: this.requests,
      http2: { ...this.http2 },
      ...sums,
      servers,
      bytesReceived,
      bytesSent,
      files: this.#files(),
      compressed: this.#compressed(),
      held: heldMemory((kind) => {
        const { bytes, budget } = heldOf(kind, this.#caches, this.#hosts());
        return { bytes, budget };
      }),
      timeouts: { ...this.#timeouts },
      limits: {
        ...this.#limits,
        compression_memory: CODEC_MEMORY.refusals,
        listing_memory: budgetsOf("listings")
          .reduce((sum, { refusals }) => sum + refusals, 0),
      },
      // Only who is above the server knows of these.
      reloads: { done: 0, refused: 0 },
      lastReload: { servedSince: this.#servedSince, at: 0, fault: "" },
      workers: { running: 1, restarts: 0 },
      each: [{
        ...sums,
        id: 0,
        startedAt: this.#startedAt,
        connections: connections.reading + connections.writing +
          connections.waiting,
        eventLoopLag: this.lag.seconds,
        heapUsed: memory.heapUsed,
      }],
      eventLoopLag: this.lag.seconds,
      openDescriptors: openDescriptors(),
      memory: {
        resident: memory.rss,
        heap: memory.heapTotal,
        heapUsed: memory.heapUsed,
        external: memory.external,
      },
    };
  }

  #files(): FileStatistics {
    let sum: FileStatistics = {
      ...this.#pastFiles,
      entries: 0,
      bytes: 0,
      handles: 0,
    };
    for (const { files, parts } of this.#caches) {
      sum = sumFields(sum, {
        ...files.counters,
        entries: files.size,
        bytes: files.bodies.bytes + parts.bytes,
        handles: files.handles,
      });
    }
    return sum;
  }

  #compressed(): CompressedStatistics {
    let sum: CompressedStatistics = { ...this.#pastCompressed, bytes: 0 };
    for (const { compressed } of this.#caches) {
      const { counters, bytes } = compressed;
      sum = sumFields(sum, { ...counters, bytes });
    }
    return sum;
  }
}
