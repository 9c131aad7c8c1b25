/** What webserv is to reach, and whether it did. */

import { BASELINE } from "./servers.ts";
import type { CaseResult, Row } from "./summary.ts";

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
  /** Whether it is enough. */
  readonly met: boolean;
}

function times(value: number): string {
  return `${value.toFixed(2)} ×`;
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
    return own === undefined ? [] : goalsOfCase(result, own, find(BASELINE));
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
      met: own.ratio >= goal,
    });
  }
  if (workload.name === "1k" && !accessLog && base !== undefined) {
    const ratio = own.p99Ms / base.p99Ms;
    goals.push({
      title: `${title}, p99`,
      goal: `≤ ${times(P99_GOAL)}`,
      reached: times(ratio),
      met: ratio <= P99_GOAL,
    });
  }
  if (workload.name === "minute") {
    goals.push({
      title: `${title}, worst request`,
      goal: `≤ ${WORST_GOAL_MS} ms`,
      reached: `${own.maxMs.toFixed(1)} ms`,
      met: own.maxMs <= WORST_GOAL_MS,
    });
  }
  return goals;
}
