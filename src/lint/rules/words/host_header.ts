/** `host-header`: what a client calls the server, sent back. */

import type { Rule } from "../../rule.ts";
import { isRedirect, REDIRECTING, targetOf } from "../../sent_values.ts";

/** The rule. */
export const hostHeader: Rule = {
  name: "host-header",
  finds: "`$http_host` in a redirect.",
  why:
    "It is what the client has sent, unchecked and with a port; an absolute " +
    "request target does not change it.",
  examples: [
    {
      text: "server {\n return 301 https://$http_host$request_uri; # here\n}",
    },
    {
      text: "server {\n return 301 https://$host$request_uri;\n}\n" +
        'log_format a "$http_host";',
    },
  ],
  *check(subject) {
    for (const { statement } of subject.statements(...REDIRECTING)) {
      if (!isRedirect(statement)) continue;
      if (!/\$\{?http_host\b/i.test(targetOf(statement))) continue;
      yield {
        place: statement.place,
        what: "$http_host is whatever the client has sent as Host, with its " +
          "port",
        advice: "write $host, or the name of the site",
      };
    }
  },
};
