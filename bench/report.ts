/** The report, as Markdown. */

import { goalsOf } from "./goals.ts";
import { DISTURBED } from "./run.ts";
import { BASELINE, OWN, type ServerSpec } from "./server_spec.ts";
import {
  besideOf,
  type CaseResult,
  isUnclear,
  isWaiting,
  type Row,
} from "./summary.ts";
import { type Workload, WORKLOADS } from "./workloads.ts";

/** What the numbers were made with. */
export interface Circumstances {
  /** The day, as `YYYY-MM-DD`. */
  readonly date: string;
  /** The processor and the kernel. */
  readonly machine: string;
  /** What the servers say about themselves, by name. */
  readonly versions: Readonly<Record<string, string>>;
  /** Rounds of each case. */
  readonly rounds: number;
  /** Length of a measurement in seconds. */
  readonly seconds: number;
}

/** A table; the columns from the second on are numbers. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  texts = 1,
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = head.map((_, i) => i < texts ? "---" : "---:");
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}

/** A rate as people read it. */
export function rateText(rate: number, unit: "requests" | "bytes"): string {
  if (unit === "bytes") return `${(rate / 1e9).toFixed(2)} GB/s`;
  return `${Math.round(rate).toLocaleString("en-GB")} /s`;
}

/** Bytes in MB of a million. */
export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

function milliseconds(ms: number): string {
  if (Number.isNaN(ms)) return "–";
  return ms < 10 ? ms.toFixed(2) : ms.toFixed(ms < 100 ? 1 : 0);
}

/** Whether the servers share a core with wrk. */
function isShared({ needs }: Workload): boolean {
  return needs === "workers";
}

function rowCells(
  { case: { workload }, rows }: CaseResult,
  row: Row,
  title: string,
): string[] {
  const unclear = isUnclear(row, rows);
  const spread = (row.most - row.least) / row.rate * 100;
  return [
    row === rows[0] ? workload.title + (isShared(workload) ? " ³" : "") : "",
    title,
    rateText(row.rate, workload.unit),
    `${spread.toFixed(0)} %`,
    `${row.used}/${row.rounds}`,
    row.ratio === undefined || unclear ? "–" : row.ratio.toFixed(2),
    row.cpuPerMillion.toFixed(row.cpuPerMillion < 100 ? 2 : 0),
    megabytes(row.peakBytes),
    milliseconds(row.p99Ms),
    milliseconds(row.maxMs),
    `${(row.coreBusy * 100).toFixed(0)} %` +
    (isWaiting(row) ? " ¹" : "") +
    (row.disturbed ? " ²" : ""),
  ];
}

const HEAD = [
  "workload",
  "server",
  "median",
  "spread",
  "rounds",
  "÷ nginx",
  "CPU s / M",
  "peak RSS",
  "p99 ms",
  "worst ms",
  "core",
];

/** How each server does by its own measure in another workload. */
function besideNote(
  result: CaseResult,
  results: readonly CaseResult[],
  titleOf: (server: string) => string,
): string[] {
  const { workload } = result.case;
  const ratios = [...besideOf(result, results)]
    .map(([server, ratio]) => `${titleOf(server)} ${ratio.toFixed(2)} ×`);
  if (ratios.length === 0) return [];
  const other = WORKLOADS.find(({ name }) => name === workload.beside)!;
  return [
    `- ${workload.title}, by the same server's "${other.title}": ` +
    `${ratios.join(", ")}.`,
  ];
}

function section(
  results: readonly CaseResult[],
  titleOf: (server: string) => string,
): string {
  const rows = results.flatMap((result) =>
    result.rows.map((row) => rowCells(result, row, titleOf(row.server)))
  );
  const notes = results.flatMap(({ case: { workload }, ...result }, i) => [
    ...besideNote(results[i]!, results, titleOf),
    ...result.wrong.map(({ server, reason }) =>
      `- **${workload.title}: no comparison.** ${
        titleOf(server)
      } answered wrongly: ${reason}.`
    ),
    ...result.absent.map(({ server, reason }) =>
      `- ${workload.title}: without ${titleOf(server)} (${reason}).`
    ),
    ...(result.skipped === undefined
      ? []
      : [`- ${workload.title}: not measured, because ${result.skipped}.`]),
  ]);
  return [
    ...(rows.length > 0 ? [table(HEAD, rows, 2)] : []),
    ...(notes.length > 0 ? [notes.join("\n")] : []),
  ].join("\n\n");
}

