/** `add-header-inheritance`: fields of an outer block that get lost. */

import type { Scope } from "../../../config/scope.ts";
import { addHeaderDirective } from "../../../features/headers/add_header.ts";
import { at, written } from "../../subject.ts";
import type { Rule } from "../../rule.ts";

/** How many fields are better kept in a file of their own. */
const MANY = 2;

/** The nearest block around with fields of its own. */
function outerWith(scope: Scope): Scope | undefined {
  return scope.parent?.nearest((outer) => outer.has(addHeaderDirective));
}

/** The rule. */
export const addHeaderInheritance: Rule = {
  name: "add-header-inheritance",
  finds: "An `add_header` that drops those of the block around it.",
  why: "A block with one of its own has none of the outer ones: fields that " +
    "keep browsers safe disappear from a part of the site.",
  examples: [
    {
      text: "server {\n add_header X-Frame-Options DENY;\n location /a {\n" +
        "  add_header Cache-Control no-store; # here\n" +
        "  add_header X-A 1;\n }\n}",
    },
    {
      text: "server {\n add_header X-Frame-Options DENY;\n location /a {\n" +
        "  if ($arg_a) {\n   add_header X-A 1; # here\n  }\n }\n}",
    },
    {
      text: "server {\n add_header X-Frame-Options DENY;\n location /a {\n" +
        "  add_header X-Frame-Options SAMEORIGIN; add_header X-A 1;\n }\n" +
        " location /b { expires 1d; }\n}",
    },
  ],
  *check(subject) {
    for (const { scope } of subject.blocks) {
      const own = subject.statementsIn(scope, "add_header");
      const outer = outerWith(scope);
      if (own.length === 0 || outer === undefined) continue;
      const here = new Set(own.map(({ args }) => args[0]!.toLowerCase()));
      const lost = subject.statementsIn(outer, "add_header")
        .filter(({ args }) => !here.has(args[0]!.toLowerCase()));
      const [first] = lost;
      if (first === undefined) continue;
      const names = lost.map(({ args }) => args[0]).join(", ");
      yield {
        place: own[0]!.place,
        what: `this block has fields of its own, and not those of the ` +
          `"${outer.context}" around it (${names}, ${at(first.place)})`,
        advice: (lost.length > MANY
          ? "put them into a file, and include it here, too: "
          : "write them here, too: ") + lost.map(written).join(" "),
      };
    }
  },
};
