/** `certificate-names`: certificates that are for other names. */

import { serverNameDirective } from "../../../core/settings/server_name.ts";
import { covers } from "../../../certificates/reading.ts";
import { certificatesOf } from "../../certificates.ts";
import type { Rule } from "../../rule.ts";
import { hostsFor } from "../../subject.ts";

/** A server with a certificate, for the examples. */
const TLS = "listen 443 ssl; ssl_certificate a.crt; ssl_certificate_key a.key;";

/** The rule. */
export const certificateNames: Rule = {
  name: "certificate-names",
  finds: "A `server_name` of an HTTPS server that its certificate is not for.",
  why: "Browsers refuse it; `*.example.org` is neither for `example.org` nor " +
    "for `a.b.example.org`.",
  examples: [
    {
      text: `server {\n ${TLS}\n server_name example.org; # here\n}`,
      certificates: { a: { names: ["*.example.org"], days: 90 } },
    },
    {
      text: `server {\n ${TLS}\n server_name *.a.example.org; # here\n}`,
      certificates: { a: { names: ["*.example.org"], days: 90 } },
    },
    {
      text: `server {\n ${TLS}\n server_name example.org WWW.example.org ` +
        '*.example.org _ "" localhost;\n}',
      certificates: {
        a: { names: ["*.example.org", "example.org"], days: 90 },
      },
    },
  ],
  *check(subject) {
    for (const { server, address } of subject.sites) {
      if (!address.secure) continue;
      for (const { names, path } of certificatesOf(subject, server)) {
        for (const { text, pattern } of server.scope.get(serverNameDirective)) {
          if (pattern.kind === "regex" || pattern.kind === "trailing") continue;
          const missing = hostsFor(pattern).filter((host) =>
            host.includes(".") && !names.some((name) => covers(name, host))
          );
          if (missing.length === 0) continue;
          const statement = subject.statementsIn(server.scope, "server_name")
            .find(({ args }) => args.some((arg) => arg.toLowerCase() === text));
          const list = names.length === 0 ? "no host" : names.join(", ");
          yield {
            place: statement?.place ?? server.scope.place,
            what: `the certificate "${path}" is for ${list}, not for "${text}"`,
            advice: `get one that names "${text}", too`,
          };
        }
      }
    }
  },
};
