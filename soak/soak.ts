/**
 * Good and hostile clients together against the real server, while its
 * configuration is reloaded, its logs are rotated and its files change. The
 * good ones must see nothing that is not right; when all are gone, the server
 * must be back where it was.
 */

import { join } from "@std/path";
import { Random } from "../fuzz/random.ts";
import { ErrorLines } from "./error_lines.ts";
import { extraClient } from "./extra_site.ts";
import { FEATURE_SCENARIOS } from "./feature_scenarios.ts";
import { FileChanges } from "./file_changes.ts";
import { soakFiles } from "./files.ts";
import { GoodClient, WAYS } from "./good_client.ts";
import { growthOf, leftOver, type Sample } from "./growth.ts";
import { hostileClients } from "./hostile_thread.ts";
import { Latencies } from "./latencies.ts";
import { LogAudit } from "./log_audit.ts";
import { ALL_MISBEHAVIOURS } from "./misbehaviours.ts";
import type { SoakOptions } from "./options.ts";
import { pause } from "./pause.ts";
import { outcomesIn, Reloads } from "./reloads.ts";
import { sampleLine, type SoakReport } from "./report.ts";
import { Rotation } from "./rotation.ts";
import { descriptorKinds, sample } from "./samples.ts";
import { SCENARIOS } from "./scenarios.ts";
import { endServer, type SoakServer, startServer } from "./soak_server.ts";
import { Problems, type World } from "./world.ts";

/** How long a good client waits between two requests, in ms. */
const GOOD_PAUSE_MS = 2;

/** How long good clients are alone in the beginning, in ms. */
const ALONE_MS = 1000;

/** How long the server has to clean up, in ms: longer than any deadline. */
const SETTLE_MS = 20_000;

/** How often the server is sampled, in ms. */
const SAMPLE_INTERVAL_MS = 1000;

/** How often progress is told, in ms. */
const PROGRESS_INTERVAL_MS = 10_000;

/** How much longer than asked a soak may take in all, in ms. */
const OVERTIME_MS = 120_000;

/** Runs a soak. It ends, and its server with it, whatever happens. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const random = new Random(options.seed);
  const problems = new Problems(options.problem ?? (() => {}));
  let reloads: Reloads | undefined;
  const server = await startServer((ports) => {
    reloads = new Reloads(
      { ports, workers: options.workers, use: options.use },
      random,
      (text) => problems.add(text),
    );
    return reloads.firstText;
  }, options.program);
  const timeout = AbortSignal.timeout(options.seconds * 1000 + OVERTIME_MS);
  const signal = options.signal === undefined
    ? timeout
    : AbortSignal.any([options.signal, timeout]);
  try {
    return await unlessAborted(
      signal,
      run(options, server, random, reloads!, problems),
    );
  } finally {
    await server.process.kill();
    Deno.removeSync(server.process.folder, { recursive: true });
  }
}

/** The result of `work`, unless `signal` comes first. */
function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort);
  return Promise.race([work, aborted.promise])
    .finally(() => signal.removeEventListener("abort", abort));
}

