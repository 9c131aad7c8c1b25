/** One measurement: one server, one workload, once. */

import type { Certificate } from "./certificate.ts";
import { runH2load } from "./h2load.ts";
import { CLIENT_CORE, type LoadResult, luaScript, runLoad } from "./load.ts";
import {
  busyShare,
  type CoreSpan,
  coreTime,
  strangersShare,
} from "./measure.ts";
import type { Site } from "./server_spec.ts";
import { RunningProcess } from "./processes.ts";
import {
  freePort,
  type InstalledServer,
  SERVER_CORE,
  StartedServer,
} from "./started_server.ts";
import { targetsOf } from "./requests.ts";
import {
  buildRequests,
  checkLoad,
  verify,
  verifyHttp2,
  WrongAnswer,
} from "./verify.ts";
import type { Case, Feature, Workload } from "./workloads.ts";

/**
 * How long a server is asked before anything is measured, in seconds. V8 takes
 * some six seconds to compile all that is hot, on the core that is measured;
 * until then one answer in a hundred takes 4 to 9 ms instead of 2 (measured).
 */
const WARM_UP_SECONDS = 8;

/** From this share of a core on, strangers disturb a measurement. */
export const DISTURBED = 0.05;

/** No access log line of these servers is shorter, in bytes. */
const MIN_LOG_LINE_BYTES = 70;

/** How many workers a workload with several has. */
const WORKERS = 2;

/** How often a disturbed measurement is made. */
const MAX_ATTEMPTS = 3;

/** What one measurement has given. */
export interface Run {
  /** The name of the case. */
  readonly name: string;
  /** The name of the server. */
  readonly server: string;
  /** Which turn it was, from 1. */
  readonly round: number;
  /** Answers per second. */
  readonly perSecond: number;
  /** Bytes of answers per second. */
  readonly bytesPerSecond: number;
  /** CPU seconds of the whole server per million answers. */
  readonly cpuPerMillion: number;
  /** The most memory the server has had since its start, in bytes. */
  readonly peakBytes: number;
  /** Median latency in ms; `NaN` where wrk cannot know it. */
  readonly p50Ms: number;
  /** 99th percentile of the latency in ms, likewise. */
  readonly p99Ms: number;
  /** The longest latency in ms. */
  readonly maxMs: number;
  /** Share of time in which the server's cores did anything, 0 to 1. */
  readonly coreBusy: number;
  /** Largest share that strangers took of either core, 0 to 1. */
  readonly strangers: number;
}

/** Where the bench works. */
export interface Workplace {
  /** A folder for what is temporary. */
  readonly folder: string;
  /** The folder of files. */
  readonly root: string;
  /** What TLS is spoken with, or `undefined` when it cannot be made. */
  readonly certificate: Certificate | undefined;
  /** Whether h2load is installed. */
  readonly h2load: boolean;
}

/** Why nobody can do `workload` here, or `undefined` if it is possible. */
export function impossible(
  { needs }: Pick<Workload, "needs">,
  { certificate, h2load }: Pick<Workplace, "certificate" | "h2load">,
): string | undefined {
  if (needs !== "tls" && needs !== "http2") return undefined;
  if (certificate === undefined) {
    return "openssl is not installed, and there is no certificate";
  }
  return needs === "http2" && !h2load
    ? "h2load is not installed, which is in Debian's nghttp2-client"
    : undefined;
}

/** The command of a helper process in this folder. */
export function helperCommand(file: string, ...args: unknown[]): string[] {
  const path = new URL(file, import.meta.url).pathname;
  return [
    Deno.execPath(),
    "run",
    "--no-prompt",
    "--no-config",
    "--allow-net=127.0.0.1",
    path,
    ...args.map(String),
  ];
}

/** Connections that say nothing, or none. */
async function holdIdle(
  count: number,
  port: number,
): Promise<RunningProcess | undefined> {
  if (count === 0) return undefined;
  const holder = new RunningProcess({
    cores: [CLIENT_CORE],
    command: helperCommand("./idle_connections.ts", port, count, "/1k.html"),
  });
  await expectLine(holder, `ready ${count}`);
  return holder;
}

/**
 * Reads the next line of a helper.
 *
 * @throws {WrongAnswer} when it is another one
 */
export async function expectLine(
  helper: RunningProcess,
  expected: string,
): Promise<void> {
  const line = await helper.line();
  if (line !== expected) {
    throw new WrongAnswer(`connections: ${line}, not ${expected}`);
  }
}

/** The folder and port of one start of a server, and what it must do. */
export async function newSite(
  { folder, root, certificate }: Omit<Workplace, "h2load">,
  { accessLog, needs }: { accessLog: boolean; needs: Feature | undefined },
): Promise<Site> {
  const own = await Deno.makeTempDir({ dir: folder });
  return {
    folder: own,
    root,
    port: freePort(),
    accessLog: accessLog ? `${own}/access.log` : undefined,
    precompressed: needs === "gzip_static",
    tls: needs === "tls" || needs === "http2" ? certificate : undefined,
    http2: needs === "http2",
    workers: needs === "workers" ? WORKERS : 1,
  };
}

