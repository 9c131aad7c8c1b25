/**
 * What the server knows of itself, for the modules that show it. The server
 * counts, modules read: a snapshot is plain data, taken when somebody asks,
 * so that a request costs a few increments and nothing else.
 */

import type { MemoryUse } from "../bytes/memory_budget.ts";
import type { FileCacheCounters } from "../files/cache/file_cache.ts";
import type { CompressedCacheCounters } from "../files/coding/compressed_cache.ts";
import {
  noRequests,
  type RequestCounts,
  type ServerSnapshot,
} from "./counters/server_counters.ts";

/** The deadlines that end connections, by the directive that sets them. */
export const TIMEOUT_KINDS = [
  "client_header",
  "client_body",
  "send",
  "keepalive",
] as const;

/** See {@linkcode TIMEOUT_KINDS}. */
export type TimeoutKind = (typeof TIMEOUT_KINDS)[number];

/** What is counted of HTTP/2. */
export const HTTP2_KINDS = [
  /** Connections that speak it. */
  "connections",
  /** Requests begun. */
  "requests",
  /** Requests given up by the client, or for what it has done. */
  "abandoned",
  /** Connections ended for what the client has done, floods among it. */
  "faults",
] as const;

/** One of {@linkcode HTTP2_KINDS}. */
export type Http2Kind = typeof HTTP2_KINDS[number];

/** The limits that requests and connections run into. */
export const LIMIT_KINDS = [
  /** A request line that is too long: 414. */
  "request_line",
  /** A head that is too large, or has too many fields: 431. */
  "request_head",
  /** A body above `client_max_body_size`: 413. */
  "request_body",
  /** `worker_connections`: a connection that was refused. */
  "connections",
  /** `compression_memory`: a body that was sent as it is. */
  "compression_memory",
  /** Memory for listings: 503. */
  "listing_memory",
] as const;

/** See {@linkcode LIMIT_KINDS}. */
export type LimitKind = (typeof LIMIT_KINDS)[number];

/** What is held in memory that clients can make more of. */
export const MEMORY_KINDS = [
  /** What connections have sent and nobody has taken yet. */
  "input",
  /** Large heads of requests over HTTP/2 that are worked on. */
  "stream_heads",
  /** What has come of bodies over HTTP/2 and nobody has read. */
  "unread_bodies",
  /** Targets, hosts, paths, codings and addresses that were worked out. */
  "memos",
  /** Small files. */
  "file_bodies",
  /** Paths, and what is known of them. */
  "file_names",
  /** Parts of large files that are asked for again and again. */
  "file_parts",
  /** Pieces of large files on their way. */
  "chunks",
  /** Compressed answers. */
  "compressed",
  /** Compressors and decompressors at work. */
  "compressors",
  /** Listings that are made and sent. */
  "listings",
  /** Answers that were put together for one client. */
  "output",
  /** Answers that are in memory a second time, with another head. */
  "output_copies",
  /** Files and compressed answers that are sent and no longer kept. */
  "sent_bodies",
  /** Copies of bodies in memory of the system, from where sockets take them. */
  "body_images",
  /** Lines of logs that are not written yet. */
  "logs",
] as const;

/** See {@linkcode MEMORY_KINDS}. */
export type MemoryKind = (typeof MEMORY_KINDS)[number];

/** How much of each kind is held, and may be. */
type HeldMemory = Readonly<Record<MemoryKind, MemoryUse>>;

/** How often file caches were asked, and what they hold. */
export interface FileStatistics extends Readonly<FileCacheCounters> {
  /** Entries held. */
  readonly entries: number;
  /** Bytes of files held in memory. */
  readonly bytes: number;
  /** Files held open. */
  readonly handles: number;
}

/** How often compressed forms were asked for, and what is kept of them. */
export interface CompressedStatistics
  extends Readonly<CompressedCacheCounters> {
  /** Bytes held in memory. */
  readonly bytes: number;
}

/** What one worker does. */
export interface WorkerSnapshot extends RequestCounts {
  /** Its number in logs; 0 on the program's own thread. */
  readonly id: number;
  /** When it started, in seconds since the epoch. */
  readonly startedAt: number;
  /** How many connections it has. */
  readonly connections: number;
  /** The longest that its event loop was late of late, in seconds. */
  readonly eventLoopLag: number;
  /** The part of its JavaScript heap that is in use, in bytes. */
  readonly heapUsed: number;
}

/** Which configuration is served, and what came of the last reload. */
export interface LastReload {
  /** Since when the configuration is served, in seconds since the epoch. */
  readonly servedSince: number;
  /** When a reload was asked for last, likewise; 0 if none ever was. */
  readonly at: number;
  /** Why it was refused; empty if it was not. */
  readonly fault: string;
}

