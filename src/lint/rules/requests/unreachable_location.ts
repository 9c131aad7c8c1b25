/** `unreachable-location`: locations that no request comes to. */

import { placeBeside } from "../../../config/errors.ts";
import type { Scope } from "../../../config/scope.ts";
import type { LocationPattern } from "../../../routing/location_table.ts";
import type { LocationPlan } from "../../../core/module.ts";
import { patternOf } from "../../../core/settings/core.ts";
import { returnDirective } from "../../../features/rewrite/return.ts";
import { pathsWith, samplesOf } from "../../samples.ts";
import { at, nameOf, type Subject } from "../../subject.ts";
import type { Finding, Rule } from "../../rule.ts";
import type { ServerPlan } from "../../../server/setup/server_plan.ts";

/** What may follow the path of a prefix: with it some request comes there. */
const ENDINGS = ["", "q7", "/q7", "q7.html", "/q7/z.7k", "q7.php", "q7.png"];

/** The rule. */
export const unreachableLocation: Rule = {
  name: "unreachable-location",
  finds:
    "A location that no request comes to, because another one has all of " +
    "its paths, the server returns before, or nothing names it.",
  why: "What is written in it has no effect, such as a `deny`.",
  examples: [
    {
      text: "server {\n location ~ \\.(php|inc)$ { return 404; }\n" +
        " location ~ \\.php$ { # here\n  return 403;\n }\n}",
    },
    {
      text: "server {\n location ^~ /img/ { }\n" +
        " location ~ ^/img/.*\\.svg$ { # here\n  gzip on;\n }\n}",
    },
    {
      text: "server {\n location = / { }\n location /a/ { # here\n }\n" +
        " location ~ ^/ { return 404; }\n}",
    },
    {
      text: "server {\n listen 80;\n return 301 https://example.org;\n" +
        " location /.well-known/ { # here\n  root acme;\n }\n}",
    },
    {
      text: "server {\n location / { try_files $uri =404; }\n" +
        " location @app { # here\n  return 200;\n }\n}",
    },
    {
      text: "server {\n location / { try_files $uri @app; }\n" +
        " location @app { return 200; }\n location = / { }\n" +
        " location /a { location ~ \\.php$ { return 404; } }\n" +
        " location ^~ /b/ { }\n location ~ \\.php$ { return 403; }\n" +
        " location ~ ^/(\\d+)/(\\w+)\\.jpe?g$ { }\n" +
        " error_page 404 /404.html; location = /404.html { internal; }\n" +
        " if ($arg_x) { return 403; }\n}",
      files: { "html/404.html": "" },
    },
  ],
  *check(subject) {
    for (const server of subject.generation.plan.servers) {
      const returned = server.scope.placeOf(returnDirective);
      const [first] = server.scope.childrenOf("location");
      if (server.scope.has(returnDirective) && first !== undefined) {
        yield {
          place: first.place,
          what: `the server returns before any location is found ` +
            `(${at(returned!)})`,
          advice: 'write that "return" in "location / { ... }"',
        };
        continue;
      }
      yield* unreachedIn(subject, server);
    }
  },
};

function* unreachedIn(
  subject: Subject,
  server: ServerPlan,
): Generator<Finding> {
  for (const scope of server.scope.descendantsOf("location")) {
    const pattern = patternOf(scope);
    if (pattern.kind === "named") {
      if (isNamed(subject, server, pattern.name)) continue;
      yield {
        place: scope.place,
        what: `nothing leads to "${nameOf(scope)}"`,
        advice: `write "${pattern.name}" in "try_files" or "error_page", or ` +
          "leave it out",
      };
      continue;
    }
    // What is in one that is not reached is not either, and told once.
    if (scope.parent?.context === "location") continue;
    const found = finders(subject, server, scope);
    if (found.length === 0 || found.some((one) => isIn(one.scope, scope))) {
      continue;
    }
    const [other] = found;
    yield {
      place: scope.place,
      what: `no request comes to "${nameOf(scope)}": its paths are those of ` +
        `"${nameOf(other!.scope)}" in ` +
        placeBeside(other!.scope.place, scope.place),
      advice: pattern.kind === "regex"
        ? adviceBeside(patternOf(other!.scope))
        : `write "location ^~ ${pattern.path}": it keeps expressions away`,
    };
  }
}

/** What to do with an expression whose paths another location has. */
function adviceBeside(other: LocationPattern): string {
  switch (other.kind) {
    case "regex":
      return "write it before that one: the first expression that matches wins";
    case "prefix":
      return 'write it inside that one, or leave out the "^~" there, which ' +
        "keeps expressions away";
    default:
      return "leave out one of the two";
  }
}

/** Where paths for a location lead to. */
function finders(
  subject: Subject,
  server: ServerPlan,
  scope: Scope,
): readonly LocationPlan[] {
  const pattern = patternOf(scope);
  const paths = pattern.kind === "regex"
    ? samplesOf(pattern.regex, pathsWith)
    : pattern.kind === "exact"
    ? [pattern.path]
    : pattern.kind === "prefix"
    ? ENDINGS.map((ending) => (pattern.path || "/") + ending)
    : [];
  return paths.map((path) => subject.locationAt(server, path))
    .filter((found) => found !== undefined);
}

function isIn(inner: Scope, outer: Scope): boolean {
  return inner.nearest((scope) => scope === outer) !== undefined;
}

/** Directives whose lines are values that others may use. */
const TABLES: ReadonlySet<string> = new Set(["map", "geo", "split_clients"]);

/** Whether a name stands anywhere in force for a server, or may come about. */
function isNamed(
  { blocks }: Subject,
  { scope: server }: ServerPlan,
  name: string,
): boolean {
  return blocks.some(({ scope, statements }) =>
    (isIn(scope, server) || isIn(server, scope)) &&
    statements.some((statement) => {
      const { name: directive, args, block = [] } = statement;
      if (directive === "location") return false;
      if (args.includes(name)) return true;
      if (TABLES.has(directive)) {
        return block.some((line) => line.args.includes(name));
      }
      // A variable at the end may hold any name.
      const leads = directive === "error_page" || directive === "try_files";
      return leads && /^@?\$(?!uri|request_uri)/.test(args.at(-1)!);
    })
  );
}
