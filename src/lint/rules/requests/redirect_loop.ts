/** `redirect-loop`: clients that are sent in circles, or requests within. */

import { REDIRECTS } from "../../../core/redirect.ts";
import { patternOf } from "../../../core/settings/core.ts";
import type { SourcePlace } from "../../../config/errors.ts";
import { at, type Site, type Subject } from "../../subject.ts";
import type { DryAnswer } from "../../../server/dry_run.ts";
import type { Finding, Rule } from "../../rule.ts";

/** Most paths that are begun with, in all. */
const MAX_STARTS = 1000;

/** Most redirects that are followed; browsers give up after 20. */
const MAX_HOPS = 20;

const TLS = "listen 443 ssl; ssl_certificate a.crt; ssl_certificate_key a.key;";

/** The rule. */
export const redirectLoop: Rule = {
  name: "redirect-loop",
  finds: "Redirects that lead back to where they began, followed through the " +
    "servers of the configuration, and rewrites that go round within one.",
  why: "Browsers give up after some twenty redirects; a request that goes " +
    "round within the server ends with 500.",
  examples: [
    {
      text: "server {\n listen 80;\n server_name a.example;\n" +
        " return 301 http://www.a.example$request_uri; # here\n}\n" +
        "server {\n listen 80;\n server_name www.a.example;\n" +
        " return 301 http://a.example$request_uri;\n}",
    },
    {
      text: "server {\n listen 80;\n server_name a.example;\n" +
        " return 301 https://$host$request_uri; # here\n}\n" +
        `server {\n ${TLS}\n server_name a.example;\n location / {\n` +
        "  return 302 http://a.example/;\n }\n}",
      certificates: { a: { names: ["a.example"], days: 90 } },
    },
    {
      text: "server {\n location / {\n" +
        "  rewrite ^/(.*)$ /x/$1 last; # here\n }\n}",
    },
    {
      // What leads into a loop is none of it; a second loop is told, too.
      text: "server {\n location = /in { return 302 /a; }\n" +
        " location = /a {\n  return 302 /b; # here\n }\n" +
        " location = /b { return 302 /c; }\n" +
        " location = /c { return 302 /a; }\n" +
        " location = /d {\n  return 302 /e; # here\n }\n" +
        " location = /e { return 302 /d; }\n}",
    },
    {
      text: "server {\n rewrite ^/in$ /a;\n" +
        " location /a {\n  rewrite ^/x /y last;\n" +
        "  rewrite ^ /b last; # here\n }\n" +
        " location /b {\n  rewrite ^/x /y last;\n  rewrite ^ /a last;\n" +
        "  rewrite ^/z /y last;\n }\n}",
    },
    {
      text: "server {\n listen 80;\n server_name a.example www.a.example;\n" +
        " return 301 https://a.example$request_uri;\n}\n" +
        `server {\n ${TLS}\n server_name a.example www.a.example;\n` +
        " if ($host = www.a.example) { return 301 " +
        "https://a.example$request_uri; }\n" +
        " location /old/ { rewrite ^/old/(.*)$ /new/$1 permanent; }\n" +
        " location /out/ { return 302 https://other.example/out/; }\n" +
        " location = /nowhere { return 301; }\n" +
        " location = /c { add_header Set-Cookie a=b always;" +
        " return 302 /c; }\n}",
      certificates: { a: { names: ["a.example", "*.a.example"], days: 90 } },
    },
  ],
  async *check(subject) {
    let starts = 0;
    // A loop is the lines it is of, wherever somebody comes into it.
    const told = new Set<string>();
    for (const site of subject.sites) {
      if (site.host === undefined) continue;
      for (const path of pathsOf(site)) {
        if (++starts > MAX_STARTS) return;
        const loop = await follow(subject, site, path);
        if (loop === undefined) continue;
        const lines = new Set(loop.places.map(at));
        const key = [...lines].sort().join();
        if (!told.has(key)) yield loop;
        told.add(key);
      }
    }
  },
};

/** Paths to begin with: one for each location. */
function pathsOf({ server }: Site): readonly string[] {
  const paths = [...server.scope.descendantsOf("location")].flatMap((scope) => {
    const pattern = patternOf(scope);
    if (pattern.kind === "exact") return [pattern.path];
    return pattern.kind === "prefix" ? [pattern.path || "/"] : [];
  });
  return [...new Set(["/", ...paths])];
}

/** A place of the way: the site, the path and the query. */
interface Stop {
  readonly site: Pick<Site, "address" | "host">;
  readonly path: string;
  readonly query: string;
}

