/** `split-roots`: one name that is two sites, by HTTP and by HTTPS. */

import { placeBeside } from "../../../config/errors.ts";
import type { Scope } from "../../../config/scope.ts";
import { aliasDirective, rootDirective } from "../../../core/settings/root.ts";
import { serverNameDirective } from "../../../core/settings/server_name.ts";
import { hostsFor, type Site, type Subject } from "../../subject.ts";
import type { Rule } from "../../rule.ts";

const SECURE = { a: { names: ["example.org"], days: 90 } };
const TLS = "listen 443 ssl; ssl_certificate a.crt; " +
  "ssl_certificate_key a.key;";

/** The rule. */
export const splitRoots: Rule = {
  name: "split-roots",
  finds: "Servers of one name for HTTP and for HTTPS that serve files of " +
    "different folders.",
  why: "Mostly one of them was forgotten when the other one was moved.",
  examples: [
    {
      text: "server {\n listen 80; server_name example.org;\n" +
        " root old; # here\n}\n" +
        `server {\n ${TLS} server_name example.org;\n root new;\n}`,
      files: { "old/index.html": "", "new/index.html": "" },
      certificates: SECURE,
    },
    {
      text: "server {\n listen 80; server_name example.org;\n" +
        " location / {\n  root old; # here\n }\n}\n" +
        `server {\n ${TLS} server_name example.org;\n root other;\n` +
        " location / { root new; }\n}",
      files: { "old/index.html": "", "new/index.html": "" },
      certificates: SECURE,
    },
    {
      text: "server {\n listen 80; server_name example.org;\n" +
        " location / { root new; }\n}\n" +
        `server {\n ${TLS} server_name example.org;\n root new;\n}`,
      files: { "new/index.html": "" },
      certificates: SECURE,
    },
    {
      text: "server {\n listen 80; server_name example.org; root old;\n" +
        " location / { return 301 https://$host$request_uri; }\n}\n" +
        `server {\n ${TLS} server_name example.org;\n root new;\n}\n` +
        "server { listen 80; server_name a.example.org; root new; }",
      files: { "old/index.html": "", "new/index.html": "" },
      certificates: SECURE,
    },
  ],
  async *check(subject) {
    const plain = subject.sites.filter(({ address }) => !address.secure);
    const secure = subject.sites.filter(({ address }) => address.secure);
    for (const site of plain) {
      const folder = folderOf(subject, site);
      if (folder === undefined) continue;
      for (const { pattern } of site.server.scope.get(serverNameDirective)) {
        const [host] = hostsFor(pattern);
        if (host === undefined || pattern.kind === "regex") continue;
        const other = secure.find(({ server, address }) =>
          server !== site.server &&
          address.group.hosts.match(host) === server &&
          hasName(server.scope.get(serverNameDirective), pattern.name)
        );
        const otherFolder = other && folderOf(subject, other);
        if (otherFolder === undefined || otherFolder === folder) continue;
        const answers = [
          await subject.ask({ ...site, host }, "/"),
          await subject.ask({ ...other!, host }, "/"),
        ];
        if (answers.some((one) => one?.response.status !== 200)) continue;
        const scope = scopeOf(subject, site);
        const where = scopeOf(subject, other!).placeOf(rootDirective);
        const place = scope.placeOf(rootDirective) ?? scope.place;
        yield {
          place,
          what: `"${host}" has its files in "${folder}" here, and in ` +
            `"${otherFolder}" by HTTPS` +
            (where === undefined ? "" : ` (${placeBeside(where, place)})`),
          advice: 'write the same root, or "return 301 ' +
            'https://$host$request_uri;" in its place',
        };
        break;
      }
    }
  },
};

function hasName(
  names: readonly { readonly pattern: object }[],
  name: string,
): boolean {
  return names.some(({ pattern }) =>
    "name" in pattern && pattern.name === name
  );
}

/** The block that answers for the beginning of a server, where most say it. */
function scopeOf(subject: Subject, { server }: Site): Scope {
  return subject.locationAt(server, "/")?.scope ?? server.scope;
}

/** The folder of a server's files, if it is always the same. */
function folderOf(subject: Subject, site: Site): string | undefined {
  const scope = scopeOf(subject, site);
  return scope.get(aliasDirective) === undefined
    ? scope.get(rootDirective)?.template.constant
    : undefined;
}
