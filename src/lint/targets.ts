/** Where redirects within a server lead: to a page that is there, or to nothing. */

import { placeBeside } from "../config/errors.ts";
import type { Scope } from "../config/scope.ts";
import type { Statement } from "../config/syntax/parser.ts";
import type { Site, Subject } from "./subject.ts";

/** What is wrong with the target of a redirect from within, if anything. */
async function troubleWith(
  subject: Subject,
  site: Site,
  { args, place }: Statement,
): Promise<string | undefined> {
  const target = args.at(-1)!;
  if (target.includes("$")) return undefined;
  if (target.startsWith("@")) {
    return site.server.named.has(target)
      ? undefined
      : "the server has no such location";
  }
  if (!target.startsWith("/")) return undefined;
  const [path = "", query] = target.split("?");
  const answer = await subject.ask(site, path, {
    internal: true,
    query: query === undefined ? "" : `?${query}`,
  });
  if (answer === undefined) return undefined;
  const { exchange } = answer;
  const isMissing = exchange.error?.status === 404 ||
    (exchange.error?.status === 500 && exchange.redirects > 0);
  if (!isMissing) return undefined;
  const said = answer.steps.findLast(({ kind }) => kind === "return");
  if (said?.place !== undefined) {
    return `it is answered with ${said.text} (${
      placeBeside(said.place, place)
    })`;
  }
  const { paths } = exchange.location;
  // That the folder is not there is said anyway.
  if (!isFolder(paths.documentRoot(exchange))) return undefined;
  return `there is no "${paths.pathOf(exchange, path) ?? path}"`;
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

/** The sites for which a block is in force, each server once. */
function sitesOf(subject: Subject, scope: Scope): Site[] {
  const seen = new Set<Scope>();
  return subject.sites.filter(({ server, host }) => {
    if (host === undefined || seen.has(server.scope)) return false;
    const isOf = scope.nearest((outer) => outer === server.scope) ??
      server.scope.nearest((outer) => outer === scope);
    if (isOf !== undefined) seen.add(server.scope);
    return isOf !== undefined;
  });
}

/**
 * What is wrong with the last argument of a statement, a redirect from within,
 * in the first server where something is; `undefined` if nothing is.
 */
export async function troubleWithTarget(
  subject: Subject,
  { scope, statement }: {
    readonly scope: Scope;
    readonly statement: Statement;
  },
): Promise<string | undefined> {
  for (const site of sitesOf(subject, scope)) {
    const trouble = await troubleWith(subject, site, statement);
    if (trouble !== undefined) return trouble;
  }
  return undefined;
}
