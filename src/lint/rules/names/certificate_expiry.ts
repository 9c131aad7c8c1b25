/** `certificate-expiry`: certificates that are not good for long. */

import { certificatesOf } from "../../certificates.ts";
import type { Rule } from "../../rule.ts";

/** How long before its end a certificate is told of, in days. */
const DAYS_BEFORE = 14;

const DAY_MS = 86_400_000;

/** A server with a certificate, for the examples. */
const TLS = "listen 443 ssl; ssl_certificate a.crt; ssl_certificate_key a.key;";

/** The rule. */
export const certificateExpiry: Rule = {
  name: "certificate-expiry",
  finds: `A certificate that ends within ${DAYS_BEFORE} days, or has ended.`,
  why: "Browsers refuse it from then on.",
  examples: [
    {
      text: "server {\n listen 443 ssl;\n ssl_certificate a.crt; # here\n" +
        " ssl_certificate_key a.key;\n}",
      certificates: { a: { names: ["example.org"], days: 3 } },
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
      for (const { place, path, endsAt } of certificatesOf(subject, server)) {
        const days = Math.floor((endsAt - now) / DAY_MS);
        if (!(days < DAYS_BEFORE)) continue;
        const date = new Date(endsAt).toISOString().slice(0, 10);
        yield {
          place,
          what: days < 0
            ? `the certificate "${path}" has ended on ${date}`
            : `the certificate "${path}" ends on ${date}, in ${days} ` +
              (days === 1 ? "day" : "days"),
          advice: "renew it, then reload",
        };
      }
    }
  },
};
