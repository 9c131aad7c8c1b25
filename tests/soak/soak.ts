/**
 * Good and hostile clients together against the real server. The good ones
 * must see no error and no cliff in latency; when all are gone, the server's
 * descriptors and memory must be back where they were.
 */

import { ServerProcess } from "../support/server_process.ts";
import { goodClient, type GoodResults } from "./clients.ts";

/** How a soak is run. */
export interface SoakOptions {
  /** How long the clients are at work, in seconds. */
  readonly seconds: number;
  /** How many good clients there are. */
  readonly good: number;
  /** How many clients misbehave in each way. */
  readonly hostile: number;
}

/** What the server's process holds. */
export interface ProcessState {
  /** Open file descriptors. */
  readonly descriptors: number;
  /** Resident memory, in MB: what the process once took, it mostly keeps. */
  readonly memoryMb: number;
  /** The part of the JavaScript heap that is in use, in MB, with garbage. */
  readonly heapMb: number;
  /** Buffers outside of the heap, in MB. */
  readonly externalMb: number;
  /** Connections the server knows of, without the one that asks. */
  readonly connections: number;
}

/** What a soak has seen. */
export interface SoakReport {
  /** What good clients have seen. */
  readonly results: GoodResults;
  /** Latency that half, and 99 of 100, answers stayed under, in ms. */
  readonly p50: number;
  readonly p99: number;
  /** The longest latency, in ms. */
  readonly worst: number;
  /** The server before the clients came. */
  readonly before: ProcessState;
  /** The server with all clients at work. */
  readonly during: ProcessState;
  /** The server after the clients have gone. */
  readonly after: ProcessState;
  /** What the server has logged at `error` and above. */
  readonly logged: readonly string[];
}

const BODY = "<h1>soak</h1>".repeat(80);

const CONFIG = `
error_log stderr notice;
access_log off;
http {
  client_header_timeout 2s; client_body_timeout 2s; send_timeout 2s;
  keepalive_timeout 2s; lingering_timeout 1s; lingering_time 2s;
  server {
    listen 127.0.0.1:0;
    root site;
    location = /metrics { metrics; }
  }
}
`;

/** Size of the file that slow readers ask for, in bytes. */
const BIG_BYTES = 20_000_000;

/** How long the server has to clean up, in ms: longer than any deadline. */
const SETTLE_MS = 5000;

/** What a program prints; Deno itself may not read `/proc`. */
function output(program: string, argument: string): string {
  const { stdout } = new Deno.Command(program, { args: [argument] })
    .outputSync();
  return new TextDecoder().decode(stdout);
}

/** The server's own word, from its `metrics` location. */
async function metrics(port: number): Promise<(name: string) => number> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`, {
    headers: { connection: "close" },
  });
  const text = await response.text();
  return (name) =>
    text.split("\n").filter((line) => line.startsWith(name))
      .reduce((sum, line) => sum + Number(line.slice(line.indexOf(" "))), 0);
}

const MEGABYTE = 1024 * 1024;

async function stateOf(pid: number, port: number): Promise<ProcessState> {
  const metric = await metrics(port);
  const status = output("cat", `/proc/${pid}/status`);
  const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
  return {
    descriptors: output("ls", `/proc/${pid}/fd`).trim().split("\n").length,
    memoryMb: Math.round(kilobytes / 1024),
    heapMb: Math.round(metric('webserv_heap_bytes{kind="used"}') / MEGABYTE),
    externalMb: Math.round(metric("webserv_external_memory_bytes ") / MEGABYTE),
    connections: metric("webserv_connections{") - 1,
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Hostile clients in a thread of their own: they must not slow the good. */
function hostileClients(port: number, options: SoakOptions): Promise<void> {
  const worker = new Worker(new URL("./hostile.ts", import.meta.url), {
    type: "module",
  });
  return new Promise((resolve, reject) => {
    worker.onmessage = () => {
      worker.terminate();
      resolve();
    };
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage({ port, ...options });
  });
}

/** Runs a soak. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  await using server = await ServerProcess.start({
    config: CONFIG,
    files: {
      "site/index.html": BODY,
      "site/big.bin": new Uint8Array(BIG_BYTES),
    },
  });
  const [port] = server.ports;
  const results: GoodResults = { answers: 0, errors: [], latencies: [] };
  // One round alone, so that what is compiled and cached is there before.
  await goodClient(
    { port: port!, until: performance.now() + 500 },
    "/",
    BODY,
    results,
  );
  results.latencies.length = 0;
  const before = await stateOf(server.pid, port!);
  const target = {
    port: port!,
    until: performance.now() + options.seconds * 1000,
  };
  const clients: Promise<void>[] = [];
  for (let n = 0; n < options.good; n++) {
    clients.push(goodClient(target, "/", BODY, results));
  }
  clients.push(hostileClients(port!, options));
  await pause(options.seconds * 800);
  const during = await stateOf(server.pid, port!);
  await Promise.all(clients);
  await pause(SETTLE_MS);
  const after = await stateOf(server.pid, port!);
  const sorted = results.latencies.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0;
  return {
    results,
    p50: at(0.5),
    p99: at(0.99),
    worst: sorted.at(-1) ?? 0,
    before,
    during,
    after,
    logged: server.stderr.split("\n")
      .filter((line) => /\[(error|crit|alert|emerg)\]/.test(line)),
  };
}
