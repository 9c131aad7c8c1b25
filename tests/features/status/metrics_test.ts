import { assert, assertEquals, assertMatch } from "@std/assert";
import { DURATION_BOUNDS } from "../../../src/core/counters/server_counters.ts";
import { metricsText } from "../../../src/features/status/metrics_text.ts";
import {
  emptySnapshot,
  MEMORY_KINDS,
  type StatisticsSnapshot,
} from "../../../src/core/statistics.ts";
import { ask, get, RawClient } from "../../support/raw_client.ts";
import { InProcessServer } from "../../support/in_process_server.ts";

/** The samples of a page by name and labels; the format is checked. */
function samplesOf(page: string): Map<string, number> {
  const samples = new Map<string, number>();
  let metric = "";
  let help = "";
  const seen = new Set<string>();
  for (const line of page.trimEnd().split("\n")) {
    const helpName = /^# HELP (\S+) [A-Z][^\n]*\.$|^# HELP (\S+) /.exec(line);
    if (helpName !== null) {
      help = helpName[1] ?? helpName[2]!;
      continue;
    }
    const type = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line);
    if (type !== null) {
      metric = type[1]!;
      assertEquals(metric, help, "HELP comes before TYPE");
      assert(!seen.has(metric), `${metric} is there twice`);
      assertEquals(
        metric.endsWith("_total"),
        type[2] === "counter",
        `${metric}: only counters end with _total`,
      );
      seen.add(metric);
      continue;
    }
    const sample =
      /^([a-z0-9_]+)(\{[a-z]+="[^"{}]+"(?:,[a-z]+="[^"{}]*")*\})? (\d\S*)$/
        .exec(line);
    if (sample === null) throw new Error(`not a sample: ${line}`);
    const [, name = "", labels = "", value] = sample;
    assertEquals(name.replace(/_(bucket|sum|count)$/, ""), metric, line);
    assert(!samples.has(name + labels), `twice: ${line}`);
    assert(Number.isFinite(Number(value)), line);
    samples.set(name + labels, Number(value));
  }
  return samples;
}

const NONE = emptySnapshot();

/** What is known, and samples that say so. */
const ROWS: readonly (readonly [
  known: Partial<StatisticsSnapshot>,
  samples: Readonly<Record<string, number>>,
])[] = [
  [{ connections: { reading: 1, writing: 2, waiting: 3 } }, {
    'webserv_connections{state="reading"}': 1,
    'webserv_connections{state="writing"}': 2,
    'webserv_connections{state="waiting"}': 3,
  }],
  [{ accepted: 9, handled: 8, evicted: 7 }, {
    webserv_connections_accepted_total: 9,
    webserv_connections_handled_total: 8,
    webserv_connections_evicted_total: 7,
  }],
  [{ statusClasses: [99, 1, 2, 3, 4, 5] }, {
    'webserv_http_requests_total{status="1xx"}': 1,
    'webserv_http_requests_total{status="2xx"}': 2,
    'webserv_http_requests_total{status="5xx"}': 5,
  }],
  [{
    requests: 9,
    http2: { connections: 1, requests: 4, abandoned: 2, faults: 3 },
  }, {
    'webserv_http_protocol_requests_total{version="1"}': 5,
    'webserv_http_protocol_requests_total{version="2"}': 4,
    webserv_http2_connections_total: 1,
    webserv_http2_abandoned_requests_total: 2,
    webserv_http2_faults_total: 3,
  }],
  [{ bytesReceived: 2 ** 40, bytesSent: 2 ** 53 - 1 }, {
    webserv_received_bytes_total: 2 ** 40,
    webserv_sent_bytes_total: 2 ** 53 - 1,
  }],
  [{
    files: {
      hits: 1,
      revalidations: 2,
      misses: 3,
      entries: 4,
      bytes: 5,
      handles: 6,
    },
    compressed: { hits: 7, misses: 8, bytes: 9 },
  }, {
    'webserv_file_cache_lookups_total{result="hit"}': 1,
    'webserv_file_cache_lookups_total{result="revalidated"}': 2,
    'webserv_file_cache_lookups_total{result="miss"}': 3,
    webserv_file_cache_entries: 4,
    webserv_file_cache_bytes: 5,
    webserv_file_cache_open_files: 6,
    'webserv_compressed_cache_lookups_total{result="hit"}': 7,
    'webserv_compressed_cache_lookups_total{result="miss"}': 8,
    webserv_compressed_cache_bytes: 9,
  }],
  [{
    held: {
      ...NONE.held,
      file_bodies: { bytes: 1, budget: 2 },
      listings: { bytes: 3, budget: 4 },
    },
  }, {
    'webserv_memory_bytes{kind="file_bodies"}': 1,
    'webserv_memory_budget_bytes{kind="file_bodies"}': 2,
    'webserv_memory_bytes{kind="listings"}': 3,
    'webserv_memory_budget_bytes{kind="listings"}': 4,
  }],
  [{ reloads: { done: 3, refused: 1 }, draining: true, eventLoopLag: 0.25 }, {
    'webserv_reloads_total{result="success"}': 3,
    'webserv_reloads_total{result="failure"}': 1,
    webserv_draining: 1,
    webserv_event_loop_lag_seconds: 0.25,
  }],
  [{ lastReload: { servedSince: 7, at: 8, fault: "no" } }, {
    webserv_config_last_reload_successful: 0,
    webserv_config_last_reload_success_timestamp_seconds: 7,
  }],
  [{ lastReload: { servedSince: 9, at: 9, fault: "" } }, {
    webserv_config_last_reload_successful: 1,
  }],
  [{
    servers: [{
      name: "a.example",
      listen: "0.0.0.0:80",
      statusClasses: [0, 0, 5, 0, 0, 1],
      answerBytes: 99,
      durations: { counts: [], seconds: 1.5 },
    }],
  }, {
    'webserv_server_requests_total{server="a.example",listen="0.0.0.0:80",status="2xx"}':
      5,
    'webserv_server_requests_total{server="a.example",listen="0.0.0.0:80",status="5xx"}':
      1,
    'webserv_server_sent_bytes_total{server="a.example",listen="0.0.0.0:80"}':
      99,
    'webserv_server_request_seconds_total{server="a.example",listen="0.0.0.0:80"}':
      1.5,
  }],
  [{ workers: { running: 2, restarts: 1 } }, {
    webserv_workers: 2,
    webserv_worker_restarts_total: 1,
  }],
  [{ memory: { resident: 1, heap: 2, heapUsed: 3, external: 4 } }, {
    process_resident_memory_bytes: 1,
    'webserv_heap_bytes{kind="total"}': 2,
    'webserv_heap_bytes{kind="used"}': 3,
    webserv_external_memory_bytes: 4,
  }],
];

