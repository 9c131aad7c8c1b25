import { assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { goalsOf } from "../../bench/goals.ts";
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

function measured(server: string, changes: Partial<Row> = {}): Row {
  return { ...row(server, 100), ratio: 1, ...changes };
}

Deno.test("renderReport() has every case in one line, with a column for each server", () => {
  const report = renderReport(
    [
      result("1k", [
        measured("webserv", { rate: 1234, ratio: 0.6 }),
        measured("webserv-epoll", { rate: 2468, ratio: 1.2, coreBusy: 0.5 }),
        measured("nginx", { rate: 2057 }),
        measured("lighttpd", { disturbed: true }),
      ]),
      result("100m", [measured("nginx", { rate: 2e9 })]),
    ],
    SERVERS,
    CIRCUMSTANCES,
  );
  assertMatch(
    report,
    /\| answers per second \| webserv \| webserv, use epoll \| nginx \| lighttpd \|/,
  );
  assertMatch(
    report,
    /\| 1 KB \| 1,234 \(0\.60\) \| 2,468 \(1\.20\) ¹ \| 2,057 \| 100 \(–\) ² \|/,
  );
  assertMatch(report, /\| 100 MB, one stream \| – \| – \| 2\.00 GB\/s \| – \|/);
});

Deno.test("goalsOf() compares use epoll by processor time where the generator is the limit", () => {
  const nginx = measured("nginx", { cpuPerMillion: 12, p99Ms: 2 });
  const rows: [own: Partial<Row>, reached: string, met: string][] = [
    [{ ratio: 1.25 }, "1.25 ×", "yes"],
    [{ ratio: 1.15 }, "1.15 ×", "no"],
    [
      { ratio: 0.5, coreBusy: 0.8, cpuPerMillion: 8 },
      "1.50 ×, by processor time",
      "yes",
    ],
  ];
  for (const [changes, reached, met] of rows) {
    const own = measured("webserv-epoll", { p99Ms: 1, ...changes });
    const goals = goalsOf([result("1k", [own, nginx])], "webserv-epoll");
    assertEquals(goals.map((goal) => [goal.title, goal.reached, goal.met]), [
      ["1 KB", reached, met],
      ["1 KB, p99", "0.50 ×", "yes"],
    ]);
  }
  const slow = measured("webserv-epoll", { cpuPerMillion: 18, p99Ms: 3 });
  const large = goalsOf([result("100m", [slow, nginx])], "webserv-epoll");
  assertEquals(large.map(({ met }) => met), ["yes", "no"]);
  const crowd = goalsOf([result("c2000", [slow, nginx])], "webserv-epoll");
  assertEquals(crowd.map(({ reached }) => reached), ["1.50 ×"]);
  // The default has its own.
  const own = measured("webserv", { ratio: 1.15 });
  const goals = goalsOf([result("1k", [own, nginx])], "webserv");
  assertEquals(goals.map(({ met }) => met), ["no", "yes"]);
});
