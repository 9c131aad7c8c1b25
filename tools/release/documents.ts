/** What people read: the pages, and the files that these lead to. */

import { join } from "@std/path";
import { join as joined } from "@std/path/posix";

/** The pages beside those of `docs/`. */
const PAGES = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md"];

/** What a page leads to: paths, without those of the network and anchors. */
function linksOf(text: string): string[] {
  return [...text.matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)]
    .map(([, link = ""]) => link);
}

/**
 * The pages of the project in the folder `project`, and the files that they
 * lead to, such as those of `packaging/`: paths from that folder, and texts.
 */
export function documents(
  project: string,
): (readonly [path: string, text: string])[] {
  const read = (path: string) => Deno.readTextFileSync(join(project, path));
  const pages = [...Deno.readDirSync(join(project, "docs"))]
    .map(({ name }) => `docs/${name}`).filter((name) => name.endsWith(".md"));
  const found = new Map(
    [...PAGES, ...pages.sort()].map((path) => [path, read(path)]),
  );
  for (const [page, text] of [...found]) {
    for (const link of linksOf(text)) {
      const path = joined(page, "..", link);
      const isFile = Deno.statSync(join(project, path)).isFile;
      if (isFile && !found.has(path)) found.set(path, read(path));
    }
  }
  return [...found];
}
