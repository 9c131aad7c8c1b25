/** The counters of several workers as those of one server. */

import {
  emptySnapshot,
  heldMemory,
  type StatisticsSnapshot,
  sumFields,
} from "../core/statistics.ts";
import { addRequests, addServers } from "../core/counters/server_counters.ts";

/**
 * Two workers as one. Memory that is resident and descriptors belong to the
 * process, and so are counted once; of the event loops the one that is most behind is told.
 */
export function addSnapshots(
  a: StatisticsSnapshot,
  b: StatisticsSnapshot,
): StatisticsSnapshot {
  return {
    draining: a.draining || b.draining,
    startedAt: a.startedAt === 0 || b.startedAt === 0
      ? Math.max(a.startedAt, b.startedAt)
      : Math.min(a.startedAt, b.startedAt),
    connections: sumFields(a.connections, b.connections),
    accepted: a.accepted + b.accepted,
    handled: a.handled + b.handled,
    evicted: a.evicted + b.evicted,
    requests: a.requests + b.requests,
    http2: sumFields(a.http2, b.http2),
    ...addRequests(a, b),
    servers: addServers(a.servers, b.servers),
    bytesReceived: a.bytesReceived + b.bytesReceived,
    bytesSent: a.bytesSent + b.bytesSent,
    files: sumFields(a.files, b.files),
    compressed: sumFields(a.compressed, b.compressed),
    // Each worker has budgets of its own.
    held: heldMemory((kind) => sumFields(a.held[kind], b.held[kind])),
    timeouts: sumFields(a.timeouts, b.timeouts),
    limits: sumFields(a.limits, b.limits),
    reloads: sumFields(a.reloads, b.reloads),
    lastReload: a.lastReload.servedSince > b.lastReload.servedSince
      ? a.lastReload
      : b.lastReload,
    workers: sumFields(a.workers, b.workers),
    each: [...a.each, ...b.each],
    eventLoopLag: Math.max(a.eventLoopLag, b.eventLoopLag),
    openDescriptors: Math.max(a.openDescriptors, b.openDescriptors),
    memory: {
      ...sumFields(a.memory, b.memory),
      resident: Math.max(a.memory.resident, b.memory.resident),
    },
  };
}

/** What stays of a worker that has ended: what it has counted, not held. */
export function countersOf(last: StatisticsSnapshot): StatisticsSnapshot {
  const { connections, held, lastReload, workers, memory } = emptySnapshot();
  return {
    ...last,
    draining: false,
    connections,
    files: { ...last.files, entries: 0, bytes: 0, handles: 0 },
    compressed: { ...last.compressed, bytes: 0 },
    held,
    lastReload,
    workers,
    each: [],
    eventLoopLag: 0,
    openDescriptors: 0,
    memory,
  };
}
