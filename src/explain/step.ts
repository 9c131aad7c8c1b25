/** What is told of a request, step by step. */

import type { SourcePlace } from "../config/errors.ts";
import type { TraceStep } from "../core/trace.ts";

/** One thing to tell. */
export interface ExplainedStep {
  /** What it is about. */
  readonly kind:
    | TraceStep["kind"]
    | "listener"
    | "server"
    | "handshake"
    | "rule"
    | "again"
    | "near";
  /** What it was. */
  readonly text: string;
  /** Where it is said, as `FILE:LINE`; `null` if nowhere. */
  readonly place: string | null;
}

/** A place as it is told: `FILE:LINE`; `null` if there is none. */
export function placeText(place: SourcePlace | undefined): string | null {
  return place === undefined ? null : `${place.file}:${place.line}`;
}
