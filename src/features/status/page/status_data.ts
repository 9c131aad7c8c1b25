/**
 * What the status page shows, as data: the format is documented in
 * `docs/operation.md`, and only grows. Times are in seconds, those of the clock
 * since the epoch; sizes are in bytes. Counters begin at 0 when the program
 * starts.
 */

import {
  DURATION_BOUNDS,
  type RequestCounts,
} from "../../../core/counters/server_counters.ts";
import type { Gauge } from "../../../core/module.ts";
import type { StatisticsSnapshot } from "../../../core/statistics.ts";
import { VERSION } from "../../../version.ts";
import { gathered } from "../gathered_gauges.ts";
import type { ProcessUsage } from "../process_usage.ts";

/** The version of the format: another one when a field changes or goes. */
const FORMAT = 1;

/** Requests that have ended. */
function requestsOf({ statusClasses, answerBytes, durations }: RequestCounts) {
  const [other = 0, ...classes] = statusClasses;
  return {
    statuses: {
      ...Object.fromEntries(
        classes.map((count, i) => [`${i + 1}xx`, count] as const),
      ),
      other,
    },
    sentBytes: answerBytes,
    seconds: durations.seconds,
    durations: durations.counts,
  };
}

/** A moment, where 0 stands for none. */
function moment(seconds: number): number | null {
  return seconds === 0 ? null : seconds;
}

/** The server at `time`. */
export function statusData(
  time: number,
  now: StatisticsSnapshot,
  gauges: readonly Gauge[],
  usage: ProcessUsage,
) {
  const { http2, lastReload, memory } = now;
  return {
    format: FORMAT,
    time,
    version: VERSION,
    deno: Deno.version.deno,
    startedAt: now.startedAt,
    draining: now.draining,
    process: {
      processorSeconds: usage.processorSeconds,
      openDescriptors: usage.openDescriptors ?? null,
      residentBytes: memory.resident,
      heapBytes: memory.heap,
      heapUsedBytes: memory.heapUsed,
      externalBytes: memory.external,
      eventLoopLagSeconds: now.eventLoopLag,
    },
    connections: {
      ...now.connections,
      accepted: now.accepted,
      handled: now.handled,
      evicted: now.evicted,
    },
    traffic: {
      receivedBytes: now.bytesReceived,
      sentBytes: now.bytesSent,
    },
    requests: {
      begun: now.requests,
      byProtocol: { "1": now.requests - http2.requests, "2": http2.requests },
      ...requestsOf(now),
    },
    durationBounds: DURATION_BOUNDS,
    http2: {
      connections: http2.connections,
      abandoned: http2.abandoned,
      faults: http2.faults,
    },
    caches: {
      files: now.files,
      compressed: now.compressed,
    },
    memory: now.held,
    timeouts: now.timeouts,
    limits: now.limits,
    reload: {
      servedSince: now.lastReload.servedSince,
      at: moment(lastReload.at),
      fault: lastReload.fault === "" ? null : lastReload.fault,
      done: now.reloads.done,
      refused: now.reloads.refused,
    },
    workers: {
      running: now.workers.running,
      restarts: now.workers.restarts,
      each: now.each.map((worker) => ({
        id: worker.id,
        startedAt: worker.startedAt,
        connections: worker.connections,
        eventLoopLagSeconds: worker.eventLoopLag,
        heapUsedBytes: worker.heapUsed,
        ...requestsOf(worker),
      })).toSorted((a, b) => a.id - b.id),
    },
    servers: now.servers.map((server) => ({
      name: server.name,
      listen: server.listen,
      ...requestsOf(server),
    })),
    gauges: Object.fromEntries(
      gathered(gauges).map(({ name, samples }) => [name, samples]),
    ),
  };
}
