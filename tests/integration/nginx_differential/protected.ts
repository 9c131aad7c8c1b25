/** Who may follow a link: `valid_referers`, `secure_link`. */

import { createHash } from "node:crypto";

const REFUSES = 'if ($invalid_referer) { return 403 "[$invalid_referer]"; }';

/** The servers, to stand behind those of the site. */
export const PROTECTED_SERVERS = `
  server {
    listen 127.0.0.1:PORT;
    server_name referers.example *.wild.example ~^re\\d+\\.example$;
    root ROOT/www;
    default_type text/plain;
    location / { return 200 "[$invalid_referer]"; }
    location /names/ { valid_referers server_names; ${REFUSES} alias ROOT/www/; }
    location /none/ { valid_referers none a.example; ${REFUSES} alias ROOT/www/; }
    location /blocked/ { valid_referers blocked a.example; ${REFUSES} alias ROOT/www/; }
    location /many/ {
      valid_referers none blocked A.example *.b.example c.* .d.example;
      valid_referers e.example/in f.example/in/ *.g.example/x ~\\.h\\. ~i\\.example/in;
      ${REFUSES}
      alias ROOT/www/;
      location /many/nested/ { ${REFUSES} alias ROOT/www/; }
      location /many/own/ { valid_referers z.example ~^z\\.; ${REFUSES} alias ROOT/www/; }
    }
  }
  server {
    listen 127.0.0.1:PORT;
    server_name secure.example;
    root ROOT/www;
    default_type text/plain;
    location /show/ {
      secure_link $arg_md5,$arg_expires;
      secure_link_md5 "$secure_link_expires$uri secret";
      return 200 "[$secure_link][$secure_link_expires]";
    }
    location /plain/ {
      secure_link $arg_md5;
      secure_link_md5 "$uri secret";
      if ($secure_link = "") { return 403; }
      if ($secure_link = "0") { return 410; }
      alias ROOT/www/;
    }
    location /half/ { secure_link $arg_md5; return 200 "[$secure_link]"; }
    location /none/ { return 200 "[$secure_link][$secure_link_expires]"; }
    location /old/ {
      secure_link_secret word;
      if ($secure_link = "") { return 403; }
      rewrite ^ /secret/$secure_link;
    }
    location /secret/ { internal; alias ROOT/www/; }
    location /oldshow/ { secure_link_secret word; return 200 "[$secure_link]"; }
  }
`;

const PAGES = [
  "http://a.example/",
  "https://a.example",
  "HTTPS://A.Example/x",
  "http://a.example:8080/x",
  "http://x.a.example/",
  "http://b.example/",
  "http://x.b.example/",
  "http://x.y.b.example/",
  "http://c.org/",
  "http://c.org.uk/",
  "http://x.c.org/",
  "http://d.example/",
  "http://x.d.example/",
  "http://e.example/",
  "http://e.example/in",
  "http://e.example/inside",
  "http://e.example:80/in",
  "http://e.example/IN",
  "http://f.example/in",
  "http://f.example/in/x",
  "http://x.g.example/x",
  "http://x.g.example/y",
  "http://x.h.example/",
  "http://x.H.example/",
  "http://y.example/.h.",
  "http://i.example/in",
  "http://i.example/",
  "http://z.example/",
  "http://referers.example/",
  "http://x.wild.example/",
  "http://wild.example/",
  "http://re12.example/x",
  "http://rex.example/",
  "http://a.b",
  "http://",
  "http:///",
  "ftp://a.example/",
  "a.example",
  "XXXX",
  "",
  "http://a.example.",
  `http://${"l".repeat(257)}/`,
];

function md5(text: string, encoding: "base64url" | "hex"): string {
  return createHash("md5").update(text).digest(encoding);
}

const SOON = 4_000_000_000;
const PAST = 1_000_000_000;

function secured(expires: number): string {
  return `/show/a?md5=${
    md5(`${expires}/show/a secret`, "base64url")
  }&expires=${expires}`;
}

const GOOD = md5("/plain/a.txt secret", "base64url");

/** The requests: a table for each host. */
export const PROTECTED_REQUESTS: Readonly<Record<string, string>> = {
  "referers.example": [
    "/",
    "/ | Referer: http://x.example/",
    ...[
      "/names/",
      "/none/",
      "/blocked/",
      "/many/",
      "/many/nested/",
      "/many/own/",
    ]
      .flatMap((path) => [
        `${path}a.txt`,
        ...PAGES.map((page) => `${path}a.txt | Referer: ${page}`),
      ]),
  ].join("\n"),
  "secure.example": [
    "/show/a",
    secured(SOON),
    secured(PAST),
    secured(SOON).replace("show/a", "show/b"),
    secured(SOON).replace(/expires=.*/, "expires=4000000001"),
    secured(SOON).replace(/expires=.*/, "expires="),
    secured(SOON).replace(/expires=.*/, "expires=x"),
    secured(SOON).replace(/expires=.*/, "expires=-1"),
    secured(SOON).replace("&", "==&"),
    secured(SOON).replace("&", "=&"),
    secured(SOON).replace("&", "a&"),
    "/show/a?md5=short&expires=4000000000",
    "/show/a?md5=!!!!!!!!!!!!!!!!!!!!!!&expires=4000000000",
    `/plain/a.txt?md5=${GOOD}`,
    `/plain/a.txt?md5=${GOOD}==`,
    `/plain/a.txt?md5=${GOOD.toUpperCase()}`,
    `/plain/b.txt?md5=${GOOD}`,
    "/plain/a.txt",
    "/half/a?md5=x",
    "/none/a",
    `/old/${md5("a.txtword", "hex")}/a.txt`,
    `/old/${md5("a.txtword", "hex").toUpperCase()}/a.txt`,
    `/old/${md5("a.txtword", "hex")}/b.txt`,
    `/old/${md5("sub/x.txtword", "hex")}/sub/x.txt`,
    `/old/${md5("word", "hex")}/`,
    `/old/${md5("a.txtword", "hex")}`,
    "/old/short/a.txt",
    "/old/",
    `/oldshow/${md5("a.txt?x=1word", "hex")}/a.txt?x=1`,
    `/oldshow/${md5("a.txtword", "hex")}/a.txt?x=1`,
    `/oldshow/${md5("%61.txtword", "hex")}/%61.txt`,
  ].join("\n"),
};
