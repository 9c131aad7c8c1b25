/** Takes samples of the server's process. */

import type { Sample } from "./growth.ts";

const MEGABYTE = 1024 * 1024;

/** How long the status page may take, in ms. */
const STATUS_TIMEOUT_MS = 20_000;

/** The sum of a metric's samples whose line begins with `name`. */
export function metric(page: string, name: string): number {
  return page.split("\n").filter((line) => line.startsWith(name))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}

/** Where samples are taken. */
export interface SampledServer {
  /** Its process. */
  readonly pid: number;
  /** The port of its status pages. */
  readonly statusPort: number;
}

/** A sample, `seconds` after the beginning. */
export async function sample(
  { pid, statusPort }: SampledServer,
  seconds: number,
): Promise<Sample> {
  const response = await fetch(`http://127.0.0.1:${statusPort}/metrics`, {
    headers: { connection: "close" },
    signal: AbortSignal.timeout(STATUS_TIMEOUT_MS),
  });
  const page = await response.text();
  return {
    seconds,
    residentMb: metric(page, "process_resident_memory_bytes") / MEGABYTE,
    heapMb: metric(page, 'webserv_heap_bytes{kind="used"}') / MEGABYTE,
    externalMb: metric(page, "webserv_external_memory_bytes ") / MEGABYTE,
    descriptors: await descriptorsOf(pid),
    cachedFiles: metric(page, "webserv_file_cache_open_files "),
    connections: metric(page, "webserv_connections{") - 1,
  };
}

/** Deno itself may not read `/proc`. */
async function descriptorsOf(pid: number): Promise<number> {
  if (Deno.build.os !== "linux") return NaN;
  const { stdout } = await new Deno.Command("ls", {
    args: [`/proc/${pid}/fd`],
    stderr: "null",
  }).output();
  return new TextDecoder().decode(stdout).trim().split("\n").length;
}
