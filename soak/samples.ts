/** Takes samples of the server's process. */

import { countDescriptors, type Sample } from "./growth.ts";

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

/**
 * A sample, `seconds` after the beginning.
 *
 * @throws {Error} when the status page is not answered, or not in time
 */
export async function sample(
  { pid, statusPort }: SampledServer,
  seconds: number,
): Promise<Sample> {
  const page = await statusPage(statusPort);
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

async function statusPage(port: number): Promise<string> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`, {
      headers: { connection: "close" },
      signal: AbortSignal.timeout(STATUS_TIMEOUT_MS),
    });
    return await response.text();
  } catch (error) {
    throw new Error(`the status page is not answered: ${error}`, {
      cause: error,
    });
  }
}

async function descriptorsOf(pid: number): Promise<number> {
  if (Deno.build.os !== "linux") return NaN;
  return countDescriptors(await list("-l", `/proc/${pid}/fd`));
}

/** What the descriptors of a process are, each kind once with its number. */
export async function descriptorKinds(pid: number): Promise<string> {
  if (Deno.build.os !== "linux") return "";
  const counts = new Map<string, number>();
  for (const line of await list("-l", `/proc/${pid}/fd`)) {
    const kind = / -> (.*?)(?::\[\d+\])?$/.exec(line)?.[1];
    if (kind !== undefined) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(", ");
}

/** The lines that `ls` prints: Deno itself may not read `/proc`. */
async function list(...args: string[]): Promise<string[]> {
  const { stdout } = await new Deno.Command("ls", { args, stderr: "null" })
    .output();
  return new TextDecoder().decode(stdout).trim().split("\n");
}
