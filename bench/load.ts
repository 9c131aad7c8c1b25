/**
 * The load generator: wrk with one thread on a core of its own. The requests
 * are given to it as bytes in a Lua script; a script that needs no Lua per
 * request costs wrk nothing.
 */

import { MANY_FILES, seededRandom } from "./tree.ts";
import { runPinned } from "./processes.ts";

/** The core that wrk and idle clients run on. */
export const CLIENT_CORE = 1;

/** How long wrk waits for an answer, in seconds. */
const TIMEOUT_SECONDS = 10;

/** How many choices of a file are made in advance. */
const ZIPF_SEQUENCE = 65_536;

/** What wrk has counted, as its script prints it. */
interface Counted {
  /** Whole answers. */
  readonly requests: number;
  /** Bytes of answers, parts of unfinished ones included. */
  readonly bytes: number;
  /** How long it took, in seconds. */
  readonly seconds: number;
  /** Median latency in ms, with wrk's correction; see {@linkcode runLoad}. */
  readonly p50Ms: number;
  /** 99th percentile of the latency in ms, likewise. */
  readonly p99Ms: number;
  /** The longest latency in ms. */
  readonly maxMs: number;
  /** What went wrong. */
  readonly errors: {
    readonly connect: number;
    readonly read: number;
    readonly write: number;
    readonly timeout: number;
    /** Answers with a status from 400. */
    readonly status: number;
  };
}

/** What a load generator has counted, and what it cost. */
export interface LoadResult extends Counted {
  /** CPU seconds of the load generator. */
  readonly cpuSeconds: number;
}

/** Prints what was counted as one line of JSON. */
const DONE = `
function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format(
    '\\n{"requests":%d,"bytes":%d,"seconds":%.6f,"p50Ms":%.3f,"p99Ms":%.3f,' ..
    '"maxMs":%.3f,"errors":{"connect":%d,"read":%d,"write":%d,' ..
    '"timeout":%d,"status":%d}}\\n',
    summary.requests, summary.bytes, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    latency.max / 1e3, e.connect, e.read, e.write, e.timeout, e.status))
end
`;

/** Text as a Lua string; what JSON escapes in ASCII text, Lua escapes too. */
function luaString(text: string): string {
  return JSON.stringify(text);
}

/**
 * Which file is asked for, over and over: the `k`th is asked for 1/k as often
 * as the first (Zipf's law, exponent 1).
 */
export function zipfSequence(files: number, length: number): number[] {
  const sums: number[] = [];
  let sum = 0;
  for (let k = 1; k <= files; k++) sums.push(sum += 1 / k);
  const random = seededRandom(42);
  return Array.from({ length }, () => {
    const value = random() * sum;
    let low = 0;
    for (let high = files - 1; low < high;) {
      const middle = (low + high) >> 1;
      if (sums[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  });
}

/** The script that sends `requests`, `pipeline` at a time. */
export function luaScript(
  requests: readonly string[],
  pipeline: number,
): string {
  const [only = ""] = requests;
  if (requests.length === 1) {
    // wrk calls this once and sends the bytes it gets for ever after.
    return `local bytes = ${luaString(only.repeat(pipeline))}
function wrk.format() return bytes end
${DONE}`;
  }
  const sequence = zipfSequence(MANY_FILES, ZIPF_SEQUENCE);
  return `local all = {${requests.map(luaString).join(",\n")}}
local order = {${sequence.map((i) => i + 1).join(",")}}
local at = 0
function request()
  at = at % ${ZIPF_SEQUENCE} + 1
  return all[order[at]]
end
${DONE}`;
}

/**
 * Lets wrk ask for `seconds` (whole ones).
 *
 * wrk 4.1 corrects latencies for coordinated omission: it takes the time per
 * answer and connection as the interval at which requests were due, and adds
 * what it has thereby missed. With pipelining the interval is that of a
 * batch divided by its length, so most of what it adds never was, some of it
 * below its own minimum, and a percentile may come out as 0. Percentiles are
 * then `NaN`; the longest latency is never corrected.
 *
 * @throws {Error} when wrk fails
 */
export async function runLoad(options: {
  readonly port: number;
  readonly tls: boolean;
  readonly script: string;
  readonly connections: number;
  readonly seconds: number;
  readonly pipeline: number;
}): Promise<LoadResult> {
  const { port, tls, script, connections, seconds, pipeline } = options;
  const { output, cpuSeconds } = await runTimed([
    "wrk",
    "--threads=1",
    `--connections=${connections}`,
    `--duration=${Math.max(1, Math.round(seconds))}s`,
    `--timeout=${TIMEOUT_SECONDS}s`,
    `--script=${script}`,
    `${tls ? "https" : "http"}://127.0.0.1:${port}/`,
  ]);
  const line = output.split("\n").findLast((text) => text.startsWith("{"));
  if (line === undefined) throw new Error(`wrk said:\n${output}`);
  const counted: Counted = JSON.parse(line.replaceAll("nan", "0"));
  const known = (ms: number) => pipeline > 1 || ms === 0 ? NaN : ms;
  return {
    ...counted,
    p50Ms: known(counted.p50Ms),
    p99Ms: known(counted.p99Ms),
    cpuSeconds,
  };
}

/**
 * Runs a load generator on its core: what it printed, and its CPU seconds.
 *
 * @throws {Error} when it fails
 */
export async function runTimed(
  command: readonly string[],
): Promise<{ readonly output: string; readonly cpuSeconds: number }> {
  const output = await runPinned({
    cores: [CLIENT_CORE],
    command: ["sh", "-c", '"$@" && times', "sh", ...command],
  });
  return { output, cpuSeconds: cpuOfTimes(output) };
}

/**
 * User and system time of the shell's children, in seconds: the second line
 * that the shell's `times` prints.
 */
export function cpuOfTimes(output: string): number {
  const times = [...output.matchAll(/^(\d+)m([\d.]+)s (\d+)m([\d.]+)s$/gm)];
  const [, ...parts] = times.at(-1) ?? [];
  const [userM = 0, userS = 0, systemM = 0, systemS = 0] = parts.map(Number);
  return (userM + systemM) * 60 + userS + systemS;
}
