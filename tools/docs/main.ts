/** Writes `docs/directives.md`, and the rules in `docs/lint.md`. */

import { MODULES } from "../../src/server/setup/registry.ts";
import { NGINX_DIRECTIVES } from "./nginx_directives.ts";
import { RULES } from "../../src/lint/registry.ts";
import { lintPage } from "./lint_page.ts";
import { referencePage } from "./reference.ts";

Deno.writeTextFileSync(
  new URL("../../docs/directives.md", import.meta.url),
  referencePage(MODULES, NGINX_DIRECTIVES),
);

const lintFile = new URL("../../docs/lint.md", import.meta.url);
Deno.writeTextFileSync(
  lintFile,
  lintPage(Deno.readTextFileSync(lintFile), RULES),
);
