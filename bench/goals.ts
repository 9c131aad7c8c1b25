/** What webserv is to reach, and whether it did. */

import { BASELINE, OWN } from "./server_spec.ts";
import { type CaseResult, isUnclear, isWaiting, type Row } from "./summary.ts";

/** The 99th percentile of 1 KB may be this much of the baseline's. */
const P99_GOAL = 1.2;

/** The longest a request may take in a minute, in ms. */
const WORST_GOAL_MS = 50;

/** A goal and what was reached. */
export interface GoalResult {
  /** The server's name. */
  readonly server: string;
  /** What is looked at. */
  readonly title: string;
  /** The goal, in words. */
  readonly goal: string;
  /** What was measured, in words. */
  readonly reached: string;
  /** Whether it is enough; `unclear` when strangers were at work. */
  readonly met: "yes" | "no" | "unclear";
}

function times(value: number): string {
  return `${value.toFixed(2)} ×`;
}

function yesNo(met: boolean): "yes" | "no" {
  return met ? "yes" : "no";
}

/** The goals of the cases that were measured for `server`. */
export function goalsOf(
  results: readonly CaseResult[],
  server: string,
): GoalResult[] {
  return results.flatMap((result) => {
    const find = (name: string) =>
      result.rows.find((row) => row.server === name);
    const own = find(server);
    if (own === undefined) return [];
    const goals = goalsOfCase(result, own, find(BASELINE));
    return isUnclear(own, result.rows)
      ? goals.map((goal) => ({
        ...goal,
        reached: "–",
        met: "unclear" as const,
      }))
      : goals;
  });
}

function goalsOfCase(
  result: CaseResult,
  own: Row,
  base: Row | undefined,
): GoalResult[] {
  return own.server === OWN.epoll
    ? epollGoals(result, own, base)
    : defaultGoals(result, own, base);
}

function titleOf({ case: { workload, accessLog } }: CaseResult): string {
  return accessLog ? `${workload.title}, access log` : workload.title;
}

/** At least so many times what the baseline has. */
function atLeast(
  server: string,
  title: string,
  goal: number,
  ratio: number,
  how = "",
): GoalResult {
  return {
    server,
    title,
    goal: `≥ ${times(goal)}`,
    reached: times(ratio) + how,
    met: yesNo(ratio >= goal),
  };
}

/** At most so many times what the baseline has. */
function atMost(
  server: string,
  title: string,
  goal: number,
  ratio: number,
): GoalResult {
  return {
    server,
    title,
    goal: `≤ ${times(goal)}`,
    reached: times(ratio),
    met: yesNo(ratio <= goal),
  };
}

/**
 * Where the load generator is what limits either, their processor time for an
 * answer is compared and not how many answers there were.
 */
function epollGoals(
  result: CaseResult,
  own: Row,
  base: Row | undefined,
): GoalResult[] {
  const { server } = own;
  const { case: { workload, accessLog } } = result;
  const title = titleOf(result);
  if (base === undefined || own.ratio === undefined) return [];
  const goals: GoalResult[] = [];
  const goal = accessLog ? workload.epollLoggedGoal : workload.epollGoal;
  if (goal !== undefined) {
    const isLimited = isWaiting(own) || isWaiting(base);
    const ratio = isLimited
      ? base.cpuPerMillion / own.cpuPerMillion
      : own.ratio;
    const how = isLimited ? ", by processor time" : "";
    goals.push(atLeast(server, title, goal, ratio, how));
  }
  if (accessLog) return goals;
  if (workload.epollCpuGoal !== undefined) {
    const ratio = own.cpuPerMillion / base.cpuPerMillion;
    const words = `${title}, processor time`;
    goals.push(atMost(server, words, workload.epollCpuGoal, ratio));
  }
  if (workload.epollP99 === true) {
    goals.push(atMost(server, `${title}, p99`, 1, own.p99Ms / base.p99Ms));
  }
  return goals;
}

function defaultGoals(
  result: CaseResult,
  own: Row,
  base: Row | undefined,
): GoalResult[] {
  const { server } = own;
  const { case: { workload, accessLog } } = result;
  const title = titleOf(result);
  const goals: GoalResult[] = [];
  const goal = accessLog ? workload.loggedGoal : workload.goal;
  if (goal !== undefined && own.ratio !== undefined) {
    goals.push(atLeast(server, title, goal, own.ratio));
  }
  if (workload.name === "1k" && !accessLog && base !== undefined) {
    const ratio = own.p99Ms / base.p99Ms;
    goals.push(atMost(server, `${title}, p99`, P99_GOAL, ratio));
  }
  if (workload.name === "minute") {
    goals.push({
      server,
      title: `${title}, worst request`,
      goal: `≤ ${WORST_GOAL_MS} ms`,
      reached: `${own.maxMs.toFixed(1)} ms`,
      met: yesNo(own.maxMs <= WORST_GOAL_MS),
    });
  }
  return goals;
}
