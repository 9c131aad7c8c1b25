/** The report of a soak, as text. */

import type { EventMethod } from "../src/core/settings/event_method.ts";
import { type Growth, GROWTH_BOUNDS, type Sample } from "./growth.ts";

/** What a soak has come to. */
export interface SoakReport {
  /** How long the clients were at work, in seconds. */
  readonly seconds: number;
  /** `worker_processes`. */
  readonly workers: number;
  /** Whose sockets it had. */
  readonly use: EventMethod;
  /** What it can be repeated with. */
  readonly seed: number;
  /** How many good clients there were. */
  readonly good: number;
  /** How many hostile ones. */
  readonly hostile: number;
  /** Right answers to good clients. */
  readonly answers: number;
  /** Right outcomes, by scenario. */
  readonly byScenario: ReadonlyMap<string, number>;
  /** Right answers by what the client speaks. */
  readonly byWay: ReadonlyMap<string, number>;
  /** Connections that ended because a file changed while it was sent. */
  readonly cuts: number;
  /** How many configurations came into force. */
  readonly reloads: number;
  /** How many broken ones were refused. */
  readonly refused: number;
  /** How many times the logs were rotated. */
  readonly rotations: number;
  /** How many lines of access logs were looked at. */
  readonly lines: number;
  /** How many times a file changed. */
  readonly changes: number;
  /** Latencies in ms: of half, of 99 in 100, and the longest. */
  readonly latency: {
    readonly p50: number;
    readonly p99: number;
    readonly worst: number;
  };
  /** The server before the clients came, and after they had gone. */
  readonly before: Sample;
  readonly after: Sample;
  /** First and last third; empty when the soak was too short for that. */
  readonly growth: readonly Growth[];
  /** What went wrong, in words. */
  readonly problems: readonly string[];
  /** How much went wrong: at least as many as there are words for. */
  readonly problemCount: number;
}

/** How each quantity is shown. */
const NAMES: Readonly<Record<Growth["quantity"], readonly [string, string]>> = {
  residentMb: ["resident memory", " MB"],
  heapMb: ["heap", " MB"],
  externalMb: ["buffers", " MB"],
  descriptors: ["descriptors", ""],
  cachedFiles: ["files held open", ""],
  connections: ["connections", ""],
};

function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** The report as lines, without the problems. */
export function reportLines(report: SoakReport): string[] {
  const { latency, before, after } = report;
  const scenarios = [...report.byScenario].toSorted(([a], [b]) =>
    a < b ? -1 : 1
  ).map(([name, n]) => `${name} ${count(n)}`).join(", ");
  const ways = [...report.byWay].map(([name, n]) => `${name} ${count(n)}`)
    .join(", ");
  return [
    `${report.seconds} s, ${report.good} good clients, ${report.hostile} ` +
    `hostile ones, ${report.workers} worker${
      report.workers === 1 ? "" : "s"
    }, use ${report.use}, seed ${report.seed}`,
    `${count(report.answers)} right answers; latency p50 ` +
    `${latency.p50.toFixed(1)} ms, p99 ${latency.p99.toFixed(1)} ms, worst ` +
    `${latency.worst.toFixed(1)} ms`,
    scenarios,
    ways,
    `${report.reloads} reloads and ${report.refused} refused, ` +
    `${report.rotations} rotations, ${count(report.lines)} log lines, ` +
    `${count(report.changes)} file changes, ${report.cuts} answers cut by one`,
    sampleLine("before", before),
    sampleLine("after", after),
    ...growthLines(report.growth),
    report.problemCount === 0
      ? "no error"
      : `${count(report.problemCount)} errors`,
  ];
}

/** One sample in a line. */
export function sampleLine(name: string, sample: Sample): string {
  const parts = Object.entries(NAMES).map(([key, [text, unit]]) =>
    `${text} ${Math.round(sample[key as Growth["quantity"]])}${unit}`
  );
  return `${name}: ${parts.join(", ")}`;
}

function growthLines(growth: readonly Growth[]): string[] {
  if (growth.length === 0) return ["growth: too short to be judged"];
  return [
    "medians of the first and the last third after the warm-up:",
    ...growth.map(({ quantity, first, last, grows }) => {
      const [text, unit] = NAMES[quantity];
      return `  ${text} ${Math.round(first)}${unit} to ${
        Math.round(last)
      }${unit}${
        grows ? `: grows by more than ${GROWTH_BOUNDS[quantity]}${unit}` : ""
      }`;
    }),
  ];
}