Deno.test("metricsText() says what is known", () => {
  for (const [known, expected] of ROWS) {
    const samples = samplesOf(metricsText({ ...NONE, ...known }));
    for (const [name, value] of Object.entries(expected)) {
      assertEquals(samples.get(name), value, name);
    }
  }
});

Deno.test("metricsText() has cumulative buckets up to +Inf", () => {
  const counts = DURATION_BOUNDS.map(() => 1).concat(5);
  const samples = samplesOf(
    metricsText({ ...NONE, durations: { counts, seconds: 1.5 } }),
  );
  const name = "webserv_http_request_duration_seconds";
  DURATION_BOUNDS.forEach((bound, i) =>
    assertEquals(samples.get(`${name}_bucket{le="${bound}"}`), i + 1)
  );
  const all = DURATION_BOUNDS.length + 5;
  assertEquals(samples.get(`${name}_bucket{le="+Inf"}`), all);
  assertEquals(samples.get(`${name}_count`), all);
  assertEquals(samples.get(`${name}_sum`), 1.5);
});

const CONFIG = `
events { worker_connections 6; }
access_log off;
client_header_timeout 400ms;
keepalive_timeout 400ms;
client_max_body_size 10;
large_client_header_buffers 2 200;
server {
    listen 127.0.0.1:0;
    root site;
    location = /metrics { metrics; }
}
`;

/** Requests, and the sample that grows by one. */
const COUNTED: readonly (readonly [raw: string, sample: string])[] = [
  [
    "GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n",
    'webserv_http_requests_total{status="2xx"}',
  ],
  [
    "GET /none HTTP/1.1\r\nHost: a\r\n\r\n",
    'webserv_http_requests_total{status="4xx"}',
  ],
  [
    `GET /${"x".repeat(300)} HTTP/1.1\r\nHost: a\r\n\r\n`,
    'webserv_limit_hits_total{limit="request_line"}',
  ],
  [
    `GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(300)}\r\n\r\n`,
    'webserv_limit_hits_total{limit="request_head"}',
  ],
  [
    "POST /a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n",
    'webserv_limit_hits_total{limit="request_body"}',
  ],
  ["GET / HTTP/1.1\r\n", 'webserv_timeouts_total{kind="client_header"}'],
];

