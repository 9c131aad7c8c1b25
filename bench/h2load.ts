/**
 * The load generator for HTTP/2: h2load of nghttp2 with one thread, on the
 * core that wrk has otherwise.
 */

import { type LoadResult, runTimed } from "./load.ts";

/** Milliseconds in h2load's units of time. */
const UNITS: Readonly<Record<string, number>> = { us: 1e-3, ms: 1, s: 1000 };

/** Bytes in h2load's lines of traffic are whole ones, in parentheses. */
const DATA = /\((\d+)\) data$/m;

const SECONDS = /^finished in ([\d.]+)(us|ms|s),/m;
const REQUESTS =
  /^requests: \d+ total, \d+ started, \d+ done, (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout/m;
const STATUSES = /^status codes: \d+ 2xx, \d+ 3xx, (\d+) 4xx, (\d+) 5xx/m;
const LATENCY = /^time for request: +\S+ +([\d.]+)(us|ms|s) /m;

/**
 * What h2load has printed, as numbers. It knows no percentiles of latency.
 *
 * @throws {Error} when it has not spoken HTTP/2, or says something else
 */
export function h2loadResult(
  output: string,
): Omit<LoadResult, "cpuSeconds"> {
  const find = (pattern: RegExp) => {
    const [, ...parts] = pattern.exec(output) ?? [];
    if (parts.length === 0) throw new Error(`h2load said:\n${output}`);
    return parts;
  };
  const milliseconds = ([value, unit]: string[]) =>
    Number(value) * UNITS[unit!]!;
  if (!output.includes("Application protocol: h2\n")) {
    throw new Error(`h2load did not speak HTTP/2:\n${output}`);
  }
  const [succeeded = 0, failed = 0, errored = 0, timeout = 0] = find(REQUESTS)
    .map(Number);
  const [clientErrors = 0, serverErrors = 0] = find(STATUSES).map(Number);
  const status = clientErrors + serverErrors;
  return {
    // An answer whose status is an error counts as failed.
    requests: succeeded + status,
    bytes: Number(find(DATA)[0]),
    seconds: milliseconds(find(SECONDS)) / 1000,
    p50Ms: NaN,
    p99Ms: NaN,
    maxMs: milliseconds(find(LATENCY)),
    errors: {
      connect: 0,
      read: Math.max(errored, failed - status),
      write: 0,
      timeout,
      status,
    },
  };
}

/**
 * Lets h2load ask for `target` for `seconds` (whole ones), `streams` at a time
 * on each of `connections`.
 *
 * @throws {Error} when h2load fails, or the server speaks no HTTP/2
 */
export async function runH2load(options: {
  readonly port: number;
  readonly target: string;
  readonly connections: number;
  readonly streams: number;
  readonly seconds: number;
}): Promise<LoadResult> {
  const { port, target, connections, streams, seconds } = options;
  const { output, cpuSeconds } = await runTimed([
    "h2load",
    "--threads=1",
    `--clients=${connections}`,
    `--max-concurrent-streams=${streams}`,
    `--duration=${Math.max(1, Math.round(seconds))}`,
    "--npn-list=h2",
    `https://127.0.0.1:${port}${target}`,
  ]);
  return { ...h2loadResult(output), cpuSeconds };
}
