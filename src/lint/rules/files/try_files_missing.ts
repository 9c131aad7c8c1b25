/** `try-files-missing`: what is left when nothing is found is not there. */

import type { Rule } from "../../rule.ts";
import { troubleWithTarget } from "../../targets.ts";

/** The rule. */
export const tryFilesMissing: Rule = {
  name: "try-files-missing",
  finds: "A `try_files` whose last argument leads to nothing.",
  why: "The last argument is not tried: the request goes on there, and where " +
    "nothing is it ends with 404, or after ten rounds with 500.",
  examples: [
    {
      text: "server {\n root www;\n location / {\n" +
        "  try_files $uri $uri/ /app.html; # here\n }\n}",
      files: { "www/index.html": "" },
    },
    {
      text: "server {\n root www;\n location / {\n" +
        "  try_files $uri @app; # here\n }\n}",
      files: { "www/index.html": "" },
    },
    {
      text: "server {\n root www;\n" +
        " location / { try_files $uri $uri/ /index.html; }\n" +
        " location /a/ { try_files $uri =404; }\n" +
        " location /b/ { try_files $uri @app; }\n" +
        " location /c/ { try_files $uri /index.php?$args; }\n" +
        " location @app { return 200 app; }\n}",
      files: { "www/index.html": "" },
    },
  ],
  async *check(subject) {
    for (const found of subject.statements("try_files")) {
      const { statement } = found;
      const trouble = await troubleWithTarget(subject, found);
      if (trouble === undefined) continue;
      const target = statement.args.at(-1)!;
      const others = statement.args.slice(0, -1).join(" ");
      yield {
        place: statement.place,
        what: `the last argument "${target}" leads nowhere: ${trouble}`,
        advice: target.startsWith("@")
          ? `write "location ${target} { ... }" in the server`
          : `write "try_files ${others} =404;" if nothing else is to be tried`,
      };
    }
  },
};
