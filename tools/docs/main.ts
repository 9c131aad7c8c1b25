/** Writes `docs/directives.md`. */

import { MODULES } from "../../src/server/setup/registry.ts";
import { NGINX_DIRECTIVES } from "./nginx_directives.ts";
import { referencePage } from "./reference.ts";

Deno.writeTextFileSync(
  new URL("../../docs/directives.md", import.meta.url),
  referencePage(MODULES, NGINX_DIRECTIVES),
);
