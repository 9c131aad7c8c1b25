/** `access-bypass`: paths of a protected folder that go elsewhere. */

import { placeBeside } from "../../../config/errors.ts";
import type { Scope } from "../../../config/scope.ts";
import { patternOf } from "../../../core/settings/core.ts";
import { pathsWith, samplesOf } from "../../samples.ts";
import { nameOf, type Subject } from "../../subject.ts";
import type { Rule } from "../../rule.ts";

/** Directives that keep strangers out. */
const PROTECTION = ["deny", "auth_basic", "auth_request", "internal"] as const;

/** Whether a location keeps strangers out by itself. */
function protects(subject: Subject, scope: Scope): boolean {
  return PROTECTION.some((name) =>
    subject.statementsIn(scope, name).some(({ args }) => args[0] !== "off")
  );
}

/** Whether a location does so, or answers with an error, whoever asks. */
function isClosed(subject: Subject, scope: Scope): boolean {
  return protects(subject, scope) ||
    subject.statementsIn(scope, "return")
      .some(({ args }) => !/^(?:2|30|http|\$)/.test(args[0] ?? ""));
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
      text: "server {\n auth_basic a; auth_basic_user_file u;\n" +
        " location /open/ { auth_basic off; }\n" +
        " location ~ \\.png$ { expires 1d; }\n}",
      files: { u: "" },
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
        if (pattern.path === "/" || !protects(subject, scope)) continue;
        for (const other of locations) {
          const rival = patternOf(other);
          if (rival.kind !== "regex") continue;
          if (isClosed(subject, other)) continue;
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
            what: `"${path}" is answered by "${nameOf(other)}" in ` +
              `${placeBeside(other.place, scope.place)}, without the ` +
              "protection of this location",
            advice: `write "location ^~ ${pattern.path}": it keeps ` +
              "expressions away",
          };
          break;
        }
      }
    }
  },
};
