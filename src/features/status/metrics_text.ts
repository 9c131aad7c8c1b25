/**
 * A snapshot in the text format of Prometheus, version 0.0.4. Names follow
 * its conventions: base units (seconds, bytes), `_total` for what only grows,
 * and a label where a sum over its values makes sense.
 */

import type { MemoryUse } from "../../bytes/memory_budget.ts";
import { VERSION } from "../../version.ts";
import {
  DURATION_BOUNDS,
  type StatisticsSnapshot,
} from "../../core/statistics.ts";

/** One value of a metric, under a label or none. */
interface Sample {
  readonly suffix?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric. */
interface Metric {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** A metric with one value. */
function single(
  type: "counter" | "gauge",
  name: string,
  help: string,
  value: number,
): Metric {
  return { name, type, help, samples: [{ value }] };
}

/** A metric with a value for each value of one label. */
function labelled(
  type: "counter" | "gauge",
  name: string,
  help: string,
  label: string,
  values: Readonly<Record<string, number>>,
): Metric {
  const samples = Object.entries(values).map(([key, value]) => ({
    labels: { [label]: key },
    value,
  }));
  return { name, type, help, samples };
}

/** Buckets hold what is at or below their bound: each includes the last. */
function durationHistogram(
  { counts, seconds }: StatisticsSnapshot["durations"],
): Metric {
  let below = 0;
  const buckets = counts.map((count, i): Sample => ({
    suffix: "_bucket",
    labels: { le: String(DURATION_BOUNDS[i] ?? "+Inf") },
    value: below += count,
  }));
  return {
    name: "webserv_http_request_duration_seconds",
    type: "histogram",
    help: "Time from the arrival of a head to the last write of its answer.",
    samples: [
      ...buckets,
      { suffix: "_sum", value: seconds },
      { suffix: "_count", value: below },
    ],
  };
}

/** Connections and requests. */
function trafficMetrics(now: StatisticsSnapshot): Metric[] {
  const [, ...classes] = now.statusClasses;
  return [
    labelled(
      "gauge",
      "webserv_connections",
      "Open connections.",
      "state",
      now.connections,
    ),
    single(
      "counter",
      "webserv_connections_accepted_total",
      "Connections accepted.",
      now.accepted,
    ),
    single(
      "counter",
      "webserv_connections_handled_total",
      "Connections accepted and not refused for want of room.",
      now.handled,
    ),
    single(
      "counter",
      "webserv_connections_evicted_total",
      "Idle connections ended to make room.",
      now.evicted,
    ),
    labelled(
      "counter",
      "webserv_http_requests_total",
      "Requests ended, by class of status.",
      "status",
      Object.fromEntries(classes.map((count, i) => [`${i + 1}xx`, count])),
    ),
    single(
      "counter",
      "webserv_received_bytes_total",
      "Bytes received.",
      now.bytesReceived,
    ),
    single(
      "counter",
      "webserv_sent_bytes_total",
      "Bytes sent.",
      now.bytesSent,
    ),
    durationHistogram(now.durations),
    labelled(
      "counter",
      "webserv_timeouts_total",
      "Connections ended by a deadline.",
      "kind",
      now.timeouts,
    ),
    labelled(
      "counter",
      "webserv_limit_hits_total",
      "Requests and connections that met a limit.",
      "limit",
      now.limits,
    ),
  ];
}

/** Caches. */
function cacheMetrics({ files, compressed }: StatisticsSnapshot): Metric[] {
  return [
    labelled(
      "counter",
      "webserv_file_cache_lookups_total",
      "Lookups of files.",
      "result",
      {
        hit: files.hits,
        revalidated: files.revalidations,
        miss: files.misses,
      },
    ),
    single(
      "gauge",
      "webserv_file_cache_entries",
      "Paths the file cache knows.",
      files.entries,
    ),
    single(
      "gauge",
      "webserv_file_cache_bytes",
      "Bytes of files in memory.",
      files.bytes,
    ),
    single(
      "gauge",
      "webserv_file_cache_open_files",
      "Files held open.",
      files.handles,
    ),
    labelled(
      "counter",
      "webserv_compressed_cache_lookups_total",
      "Lookups of compressed responses.",
      "result",
      { hit: compressed.hits, miss: compressed.misses },
    ),
    single(
      "gauge",
      "webserv_compressed_cache_bytes",
      "Bytes of compressed responses in memory.",
      compressed.bytes,
    ),
  ];
}

/** Memory that clients can make more of. */
function memoryMetrics({ held }: StatisticsSnapshot): Metric[] {
  const of = (field: keyof MemoryUse) =>
    Object.fromEntries(
      Object.entries(held).map(([kind, use]) => [kind, use[field]]),
    );
  return [
    labelled(
      "gauge",
      "webserv_memory_bytes",
      "Memory that clients can make more of; of all workers together.",
      "kind",
      of("bytes"),
    ),
    labelled(
      "gauge",
      "webserv_memory_budget_bytes",
      "How much it may become; each worker has a budget of its own.",
      "kind",
      of("budget"),
    ),
  ];
}

/** The process. */
function processMetrics(now: StatisticsSnapshot): Metric[] {
  return [
    {
      name: "webserv_build_info",
      type: "gauge",
      help: "The version; always 1.",
      samples: [{ labels: { version: VERSION }, value: 1 }],
    },
    single(
      "gauge",
      "webserv_draining",
      "1 while the server finishes what it has and accepts nothing.",
      Number(now.draining),
    ),
    labelled(
      "counter",
      "webserv_reloads_total",
      "Reloads of the configuration.",
      "result",
      { success: now.reloads.done, failure: now.reloads.refused },
    ),
    single(
      "gauge",
      "webserv_workers",
      "Workers that serve, or finish what they have.",
      now.workers.running,
    ),
    single(
      "counter",
      "webserv_worker_restarts_total",
      "Workers started again because one had died.",
      now.workers.restarts,
    ),
    single(
      "gauge",
      "webserv_event_loop_lag_seconds",
      "Longest delay of an event loop in the last 15 to 30 seconds.",
      now.eventLoopLag,
    ),
    labelled(
      "gauge",
      "webserv_heap_bytes",
      "The JavaScript heap.",
      "kind",
      { total: now.memory.heap, used: now.memory.heapUsed },
    ),
    single(
      "gauge",
      "webserv_external_memory_bytes",
      "Buffers outside of the JavaScript heap.",
      now.memory.external,
    ),
    single(
      "gauge",
      "process_resident_memory_bytes",
      "Resident memory.",
      now.memory.resident,
    ),
    single(
      "gauge",
      "process_start_time_seconds",
      "When the program started, in seconds since 1970.",
      now.startedAt,
    ),
  ];
}

function sampleLine(name: string, sample: Sample): string {
  const { suffix = "", labels, value } = sample;
  const pairs = Object.entries(labels ?? {})
    .map(([label, text]) => `${label}="${text}"`);
  const braces = pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
  return `${name}${suffix}${braces} ${value}\n`;
}

function metricLines({ name, type, help, samples }: Metric): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n` +
    samples.map((sample) => sampleLine(name, sample)).join("");
}

/** The page of {@linkcode metricsDirective}. */
export function metricsText(now: StatisticsSnapshot): string {
  return [
    ...trafficMetrics(now),
    ...cacheMetrics(now),
    ...memoryMetrics(now),
    ...processMetrics(now),
  ].map(metricLines).join("");
}