function goalSection(
  results: readonly CaseResult[],
  titleOf: (server: string) => string,
): string {
  const goals = Object.values(OWN).flatMap((own) => goalsOf(results, own));
  if (goals.length === 0) return "";
  const rows = goals.map(({ server, title, goal, reached, met }) => [
    titleOf(server),
    title,
    goal,
    reached,
    met === "yes" ? met : `**${met}**`,
  ]);
  const head = ["server", "to nginx", "goal", "reached", "met"];
  return `## Goals\n\n${table(head, rows, 2)}`;
}

/** A row's rate and its ratio, in little room. */
function shortCell(
  row: Row | undefined,
  { case: { workload }, rows }: CaseResult,
): string {
  if (row === undefined) return "–";
  const rate = rateText(row.rate, workload.unit).replace(/ \/s$/, "");
  const isOdd = row.ratio === undefined || isUnclear(row, rows);
  const marks = (isWaiting(row) ? " ¹" : "") + (row.disturbed ? " ²" : "");
  return row.server === BASELINE
    ? rate + marks
    : `${rate} (${isOdd ? "–" : row.ratio.toFixed(2)})${marks}`;
}

/** Every case in one line, with a column for each server. */
function sideBySide(
  results: readonly CaseResult[],
  titleOf: (server: string) => string,
): string {
  const measured = results.filter(({ rows }) => rows.length > 0);
  const servers = [
    ...new Set(
      measured.flatMap(({ rows }) => rows.map(({ server }) => server)),
    ),
  ];
  if (servers.length < 2) return "";
  const lines = measured.map((result) => {
    const { case: { workload, accessLog } } = result;
    return [
      workload.title + (accessLog ? ", access log on" : ""),
      ...servers.map((server) =>
        shortCell(result.rows.find((row) => row.server === server), result)
      ),
    ];
  });
  const head = ["answers per second", ...servers.map(titleOf)];
  return "## Side by side\n\nIn brackets: by nginx's.\n\n" +
    table(head, lines);
}

const NOTES = "Rounds are those that count: where other processes took more " +
  `than ${DISTURBED * 100} % of a core, a measurement is made again, and ` +
  "left out if that did not help. Spread is from the slowest round to the " +
  "fastest, in percent of the median. CPU s / M is processor time of the " +
  "whole server per million answers, peak RSS its largest memory. p99 is as " +
  "wrk corrects it, and unknown with pipelining and over HTTP/2, where h2load " +
  "asks. Core is how busy the server's core was. ¹ The core had time left: " +
  "the load generator or a wait was the limit, " +
  "and CPU s / M is the better comparison. ² Every round was disturbed: the " +
  "numbers prove nothing. ³ Servers have both cores, one of them together with " +
  "wrk: on a machine with more the same workers would be faster. CPU s / M " +
  "is the better comparison, and core is the mean of the two.";

/** The whole report. */
export function renderReport(
  results: readonly CaseResult[],
  servers: readonly ServerSpec[],
  circumstances: Circumstances,
): string {
  const { date, machine, versions, rounds, seconds } = circumstances;
  const titleOf = (name: string) =>
    servers.find((server) => server.name === name)?.title ?? name;
  const withLog = (accessLog: boolean) =>
    results.filter((result) => result.case.accessLog === accessLog);
  const set = (title: string, accessLog: boolean) => {
    const chosen = withLog(accessLog);
    return chosen.length === 0
      ? ""
      : `## Access logs ${title}\n\n${section(chosen, titleOf)}`;
  };
  const list = Object.entries(versions)
    .map(([name, version]) => `- ${titleOf(name)}: ${version}`).join("\n");
  return [
    "# Benchmark",
    `${date}, ${machine}. Every server has one process (nginx: one worker) ` +
    "on core 0 (two workers ³ have both cores), wrk or h2load one thread on " +
    "core 1. " +
    `Medians of ${rounds} rounds of ${seconds} s, servers in turn; each ` +
    "measurement begins with a fresh start and a warm-up, and " +
    "answers are checked byte by byte before and after it.",
    list,
    sideBySide(results, titleOf),
    set("off", false),
    set("on", true),
    NOTES,
    goalSection(results, titleOf),
  ].filter((part) => part !== "").join("\n\n") + "\n";
}