async function coreTimes() {
  return {
    server: await coreTime(SERVER_CORE),
    client: await coreTime(CLIENT_CORE),
  };
}

/** How busy the server's cores were, and what strangers took of either. */
function sharesOf(
  { server, client }: { server: CoreSpan; client: CoreSpan },
  serverSeconds: number,
  clientSeconds: number,
  { workers }: Site,
): Pick<Run, "coreBusy" | "strangers"> {
  if (workers > 1) {
    const both = [server, client];
    const ours = serverSeconds + clientSeconds;
    return {
      coreBusy: busyShare(both),
      strangers: strangersShare(both, ours),
    };
  }
  return {
    coreBusy: busyShare([server]),
    strangers: Math.max(
      strangersShare([server], serverSeconds),
      strangersShare([client], clientSeconds),
    ),
  };
}

/**
 * As {@linkcode runCase}, again when strangers were at work: of a few
 * attempts the one that was disturbed least counts, whatever it measured.
 */
export async function runUndisturbed(
  ...args: Parameters<typeof runCase>
): Promise<Run> {
  let best = await runCase(...args);
  for (let i = 1; i < MAX_ATTEMPTS && best.strangers > DISTURBED; i++) {
    const again = await runCase(...args);
    if (again.strangers < best.strangers) best = again;
  }
  return best;
}

/** How a server is checked and loaded. */
interface LoadClient {
  /** Checks the answers; the length of the longest body, in bytes. */
  readonly check: () => Promise<number>;
  /** Asks for so many seconds. */
  readonly ask: (seconds: number) => Promise<LoadResult>;
}

/** The client of a workload: HTTP/2 by h2load, everything else by wrk. */
async function clientOf(workload: Workload, site: Site): Promise<LoadClient> {
  const { connections, streams, pipeline = 1 } = workload;
  const { port } = site;
  if (streams !== undefined) {
    const [target = "/"] = targetsOf(workload);
    return {
      check: () => verifyHttp2(workload, site),
      ask: (seconds) =>
        runH2load({ port, target, connections, streams, seconds }),
    };
  }
  const requests = await buildRequests(workload, site);
  const script = `${site.folder}/load.lua`;
  await Deno.writeTextFile(script, luaScript(requests, pipeline));
  const tls = site.tls !== undefined;
  return {
    check: () => verify(workload, requests, site),
    ask: (seconds) =>
      runLoad({ port, tls, script, connections, pipeline, seconds }),
  };
}

/**
 * Starts `server`, checks it, loads it, checks it again and ends it.
 *
 * @throws {WrongAnswer} when an answer was wrong, before, after or meanwhile
 */
export async function runCase(
  server: InstalledServer,
  { name, workload, accessLog }: Case,
  round: number,
  defaultSeconds: number,
  place: Workplace,
): Promise<Run> {
  const site = await newSite(place, { accessLog, needs: workload.needs });
  const { port } = site;
  const seconds = workload.seconds ?? defaultSeconds;
  try {
    await using started = await StartedServer.start(server, site);
    await using holder = await holdIdle(workload.idle ?? 0, port);
    const { check, ask } = await clientOf(workload, site);
    const bodyBytes = await check();
    await ask(WARM_UP_SECONDS);
    const before = await coreTimes();
    const cpu = await started.cpuSeconds();
    const load = await ask(seconds);
    const cpuUsed = await started.cpuSeconds() - cpu;
    const after = await coreTimes();
    const { peak } = await started.memory();
    checkLoad(workload, load, bodyBytes);
    await check();
    if (holder !== undefined) {
      await holder.tell("alive?");
      await expectLine(holder, `alive ${workload.idle}`);
    }
    if (site.accessLog !== undefined) {
      await checkLog(site.accessLog, load.requests);
    }
    // An answer that takes a second is seldom whole when the time is over.
    const answers = workload.unit === "bytes"
      ? load.bytes / bodyBytes
      : load.requests;
    return {
      name,
      server: server.spec.name,
      round,
      perSecond: answers / load.seconds,
      bytesPerSecond: load.bytes / load.seconds,
      cpuPerMillion: cpuUsed / answers * 1e6,
      peakBytes: peak,
      p50Ms: load.p50Ms,
      p99Ms: load.p99Ms,
      maxMs: load.maxMs,
      ...sharesOf(
        {
          server: [before.server, after.server],
          client: [before.client, after.client],
        },
        cpuUsed,
        load.cpuSeconds,
        site,
      ),
    };
  } finally {
    await Deno.remove(site.folder, { recursive: true });
  }
}

/**
 * A log must have the lines it was asked for: not to write them would be
 * fast. What is still in a buffer is less than the warm-up has left behind.
 */
async function checkLog(path: string, requests: number): Promise<void> {
  const { size } = await Deno.stat(path);
  if (size < requests * MIN_LOG_LINE_BYTES) {
    throw new WrongAnswer(
      `${size} bytes of access log are too few for ${requests} requests`,
    );
  }
}
