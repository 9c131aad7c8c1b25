/**
 * A snapshot in the text format of Prometheus, version 0.0.4. Names follow
 * its conventions: base units (seconds, bytes), `_total` for what only grows,
 * and a label where a sum over its values makes sense.
 */

import type { MemoryUse } from "../../bytes/memory_budget.ts";
import type { Gauge } from "../../core/module.ts";
import { gathered } from "./gathered_gauges.ts";
import type { ProcessUsage } from "./process_usage.ts";
import { VERSION } from "../../version.ts";
import {
  DURATION_BOUNDS,
  type ServerSnapshot,
} from "../../core/counters/server_counters.ts";
import type { StatisticsSnapshot } from "../../core/statistics.ts";

/** How the program was started. */
const FORM = Deno.build.standalone ? "executable" : "source";

/** A sample of `name` for each value of `label`. */
function samples(
  name: string,
  label: string,
  values: Readonly<Record<string, number>>,
): string {
  return Object.entries(values)
    .map(([key, value]) => `${name}{${label}="${key}"} ${value}`).join("\n");
}

/** Buckets hold what is at or below their bound: each includes the last. */
function durationSamples(
  name: string,
  { counts, seconds }: StatisticsSnapshot["durations"],
): string {
  let below = 0;
  const buckets = counts.map((count, i) =>
    `${name}_bucket{le="${DURATION_BOUNDS[i] ?? "+Inf"}"} ${below += count}`
  );
  return `${buckets.join("\n")}
${name}_sum ${seconds}
${name}_count ${below}`;
}

