/** Writes `docs/directives.md`. */

import { MODULES } from "../../src/server/setup/registry.ts";
import { referencePage } from "./reference.ts";

Deno.writeTextFileSync(
  new URL("../../docs/directives.md", import.meta.url),
  referencePage(MODULES),
);
