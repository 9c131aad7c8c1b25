/** `error-page-missing`: error pages that are not there. */

import type { Rule } from "../../rule.ts";
import { troubleWithTarget } from "../../targets.ts";

/** The rule. */
export const errorPageMissing: Rule = {
  name: "error-page-missing",
  finds: "An `error_page` whose page is not there.",
  why: "Clients are shown the default page then, and sometimes its status.",
  examples: [
    {
      text: "server {\n root www;\n error_page 404 /404.html; # here\n}",
      files: { "www/index.html": "" },
    },
    {
      text: "server {\n root www;\n error_page 502 503 @sorry; # here\n}",
      files: { "www/index.html": "" },
    },
    {
      text: "server {\n root www;\n error_page 404 /404.html;\n" +
        " error_page 500 /50x.html;\n error_page 403 @no;\n" +
        " location = /50x.html { internal; root errors; }\n" +
        " location @no { return 403 no; }\n" +
        " error_page 410 https://example.org/gone;\n" +
        " error_page 405 /$host.html;\n}",
      files: { "www/404.html": "", "errors/50x.html": "" },
    },
    // That the folder is missing is another warning.
    { text: "server {\n root nowhere;\n error_page 404 /404.html;\n}" },
  ],
  async *check(subject) {
    for (const found of subject.statements("error_page")) {
      const { statement } = found;
      const trouble = await troubleWithTarget(subject, found);
      if (trouble === undefined) continue;
      const target = statement.args.at(-1)!;
      yield {
        place: statement.place,
        what: `the error page "${target}" is not there: ${trouble}`,
        advice: target.startsWith("@")
          ? `write "location ${target} { ... }" in the server`
          : `make the file, or write where it is: "location = ${target} ` +
            '{ internal; root /its/folder; }"',
      };
    }
  },
};