/** A value of a label, escaped. */
function labelValue(text: string): string {
  return text.replaceAll(/[\\"]/g, "\\$&").replaceAll("\n", "\\n");
}

/** What the process has used. */
export function processText(
  { processorSeconds, openDescriptors }: ProcessUsage,
): string {
  const descriptors = openDescriptors === undefined ? "" : `\
# HELP process_open_fds Open descriptors.
# TYPE process_open_fds gauge
process_open_fds ${openDescriptors}
`;
  return `\
# HELP process_cpu_seconds_total Time of processors, of the program and of the system for it.
# TYPE process_cpu_seconds_total counter
process_cpu_seconds_total ${processorSeconds}
${descriptors}`;
}

/** What virtual servers have counted. */
function serversText(servers: readonly ServerSnapshot[]): string {
  if (servers.length === 0) return "";
  const each = (
    name: string,
    help: string,
    samples: (server: ServerSnapshot) => readonly (readonly [string, number])[],
  ) => {
    const lines = servers.flatMap((server) => {
      const labels = `server="${labelValue(server.name)}",` +
        `listen="${labelValue(server.listen)}"`;
      return samples(server).map(([more, value]) =>
        `${name}{${labels}${more}} ${value}\n`
      );
    });
    return `# HELP ${name} ${help}\n# TYPE ${name} counter\n${lines.join("")}`;
  };
  return each(
    "webserv_server_requests_total",
    "Requests ended, by virtual server and class of status.",
    ({ statusClasses: [, ...classes] }) =>
      classes.map((count, i) => [`,status="${i + 1}xx"`, count] as const),
  ) + each(
    "webserv_server_sent_bytes_total",
    "Bytes of answers, heads included, by virtual server.",
    ({ answerBytes }) => [["", answerBytes]],
  ) + each(
    "webserv_server_request_seconds_total",
    "Time that requests have taken, by virtual server.",
    ({ durations }) => [["", durations.seconds]],
  );
}

/** Numbers of modules. */
export function gaugesText(gauges: readonly Gauge[]): string {
  return gathered(gauges).map(({ name, help, samples }) => {
    const lines = samples.map(({ labels, value }) => {
      const texts = Object.entries(labels)
        .map(([label, text]) => `${label}="${labelValue(text)}"`);
      return `${name}{${texts.join()}} ${value}\n`;
    });
    return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join("")}`;
  }).join("");
}

/** The page of the directive `metrics`. */
export function metricsText(now: StatisticsSnapshot): string {
  const { files, compressed, http2, memory, reloads, workers } = now;
  const [, ...classes] = now.statusClasses;
  const held = (field: keyof MemoryUse) =>
    Object.fromEntries(
      Object.entries(now.held).map(([kind, use]) => [kind, use[field]]),
    );
  const requests = Object.fromEntries(
    classes.map((count, i) => [`${i + 1}xx`, count]),
  );
  return `\
# HELP webserv_connections Open connections.
# TYPE webserv_connections gauge
${samples("webserv_connections", "state", now.connections)}
# HELP webserv_connections_accepted_total Connections accepted.
# TYPE webserv_connections_accepted_total counter
webserv_connections_accepted_total ${now.accepted}
# HELP webserv_connections_handled_total Connections accepted and not refused for want of room.
# TYPE webserv_connections_handled_total counter
webserv_connections_handled_total ${now.handled}
# HELP webserv_connections_evicted_total Idle connections ended to make room.
# TYPE webserv_connections_evicted_total counter
webserv_connections_evicted_total ${now.evicted}
# HELP webserv_http_requests_total Requests ended, by class of status.
# TYPE webserv_http_requests_total counter
${samples("webserv_http_requests_total", "status", requests)}
# HELP webserv_http_protocol_requests_total Requests begun, by version of HTTP.
# TYPE webserv_http_protocol_requests_total counter
webserv_http_protocol_requests_total{version="1"} ${
    now.requests - http2.requests
  }
webserv_http_protocol_requests_total{version="2"} ${http2.requests}
# HELP webserv_http2_connections_total Connections that speak HTTP/2.
# TYPE webserv_http2_connections_total counter
webserv_http2_connections_total ${http2.connections}
# HELP webserv_http2_abandoned_requests_total Requests of HTTP/2 given up by the client, or for what it has done.
# TYPE webserv_http2_abandoned_requests_total counter
webserv_http2_abandoned_requests_total ${http2.abandoned}
# HELP webserv_http2_faults_total Connections ended for what the client has done, floods among it.
# TYPE webserv_http2_faults_total counter
webserv_http2_faults_total ${http2.faults}
# HELP webserv_received_bytes_total Bytes received.
# TYPE webserv_received_bytes_total counter
webserv_received_bytes_total ${now.bytesReceived}
# HELP webserv_sent_bytes_total Bytes sent.
# TYPE webserv_sent_bytes_total counter
webserv_sent_bytes_total ${now.bytesSent}
# HELP webserv_http_request_duration_seconds Time from the arrival of a head to the last write of its answer.
# TYPE webserv_http_request_duration_seconds histogram
${durationSamples("webserv_http_request_duration_seconds", now.durations)}
# HELP webserv_timeouts_total Connections ended by a deadline.
# TYPE webserv_timeouts_total counter
${samples("webserv_timeouts_total", "kind", now.timeouts)}
# HELP webserv_limit_hits_total Requests and connections that met a limit.
# TYPE webserv_limit_hits_total counter
${samples("webserv_limit_hits_total", "limit", now.limits)}
# HELP webserv_file_cache_lookups_total Lookups of files.
# TYPE webserv_file_cache_lookups_total counter
webserv_file_cache_lookups_total{result="hit"} ${files.hits}
webserv_file_cache_lookups_total{result="revalidated"} ${files.revalidations}
webserv_file_cache_lookups_total{result="miss"} ${files.misses}
# HELP webserv_file_cache_entries Paths the file cache knows.
# TYPE webserv_file_cache_entries gauge
webserv_file_cache_entries ${files.entries}
# HELP webserv_file_cache_bytes Bytes of files in memory.
# TYPE webserv_file_cache_bytes gauge
webserv_file_cache_bytes ${files.bytes}
# HELP webserv_file_cache_open_files Files held open.
# TYPE webserv_file_cache_open_files gauge
webserv_file_cache_open_files ${files.handles}
# HELP webserv_compressed_cache_lookups_total Lookups of compressed responses.
# TYPE webserv_compressed_cache_lookups_total counter
webserv_compressed_cache_lookups_total{result="hit"} ${compressed.hits}
webserv_compressed_cache_lookups_total{result="miss"} ${compressed.misses}
# HELP webserv_compressed_cache_bytes Bytes of compressed responses in memory.
# TYPE webserv_compressed_cache_bytes gauge
webserv_compressed_cache_bytes ${compressed.bytes}
# HELP webserv_memory_bytes Memory that clients can make more of; of all workers together.
# TYPE webserv_memory_bytes gauge
${samples("webserv_memory_bytes", "kind", held("bytes"))}
# HELP webserv_memory_budget_bytes How much it may become; each worker has a budget of its own.
# TYPE webserv_memory_budget_bytes gauge
${samples("webserv_memory_budget_bytes", "kind", held("budget"))}
# HELP webserv_build_info The version, that of Deno, and whether it is the executable; always 1.
# TYPE webserv_build_info gauge
webserv_build_info{version="${VERSION}",deno="${Deno.version.deno}",form="${FORM}"} 1
# HELP webserv_draining 1 while the server finishes what it has and accepts nothing.
# TYPE webserv_draining gauge
webserv_draining ${Number(now.draining)}
# HELP webserv_reloads_total Reloads of the configuration.
# TYPE webserv_reloads_total counter
webserv_reloads_total{result="success"} ${reloads.done}
webserv_reloads_total{result="failure"} ${reloads.refused}
# HELP webserv_config_last_reload_successful 1 unless the last reload was refused.
# TYPE webserv_config_last_reload_successful gauge
webserv_config_last_reload_successful ${Number(now.lastReload.fault === "")}
# HELP webserv_config_last_reload_success_timestamp_seconds Since when the configuration is served, in seconds since 1970.
# TYPE webserv_config_last_reload_success_timestamp_seconds gauge
webserv_config_last_reload_success_timestamp_seconds ${now.lastReload.servedSince}
# HELP webserv_workers Workers that serve, or finish what they have.
# TYPE webserv_workers gauge
webserv_workers ${workers.running}
# HELP webserv_worker_restarts_total Workers started again because one had died.
# TYPE webserv_worker_restarts_total counter
webserv_worker_restarts_total ${workers.restarts}
# HELP webserv_event_loop_lag_seconds Longest delay of an event loop in the last 15 to 30 seconds.
# TYPE webserv_event_loop_lag_seconds gauge
webserv_event_loop_lag_seconds ${now.eventLoopLag}
# HELP webserv_heap_bytes The JavaScript heap.
# TYPE webserv_heap_bytes gauge
webserv_heap_bytes{kind="total"} ${memory.heap}
webserv_heap_bytes{kind="used"} ${memory.heapUsed}
# HELP webserv_external_memory_bytes Buffers outside of the JavaScript heap.
# TYPE webserv_external_memory_bytes gauge
webserv_external_memory_bytes ${memory.external}
# HELP process_resident_memory_bytes Resident memory.
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes ${memory.resident}
# HELP process_start_time_seconds When the program started, in seconds since 1970.
# TYPE process_start_time_seconds gauge
process_start_time_seconds ${now.startedAt}
${serversText(now.servers)}`;
}
