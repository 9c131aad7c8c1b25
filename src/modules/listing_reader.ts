/** The names in a folder, read in turns. */

import {
  compareEntries,
  type ListingEntry,
  type ListingKind,
} from "../http/listing_entry.ts";
import type { ContainedPath } from "../routing/path_map.ts";
import { sortInTurns, Turns } from "./turns.ts";

/** Folders that are being read, so that nobody reads one twice at a time. */
const pending = new Map<string, Promise<readonly ListingEntry[]>>();

/**
 * What a listing of the folder at `path`, which ends with a slash, shows, in
 * nginx's order: no names that begin with a dot.
 *
 * @throws what the operating system says about the folder
 */
export function readListing(
  path: ContainedPath,
): Promise<readonly ListingEntry[]> {
  let reading = pending.get(path);
  if (reading === undefined) {
    reading = read(path).finally(() => pending.delete(path));
    pending.set(path, reading);
  }
  return reading;
}

async function read(path: ContainedPath): Promise<readonly ListingEntry[]> {
  const turns = new Turns();
  const entries: ListingEntry[] = [];
  for await (const { name } of Deno.readDir(path)) {
    if (turns.over) await turns.next();
    if (name.startsWith(".")) continue;
    const entry = examine(path, name);
    if (entry !== undefined) entries.push(entry);
  }
  await sortInTurns(entries, compareEntries, turns);
  return entries;
}

/**
 * The entry of one name. As in nginx a link that leads nowhere is listed for
 * itself, and what must not be looked at is left out.
 */
function examine(path: ContainedPath, name: string): ListingEntry | undefined {
  const info = infoOf(path + name);
  if (info === undefined) return undefined;
  return {
    name,
    kind: kindOf(info),
    size: info.size,
    mtimeMs: info.mtime?.getTime() ?? 0,
  };
}

function infoOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) return undefined;
  }
  try {
    return Deno.lstatSync(path);
  } catch {
    // Gone since, or a name that is no text and cannot be asked for.
    return undefined;
  }
}

function kindOf(info: Deno.FileInfo): ListingKind {
  if (info.isDirectory) return "directory";
  return info.isFile ? "file" : "other";
}
