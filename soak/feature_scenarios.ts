/**
 * What modules do on the way of a request: users, limits, pages that are put
 * together, addresses told by a proxy, conditions. The same is asked over each
 * protocol.
 */

import type { GoodClient, Told } from "./good_client.ts";
import type { Ask } from "./link.ts";
import type { Scenario } from "./scenarios.ts";

/** Directives of `http` that the locations need. */
export const FEATURES_HTTP = `
  map $arg_x $mapped { default other; a one; ~^b two; }
  limit_req_zone $arg_k zone=asked:4m rate=1r/m;
  limit_conn_zone $arg_k zone=open:4m;`;

/** The locations, in the server of the site. */
export const FEATURES_LOCATIONS = `
    location /guarded/ {
      alias made/; auth_basic soak; auth_basic_user_file users;
    }
    location /asked { alias made/part.txt; limit_req zone=asked; limit_conn open 2; }
    location /made/ {
      alias made/; ssi on; default_type text/html;
      sub_filter SCHEME $scheme; sub_filter_once off;
    }
    location /address {
      set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For;
      default_type text/plain; alias made/address.txt; ssi on; ssi_types text/plain;
    }
    rewrite ^/old/(.*)$ /conditions/$1 last;
    location /conditions/ {
      set $found no;
      if ($arg_q) { set $found yes; }
      return 200 "$uri $mapped $found $server_protocol";
    }`;

/** The files that they serve, under the prefix. */
export const FEATURES_FILES: Readonly<Record<string, string>> = {
  "users": "bob:{PLAIN}secret\n",
  "made/part.txt": "part",
  "made/page.html": '<p>SCHEME <!--# include virtual="/made/part.txt" -->' +
    '<!--# if expr="$arg_x" --> x<!--# endif --> SCHEME</p>',
  "made/address.txt": '<!--# echo var="remote_addr" -->',
};

function problemOf(
  { answer }: Told,
  status: number,
  text: string | undefined,
): string | undefined {
  const body = new TextDecoder().decode(answer.body);
  if (answer.status === status && (text === undefined || body === text)) {
    return undefined;
  }
  return `${answer.status} "${
    body.slice(0, 60)
  }", expected ${status} "${text}"`;
}

/** Asks and judges: `text` is the whole body, or anything. */
async function expect(
  client: GoodClient,
  what: string,
  ask: Ask,
  status: number,
  text?: string,
): Promise<void> {
  const told = await client.ask(ask);
  if (told !== undefined) client.judge(what, problemOf(told, status, text));
}

function credentials(password: string): string {
  return `Authorization: Basic ${btoa(`bob:${password}`)}\r\n`;
}

let keys = 0;

/** All of it, by what it is about. */
export const FEATURE_SCENARIOS: Readonly<Record<string, Scenario>> = {
  async users(client) {
    const [name, password, status, text] = client.world.random.pick(
      [
        ["user", "secret", 200, "part"],
        ["stranger", "wrong", 401, undefined],
      ] as const,
    );
    const ask = { path: "/guarded/part.txt", fields: credentials(password) };
    await expect(client, name, ask, status, text);
  },
  async limited(client) {
    const path = `/asked?k=${++keys}`;
    await expect(client, "admitted", { path }, 200, "part");
    await expect(client, "limited", { path }, 503);
  },
  async made(client) {
    const scheme = client.way === "HTTP/1.1" || client.way === "h2c"
      ? "http"
      : "https";
    const [query, text] = client.world.random.pick([["", ""], ["?x=1", " x"]]);
    const path = `/made/page.html${query}`;
    const page = `<p>${scheme} part${text} ${scheme}</p>`;
    await expect(client, "made", { path }, 200, page);
  },
  async address(client) {
    const address = `192.0.2.${1 + client.world.random.below(250)}`;
    const fields = `X-Forwarded-For: ${address}\r\n`;
    await expect(client, "address", { path: "/address", fields }, 200, address);
  },
  async conditions(client) {
    const { random } = client.world;
    const [x, mapped] = random.pick([["a", "one"], ["bb", "two"], [
      "c",
      "other",
    ]]);
    const [q, found] = random.pick([["", "no"], ["&q=1", "yes"]]);
    const version = client.way === "h2c" || client.way === "h2"
      ? "HTTP/2.0"
      : "HTTP/1.1";
    const path = `/old/it?x=${x}${q}`;
    const text = `/conditions/it ${mapped} ${found} ${version}`;
    await expect(client, "conditions", { path }, 200, text);
  },
};
