/** `slow-expression`: expressions that backtrack without bound. */

import { byteString } from "../../../http/byte_string.ts";
import { isExponential } from "../../../regex/engine/cost.ts";
import { parsePattern } from "../../../regex/syntax/parser.ts";
import { expressionsOf } from "../../expressions.ts";
import type { Rule } from "../../rule.ts";

/** The rule. */
export const slowExpression: Rule = {
  name: "slow-expression",
  finds: "A regular expression that can take a text apart in exponentially " +
    "many ways, such as `^(a+)+$`.",
  why: "A client can keep a worker of nginx busy until its match limit; here " +
    "the work is bounded, but with back references such a request ends with " +
    "500.",
  examples: [
    {
      text: "server {\n location ~ ^/([a-z]+)*$ { # here\n" +
        "  return 404;\n }\n}",
    },
    { text: "server {\n rewrite ^/(?:\\w+\\s?)+\\.html$ /a; # here\n}" },
    {
      text: "server {\n if ($http_user_agent ~ (.*)*x) { # here\n" +
        "  return 403;\n }\n}",
    },
    {
      text: "server {\n location ~ ^/(?:[^/]+/)*x$ { return 404; }\n" +
        " rewrite ^/(.*)/(.*)\\.html$ /$1/$2;\n" +
        " location ~ ^/(?:[a-z]|[0-9])+$ { return 404; }\n" +
        " location ~ ^/(?>[a-z]+)*$ { return 404; }\n}",
    },
  ],
  *check(subject) {
    for (const expression of expressionsOf(subject)) {
      const { source, ignoreCase, place } = expression;
      const { node } = parsePattern(byteString(source), ignoreCase);
      if (!isExponential(node)) continue;
      yield {
        place,
        what: `the regular expression "${source}" repeats a repetition ` +
          "and can divide one text between the two in many ways",
        advice: "write one repetition, or end each round with a character " +
          'that is not in it, as in "(?:[^/]+/)*"',
      };
    }
  },
};
