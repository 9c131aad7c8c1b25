/**
 * What the lint says of sites as people publish them, and of what is shipped:
 * nothing but what is so.
 */

import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { lint } from "../../src/lint/lint.ts";
import { readConfiguration } from "../../src/server/setup/configuration.ts";
import {
  LISTENED,
  mainFile,
  prefixOf,
  writeCertificates,
  writeMachine,
} from "../integration/nginx_configurations/relocate.ts";
import { SITES } from "../integration/nginx_configurations/sites/all.ts";
import { Authority } from "../support/certificates.ts";

/** What is said of a site, as `rule file:line`, and why that is so. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  // The fields that keep browsers safe are not sent with fonts.
  "DigitalOcean's generator": ["add-header-inheritance general.conf:18"],
  // There is no /410.html.
  "WordPress, exported to files": ["error-page-missing wp:25"],
  // The worker has another policy, but none of the other fields.
  "a progressive application with headers of its own": [
    "multiline-field pwa:8",
    "add-header-inheritance pwa:16",
  ],
  "a site before it is published, behind a proxy": [
    "add-header-inheritance staging:30",
    "decoded-uri staging:30",
  ],
  "every form of return": [
    "error-page-missing returns:5",
    "decoded-uri returns:32",
  ],
  "fields of errors, no date, a group beside a map": [
    "add-header-inheritance details:20",
  ],
  "films and music": [
    "add-header-inheritance media:12",
    "add-header-inheritance media:13",
  ],
  // It shows what is odd about "if".
  "if, with everything that may stand in it": [
    "if-settings if:39",
    "if-try-files if:46",
    "alias-slash if:54",
    "add-header-inheritance if:63",
  ],
  // A redirect to the path in lower case, "$uri".
  "rules that everybody copies": ["decoded-uri copied:50"],
  // It is about that.
  "security headers, and locations that lose them": [
    "add-header-inheritance sec:9",
    "add-header-inheritance headers.conf:2",
  ],
  // WordPress's rule for "/wp-admin" redirects to "$uri/".
  "the beginner's guide, the wiki and its pitfalls": ["decoded-uri guides:56"],
  "the origin of a CDN, shielded and with languages": [
    "add-header-inheritance origin:19",
  ],
};

/** They look at certificates, which here are for other names. */
const OF_CERTIFICATES = ["certificate-names", "certificate-expiry"];

/** What the lint says of a configuration, as `rule file:line`. */
async function said(file: string, prefix: string): Promise<string[]> {
  const found: string[] = [];
  await lint(
    readConfiguration({ file, prefix }, () => {}),
    { has: (name) => !OF_CERTIFICATES.includes(name) },
    (message) => {
      const [, rule, place] = /^(\S+): .* in (\S+)\n/.exec(message) ?? [];
      found.push(`${rule} ${place?.split("/").at(-1)}`);
    },
  );
  return found;
}

Deno.test("the lint says of realistic sites what is so, and no more", async () => {
  using authority = await Authority.create();
  const ports = new Map(
    LISTENED.map((port, index) => [port, 28_080 + index]),
  );
  const found: Record<string, string[]> = {};
  for (const site of SITES) {
    if (site.refused !== undefined) continue;
    const folder = Deno.realPathSync(Deno.makeTempDirSync());
    try {
      writeMachine(site, folder, ports);
      writeCertificates(site, folder, {
        certificate: authority.path("ca.crt"),
        key: authority.path("ca.key"),
      });
      const lines = await said(mainFile(folder), prefixOf(folder));
      if (lines.length > 0) found[site.name] = lines;
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  }
  assertEquals(found, EXPECTED);
});

Deno.test("the lint says nothing of the configurations that are shipped", async () => {
  const files = [
    "webserv.conf",
    "packaging/webserv.conf",
    "packaging/docker.conf",
  ];
  for (const name of files) {
    const file = fromFileUrl(new URL(`../../${name}`, import.meta.url));
    const prefix = fromFileUrl(new URL("../..", import.meta.url));
    assertEquals(await said(file, prefix), [], name);
  }
});
