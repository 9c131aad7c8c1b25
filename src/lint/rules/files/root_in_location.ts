/** `root-in-location`: a root that only `location /` knows. */

import { patternOf } from "../../../core/settings/core.ts";
import { aliasDirective, rootDirective } from "../../../core/settings/root.ts";
import { placeBeside } from "../../../config/errors.ts";
import type { Scope } from "../../../config/scope.ts";
import { nameOf } from "../../subject.ts";
import type { Rule } from "../../rule.ts";

/** Directives that answer without a file, or are for a place of their own. */
const WITHOUT_FILES: ReadonlySet<string> = new Set([
  "return",
  "stub_status",
  "status_page",
  "metrics",
  "health",
  "empty_gif",
  "rewrite",
  "try_files",
]);

/** Whether a location looks for files, and where is not said. */
function isRootless(scope: Scope): boolean {
  return patternOf(scope).kind !== "named" &&
    scope.placeOf(rootDirective) === undefined &&
    !scope.has(aliasDirective) &&
    !scope.ownNames().some((name) => WITHOUT_FILES.has(name));
}

/** The rule. */
export const rootInLocation: Rule = {
  name: "root-in-location",
  finds: "A `root` in `location /` alone, beside locations that have none.",
  why: "They look for their files in the folder `html` of the prefix.",
  examples: [
    {
      text: "server {\n location / {\n  root www; # here\n }\n" +
        " location ~ \\.css$ { expires 1d; }\n}",
    },
    {
      text: "server {\n root www;\n location / { }\n" +
        " location ~ \\.css$ { expires 1d; }\n}",
    },
    {
      text: "server {\n location / { root www; }\n" +
        " location /a { return 204; }\n location /b/ { alias b/; }\n" +
        " location = /status { stub_status; }\n}",
    },
    { text: "server {\n location / { root www; }\n}" },
  ],
  *check({ blocks }) {
    for (const { scope } of blocks) {
      if (scope.context !== "server") continue;
      if (scope.placeOf(rootDirective) !== undefined) continue;
      const locations = scope.childrenOf("location");
      const main = locations.find((location) => {
        const pattern = patternOf(location);
        return pattern.kind === "prefix" && pattern.path === "/";
      });
      if (main === undefined) continue;
      const root = main.own(rootDirective);
      const place = main.placeOf(rootDirective);
      if (root === undefined || place === undefined) continue;
      const others = locations.filter(isRootless);
      const [other] = others;
      if (other === undefined) continue;
      yield {
        place,
        what: `only "location /" has this root, "${nameOf(other)}" in ` +
          `${placeBeside(other.place, place)} looks in the folder "html"`,
        advice: 'write "root" in the server, outside of its locations',
      };
    }
  },
};
