/** `access-inheritance`: rules of an outer block that get lost. */

import { placeBeside } from "../../../config/errors.ts";
import type { Scope } from "../../../config/scope.ts";
import type { Rule } from "../../rule.ts";
import { written } from "../../subject.ts";

/** Directives of access that a block with its own has instead of others. */
const ACCESS = ["allow", "deny"] as const;

function hasOwnAccess(scope: Scope): boolean {
  return scope.ownNames().some((name) =>
    (ACCESS as readonly string[]).includes(name)
  );
}

/** The rule. */
export const accessInheritance: Rule = {
  name: "access-inheritance",
  finds: "An `allow` or `deny` that drops those of the block around it and " +
    "does not end with `deny all`.",
  why:
    "A block with rules of its own has none of the outer ones, and lets in " +
    "every address that its own do not name.",
  examples: [
    {
      text: "server {\n allow 192.0.2.0/24; deny all;\n location /a {\n" +
        "  allow 198.51.100.7; # here\n }\n}",
    },
    {
      text: "server {\n deny 192.0.2.1;\n location /a {\n" +
        "  deny 192.0.2.2; # here\n }\n}",
    },
    {
      text: "server {\n allow 192.0.2.0/24; deny all;\n" +
        " location /a { allow 198.51.100.7; deny all; }\n" +
        " location /b { allow all; }\n}\n" +
        "server { location / { deny 192.0.2.1; } }",
    },
  ],
  *check(subject) {
    for (const { scope, statements } of subject.blocks) {
      if (!hasOwnAccess(scope)) continue;
      const outer = scope.parent?.nearest(hasOwnAccess);
      if (outer === undefined) continue;
      const rules = statements.filter(({ name }) =>
        (ACCESS as readonly string[]).includes(name)
      );
      const isComplete = rules.some(({ args }) => args[0] === "all");
      if (rules.length === 0 || isComplete) continue;
      const outerRules = ACCESS.flatMap((name) =>
        subject.statementsIn(outer, name)
      );
      const { place } = rules[0]!;
      yield {
        place,
        what: `this block has rules of its own, and not those of the ` +
          `"${outer.context}" around it (${
            placeBeside(outerRules[0]!.place, place)
          })`,
        advice: `write them here, too: ${outerRules.map(written).join(" ")}`,
      };
    }
  },
};
