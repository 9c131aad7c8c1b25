/** `shadowed-server`: servers that no request comes to. */

import {
  NO_NAME,
  serverNameDirective,
} from "../../../core/settings/server_name.ts";
import { addressText } from "../../../core/settings/listen_address.ts";
import type { Finding, Rule } from "../../rule.ts";
import { at, hostsFor } from "../../subject.ts";

/** What a client may ask for; "_" is not among it. */
const IS_HOST = /^[~*.]?.*[a-z0-9]/i;

/** The rule. */
export const shadowedServer: Rule = {
  name: "shadowed-server",
  finds:
    "A server that no request comes to: its names are those of others, or " +
    "it has none and is not the default.",
  why: "What is written in it has no effect.",
  examples: [
    {
      text: "server { listen 80; server_name a.example; }\n" +
        "server {\n listen 80; # here\n}",
    },
    {
      text: "server { listen 80; server_name ~^a\\. ; }\n" +
        "server { listen 80; server_name ~^b\\. ; }\n" +
        "server {\n listen 80; # here\n server_name ~^b\\. ;\n}",
    },
    {
      text: "server { listen 80; server_name a.example; }\n" +
        "server {\n listen 80; # here\n server_name a.example;\n}",
    },
    {
      text: "server { listen 80; server_name a.example; }\n" +
        "server {\n listen 80; # here\n server_name _;\n}",
    },
    {
      text: "server { listen 80 default_server; server_name _; }\n" +
        "server { listen 80; server_name a.example; }\n" +
        "server { listen 81; }\n" +
        'server { listen 80; server_name ""; }\n' +
        "server { listen 80; server_name *.a.example www.a.example; }",
    },
  ],
  *check(subject) {
    for (const { group } of subject.addresses) {
      for (const { server, address } of group.members) {
        if (server === group.fallback) continue;
        const names = server.scope.get(serverNameDirective);
        const patterns = (names.length === 0 ? [NO_NAME] : names)
          .map(({ pattern }) => pattern);
        const isReached = patterns.some((pattern) => {
          const hosts = hostsFor(pattern);
          // Where no host can be made up, nobody knows.
          return (pattern.kind === "regex" && hosts.length === 0) ||
            (names.length > 0 && hosts.includes("")) ||
            hosts.some((host) =>
              IS_HOST.test(host) && group.hosts.match(host) === server
            );
        });
        if (isReached) continue;
        yield {
          place: address.place,
          ...reasonFor(
            names.map(({ text }) => text),
            addressText(address),
            at(group.fallback.scope.place),
          ),
        };
      }
    }
  },
};

/** Why no request comes to a server of these names, and what to write. */
function reasonFor(
  names: readonly string[],
  address: string,
  fallback: string,
): Omit<Finding, "place"> {
  const what = `no request comes to this server at ${address}: `;
  const advice = 'write "server_name", or "default_server" behind "listen"';
  if (names.length === 0) {
    const why = `it has no name, and the default is that of ${fallback}`;
    return { what: what + why, advice };
  }
  if (names.some((name) => IS_HOST.test(name))) {
    return {
      what: `${what}its names are those of other servers`,
      advice: "write another name, or leave out one of the servers",
    };
  }
  const why = `"${
    names[0]
  }" is no host, and the default is that of ${fallback}`;
  return { what: what + why, advice };
}
