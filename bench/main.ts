/**
 * `deno task bench`: webserv beside other servers on the same files, on this
 * machine, in one run. Needs Linux, two cores, `taskset` and `wrk`; every
 * server that is installed takes part.
 */

import { findAbsentees } from "./absentees.ts";
import { makeCertificate } from "./certificate.ts";
import { renderChart } from "./chart.ts";
import {
  checkMemory,
  type MemoryResult,
  renderMemory,
} from "./memory_check.ts";
import { type BenchOptions, parseOptions, USAGE } from "./options.ts";
import { cat, findProgram, stopAll } from "./processes.ts";
import { renderReport } from "./report.ts";
import {
  DISTURBED,
  impossible,
  type Run,
  runUndisturbed,
  type Workplace,
} from "./run.ts";
import type { ServerSpec } from "./server_spec.ts";
import { SERVERS } from "./servers.ts";
import { findServers, type InstalledServer } from "./started_server.ts";
import { type CaseResult, rowsOf } from "./summary.ts";
import { writeTree } from "./tree.ts";
import { WrongAnswer } from "./verify.ts";
import { type Case, selectCases } from "./workloads.ts";

/** Where temporary folders are made. */
const TEMPORARY = "/tmp";

/** The exit status after a signal, as shells have it for SIGINT. */
const INTERRUPTED = 130;

function say(text: string): void {
  console.error(text);
}

/** The servers to run, in the order in which they were named. */
function selectServers(names: readonly string[]): ServerSpec[] {
  if (names.length === 0) return SERVERS.filter(({ extra }) => !extra);
  return names.map((name) => {
    const spec = SERVERS.find((server) => server.name === name);
    if (spec === undefined) throw new Error(`no such server: ${name}`);
    return spec;
  });
}

/** Runs one case: every server once per round, each round in another order. */
async function runAll(
  item: Case,
  servers: readonly InstalledServer[],
  options: BenchOptions,
  place: Workplace,
): Promise<{ result: CaseResult; runs: Run[] }> {
  const { workload } = item;
  const nothing = { case: item, rows: [], absent: [], wrong: [] };
  const skipped = impossible(workload, place);
  if (skipped !== undefined) {
    say(`${item.name} is left out: ${skipped}`);
    return { result: { ...nothing, skipped }, runs: [] };
  }
  const absent = await findAbsentees(workload, servers, place);
  const present = servers.filter(({ spec }) =>
    !absent.some(({ server }) => server === spec.name)
  );
  const runs: Run[] = [];
  const rounds = Math.min(options.rounds, workload.rounds ?? options.rounds);
  for (let round = 1; round <= rounds; round++) {
    for (let turn = 0; turn < present.length; turn++) {
      const server = present[(turn + round - 1) % present.length]!;
      try {
        const run = await runUndisturbed(
          server,
          item,
          round,
          options.seconds,
          place,
        );
        say(
          `${item.name} ${round}/${rounds} ${run.server}: ` +
            `${Math.round(run.perSecond)} /s, ` +
            `${run.cpuPerMillion.toFixed(2)} CPU s/M` +
            (run.strangers > DISTURBED ? ", disturbed" : ""),
        );
        runs.push(run);
      } catch (error) {
        // A server that fails under load is as wrong as one that lies.
        const reason = error instanceof WrongAnswer
          ? error.message
          : String(error);
        say(`${item.name} ${server.spec.name}: wrong: ${reason}`);
        const wrong = [{ server: server.spec.name, reason }];
        return { result: { ...nothing, absent, wrong }, runs };
      }
    }
  }
  const rows = rowsOf(item, runs, servers.map(({ spec }) => spec.name));
  return { result: { case: item, rows, absent, wrong: [] }, runs };
}

async function machine(): Promise<string> {
  const info = await cat("/proc/cpuinfo", "/proc/version");
  const model = /^model name\s*: (.*)$/m.exec(info)?.[1] ?? "unknown processor";
  const kernel = /^Linux version (\S+)/m.exec(info)?.[1] ?? "";
  return `${model}, Linux ${kernel}`;
}

