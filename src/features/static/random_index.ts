/** `random_index`: any file of a folder stands for it. */

import type { Scope } from "../../config/scope.ts";
import { onOffDirective } from "../../config/values.ts";
import { type ContainedPath, withSlash } from "../../routing/path_map.ts";
import { listingError } from "../autoindex/autoindex.ts";
import type { Exchange } from "../../core/exchange.ts";
import {
  failureOf,
  FILE_DIRECTIVES,
  FileLocation,
} from "../../core/file_location.ts";
import {
  type Environment,
  InternalRedirect,
  type LocationHooks,
  type Module,
  type Outcome,
} from "../../core/module.ts";
import { TimeSlices } from "../../scheduling/time_slices.ts";

const randomIndexDirective = onOffDirective({
  name: "random_index",
  contexts: ["location"],
  default: false,
  summary: "Whether a file chosen by chance stands for a directory.",
});

/** One of the names of regular files, all equally likely; no dotfiles. */
async function randomFile(path: ContainedPath): Promise<string | undefined> {
  const slices = new TimeSlices();
  let chosen: string | undefined;
  let count = 0;
  for await (const entry of Deno.readDir(path)) {
    if (slices.over) await slices.next();
    if (entry.name.startsWith(".") || !isFile(path, entry)) continue;
    count++;
    if (Math.random() * count < 1) chosen = entry.name;
  }
  return chosen;
}

function isFile(path: ContainedPath, entry: Deno.DirEntry): boolean {
  if (!entry.isSymlink) return entry.isFile;
  try {
    return Deno.statSync(path + entry.name).isFile;
  } catch {
    return false;
  }
}

function create(
  scope: Scope,
  environment: Environment,
): LocationHooks | undefined {
  if (!scope.get(randomIndexDirective)) return undefined;
  const files = FileLocation.of(scope, environment);

  async function choose(
    { uri }: Exchange,
    path: ContainedPath,
  ): Promise<Outcome> {
    let name: string | undefined;
    try {
      name = await randomFile(path);
    } catch (error) {
      throw listingError(path, error);
    }
    return name === undefined ? undefined : new InternalRedirect(uri + name);
  }

  return {
    folder(exchange) {
      const { uri, method } = exchange;
      const reads = method === "GET" || method === "HEAD" || method === "POST";
      if (!reads) return undefined;
      const folder = files.lookup(exchange, uri);
      if (folder.kind !== "directory") return failureOf(folder);
      return choose(exchange, withSlash(folder.path));
    },
  };
}

/** Files by chance. */
export const randomIndexModule: Module = {
  name: "random_index",
  directives: [randomIndexDirective],
  dependsOn: FILE_DIRECTIVES,
  create,
};