/** A finding, and the places of all redirects of the loop. */
interface Loop extends Finding {
  readonly places: readonly SourcePlace[];
}

/** Follows a client from redirect to redirect. */
async function follow(
  subject: Subject,
  site: Site,
  start: string,
): Promise<Loop | undefined> {
  let stop: Stop = { site, path: start, query: "" };
  const way: string[] = [];
  const places: SourcePlace[] = [];
  for (let hop = 0; hop < MAX_HOPS; hop++) {
    const url = urlOf(stop);
    if (way.includes(url)) {
      const first = way.indexOf(url);
      const round = [...way.slice(first), url].join(" \u2192 ");
      return {
        places: places.slice(first),
        place: places[first]!,
        what: `clients are sent in a circle: ${round}`,
        advice: "answer one of these URLs without a redirect, in a server or " +
          "location of its own",
      };
    }
    way.push(url);
    const answer = await subject.ask(stop.site, stop.path, stop);
    if (answer === undefined) return undefined;
    const { response } = answer;
    if (hop === 0 && goesRound(answer)) {
      const places = placesOfRound(answer);
      return {
        places,
        place: places[0] ?? placeOf(answer),
        what:
          `a request for "${start}" goes round within the server and ends ` +
          "with 500",
        advice:
          'write "break" in place of "last", or an expression that does ' +
          "not match its own result",
      };
    }
    if (!REDIRECTS.has(response.status)) return undefined;
    // The next request may bring it, and be answered otherwise.
    if (response.headers.has("Set-Cookie")) return undefined;
    places.push(placeOf(answer));
    const next = nextStop(subject, stop, response.headers.get("Location"));
    if (next === undefined) return undefined;
    stop = next;
  }
  return undefined;
}

function goesRound({ exchange: { error } }: DryAnswer): boolean {
  return error?.status === 500 &&
    error.message.startsWith(
      "rewrite or internal redirection cycle while " +
        "processing",
    );
}

function urlOf({ site: { address, host }, path, query }: Stop): string {
  const scheme = address.secure ? "https" : "http";
  const usual = address.secure ? 443 : 80;
  const port = address.port === usual || address.port === 0
    ? ""
    : `:${address.port}`;
  return `${scheme}://${host}${port}${path}${query}`;
}

/** Where a redirect leads within the configuration; elsewhere, nobody knows. */
function nextStop(
  { addresses }: Subject,
  stop: Stop,
  location: string | undefined,
): Stop | undefined {
  // One to nowhere is followed by nobody.
  if (location === undefined || location === "") return undefined;
  let url: URL;
  let path: string;
  try {
    url = new URL(location, urlOf(stop));
    path = decodeURIComponent(url.pathname);
  } catch {
    return undefined;
  }
  const secure = url.protocol === "https:";
  const port = Number(url.port || (secure ? 443 : 80));
  const isSame = (address: Stop["site"]["address"]) =>
    address.secure === secure && address.port === port;
  const address = isSame(stop.site.address)
    ? stop.site.address
    : addresses.find(isSame);
  if (address === undefined) return undefined;
  const host = url.hostname;
  // A host that only the default is for may be another machine's.
  const isOurs = host === stop.site.host ||
    address.group.hosts.match(host) !== address.group.fallback ||
    address.group.members.some(({ server }) => server.hostName === host);
  return isOurs
    ? { site: { address, host }, path, query: url.search }
    : undefined;
}

/** What a `rewrite` that matches has done, and not one that does not. */
const HAS_CHANGED = /^(?:the URI is now|redirect \d)/;

function hasChanged({ kind, text }: DryAnswer["steps"][number]): boolean {
  return kind === "rewrite" && HAS_CHANGED.test(text);
}

/**
 * Where the URI is changed in a request that goes round, in the order of the
 * file. The second half of the way is in the loop for sure.
 */
function placesOfRound({ steps }: DryAnswer): readonly SourcePlace[] {
  return steps.slice(steps.length >> 1)
    .filter((step) => hasChanged(step) || step.kind === "try_files")
    .flatMap(({ place }) => place ?? [])
    .sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line);
}

/** Where it is said what happened last: a redirect, or a change of the URI. */
function placeOf({ steps, exchange }: DryAnswer): SourcePlace {
  const said = steps.findLast((step) =>
    step.kind === "return" || hasChanged(step)
  );
  return said?.place ?? exchange.location.scope.place;
}
