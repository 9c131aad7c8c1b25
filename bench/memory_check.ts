/**
 * How much memory a server takes: idle, with many idle connections, with slow
 * readers of a huge file, and whether it grows with requests or connections.
 */

import { CLIENT_CORE, luaScript, runLoad } from "./load.ts";
import { RunningProcess } from "./processes.ts";
import { megabytes, table } from "./report.ts";
import { requestText } from "./requests.ts";
import { expectLine, helperCommand, newSite, type Workplace } from "./run.ts";
import { type InstalledServer, StartedServer } from "./started_server.ts";

/** How long a server is left alone before it is looked at, in ms. */
const SETTLE_MS = 2000;

/** How many idle connections there are. */
const IDLE_CONNECTIONS = 10_000;

/** How many slow clients there are. */
const SLOW_CLIENTS = 20;

/** How long slow clients are watched, and how often, in ms. */
const SLOW_WATCH_MS = 15_000;
const SLOW_SAMPLE_MS = 250;

/** How long wrk asks between two looks at the memory, in seconds. */
const SLICE_SECONDS = 5;

/** The share of requests after which memory should have settled. */
const WARM_SHARE = 0.1;

/** What may not grow: goal in relative growth. */
const FLAT_GOAL = 0.1;

/** What the memory of one server was, in bytes. */
export interface MemoryResult {
  /** The server's name. */
  readonly server: string;
  /** After its start. */
  readonly idle: number;
  /** With {@linkcode IDLE_CONNECTIONS} idle connections. */
  readonly manyIdle: number;
  /** The most while {@linkcode SLOW_CLIENTS} read slowly. */
  readonly slow: number;
  /** Over many requests: early on, and at the end. */
  readonly requests: Growth;
  /** Over many connections: early on, and at the end. */
  readonly connections: Growth;
}

/** Memory early on and at the end, in bytes, and what lay between. */
export interface Growth {
  /** After a tenth of it. */
  readonly early: number;
  /** At the end. */
  readonly late: number;
  /** How many requests or connections there were. */
  readonly count: number;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A fresh server for each look, so that none sees another's memory. */
async function withServer<T>(
  server: InstalledServer,
  place: Workplace,
  look: (started: StartedServer) => Promise<T>,
): Promise<T> {
  const site = await newSite(place, { accessLog: false, needs: undefined });
  try {
    await using started = await StartedServer.start(server, site);
    return await look(started);
  } finally {
    await Deno.remove(site.folder, { recursive: true });
  }
}

async function idleMemory(started: StartedServer): Promise<number> {
  await pause(SETTLE_MS);
  return (await started.memory()).now;
}

async function manyIdleMemory(started: StartedServer): Promise<number> {
  const { port } = started.site;
  await using holder = new RunningProcess({
    cores: [CLIENT_CORE],
    command: helperCommand(
      "./idle_connections.ts",
      port,
      IDLE_CONNECTIONS,
      "/1k.html",
    ),
  });
  await expectLine(holder, `ready ${IDLE_CONNECTIONS}`);
  await pause(SETTLE_MS);
  const { now } = await started.memory();
  await holder.tell("alive?");
  await expectLine(holder, `alive ${IDLE_CONNECTIONS}`);
  return now;
}

async function slowMemory(started: StartedServer): Promise<number> {
  const { port } = started.site;
  await using readers = new RunningProcess({
    cores: [CLIENT_CORE],
    command: helperCommand(
      "./slow_readers.ts",
      port,
      SLOW_CLIENTS,
      "/huge.bin",
    ),
  });
  await expectLine(readers, `ready ${SLOW_CLIENTS}`);
  let most = 0;
  const until = performance.now() + SLOW_WATCH_MS;
  while (performance.now() < until) {
    most = Math.max(most, (await started.memory()).now);
    await pause(SLOW_SAMPLE_MS);
  }
  if (readers.ended) throw new Error(`slow clients: ${await readers.errors}`);
  return most;
}

/** Memory while wrk asks until there were `count` answers. */
async function growth(
  started: StartedServer,
  count: number,
  fields: readonly string[],
): Promise<Growth> {
  const { port, folder } = started.site;
  const script = `${folder}/load.lua`;
  const request = requestText({ head: "short", fields }, "/1k.html", port);
  await Deno.writeTextFile(script, luaScript([request], 1));
  let done = 0;
  let early: number | undefined;
  let late = 0;
  while (done < count) {
    const { requests, errors } = await runLoad({
      port,
      tls: false,
      script,
      connections: 64,
      seconds: SLICE_SECONDS,
      pipeline: 1,
    });
    if (requests === 0 || errors.status > 0) {
      throw new Error(`${requests} answers, ${errors.status} of them wrong`);
    }
    done += requests;
    late = (await started.memory()).now;
    if (done >= count * WARM_SHARE) early ??= late;
  }
  return { early: early ?? late, late, count: done };
}

/** Looks at the memory of one server in every way. */
export async function checkMemory(
  server: InstalledServer,
  place: Workplace,
  counts: { readonly requests: number; readonly connections: number },
): Promise<MemoryResult> {
  const look = <T>(how: (started: StartedServer) => Promise<T>) =>
    withServer(server, place, how);
  return {
    server: server.spec.name,
    idle: await look(idleMemory),
    manyIdle: await look(manyIdleMemory),
    slow: await look(slowMemory),
    requests: await look((started) => growth(started, counts.requests, [])),
    connections: await look((started) =>
      growth(started, counts.connections, ["Connection: close"])
    ),
  };
}

function growthText({ early, late, count }: Growth): string {
  const percent = (late / early - 1) * 100;
  const sign = percent < 0 ? "−" : "+";
  return `${megabytes(early)} → ${megabytes(late)} (${sign}${
    Math.abs(percent).toFixed(0)
  } %, ${(count / 1e6).toFixed(1)} M)`;
}

/** The report about memory, as Markdown. */
export function renderMemory(
  results: readonly MemoryResult[],
  titleOf: (server: string) => string,
): string {
  const rows = results.map((result) => [
    titleOf(result.server),
    megabytes(result.idle),
    megabytes(result.manyIdle),
    megabytes(result.slow),
    growthText(result.requests),
    growthText(result.connections),
  ]);
  const head = [
    "resident memory",
    "idle",
    "10,000 idle connections",
    "20 slow readers of 2 GB",
    "over requests",
    "over connections",
  ];
  const goals = "Goals for webserv: 70 MB, 130 MB, 200 MB, and growth of at " +
    `most ${FLAT_GOAL * 100} % between a tenth of the way and the end.`;
  return `# Memory\n\n${table(head, rows)}\n\n${goals}\n`;
}
