/** Whether an executable is newer than what it was made of. */

import { join } from "@std/path";

/** What executables are made of, relative to the project. */
const SOURCES = ["src", "tools/compile", "deno.json", "deno.lock"];

/** When the newest file at or under `path` was changed, in ms. */
function changedAt(path: string): number {
  const info = Deno.statSync(path);
  if (!info.isDirectory) return info.mtime?.getTime() ?? 0;
  let newest = 0;
  for (const { name } of Deno.readDirSync(path)) {
    newest = Math.max(newest, changedAt(join(path, name)));
  }
  return newest;
}

/** `missing`, `stale` when a source is newer, else `fresh`. */
export function freshnessOf(
  executable: string,
  project: string,
): "missing" | "stale" | "fresh" {
  let madeAt: number;
  try {
    madeAt = changedAt(executable);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "missing";
    throw error;
  }
  const newest = Math.max(
    ...SOURCES.map((source) => changedAt(join(project, source))),
  );
  return newest > madeAt ? "stale" : "fresh";
}
