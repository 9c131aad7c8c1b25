import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { documents } from "../../../tools/release/documents.ts";

const PROJECT = fromFileUrl(new URL("../../../", import.meta.url));

Deno.test("documents() has all that its pages lead to", () => {
  const all = new Map(documents(PROJECT));
  for (const [page, text] of all) {
    if (!page.endsWith(".md")) continue;
    const folder = new URL(`file:///${page}`);
    for (const [, link = ""] of text.matchAll(/\]\(([^)#:\s]+)[)#]/g)) {
      const path = new URL(link, folder).pathname.slice(1);
      const isThere = all.has(path) ||
        [...all.keys()].some((other) => other.startsWith(`${path}/`));
      assert(isThere, `${page} leads to ${path}`);
    }
  }
});

Deno.test("documents() has each file once, as it is", () => {
  const all = documents(PROJECT);
  const paths = all.map(([path]) => path);
  assertEquals(new Set(paths).size, paths.length);
  for (const path of ["README.md", "docs/fleet.md", "packaging/Dockerfile"]) {
    const [, text] = all.find(([own]) => own === path) ?? [];
    assertEquals(text, Deno.readTextFileSync(`${PROJECT}${path}`), path);
  }
});