async function run(
  options: SoakOptions,
  server: SoakServer,
  random: Random,
  reloads: Reloads,
  problems: Problems,
): Promise<SoakReport> {
  const { process, ports, certificate } = server;
  const shared = join(process.folder, "shared");
  const changes = new FileChanges(shared, soakFiles(), random);
  const audit = new LogAudit();
  const errors = new ErrorLines({
    changes: (path) =>
      changes.files.some((file) =>
        file.losesBytes && path === join(shared, "files", file.name)
      ),
  });
  // Of what hostile clients ask only the shape of its lines is of interest.
  const hostileLines = new LogAudit();
  const rotation = new Rotation(process, {
    "access.log": audit,
    "hostile.log": hostileLines,
    "error.log": errors,
  }, (text) => problems.add(text));
  const base = {
    ports,
    certificate,
    workers: options.workers,
    use: options.use,
    random,
    reloads,
    changes,
    audit,
    problems,
    counts: {
      answers: 0,
      cuts: 0,
      byScenario: new Map<string, number>(),
      byWay: new Map<string, number>(),
    },
  };
  const sampled = { pid: process.pid, statusPort: ports.status };

  // One round alone, through every configuration, so that what is compiled,
  // cached or opened only once is there before.
  const alone: World = {
    ...base,
    latencies: new Latencies(),
    until: performance.now() + ALONE_MS,
  };
  await Promise.all([
    goodClients(alone, options.good, "first"),
    reloads.once(process),
    rotation.rotate(),
  ]);
  const before = await settled(sampled, (each) => each.connections === 0);

  const beganAt = performance.now();
  const until = beganAt + options.seconds * 1000;
  const world: World = { ...base, latencies: new Latencies(), until };
  const samples: Sample[] = [];
  await Promise.all([
    goodClients(world, options.good, "good"),
    extraClient(world),
    hostileClients({
      port: ports.site,
      securePort: ports.secure,
      ms: options.seconds * 1000,
      each: options.hostile,
    }),
    reloads.run(process, until),
    rotation.run(until),
    changes.run(until),
    watch(sampled, world, beganAt, samples, options.progress),
  ]);

  await reloads.back(process);
  const after = await settled(
    sampled,
    (each) => leftOver(before, each).length === 0,
  );
  for (const text of leftOver(before, after)) {
    problems.add(`${text}; there are ${await descriptorKinds(process.pid)}`);
  }
  const end = await endServer(process);
  if (end !== undefined) problems.add(end);
  await rotation.finish();
  const growth = growthOf(samples, options.seconds);
  for (const { quantity, first, last, grows } of growth) {
    if (grows) problems.add(`${quantity} grows from ${first} to ${last}`);
  }
  for (const text of [...audit.finish(), ...hostileLines.finish()]) {
    problems.add(text);
  }
  for (const text of errors.unexpected) problems.add(`logged: ${text}`);
  for (const text of reloadProblems(reloads, errors, process.stderr, options)) {
    problems.add(text);
  }
  const { latencies, counts } = world;
  return {
    seconds: options.seconds,
    workers: options.workers,
    use: options.use,
    seed: options.seed,
    good: options.good + 1,
    hostile: options.hostile * Object.keys(ALL_MISBEHAVIOURS).length,
    answers: counts.answers,
    byScenario: counts.byScenario,
    byWay: counts.byWay,
    cuts: counts.cuts,
    reloads: reloads.done,
    refused: reloads.refused,
    rotations: rotation.count,
    lines: audit.lines + hostileLines.lines,
    changes: changes.count,
    latency: {
      p50: latencies.below(0.5),
      p99: latencies.below(0.99),
      worst: latencies.worst,
    },
    before,
    after,
    growth,
    problems: problems.texts,
    problemCount: problems.count,
  };
}

/** Good clients, each doing one thing after the other until the end. */
async function goodClients(
  world: World,
  count: number,
  name: string,
): Promise<void> {
  const scenarios = [
    ...Object.values(SCENARIOS),
    ...Object.values(FEATURE_SCENARIOS),
  ];
  await Promise.all(Array.from({ length: count }, async (_, i) => {
    using client = new GoodClient(
      world,
      `${name}-${i}`,
      WAYS[i % WAYS.length]!,
    );
    while (performance.now() < world.until) {
      await world.random.pick(scenarios)(client);
      await pause(GOOD_PAUSE_MS);
    }
  }));
}

/** Takes samples until the end, and tells progress. */
async function watch(
  sampled: Parameters<typeof sample>[0],
  world: World,
  beganAt: number,
  samples: Sample[],
  progress: ((line: string) => void) | undefined,
): Promise<void> {
  let told = 0;
  while (performance.now() + SAMPLE_INTERVAL_MS < world.until) {
    await pause(SAMPLE_INTERVAL_MS);
    const seconds = (performance.now() - beganAt) / 1000;
    let now: Sample;
    try {
      now = await sample(sampled, seconds);
    } catch (error) {
      world.problems.add(`${Math.round(seconds)} s: ${error}`);
      continue;
    }
    samples.push(now);
    if (seconds * 1000 < told + PROGRESS_INTERVAL_MS) continue;
    told = seconds * 1000;
    progress?.(
      sampleLine(
        `${Math.round(seconds)} s, ${world.counts.answers} answers, ` +
          `${world.problems.count} errors`,
        now,
      ),
    );
  }
}

/** A sample that is as it should be, or the last one within the time. */
async function settled(
  sampled: Parameters<typeof sample>[0],
  isSettled: (sample: Sample) => boolean,
): Promise<Sample> {
  const until = performance.now() + SETTLE_MS;
  for (;;) {
    const now = await sample(sampled, NaN);
    if (isSettled(now) || performance.now() > until) return now;
    await pause(200);
  }
}

/** Whether the server says of its reloads what it was made to do. */
function reloadProblems(
  reloads: Reloads,
  errors: ErrorLines,
  stderr: string,
  { workers }: SoakOptions,
): string[] {
  // Several workers may each have their say.
  if (workers > 1) return [];
  const said = outcomesIn(stderr);
  const problems: string[] = [];
  if (said.done !== reloads.done || said.refused !== reloads.refused) {
    problems.push(
      `the server says ${said.done} reloads, ${said.refused} refused`,
    );
  }
  if (
    errors.refusals !== reloads.refused || errors.reasons !== reloads.refused
  ) {
    problems.push(
      `${errors.refusals} refusals are logged, ${errors.reasons} reasons`,
    );
  }
  return problems;
}
