/** `server-name-port`: names that no host has. */

import type { Rule } from "../../rule.ts";

/** The rule. */
export const serverNamePort: Rule = {
  name: "server-name-port",
  finds: "A `server_name` with a port or a scheme.",
  why: "The name of a host has neither, so it never matches.",
  examples: [
    { text: "server {\n server_name example.org:8080; # here\n}" },
    { text: "server {\n server_name https://example.org; # here\n}" },
    { text: 'server {\n server_name example.org _ "" ~^a:b$ [::1];\n}' },
  ],
  *check(subject) {
    for (const { statement } of subject.statements("server_name")) {
      for (const name of statement.args) {
        if (name.startsWith("~") || !/:/.test(name)) continue;
        // The address of a host has colons of its own.
        if (/^\[[^\]]*\]$/.test(name)) continue;
        const host = name.replace(/^[a-z]+:\/\//i, "")
          .replace(/(?<=\])[:/].*$|(?<!^\[.*)[:/].*$/, "");
        yield {
          place: statement.place,
          what: `no host is called "${name}"`,
          advice: `write "${host}"; the port is for "listen"`,
        };
      }
    }
  },
};
