/**
 * The steps of a request that somebody wants explained. Who decides something
 * pushes what it was, and where it is said, if `steps` are there. They are not
 * while requests are served: then it costs the look at one property.
 */

import type { SourcePlace } from "../config/errors.ts";
import type { Scope } from "../config/scope.ts";

/** One decision. */
export interface TraceStep {
  /** What kind of. */
  readonly kind:
    | "location"
    | "redirect"
    | "rewrite"
    | "if"
    | "set"
    | "break"
    | "return"
    | "access"
    | "file"
    | "try_files"
    | "map"
    | "geo"
    | "split_clients"
    | "variant"
    | "error"
    | "error_page";
  /** What it was, in a few words. */
  readonly text: string;
  /** The file that is sent, where it is decided which. */
  readonly file?: string;
  /** Where it is said; left out if nowhere. */
  readonly place?: SourcePlace | undefined;
  /** The block that the request is in from here on, if that changes. */
  readonly scope?: Scope;
}

/** The steps so far, if somebody wants them. */
export const trace: { steps: TraceStep[] | undefined } = { steps: undefined };
