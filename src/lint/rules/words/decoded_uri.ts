/** `decoded-uri`: the decoded path in what clients are sent. */

import type { Scope } from "../../../config/scope.ts";
import { patternOf } from "../../../core/settings/core.ts";
import type { Rule } from "../../rule.ts";
import {
  FIELDS,
  isRedirect,
  REDIRECTING,
  targetOf,
} from "../../sent_values.ts";

const DECODED = /\$\{?(?:document_)?uri\b(?!_)\}?/i;

/** Whether a block is for one path, which no client has a say in. */
function isOnePath(scope: Scope): boolean {
  const location = scope.nearest(({ context }) => context === "location");
  return location !== undefined && patternOf(location).kind === "exact";
}

/** The rule. */
export const decodedUri: Rule = {
  name: "decoded-uri",
  finds:
    "`$uri` or `$document_uri` in what clients are sent: a redirect or a " +
    "field.",
  why: "It is decoded: a path with `%0d%0a` would end the field in nginx and " +
    "begin another one, here it ends with 500; and a `?` or `%` of the path " +
    "means something else then.",
  examples: [
    { text: "server {\n return 301 https://example.org$uri; # here\n}" },
    {
      text: "server {\n rewrite ^ https://$host${uri}?a=1 permanent; # here\n}",
    },
    { text: "server {\n add_header X-Path $document_uri; # here\n}" },
    {
      text: "server {\n location /a { return 301 $scheme://$host" +
        "$request_uri; }\n rewrite ^/x(.*)$ /y$1 last;\n" +
        " location = /c { return 302 /d?from=$uri; }\n" +
        " location /b { try_files $uri =404; return 200 $uri; }\n}",
    },
  ],
  *check(subject) {
    for (
      const { scope, statement } of subject.statements(
        ...REDIRECTING,
        ...FIELDS,
      )
    ) {
      if (isOnePath(scope)) continue;
      const isField = (FIELDS as readonly string[]).includes(statement.name);
      if (!isField && !isRedirect(statement)) continue;
      const text = isField
        ? statement.args.slice(1).join(" ")
        : targetOf(statement);
      const [variable] = DECODED.exec(text) ?? [];
      if (variable === undefined) continue;
      yield {
        place: statement.place,
        what: `${variable} is the decoded path, with what a client put there`,
        advice: statement.name === "rewrite"
          ? 'match "^(.*)$" and write $1, which is escaped, or $request_uri'
          : "write $request_uri, which is the path and query as they were " +
            "sent",
      };
    }
  },
};
