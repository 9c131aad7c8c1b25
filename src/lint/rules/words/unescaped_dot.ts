/** `unescaped-dot`: dots of names that are any character. */

import { expressionsOf } from "../../expressions.ts";
import type { Rule } from "../../rule.ts";

/** How the next label of a host begins; one letter may be a quantified class. */
const BEGINS_LABEL = /^(?:\(\?:|\()?(?:[a-z]{2}|[a-z0-9]\\?\.[a-z]{2})/i;

/**
 * The places of dots that are meant as themselves: between the labels of a
 * host, or before the extension at the end of a path.
 */
function plainDots(source: string, about: "host" | "path"): number[] {
  const found: number[] = [];
  for (let i = 0; i < source.length; i++) {
    const char = source[i];
    if (char === "\\") i++;
    else if (char === "[") {
      i++;
      if (source[i] === "^") i++;
      if (source[i] === "]") i++;
      while (i < source.length && source[i] !== "]") {
        if (source[i] === "\\") i++;
        i++;
      }
    } else if (char === ".") {
      const before = source.slice(0, i);
      const behind = source.slice(i + 1);
      const isMeant = about === "host"
        ? /[a-z0-9)\]]$/i.test(before) && BEGINS_LABEL.test(behind)
        : /^(?:\(\?:|\()?[a-z0-9]{2,5}(?:\|[a-z0-9?]+)*\)?\$$/i.test(behind);
      if (isMeant) found.push(i);
    }
  }
  return found;
}

/** The text with a backslash before each of these places. */
function escapedAt(source: string, places: readonly number[]): string {
  return Array.from(
    source,
    (char, i) => places.includes(i) ? `\\${char}` : char,
  ).join("");
}

/** The rule. */
export const unescapedDot: Rule = {
  name: "unescaped-dot",
  finds:
    "A dot in a regular expression for the name of a host, or before the " +
    "extension of a path, that has no backslash.",
  why: "It is any character: `www.example\\.org` is also for " +
    "`wwwxexample.org`, and `.php$` for `/graphphp`.",
  examples: [
    { text: "server {\n server_name ~^www.example\\.org$; # here\n}" },
    {
      text: "server {\n if ($http_referer ~ evil.com) { # here\n" +
        "  return 403;\n }\n}",
    },
    { text: "server {\n server_name ~^www.a\\.example\\.org$; # here\n}" },
    { text: "server {\n location ~ .php$ { # here\n  return 404;\n }\n}" },
    {
      text: "server {\n location ~* .(jpg|png)$ { # here\n" +
        "  expires 1d;\n }\n}",
    },
    {
      text: "map $http_origin $ok {\n default 0;\n" +
        " ~^https://example.org$ 1; # here\n}\nserver { }",
    },
    {
      text: "server {\n server_name ~^(www\\.)?example\\.org$ ~^.+\\.a\\.org$" +
        " ~^[^.]+[.]example\\.org$;\n" +
        " location ~ \\.php$ { return 404; }\n" +
        " location ~ ^/a/.*$ { return 404; }\n" +
        " if ($http_user_agent ~ foo.bar) { return 403; }\n}",
    },
  ],
  *check(subject) {
    for (const { source, about, place } of expressionsOf(subject)) {
      if (about === "else") continue;
      const dots = plainDots(source, about);
      if (dots.length === 0) continue;
      yield {
        place,
        what: `"." in the regular expression "${source}" is any character`,
        advice: `write "${escapedAt(source, dots)}"`,
      };
    }
  },
};
