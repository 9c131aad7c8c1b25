/** The regular expressions of a configuration, and where each stands. */

import type { SourcePlace } from "../config/errors.ts";
import { patternOf } from "../core/settings/core.ts";
import { serverNameDirective } from "../core/settings/server_name.ts";
import type { Subject } from "./subject.ts";

/** An expression, and what it is asked about. */
export interface Expression {
  /** As it was written. */
  readonly source: string;
  /** Whether case does not matter. */
  readonly ignoreCase: boolean;
  /** Where it stands. */
  readonly place: SourcePlace;
  /** A name of a host, a path, or anything else. */
  readonly about: "host" | "path" | "else";
}

/** Variables that hold the name of a host, or a URL. */
const HOSTS =
  /^\$\{?(?:host|http_host|server_name|http_origin|http_referer|ssl_server_name)\}?$/i;

function aboutOf(text: string): Expression["about"] {
  if (HOSTS.test(text)) return "host";
  return /^\$\{?(?:uri|request_uri|document_uri)\}?$/i.test(text)
    ? "path"
    : "else";
}

/** All of them, in the order of the blocks. */
export function* expressionsOf(subject: Subject): Generator<Expression> {
  for (const { scope, statements } of subject.blocks) {
    const { place } = scope;
    if (scope.context === "location") {
      const pattern = patternOf(scope);
      if (pattern.kind === "regex") {
        const { source, ignoreCase } = pattern.regex;
        yield { source, ignoreCase, place, about: "path" };
      }
    }
    if (scope.context === "server") yield* namesOf(subject, scope);
    for (const { name, args, block = [], place } of statements) {
      const [first = ""] = args;
      switch (name) {
        case "rewrite":
          yield { source: first, ignoreCase: false, place, about: "path" };
          break;
        case "if": {
          const [variable = "", operator = "", ...rest] = args.join(" ")
            .replace(/^\(\s*|\s*\)$/g, "").split(" ");
          if (!operator.includes("~")) break;
          yield {
            source: rest.join(" "),
            ignoreCase: operator.endsWith("*"),
            place,
            about: aboutOf(variable),
          };
          break;
        }
        case "map":
          for (const line of block) {
            const [, star, source] = /^~(\*?)([^]*)$/.exec(line.name) ?? [];
            if (source === undefined) continue;
            yield {
              source,
              ignoreCase: star === "*",
              place: line.place,
              about: aboutOf(first),
            };
          }
          break;
        case "valid_referers":
          for (const word of args) {
            if (!word.startsWith("~") || word === "~") continue;
            const source = word.slice(1);
            yield { source, ignoreCase: true, place, about: "host" };
          }
      }
    }
  }
}

function* namesOf(
  subject: Subject,
  scope: Subject["blocks"][number]["scope"],
): Generator<Expression> {
  const places = subject.statementsIn(scope, "server_name");
  for (const { text, pattern } of scope.get(serverNameDirective)) {
    if (pattern.kind !== "regex") continue;
    const { source, ignoreCase } = pattern.regex;
    const place = places.find(({ args }) => args.includes(text))?.place ??
      scope.place;
    yield { source, ignoreCase, place, about: "host" };
  }
}
