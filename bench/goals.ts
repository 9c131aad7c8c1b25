/** What webserv is to reach, and whether it did. */

import { BASELINE } from "./servers.ts";
import { type CaseResult, isUnclear, type Row } from "./summary.ts";

/** The 99th percentile of 1 KB may be this much of the baseline's. */
const P99_GOAL = 1.2;

/** The longest a request may take in a minute, in ms. */
const WORST_GOAL_MS = 50;

/** A goal and what was reached. */
export interface GoalResult {
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
  { case: { workload, accessLog } }: CaseResult,
  own: Row,
  base: Row | undefined,
): GoalResult[] {
  const title = accessLog ? `${workload.title}, access log` : workload.title;
  const goals: GoalResult[] = [];
  const goal = accessLog ? workload.loggedGoal : workload.goal;
  if (goal !== undefined && own.ratio !== undefined) {
    goals.push({
      title,
      goal: `≥ ${times(goal)}`,
      reached: times(own.ratio),
      met: yesNo(own.ratio >= goal),
    });
  }
  if (workload.name === "1k" && !accessLog && base !== undefined) {
    const ratio = own.p99Ms / base.p99Ms;
    goals.push({
      title: `${title}, p99`,
      goal: `≤ ${times(P99_GOAL)}`,
      reached: times(ratio),
      met: yesNo(ratio <= P99_GOAL),
    });
  }
  if (workload.name === "minute") {
    goals.push({
      title: `${title}, worst request`,
      goal: `≤ ${WORST_GOAL_MS} ms`,
      reached: `${own.maxMs.toFixed(1)} ms`,
      met: yesNo(own.maxMs <= WORST_GOAL_MS),
    });
  }
  return goals;
}
