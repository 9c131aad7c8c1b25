/** `certificate-expiry`: certificates that are not good for long. */

import { lifetimeFault } from "../../../certificates/lifetime.ts";
import { certificatesOf } from "../../certificates.ts";
import type { Rule } from "../../rule.ts";

/** A server with a certificate, for the examples. */
const TLS = "listen 443 ssl; ssl_certificate a.crt; ssl_certificate_key a.key;";

/** The rule. */
export const certificateExpiry: Rule = {
  name: "certificate-expiry",
  finds:
    "A certificate that has expired, is not valid yet, or expires within " +
    "14 days, or a fifth of its life if that is less.",
  why: "Browsers refuse it from then on.",
  examples: [
    {
      text: "server {\n listen 443 ssl;\n ssl_certificate a.crt; # here\n" +
        " ssl_certificate_key a.key;\n}",
      certificates: { a: { names: ["example.org"], days: 0 } },
    },
    {
      text: `server {\n ${TLS}\n}`,
      certificates: { a: { names: ["example.org"], days: 90 } },
    },
  ],
  *check(subject) {
    const now = Date.now();
    for (const { server, address } of subject.sites) {
      if (!address.secure) continue;
      for (const certificate of certificatesOf(subject, server)) {
        const fault = lifetimeFault(certificate, now);
        if (fault === undefined) continue;
        yield {
          place: certificate.place,
          what: `the certificate "${certificate.path}" ${fault}`,
          advice: "renew it, then reload",
        };
      }
    }
  },
};
