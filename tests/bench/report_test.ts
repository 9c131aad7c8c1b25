import { assertMatch, assertNotMatch } from "@std/assert";
import { renderReport } from "../../bench/report.ts";
import { SERVERS } from "../../bench/servers.ts";
import type { CaseResult, Row } from "../../bench/summary.ts";
import { selectCases } from "../../bench/workloads.ts";

const CIRCUMSTANCES = {
  date: "2026-01-01",
  machine: "a machine",
  versions: {},
  rounds: 1,
  seconds: 1,
};

function row(server: string, rate: number, disturbed = false): Row {
  return {
    server,
    rate,
    disturbed,
    least: rate,
    most: rate,
    ratio: undefined,
    cpuPerMillion: 1,
    peakBytes: 1,
    p99Ms: 1,
    maxMs: 1,
    coreBusy: 1,
    used: 1,
    rounds: 1,
  };
}

function result(name: string, rows: readonly Row[]): CaseResult {
  return { case: selectCases([name])[0]!, rows, absent: [], wrong: [] };
}

const WORKERS = result("workers", [row("webserv", 150), row("nginx", 90)]);

Deno.test("renderReport() compares two workers with one of the same server", () => {
  const one = result("1k", [row("webserv", 100), row("nginx", 60)]);
  const report = renderReport([one, WORKERS], SERVERS, CIRCUMSTANCES);
  assertMatch(report, /same server's "1 KB": webserv 1\.50 ×, nginx 1\.50 ×\./);
  assertMatch(report, /\| 1 KB, two workers ³ \| webserv \|/);
  assertMatch(report, /\| 1 KB \| webserv \|/);
});

Deno.test("renderReport() leaves out who has no sound result with one worker", () => {
  const one = result("1k", [row("webserv", 100), row("nginx", 60, true)]);
  const report = renderReport([one, WORKERS], SERVERS, CIRCUMSTANCES);
  assertMatch(report, /same server's "1 KB": webserv 1\.50 ×\.$/m);
  const alone = renderReport([WORKERS], SERVERS, CIRCUMSTANCES);
  assertNotMatch(alone, /same server's/);
});
