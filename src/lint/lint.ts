/**
 * The lint: what is right as the language has it, and mostly not meant. It is
 * done by `-t` alone, so that no start waits for it.
 */

import type { SourcePlace } from "../config/errors.ts";
import {
  type Configuration,
  prepareGeneration,
} from "../server/setup/configuration.ts";
import { NO_SINK } from "../server/setup/preflight.ts";
import type { Finding } from "./rule.ts";
import { escapeControls } from "../logging/diagnostic_line.ts";
import { failureReason } from "../os_error.ts";
import { RULES } from "./registry.ts";
import { commentFor, type Selection } from "./selection.ts";
import { Subject } from "./subject.ts";

/** What counts requests would refuse many of the questions. */
const COUNTING: ReadonlySet<string> = new Set(["limit_req", "limit_conn"]);

/** The names of all rules. */
export const RULE_NAMES: readonly string[] = RULES.map(({ name }) => name);

/**
 * Tells `warn` what the rules find in a configuration that is right, in the
 * order of its files: what, where, and in a second line what to write instead.
 */
export async function lint(
  configuration: Configuration,
  selection: Selection,
  warn: (message: string) => void,
): Promise<void> {
  const rules = RULES.filter(({ name }) => selection.has(name));
  if (rules.length === 0) return;
  const modules = configuration.modules
    .filter(({ name }) => !COUNTING.has(name));
  const generation = prepareGeneration(
    { ...configuration, modules },
    () => {},
    { openLog: () => NO_SINK },
  );
  try {
    const subject = new Subject(configuration, generation);
    const found: { readonly rule: string; readonly finding: Finding }[] = [];
    for (const { name, ...rule } of rules) {
      try {
        for await (const finding of rule.check(subject)) {
          found.push({ rule: name, finding });
        }
      } catch (error) {
        // The configuration is right, whatever a rule stumbles over.
        warn(`the lint's rule "${name}" failed: ${failureReason(error)}`);
      }
    }
    for (const line of linesOf(found, configuration)) warn(line);
  } finally {
    generation.environment.files.clear();
    generation.environment.files.stop();
    await generation.environment.logs.close();
  }
}

/** What is told, each once, in the order of the files. */
function linesOf(
  found: readonly { readonly rule: string; readonly finding: Finding }[],
  { files }: Configuration,
): readonly string[] {
  const texts = new Map(
    files.map(({ path, text }) => [path, text.split("\n")]),
  );
  const order = new Map(files.map(({ path }, index) => [path, index]));
  const rankOf = ({ file }: SourcePlace) => order.get(file) ?? -1;
  const told = found.filter(({ rule, finding: { place } }) =>
    commentFor(texts.get(place.file) ?? [], place.line, RULE_NAMES)
      ?.has(rule) ?? true
  );
  told.sort(({ finding: a }, { finding: b }) =>
    rankOf(a.place) - rankOf(b.place) || a.place.line - b.place.line
  );
  const lines = new Map<string, string>();
  for (const { rule, finding: { what, place, advice } } of told) {
    const where = `${place.file}:${place.line}`;
    const key = `${rule} ${where}`;
    // A file that is read in several places is mended in one.
    if (lines.has(key)) continue;
    // Files and words of the configuration may have any name.
    const [first, second] = [`${rule}: ${what} in ${where}`, advice]
      .map(escapeControls);
    lines.set(key, `${first}\n         ${second}`);
  }
  return [...lines.values()];
}
