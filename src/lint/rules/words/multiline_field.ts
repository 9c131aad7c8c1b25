/** `multiline-field`: values that are not one line. */

import type { Rule } from "../../rule.ts";
import { FIELDS } from "../../sent_values.ts";

/** The rule. */
export const multilineField: Rule = {
  name: "multiline-field",
  finds: "A field whose value has line breaks in it.",
  why:
    "Line breaks in a value are forbidden (RFC 9112 §5.2): nginx sends them " +
    "and browsers drop the answer; here the value is sent on one line.",
  examples: [
    {
      text: "server {\n add_header Content-Security-Policy # here\n" +
        "  \"default-src 'self';\n   img-src *\";\n}",
    },
    {
      text: "server {\n add_header Content-Security-Policy\n" +
        "  \"default-src 'self'; img-src *\";\n}",
    },
  ],
  *check(subject) {
    for (const { statement } of subject.statements(...FIELDS)) {
      const [name = "", ...values] = statement.args;
      if (!values.some((value) => value.includes("\n"))) continue;
      yield {
        place: statement.place,
        what: `the value of ${name} has line breaks in it`,
        advice: "write it on one line; parts of it may be variables of " +
          '"set" or "map"',
      };
    }
  },
};