Deno.test("metrics counts what happens to requests", async () => {
  await using server = new InProcessServer({
    config: CONFIG,
    files: { "site/a.txt": "content" },
  });
  const { port } = server;
  const now = async () => samplesOf((await get(port, "/metrics")).text);
  for (const [raw, name] of COUNTED) {
    const before = (await now()).get(name)!;
    await ask(port, raw);
    await settled(server);
    const expected = name.includes("2xx") ? 2 : 1; // and the page itself
    assertEquals((await now()).get(name)! - before, expected, name);
  }
  using idle = await RawClient.connect(port);
  await idle.send("GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n");
  await idle.response();
  assertEquals(await idle.end(), "closed");
  const samples = await now();
  assertEquals(samples.get('webserv_timeouts_total{kind="keepalive"}'), 1);
  assert(samples.get("webserv_received_bytes_total")! > 1000);
  assert(samples.get("webserv_sent_bytes_total")! > 5000);
  assert(samples.get("process_resident_memory_bytes")! > 2 ** 20);
  assertEquals(
    samples.get("webserv_http_request_duration_seconds_count"),
    samples.get('webserv_http_requests_total{status="2xx"}')! +
      samples.get('webserv_http_requests_total{status="4xx"}')!,
  );
  const page = await get(port, "/metrics");
  assertMatch(page.field("content-type")!, /^text\/plain; version=0\.0\.4/);
});

/** Waits until the server has no connection. */
async function settled({ server }: InProcessServer): Promise<void> {
  while (server.connections > 0) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

Deno.test("metrics counts connections that are refused or make room", async () => {
  await using server = new InProcessServer({
    config: CONFIG.replace("400ms", "10s").replace("400ms", "10s"),
  });
  const { port } = server;
  const busy: RawClient[] = [];
  for (let i = 0; i < 6; i++) {
    const client = await RawClient.connect(port);
    await client.send("GET /metrics HTTP/1.1\r\n");
    busy.push(client);
  }
  while (server.server.statistics.snapshot().connections.reading < 6) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  using refused = await RawClient.connect(port);
  assertEquals(await refused.end(), "closed");
  const [first, ...others] = busy;
  await first!.send("Host: a\r\n\r\n");
  const samples = samplesOf((await first!.response())!.text);
  assertEquals(
    [
      samples.get("webserv_connections_accepted_total"),
      samples.get("webserv_connections_handled_total"),
      samples.get('webserv_limit_hits_total{limit="connections"}'),
      samples.get('webserv_connections{state="reading"}'),
    ],
    [7, 6, 1, 5],
  );
  // The first one is idle now, so it makes room.
  const page = samplesOf((await get(port, "/metrics")).text);
  assertEquals(page.get("webserv_connections_evicted_total"), 1);
  first!.close();
  for (const client of others) client.close();
});

Deno.test("metrics goes on counting after a reload", async () => {
  await using server = new InProcessServer({
    config: CONFIG,
    files: { "site/a.txt": "content" },
  });
  await get(server.port, "/a.txt");
  await get(server.port, "/a.txt");
  server.serve(CONFIG);
  await get(server.port, "/a.txt");
  const samples = samplesOf((await get(server.port, "/metrics")).text);
  const name = "webserv_file_cache_lookups_total";
  assertEquals(samples.get(`${name}{result="hit"}`), 1);
  assertEquals(samples.get(`${name}{result="miss"}`), 2);
  assertEquals(samples.get("webserv_connections_accepted_total"), 4);
});

Deno.test("metrics: each kind of memory has a budget, and is within it", async () => {
  await using server = new InProcessServer({
    config: CONFIG,
    files: { "site/a.txt": "content" },
  });
  for (let i = 0; i < 50; i++) await get(server.port, `/none-${i}`);
  await get(server.port, "/a.txt");
  const samples = samplesOf((await get(server.port, "/metrics")).text);
  for (const kind of MEMORY_KINDS) {
    const bytes = samples.get(`webserv_memory_bytes{kind="${kind}"}`)!;
    const budget = samples.get(
      `webserv_memory_budget_bytes{kind="${kind}"}`,
    )!;
    // Without logs none is needed for them.
    assert(budget > 0 || kind === "logs", kind);
    assert(bytes >= 0 && bytes <= budget, kind);
  }
  const held = (kind: string) =>
    samples.get(`webserv_memory_bytes{kind="${kind}"}`)!;
  assert(held("file_bodies") > "content".length);
  assert(held("file_names") > 0);
  assert(held("memos") > 0);
  assert(held("input") > 0);
});
