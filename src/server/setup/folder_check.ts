/**
 * Folders that are named and are not there. That is no error, because a site
 * may be copied there later, but mostly a slip of the pen.
 */

import type { Scope } from "../../config/scope.ts";
import type { Steps } from "../../config/steps.ts";
import type { Template } from "../../config/template.ts";
import type { Exchange } from "../../core/exchange.ts";
import { aliasDirective, rootDirective } from "../../core/settings/root.ts";
import { failureReason, isGuarded } from "../../os_error.ts";

/** Warns of each folder of `root` and `alias` that files cannot come from. */
export function* warnOfFolders(
  main: Scope,
  warn: (message: string) => void,
): Steps<void> {
  const seen = new Set<string>();
  for (const scope of [main, ...main.descendants()]) {
    yield;
    for (const directive of [rootDirective, aliasDirective]) {
      const path = fixedPart(scope.own(directive)?.template);
      if (path === "" || seen.has(path)) continue;
      seen.add(path);
      const trouble = troubleWith(path);
      const { file, line } = scope.placeOf(directive) ?? scope.place;
      if (trouble === undefined) continue;
      warn(`${directive.name} "${path}" ${trouble} in ${file}:${line}`);
    }
  }
}

/** The folders before the first variable. */
function fixedPart(folder: Template<Exchange> | undefined): string {
  if (folder === undefined) return "";
  const { constant, source } = folder;
  if (constant !== undefined) return constant;
  const end = source.lastIndexOf("/", source.indexOf("$"));
  return source.slice(0, Math.max(0, end));
}

function troubleWith(path: string): string | undefined {
  try {
    // A link is looked at where it leads to: Deno asks for the rights there.
    Deno.statSync(Deno.realPathSync(path));
    return undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "does not exist";
    return isGuarded(error)
      ? "will be 403: Deno guards /dev, /proc and /sys against programs " +
        "without --allow-all; use another folder"
      : `cannot be read (${failureReason(error)})`;
  }
}
