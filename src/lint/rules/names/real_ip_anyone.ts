/** `real-ip-anyone`: clients that may say who they are. */

import type { Rule } from "../../rule.ts";

/** The rule. */
export const realIpAnyone: Rule = {
  name: "real-ip-anyone",
  finds: "`set_real_ip_from 0.0.0.0/0` or `::/0`.",
  why: "Every client may say then which address it has: `allow`, `deny`, " +
    "limits and logs believe it.",
  examples: [
    { text: "set_real_ip_from 0.0.0.0/0; # here\nserver { }" },
    { text: "server {\n set_real_ip_from ::/0; # here\n}" },
    { text: "set_real_ip_from 10.0.0.0/8; set_real_ip_from ::1;\nserver { }" },
  ],
  *check(subject) {
    for (const { statement } of subject.statements("set_real_ip_from")) {
      if (!/\/0+$/.test(statement.args[0] ?? "")) continue;
      yield {
        place: statement.place,
        what: `"${statement.args[0]}" is everybody: any client may say which ` +
          "address it has",
        advice: "write the addresses of your own proxies",
      };
    }
  },
};
