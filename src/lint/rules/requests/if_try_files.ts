/** `if-try-files`: an `if` beside `try_files`, which it does not have. */

import { placeBeside } from "../../../config/errors.ts";
import { leaves } from "../../if_blocks.ts";
import type { Rule } from "../../rule.ts";
import { written } from "../../subject.ts";

/** The rule. */
export const ifTryFiles: Rule = {
  name: "if-try-files",
  finds: "An `if` in a location with `try_files` that lets the request go on.",
  why: "When its condition holds, the request is in the block of the `if`, " +
    "which has no `try_files`: files are looked for without it.",
  examples: [
    {
      text: "server {\n location / {\n" +
        "  if ($arg_a) { # here\n   set $a 1;\n  }\n" +
        "  try_files $uri /index.html;\n }\n}",
      files: { "html/index.html": "" },
    },
    {
      text: "server {\n location / {\n  if ($arg_a) { return 403; }\n" +
        "  if ($arg_b) { rewrite ^ /b last; }\n" +
        "  try_files $uri =404;\n }\n" +
        " location /b { if ($arg_b) { expires 1d; } }\n" +
        " if ($arg_c) { set $c 1; }\n}",
    },
  ],
  *check(subject) {
    for (const { scope, statement } of subject.statements("if")) {
      if (scope.context !== "location") continue;
      const [tried] = subject.statementsIn(scope, "try_files");
      if (tried === undefined || leaves(statement.block ?? [])) continue;
      yield {
        place: statement.place,
        what: `where this "if" holds, "${written(tried)}" in ` +
          `${placeBeside(tried.place, statement.place)} is not followed`,
        advice: 'write "map" for the variable, or "if" in the server; in a ' +
          'location "return" and "rewrite ... last" alone are safe',
      };
    }
  },
};
