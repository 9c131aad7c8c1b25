/** `plain-443`: the port of HTTPS without TLS. */

import { addressText } from "../../../core/settings/listen_address.ts";
import type { Rule } from "../../rule.ts";

const CERTIFICATE = { a: { names: ["a.example"], days: 90 } };

/** The rule. */
export const plain443: Rule = {
  name: "plain-443",
  finds: "`listen 443` without `ssl`.",
  why: "Browsers speak TLS to port 443, and get an error.",
  examples: [
    { text: "server {\n listen 443; # here\n}" },
    {
      text: "server { listen 443 ssl; ssl_certificate a.crt;" +
        " ssl_certificate_key a.key; }\nserver { listen 8443; }",
      certificates: CERTIFICATE,
    },
  ],
  *check(subject) {
    for (const { group, port, secure } of subject.addresses) {
      if (port !== 443 || secure) continue;
      for (const { server, address } of group.members) {
        const { place } = address;
        const statement = subject.statementsIn(server.scope, "listen")
          .find((one) => one.place === place);
        const args = statement?.args ?? [addressText(address)];
        yield {
          place,
          what: "port 443 is for HTTPS, and no TLS is spoken here",
          advice: `write "listen ${args.join(" ")} ssl;"`,
        };
      }
    }
  },
};
