/**
 * The names of groups in regular expressions, `(?<name>…)`, which are names of
 * variables. They are known before anything is compiled: a format of a log may
 * use what a location further down takes.
 */

import { ConfigError } from "./errors.ts";
import type { FaultList } from "./fault_list.ts";
import type { Statement } from "./syntax/parser.ts";

/** A group that begins, and its name. */
const NAMED_GROUP = /(?<!\\)\(\?(?:P?<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)')/g;

/** The directives with patterns. */
const WITH_PATTERNS: ReadonlySet<string> = new Set([
  "if",
  "location",
  "rewrite",
  "server_name",
]);

/** The names of the configuration that is being compiled, in lower case. */
let current: ReadonlySet<string> = new Set();

/**
 * The names of all groups in `statements`, in lower case. `faults` takes those
 * for which `isTaken` says that a variable of the program has the name.
 */
export function groupNames(
  statements: readonly Statement[],
  isTaken: (name: string) => boolean,
  faults: FaultList,
): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { name: directive, args, block, place } of statements) {
    if (WITH_PATTERNS.has(directive)) {
      for (const [, angled, quoted] of args.join(" ").matchAll(NAMED_GROUP)) {
        const name = (angled ?? quoted ?? "").toLowerCase();
        names.add(name);
        if (isTaken(name)) {
          faults.add(
            new ConfigError(
              `the duplicate "${name}" variable`,
              place,
              "a group of a regular expression needs a name that no variable has",
            ),
          );
        }
      }
    }
    if (block === undefined) continue;
    for (const name of groupNames(block, isTaken, faults)) names.add(name);
  }
  return names;
}

/** Makes `names` those of the configuration that is compiled from now on. */
export function useGroupNames(names: ReadonlySet<string>): void {
  current = names;
}

/** Whether a group of the configuration that is compiled has this name. */
export function isGroupName(name: string): boolean {
  return current.has(name);
}