/** The server at one moment. Counters begin at 0 when the program starts. */
export interface StatisticsSnapshot extends RequestCounts {
  /** Whether it accepts nothing any more and finishes what it has. */
  readonly draining: boolean;
  /** When the program started, in seconds since the epoch. */
  readonly startedAt: number;
  /** How many connections are in each state. */
  readonly connections: {
    /** A request head is being read. */
    readonly reading: number;
    /** A request is being answered. */
    readonly writing: number;
    /** No byte of a request has come. */
    readonly waiting: number;
  };
  /** Connections accepted. */
  readonly accepted: number;
  /** Connections accepted and not refused for want of room. */
  readonly handled: number;
  /** Idle connections that were ended to make room. */
  readonly evicted: number;
  /** Requests begun. */
  readonly requests: number;
  /** What of it all was HTTP/2. */
  readonly http2: Readonly<Record<Http2Kind, number>>;
  /** What virtual servers have counted, by their labels. */
  readonly servers: readonly ServerSnapshot[];
  /** Bytes received, heads included. */
  readonly bytesReceived: number;
  /** Bytes sent, heads included. */
  readonly bytesSent: number;
  /** The file caches. */
  readonly files: FileStatistics;
  /** The compressed forms of responses. */
  readonly compressed: CompressedStatistics;
  /** What is held of what clients can make more of. */
  readonly held: HeldMemory;
  /** Connections that a deadline ended. */
  readonly timeouts: Readonly<Record<TimeoutKind, number>>;
  /** How often each limit was hit. */
  readonly limits: Readonly<Record<LimitKind, number>>;
  /** Reloads that were asked for. */
  readonly reloads: {
    /** Those whose configuration is or was served. */
    readonly done: number;
    /** Those whose configuration was wrong. */
    readonly refused: number;
  };
  /** What came of the last one. */
  readonly lastReload: LastReload;
  readonly workers: {
    /** Those that serve or finish what they have. */
    readonly running: number;
    /** How often one has died and was started again. */
    readonly restarts: number;
  };
  /** Each of those. */
  readonly each: readonly WorkerSnapshot[];
  /** The longest that an event loop was late of late, in seconds. */
  readonly eventLoopLag: number;
  /** Descriptors of the process; 0 where nobody may look. */
  readonly openDescriptors: number;
  /** What the process holds, in bytes. */
  readonly memory: {
    /** Memory that is resident. */
    readonly resident: number;
    /** The heap of the JavaScript engine. */
    readonly heap: number;
    /** The part of it that is in use. */
    readonly heapUsed: number;
    /** Buffers outside of it. */
    readonly external: number;
  };
}

/** Where modules read what the server knows of itself. */
export interface Statistics {
  /** Whether it accepts nothing any more and finishes what it has. */
  readonly draining: boolean;
  /** The server now; a promise when other threads have to be asked. */
  snapshot(): StatisticsSnapshot | Promise<StatisticsSnapshot>;
}

/** What `useOf` says of each kind. */
export function heldMemory(useOf: (kind: MemoryKind) => MemoryUse): HeldMemory {
  return Object.fromEntries(
    MEMORY_KINDS.map((kind) => [kind, useOf(kind)]),
  ) as Record<MemoryKind, MemoryUse>;
}

/** Adds what has the same name; everything in `a` is a number. */
export function sumFields<T extends { readonly [K in keyof T]: number }>(
  a: T,
  b: T,
): T {
  const sum: Partial<Record<keyof T, number>> = {};
  for (const key of Object.keys(a) as (keyof T)[]) sum[key] = a[key] + b[key];
  return sum as T;
}

/** A counter of each kind, at 0. */
export function zeros<K extends string>(
  kinds: readonly K[],
): Record<K, number> {
  return Object.fromEntries(kinds.map((kind) => [kind, 0])) as Record<
    K,
    number
  >;
}

/** What a server knows that has not done anything. */
export function emptySnapshot(): StatisticsSnapshot {
  return {
    draining: false,
    startedAt: 0,
    connections: { reading: 0, writing: 0, waiting: 0 },
    accepted: 0,
    handled: 0,
    evicted: 0,
    requests: 0,
    http2: zeros(HTTP2_KINDS),
    ...noRequests(),
    servers: [],
    bytesReceived: 0,
    bytesSent: 0,
    files: {
      hits: 0,
      revalidations: 0,
      misses: 0,
      entries: 0,
      bytes: 0,
      handles: 0,
    },
    compressed: { hits: 0, misses: 0, bytes: 0 },
    held: heldMemory(() => ({ bytes: 0, budget: 0 })),
    timeouts: zeros(TIMEOUT_KINDS),
    limits: zeros(LIMIT_KINDS),
    reloads: { done: 0, refused: 0 },
    lastReload: { servedSince: 0, at: 0, fault: "" },
    workers: { running: 0, restarts: 0 },
    each: [],
    eventLoopLag: 0,
    openDescriptors: 0,
    memory: { resident: 0, heap: 0, heapUsed: 0, external: 0 },
  };
}

/** Those of a configuration that is checked and not served. */
export const NO_STATISTICS: Statistics = {
  draining: false,
  snapshot: emptySnapshot,
};
