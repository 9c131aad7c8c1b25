/** From single measurements to what is said about them. */

import { DISTURBED, type Run } from "./run.ts";
import { BASELINE } from "./server_spec.ts";
import type { Case } from "./workloads.ts";

/** The middle of some numbers; `NaN` of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle]!;
  return (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** What became of one server in one case. */
export interface Row {
  /** The server's name. */
  readonly server: string;
  /** Median of what the case counts, per second. */
  readonly rate: number;
  /** The least of it. */
  readonly least: number;
  /** The most of it. */
  readonly most: number;
  /** The median by that of the baseline; `undefined` without one. */
  readonly ratio: number | undefined;
  /** Median of CPU seconds per million answers. */
  readonly cpuPerMillion: number;
  /** The largest peak of memory, in bytes. */
  readonly peakBytes: number;
  /** Median of the 99th percentile of latency, in ms. */
  readonly p99Ms: number;
  /** The longest latency of all rounds, in ms. */
  readonly maxMs: number;
  /** Median share of time in which the server's core was busy. */
  readonly coreBusy: number;
  /** How many rounds were undisturbed. */
  readonly used: number;
  /** How many rounds there were. */
  readonly rounds: number;
  /** Whether strangers were at work in every round: then it proves nothing. */
  readonly disturbed: boolean;
}

/** What became of a case. */
export interface CaseResult {
  /** What was asked. */
  readonly case: Case;
  /** One row per server; none when an answer was wrong. */
  readonly rows: readonly Row[];
  /** Servers that did not take part, and why. */
  readonly absent: readonly { server: string; reason: string }[];
  /** Wrong answers: with one there is no comparison. */
  readonly wrong: readonly { server: string; reason: string }[];
  /** Why the case was not run at all. */
  readonly skipped?: string;
}

/**
 * How many times as fast as in the case `beside` each server is in `result`,
 * by name; nothing where either was not measured or proves nothing.
 */
export function besideOf(
  result: CaseResult,
  results: readonly CaseResult[],
): ReadonlyMap<string, number> {
  const { workload, accessLog } = result.case;
  const other = results.find((one) =>
    one.case.workload.name === workload.beside &&
    one.case.accessLog === accessLog
  );
  return new Map(result.rows.flatMap((row) => {
    const base = other?.rows.find(({ server }) => server === row.server);
    return base === undefined || base.disturbed || row.disturbed
      ? []
      : [[row.server, row.rate / base.rate] as const];
  }));
}

/** Below this the core was waiting: for the generator or the network. */
const BUSY_ENOUGH = 0.9;

/** Whether a server's core had time left: then its rate is not its limit. */
export function isWaiting({ coreBusy }: Row): boolean {
  return coreBusy < BUSY_ENOUGH;
}

function isQuiet({ strangers }: Run): boolean {
  return strangers <= DISTURBED;
}

/** Whether a result proves nothing about `row`, or about its ratio. */
export function isUnclear(
  row: Row,
  rows: readonly Row[],
): boolean {
  return row.disturbed ||
    rows.some(({ server, disturbed }) => server === BASELINE && disturbed);
}

/**
 * The rows of the measurements of one case, in the order of `servers`. Rounds
 * in which strangers were at work only count where there is no other.
 */
export function rowsOf(
  { workload }: Case,
  runs: readonly Run[],
  servers: readonly string[],
): Row[] {
  const rateOf = (run: Run) =>
    workload.unit === "bytes" ? run.bytesPerSecond : run.perSecond;
  const all = (server: string) => runs.filter((run) => run.server === server);
  const usable = (server: string) => {
    const quiet = all(server).filter(isQuiet);
    return quiet.length > 0 ? quiet : all(server);
  };
  const base = median(usable(BASELINE).map(rateOf));
  return servers.flatMap((server) => {
    const own = usable(server);
    if (own.length === 0) return [];
    const rates = own.map(rateOf);
    const rate = median(rates);
    return [{
      server,
      rate,
      least: Math.min(...rates),
      most: Math.max(...rates),
      ratio: Number.isNaN(base) ? undefined : rate / base,
      cpuPerMillion: median(own.map((run) => run.cpuPerMillion)),
      peakBytes: Math.max(...own.map((run) => run.peakBytes)),
      p99Ms: median(own.map((run) => run.p99Ms)),
      maxMs: Math.max(...own.map((run) => run.maxMs)),
      coreBusy: median(own.map((run) => run.coreBusy)),
      used: own.filter(isQuiet).length,
      rounds: all(server).length,
      disturbed: !own.every(isQuiet),
    }];
  });
}
