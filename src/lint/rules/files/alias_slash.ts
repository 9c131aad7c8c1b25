/** `alias-slash`: a location and its alias of which one ends with a slash. */

import { patternOf } from "../../../core/settings/core.ts";
import { aliasDirective } from "../../../core/settings/root.ts";
import { nameOf } from "../../subject.ts";
import type { Rule } from "../../rule.ts";

/** The rule. */
export const aliasSlash: Rule = {
  name: "alias-slash",
  finds:
    "A `location` and its `alias` of which one ends with a slash and the " +
    "other does not.",
  why: "nginx puts the rest of the path behind the alias as it is: " +
    "`location /img { alias /data/img/; }` also serves `/img../secret` there.",
  examples: [
    { text: "server {\n location /img {\n  alias img/; # here\n }\n}" },
    { text: "server {\n location /img/ {\n  alias img; # here\n }\n}" },
    { text: "server {\n location ^~ /a {\n  alias img/; # here\n }\n}" },
    {
      text: "server {\n location /img/ { alias img/; }\n" +
        " location /a { alias img; }\n" +
        " location = /favicon.ico { alias img/favicon.ico; }\n" +
        " location ~ ^/b/(.*) { alias img/$1; }\n}",
    },
  ],
  *check({ blocks }) {
    for (const { scope } of blocks) {
      const alias = scope.own(aliasDirective);
      const place = scope.placeOf(aliasDirective);
      if (alias === undefined || place === undefined) continue;
      const pattern = patternOf(scope);
      if (pattern.kind !== "prefix") continue;
      const isFolder = alias.ending === "/";
      if (pattern.path.endsWith("/") === isFolder) continue;
      const location = `"${nameOf(scope)}"`;
      yield isFolder
        ? {
          place,
          what: `${location} has no slash at its end, and its alias has one`,
          advice:
            `write "location ${pattern.path}/", or an alias without it: ` +
            `nginx would take "${pattern.path}../x" out of the folder`,
        }
        : {
          place,
          what: `${location} ends with a slash, and its alias does not`,
          advice: `write "alias ${alias.path}/;": nginx would look for ` +
            `"${alias.path}x"`,
        };
    }
  },
};
