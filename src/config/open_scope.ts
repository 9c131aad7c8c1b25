/** A scope that is being built. */

import type { ContextName } from "./directive.ts";
import type { SourcePlace } from "./errors.ts";
import type { Statement } from "./syntax/parser.ts";
import { Scope, type Setting } from "./scope.ts";

/** A scope and those parts of it that only its builder may change. */
export interface OpenScope {
  /** The scope, which can only be read. */
  readonly scope: Scope;
  /** Its values by directive name. */
  readonly settings: Map<string, Setting>;
  /** The blocks in it. */
  readonly children: Scope[];
  /** The statements that are wrong. */
  readonly failed: Statement[];
  /** How many statements have been parsed. */
  parsed: number;
}

/** An empty scope in `parent`. */
export function openScope(
  context: ContextName,
  parent: Scope | undefined,
  place: SourcePlace,
  args: readonly string[] = [],
): OpenScope {
  const settings = new Map<string, Setting>();
  const children: Scope[] = [];
  const failed: Statement[] = [];
  const scope = new Scope({
    context,
    parent,
    place,
    args,
    settings,
    children,
    failed,
  });
  return { scope, settings, children, failed, parsed: 0 };
}
