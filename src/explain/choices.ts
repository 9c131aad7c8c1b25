/** Why a server or location is the one, and which others nearly were. */

import type { SourcePlace } from "../config/errors.ts";
import type { Scope } from "../config/scope.ts";
import { patternOf } from "../core/settings/core.ts";
import { serverNameDirective } from "../core/settings/server_name.ts";
import { HttpError } from "../http/errors.ts";
import { type HostPattern, HostTable } from "../routing/host_table.ts";
import type { DryAddress } from "../server/dry_run.ts";
import type { ServerPlan } from "../server/setup/server_plan.ts";
import { nameOf } from "../lint/subject.ts";

/** What was chosen, or nearly. */
export interface Choice {
  /** What it is called. */
  readonly name: string;
  /** Why, or why not. */
  readonly why: string;
  /** Where it stands. */
  readonly place: SourcePlace;
}

/** Most others that are told. */
const MAX_OTHERS = 5;

/** Whether a name alone is for a host. */
function isFor(pattern: HostPattern, host: string): boolean {
  const table = new HostTable(false);
  table.add(pattern, true);
  return attempt(() => table.match(host)) ?? false;
}

/** What `run` returns; `undefined` if an expression takes too long. */
function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof HttpError) return undefined;
    throw error;
  }
}

const KINDS: Readonly<Record<HostPattern["kind"], string>> = {
  exact: "is the host",
  domain: "is for the host",
  leading: "is the longest wildcard for the host",
  trailing: "is the longest wildcard at the end for the host",
  regex: "is the first expression that matches the host",
};

/** The server of a host at an address, and others whose names are for it, too. */
export function serverChoice(
  { group }: DryAddress,
  server: ServerPlan,
  host: string,
): { readonly chosen: Choice; readonly others: readonly Choice[] } {
  const namesFor = ({ scope }: ServerPlan) =>
    scope.get(serverNameDirective)
      .filter(({ pattern }) => isFor(pattern, host));
  const placeOf = ({ scope }: ServerPlan) =>
    scope.placeOf(serverNameDirective) ?? scope.place;
  const [name] = namesFor(server);
  const title = server.name === "" ? "without a name" : server.name;
  const chosen: Choice = name === undefined
    ? {
      name: title,
      why: `no name at this address is for "${host}", so it is the default`,
      place: server.scope.place,
    }
    : {
      name: title,
      why: `"${name.text}" ${KINDS[name.pattern.kind]}`,
      place: placeOf(server),
    };
  const others = group.members.flatMap(({ server: other }): Choice[] => {
    if (other === server) return [];
    const [near] = namesFor(other);
    return near === undefined ? [] : [{
      name: other.name,
      why: `"${near.text}" is for it too, but comes later`,
      place: placeOf(other),
    }];
  });
  return { chosen, others: others.slice(0, MAX_OTHERS) };
}

/** Why a location is the one of a path; the server stands for none. */
export function locationReason(scope: Scope): string {
  if (scope.context === "server") return "the server's own rules apply";
  if (scope.context !== "location") return "its condition holds";
  const pattern = patternOf(scope);
  switch (pattern.kind) {
    case "exact":
      return "exactly this path";
    case "prefix":
      return pattern.final
        ? "the longest prefix, which keeps expressions away"
        : "the longest prefix, and no expression matches";
    case "regex":
      return "the first expression that matches";
    case "named":
      return "it was called by name";
  }
}

/** The locations whose pattern is for a path, too, and why they are not it. */
export function otherLocations(
  server: ServerPlan,
  chosen: Scope,
  path: string,
): readonly Choice[] {
  if (path.startsWith("@")) return [];
  const found: Choice[] = [];
  const isInside = (scope: Scope) =>
    chosen.nearest((outer) => outer === scope) !== undefined;
  const kept = chosen.context === "location" ? patternOf(chosen) : undefined;
  for (const scope of server.scope.descendantsOf("location")) {
    if (isInside(scope)) continue;
    const pattern = patternOf(scope);
    let why: string | undefined;
    if (pattern.kind === "prefix" && path.startsWith(pattern.path)) {
      why = kept?.kind === "regex"
        ? "a prefix of it, but an expression comes first"
        : "a shorter prefix of it";
    } else if (
      pattern.kind === "regex" && attempt(() => pattern.regex.test(path))
    ) {
      why = kept?.kind === "regex"
        ? "matches it, but stands further down"
        : kept?.kind === "exact"
        ? "matches it, but the other one is exact"
        : 'matches it, but is kept away by "^~", or is in another location';
    }
    if (why !== undefined) {
      found.push({ name: nameOf(scope), why, place: scope.place });
    }
  }
  return found.slice(0, MAX_OTHERS);
}
