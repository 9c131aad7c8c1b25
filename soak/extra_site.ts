/**
 * A client of the site that comes and goes: where it is all the time it must
 * answer, where it is not at all it must refuse, in between both are right.
 */

import { pause } from "./pause.ts";
import { ConnectionEnded, Wire } from "./wire.ts";
import type { World } from "./world.ts";

/** How long to wait between two connections, in ms. */
const PAUSE_MS = 15;

/** What became of a request: what was answered, or that nothing was. */
export type ExtraOutcome =
  | {
    readonly kind: "answered";
    readonly status: number;
    readonly text: string;
  }
  | { readonly kind: "refused" | "ended"; readonly error: string };

/**
 * What is wrong with an outcome where `expected` says whether the site was
 * there, at each moment of the request; `undefined` if nothing is.
 */
export function extraProblem(
  outcome: ExtraOutcome,
  expected: readonly boolean[],
): string | undefined {
  if (outcome.kind === "answered") {
    if (outcome.status !== 200 || outcome.text !== "extra") {
      return `the second site says ${outcome.status} "${outcome.text}"`;
    }
    return expected.includes(true)
      ? undefined
      : "the second site answers, and is in no configuration";
  }
  return expected.includes(false)
    ? undefined
    : `the second site: ${outcome.kind}, ${outcome.error}`;
}

/** Asks the second site, connection by connection, until the end. */
export async function extraClient(world: World): Promise<void> {
  let number = 0;
  while (performance.now() < world.until) {
    const from = performance.now();
    const mark = `soak/extra.${++number}`;
    const outcome = await request(world.ports.extra, mark, from);
    const to = performance.now();
    const expected = world.reloads.history
      .during({ from: world.workers > 1 ? from - 2000 : from, to })
      .map(({ kind }) => kind.extra);
    if (outcome.kind === "answered") {
      world.audit.answered(mark, outcome.status);
    } else world.audit.cut(mark);
    const problem = extraProblem(outcome, expected);
    if (problem !== undefined) {
      world.problems.add(problem);
    } else {
      const name = `second_site_${outcome.kind}`;
      const { byScenario } = world.counts;
      byScenario.set(name, (byScenario.get(name) ?? 0) + 1);
      if (outcome.kind === "answered") world.counts.answers++;
    }
    await pause(PAUSE_MS);
  }
}

async function request(
  port: number,
  mark: string,
  askedAt: number,
): Promise<ExtraOutcome> {
  let wire: Wire;
  try {
    wire = await Wire.connect(port);
  } catch (error) {
    return { kind: "refused", error: String(error) };
  }
  try {
    await wire.send(
      `GET / HTTP/1.1\r\nHost: extra\r\nUser-Agent: ${mark}\r\n\r\n`,
    );
    const { status, body } = await wire.answer(askedAt);
    return { kind: "answered", status, text: new TextDecoder().decode(body) };
  } catch (error) {
    if (error instanceof ConnectionEnded) {
      return { kind: "ended", error: error.message };
    }
    throw error;
  } finally {
    wire.close();
  }
}
