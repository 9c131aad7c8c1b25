/** Rounds of a request that goes in circles: each one is told once. */

import type { ExplainedStep } from "./step.ts";

/** Most rounds, each to a redirect within the server, that one circle is of. */
const MAX_PERIOD = 4;

/** Steps up to a redirect within the server, and what makes them the same. */
interface Round {
  readonly steps: readonly ExplainedStep[];
  readonly key: string;
}

function roundsOf(steps: readonly ExplainedStep[]): Round[] {
  const rounds: ExplainedStep[][] = [[]];
  for (const step of steps) {
    rounds.at(-1)!.push(step);
    if (step.kind === "redirect") rounds.push([]);
  }
  return rounds.map((steps) => ({
    steps,
    key: JSON.stringify(steps.map(({ kind, place }) => [kind, place])),
  }));
}

/** How often the `period` rounds from `start` on come again at once. */
function repeats(
  rounds: readonly Round[],
  start: number,
  period: number,
): number {
  let end = start + period;
  while (
    end < rounds.length && rounds[end]!.key === rounds[end - period]!.key
  ) {
    end++;
  }
  return Math.floor((end - start) / period) - 1;
}

/**
 * The steps, but of rounds that go through the same lines at least three times
 * only the first, and how many more there are.
 */
export function foldRounds(
  steps: readonly ExplainedStep[],
): readonly ExplainedStep[] {
  const rounds = roundsOf(steps);
  const folded: ExplainedStep[] = [];
  for (let at = 0; at < rounds.length;) {
    let [period, more] = [1, 0];
    for (; period <= MAX_PERIOD; period++) {
      more = repeats(rounds, at, period);
      if (more >= 2) break;
    }
    if (more < 2) {
      folded.push(...rounds[at++]!.steps);
      continue;
    }
    const next = at + period * (more + 1);
    folded.push(
      ...rounds.slice(at, at + period).flatMap(({ steps }) => steps),
      {
        kind: "again",
        text: `${more} more times by the same lines, at last ` +
          rounds[next - 1]!.steps.at(-1)!.text,
        place: null,
      },
    );
    at = next;
  }
  return folded;
}
