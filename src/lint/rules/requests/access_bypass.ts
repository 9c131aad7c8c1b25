/** `access-bypass`: paths of a protected folder that go elsewhere. */

import type { Scope } from "../../../config/scope.ts";
import { patternOf } from "../../../core/settings/core.ts";
import { pathsWith, samplesOf } from "../../samples.ts";
import { nameOf } from "../../subject.ts";
import type { Rule } from "../../rule.ts";

/** Directives that keep strangers out. */
const PROTECTION: ReadonlySet<string> = new Set([
  "deny",
  "auth_basic",
  "auth_request",
  "internal",
]);

/** Whether a location keeps strangers out by itself. */
function protects(scope: Scope): boolean {
  return scope.ownNames().some((name) => PROTECTION.has(name));
}

/** Whether a location does so, or answers with an error, whoever asks. */
function isClosed(
  scope: Scope,
  returns: readonly { readonly args: readonly string[] }[],
): boolean {
  return protects(scope) ||
    returns.some(({ args }) => !/^2|^30/.test(args[0] ?? ""));
}

/** The rule. */
export const accessBypass: Rule = {
  name: "access-bypass",
  finds: "A location with `deny` or `auth_basic` some of whose paths go to a " +
    "location with a regular expression, which has none.",
  why: "Expressions come before prefixes: `/admin/x.png` is then answered by " +
    "`location ~ \\.png$`, whoever asks.",
  examples: [
    {
      text: "server {\n location /admin/ { # here\n  deny all;\n }\n" +
        " location ~ \\.png$ { expires 1d; }\n}",
    },
    {
      text: "server {\n location ^~ /admin/ { deny all; }\n" +
        " location ~ \\.png$ { expires 1d; }\n}",
    },
    {
      text: "server {\n location /admin/ { deny all; }\n" +
        " location ~ ^/pictures/.*\\.png$ { expires 1d; }\n" +
        " location ~ \\.php$ { return 404; }\n" +
        " location ~ \\.bak$ { deny all; }\n}",
    },
  ],
  *check(subject) {
    for (const server of subject.generation.plan.servers) {
      const locations = server.scope.childrenOf("location");
      for (const scope of locations) {
        const pattern = patternOf(scope);
        if (pattern.kind !== "prefix" || pattern.final) continue;
        if (pattern.path === "/" || !protects(scope)) continue;
        for (const other of locations) {
          const rival = patternOf(other);
          if (rival.kind !== "regex") continue;
          if (isClosed(other, subject.statementsIn(other, "return"))) continue;
          const folder = pattern.path.replace(/\/$/, "");
          const [path] = samplesOf(
            rival.regex,
            (text) => pathsWith(text).map((path) => folder + path),
          )
            .filter((path) =>
              subject.locationAt(server, path)?.scope === other
            );
          if (path === undefined) continue;
          yield {
            place: scope.place,
            what: `"${path}" is answered by "${nameOf(other)}" in line ` +
              `${other.place.line}, without the protection of this location`,
            advice: `write "location ^~ ${pattern.path}": it keeps ` +
              "expressions away",
          };
          break;
        }
      }
    }
  },
};