async function write(out: string, name: string, text: string): Promise<void> {
  await Deno.mkdir(out, { recursive: true });
  await Deno.writeTextFile(`${out}/${name}`, text);
  say(`written: ${out}/${name}`);
}

/** Compares speed; the exit status is 1 if there was a wrong answer. */
async function compare(
  options: BenchOptions,
  servers: readonly InstalledServer[],
  place: Workplace,
): Promise<number> {
  const results: CaseResult[] = [];
  const runs: Run[] = [];
  for (const item of selectCases(options.only)) {
    const all = await runAll(item, servers, options, place);
    results.push(all.result);
    runs.push(...all.runs);
  }
  const circumstances = {
    date: new Date().toISOString().slice(0, 10),
    machine: await machine(),
    versions: Object.fromEntries(
      servers.map(({ spec, version }) => [spec.name, version]),
    ),
    rounds: options.rounds,
    seconds: options.seconds,
  };
  const report = renderReport(results, SERVERS, circumstances);
  console.log(report);
  await write(options.out, "report.md", report);
  await write(
    options.out,
    "results.json",
    JSON.stringify({ circumstances, runs }, undefined, 1),
  );
  const chart = renderChart(
    results,
    SERVERS,
    `${circumstances.machine}, one core each, ${circumstances.date}`,
  );
  if (chart !== undefined) await write(options.out, "chart.svg", chart);
  return results.some(({ wrong }) => wrong.length > 0) ? 1 : 0;
}

/** Looks at memory. */
async function compareMemory(
  options: BenchOptions,
  servers: readonly InstalledServer[],
  place: Workplace,
): Promise<number> {
  const results: MemoryResult[] = [];
  for (const server of servers) {
    say(`memory: ${server.spec.name}`);
    results.push(
      await checkMemory(server, place, {
        requests: options.millions * 1e6,
        connections: options.connections,
      }),
    );
  }
  const titleOf = (name: string) =>
    SERVERS.find((server) => server.name === name)!.title;
  const report = renderMemory(results, titleOf);
  console.log(report);
  await write(options.out, "memory.md", report);
  return 0;
}

async function main(words: readonly string[]): Promise<number> {
  const options = parseOptions(words);
  if (options === undefined) {
    console.log(USAGE);
    return 0;
  }
  const specs = selectServers(options.servers);
  selectCases(options.only);
  if (options.list) {
    console.log(`workloads: ${selectCases([]).map((c) => c.name).join(" ")}`);
    console.log(`servers:   ${SERVERS.map(({ name }) => name).join(" ")}`);
    return 0;
  }
  for (const tool of ["taskset", "wrk"]) {
    if (await findProgram(tool) === undefined) {
      throw new Error(`the bench needs ${tool}, which is not installed`);
    }
  }
  const folder = await Deno.makeTempDir({
    dir: TEMPORARY,
    prefix: "webserv-bench-",
  });
  const interrupted = async () => {
    await stopAll();
    await Deno.remove(folder, { recursive: true });
    Deno.exit(INTERRUPTED);
  };
  Deno.addSignalListener("SIGINT", interrupted);
  Deno.addSignalListener("SIGTERM", interrupted);
  try {
    const place = {
      folder,
      root: `${folder}/files`,
      certificate: await makeCertificate(folder),
      h2load: await findProgram("h2load") !== undefined,
    };
    const servers = await findServers(specs, ({ title }) => {
      say(`${title} is not installed: left out`);
    });
    await Deno.mkdir(place.root);
    await writeTree(place.root);
    return await (options.memory
      ? compareMemory(options, servers, place)
      : compare(options, servers, place));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) {
  try {
    Deno.exit(await main(Deno.args));
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : error}`);
    Deno.exit(1);
  }
}
