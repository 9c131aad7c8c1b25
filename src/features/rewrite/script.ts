/**
 * Scripts: what the directives of nginx's rewrite module say in one block, in
 * the order of the file. A block's steps are asked one after the other until
 * one ends it.
 */

import type { HttpError } from "../../http/errors.ts";
import type { HttpResponse } from "../../http/response.ts";
import type { Exchange } from "../../core/exchange.ts";

/** What steps remember of one run. */
export interface ScriptRun {
  /** Whether the URI has changed, so that its location has to be found. */
  moved: boolean;
}

/** What a step says: an answer, the end of the script, or nothing. */
export type Flow = HttpResponse | HttpError | "end" | undefined;

/** One step of a script. */
export type Step = (exchange: Exchange, run: ScriptRun) => Flow;

/** A step, and where it stands among those of its block. */
export interface OrderedStep {
  /** The number of its statement: lower ones come first. */
  readonly order: number;
  /** What it does. */
  readonly step: Step;
}

/** The steps as one, in their order. */
export function inOrder(steps: readonly OrderedStep[]): Step {
  const row = [...steps].sort((a, b) => a.order - b.order)
    .map(({ step }) => step);
  return (exchange, run) => {
    for (const step of row) {
      const flow = step(exchange, run);
      if (flow !== undefined) return flow;
    }
    return undefined;
  };
}
