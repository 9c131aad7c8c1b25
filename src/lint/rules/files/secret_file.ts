/** `secret-file`: files under a root that nobody should have. */

import { aliasDirective, rootDirective } from "../../../core/settings/root.ts";
import type { SourcePlace } from "../../../config/errors.ts";
import type { Site, Subject } from "../../subject.ts";
import { type SecretFile, SecretSearch } from "../../secret_files.ts";
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
        " location /old/ { return 200 gone; }\n" +
        ' location /in/ { auth_basic "who"; auth_basic_user_file users; }\n}',
      files: {
        "www/site.sql": "-- dump",
        "www/server.key": "-----BEGIN PRIVATE KEY-----",
        "www/page.html~": "",
        "www/old/dump.sql": "",
        "www/in/dump.sql": "",
        "www/public.pem": "-----BEGIN CERTIFICATE-----",
        "users": "x:{PLAIN}y",
      },
    },
  ],
  async *check(subject) {
    const search = new SecretSearch();
    const told = new Set<string>();
    for (const site of subject.sites) {
      if (site.host === undefined) continue;
      for (const { folder, prefix, place } of foldersOf(subject, site)) {
        // One that many servers have is mended once.
        if (told.has(folder)) continue;
        const found = await served(subject, site, {
          secrets: search.in(folder).map((secret) => ({
            ...secret,
            uri: uriOf(secret.path.slice(folder.length), prefix),
          })),
          search,
        });
        if (found.length === 0) continue;
        told.add(folder);
        yield { place, ...described(found) };
      }
    }
  },
};

/** A folder that files come from, and the path of what is in it. */
interface ServedFolder {
  readonly folder: string;
  readonly prefix: string;
  readonly place: SourcePlace;
}

/** The folders of a server that are always the same. */
function* foldersOf(
  subject: Subject,
  { server }: Site,
): Generator<ServedFolder> {
  for (const scope of subject.locationsOf(server)) {
    const isServer = scope === server.scope;
    for (const directive of [rootDirective, aliasDirective]) {
      const place = scope.placeOf(directive);
      if (place === undefined || !(isServer || scope.has(directive))) continue;
      const folder = scope.get(directive)?.template.constant;
      if (folder === undefined) continue;
      if (directive === rootDirective) yield { folder, prefix: "", place };
      else if (!isServer) yield { folder, prefix: scope.args.at(-1)!, place };
    }
  }
}

/** The path of what is in a folder, behind that of its location. */
function uriOf(rest: string, prefix: string): string {
  return prefix.endsWith("/") ? prefix + rest.slice(1) : prefix + rest;
}

/** A file, and what it is called by clients. */
interface Secret extends SecretFile {
  readonly uri: string;
}

/** The files that a stranger gets, each kind once. */
async function served(
  subject: Subject,
  site: Site,
  { secrets, search }: {
    readonly secrets: readonly Secret[];
    readonly search: SecretSearch;
  },
): Promise<Secret[]> {
  const found = new Map<string, Secret>();
  for (const secret of secrets) {
    const { what, uri, path } = secret;
    if (found.has(what) || !uri.startsWith("/") || !search.mayAsk()) continue;
    const answer = await subject.ask(site, uri);
    if (answer === undefined || subject.fileOf(answer) !== path) continue;
    found.set(what, secret);
  }
  return [...found.values()];
}

/** What keeps clients from these files. */
function remedyFor(found: readonly Secret[]): string {
  const isDotted = ({ uri }: Secret) => /\/\./.test(uri);
  const endings = found.filter((secret) => !isDotted(secret)).map(({ uri }) =>
    /(?:~|(?:\.[^./]+)?\.(?:gz|bz2|xz|zst|zip)|\.[^./]+)$/.exec(uri)?.[0]
      .replaceAll(".", "\\.") ??
      uri.slice(uri.lastIndexOf("/"))
  );
  const parts = found.some(isDotted) ? ['"dotfiles deny;"'] : [];
  if (endings.length > 0) {
    const unique = [...new Set(endings)].join("|");
    parts.push(
      `"location ~ (?:${unique})$ { return 404; }" before other expressions`,
    );
  }
  return parts.join(" and ");
}

function described(found: readonly Secret[]): Omit<Finding, "place"> {
  const list = found.map(({ uri, what }) => `"${uri}" (${what})`).join(", ");
  return {
    what: `anybody gets ${list}`,
    advice: "move what is secret out of the folder, or write " +
      remedyFor(found),
  };
}
