/** Paths for tests that have no location whose folder they could be in. */

import type { ContainedPath } from "../../src/routing/path_map.ts";

/** `path`, taken at its word. */
export function contained(path: string): ContainedPath {
  return path as ContainedPath;
}
