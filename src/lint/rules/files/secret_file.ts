/** `secret-file`: files under a root that nobody should have. */

import { aliasDirective, rootDirective } from "../../../core/settings/root.ts";
import { type Site, type Subject } from "../../subject.ts";
import { secretKind, walk, WalkBudget } from "../../secret_files.ts";
import type { Finding, Rule } from "../../rule.ts";

/** The rule. */
export const secretFile: Rule = {
  name: "secret-file",
  finds:
    "Files that anybody gets who asks: `.git`, `.env`, passwords, private " +
    "keys, backups, dumps of databases, source of programs.",
  why: "They are the first thing that scanners ask for.",
  examples: [
    {
      text: "server {\n root www; # here\n dotfiles allow;\n}",
      files: { "www/.git/config": "[core]", "www/.git/HEAD": "ref: x" },
    },
    {
      text: "server {\n root www; # here\n}",
      files: { "www/old/site.sql": "-- dump", "www/index.html": "" },
    },
    {
      text: "server {\n location /files/ {\n  alias data/; # here\n }\n}",
      files: { "data/server.key": "-----BEGIN PRIVATE KEY-----" },
    },
    {
      // The server hides names that begin with a dot.
      text: "server {\n root www;\n}",
      files: { "www/.git/config": "[core]", "www/.env": "KEY=1" },
    },
    {
      text: "server {\n root www;\n location ~ \\.(sql|key)$ { deny all; }\n" +
        " location ~ ~$ { return 404; }\n" +
        ' location /in/ { auth_basic "who"; auth_basic_user_file users; }\n}',
      files: {
        "www/site.sql": "-- dump",
        "www/server.key": "-----BEGIN PRIVATE KEY-----",
        "www/page.html~": "",
        "www/in/dump.sql": "",
        "www/public.pem": "-----BEGIN CERTIFICATE-----",
        "users": "x:{PLAIN}y",
      },
    },
  ],
  async *check(subject) {
    const budget = new WalkBudget();
    for (const site of subject.sites) {
      if (site.host === undefined) continue;
      for (const scope of subject.locationsOf(site.server)) {
        for (const directive of [rootDirective, aliasDirective]) {
          const folder = scope.own(directive)?.template.constant ??
            (scope === site.server.scope && directive === rootDirective
              ? scope.get(rootDirective)?.template.constant
              : undefined);
          const place = scope.placeOf(directive);
          if (folder === undefined || place === undefined) continue;
          const prefix = directive === aliasDirective ? scope.args.at(-1)! : "";
          const found = await servedSecrets(
            subject,
            site,
            { folder, prefix, budget },
          );
          if (found.length > 0) yield { place, ...described(found) };
        }
      }
    }
  },
};

interface Secret {
  readonly uri: string;
  readonly what: string;
}

/** The files in a folder that a stranger gets, each kind once. */
async function servedSecrets(
  subject: Subject,
  site: Site,
  { folder, prefix, budget }: {
    readonly folder: string;
    readonly prefix: string;
    readonly budget: WalkBudget;
  },
): Promise<Secret[]> {
  const found = new Map<string, Secret>();
  for (const path of walk(folder, budget)) {
    const what = secretKind(path);
    if (what === undefined || found.has(what)) continue;
    const rest = path.slice(folder.length);
    const uri = prefix.endsWith("/") ? prefix + rest.slice(1) : prefix + rest;
    if (!uri.startsWith("/")) continue;
    const answer = await subject.ask(site, uri);
    if (answer === undefined || subject.fileOf(answer) !== path) continue;
    found.set(what, { uri, what });
  }
  return [...found.values()];
}

function described(found: readonly Secret[]): Omit<Finding, "place"> {
  const list = found.map(({ uri, what }) => `"${uri}" (${what})`).join(", ");
  const [{ uri }] = found as [Secret];
  const pattern = uri.split("/").some((name) => name.startsWith("."))
    ? '"dotfiles deny;"'
    : `"location = ${uri} { return 404; }"`;
  return {
    what: `anybody gets ${list}`,
    advice: `move what is secret out of the folder, or write ${pattern}`,
  };
}
