/** The configurations that people copy from the documentation are understood. */

import { assert, assertEquals } from "@std/assert";
import { configured } from "../../support/config_support.ts";

const PAGES = ["README.md", "docs/recipes.md"];

for (const page of PAGES) {
  Deno.test(`the configurations of ${page} are understood`, () => {
    const text = Deno.readTextFileSync(
      new URL(`../../../${page}`, import.meta.url),
    );
    const blocks = [...text.matchAll(/^```nginx\n(.*?)^```/gms)]
      .map(([, block = ""]) => block);
    assert(blocks.length > 0);
    for (const block of blocks) {
      const warnings: string[] = [];
      const isPart = /^location/m.test(block);
      configured(isPart ? `server { ${block} }` : block, warnings);
      assertEquals(warnings, [], block);
    }
  });
}
