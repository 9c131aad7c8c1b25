/** Regular expressions wherever a configuration may have one. */

import { assert, assertEquals } from "@std/assert";
import { ask } from "../support/raw_client.ts";
import { InProcessServer } from "../support/in_process_server.ts";
import { serverError, withServer } from "../support/config_support.ts";

/** Where a pattern may stand, as the directives of a server. */
const PLACES: readonly ((pattern: string) => string)[] = [
  (pattern) => `location ~ "${pattern}" { }`,
  (pattern) => `location ~* "${pattern}" { }`,
  (pattern) => `location / { location ~ "${pattern}" { } }`,
  (pattern) => `server_name "~${pattern}";`,
  (pattern) => `rewrite "${pattern}" /x;`,
  (pattern) => `location / { rewrite "${pattern}" /x last; }`,
  (pattern) => `if ($uri ~ "${pattern}") { return 403; }`,
  (pattern) => `if ($uri ~* "${pattern}") { return 403; }`,
  (pattern) => `if ($uri !~ "${pattern}") { return 403; }`,
  (pattern) => `if ($uri !~* "${pattern}") { return 403; }`,
  (pattern) => `gzip_disable "${pattern}";`,
];

Deno.test("a pattern that cannot have PCRE's meaning is refused everywhere", () => {
  const rows: [pattern: string, fault: string][] = [
    ["[[:foo:]]", 'unknown POSIX class "[:foo:]"'],
    ["(a)(?1)", 'recursion "(?1)" is not supported by webserv'],
    ["(?<=a+)b", 'what "(?<=a+)" looks for has no fixed length'],
    ["(a", '"(a" has no closing ")"'],
    ["a{2}{3}", '"{3}" follows nothing that can be repeated'],
  ];
  for (const [pattern, fault] of rows) {
    for (const place of PLACES) {
      assertEquals(
        serverError(place(pattern)),
        `invalid regular expression "${pattern}": ${fault} in x.conf:1`,
        place(pattern),
      );
    }
  }
});

Deno.test("named groups are variables wherever a pattern may stand", async () => {
  // In `gzip_disable` they are none, as in nginx.
  for (const place of PLACES.slice(0, -1)) {
    assertEquals(
      serverError(place("^/(?<Host>.)")),
      'the duplicate "Host" variable in x.conf:1',
      place(""),
    );
  }
  const directives = `
    add_header X-Took "[$by_name|$by_rewrite|$by_if|$by_location]" always;
    server_name "~^(?<by_name>.+)\.example$";
    rewrite ^/re/(?P<by_rewrite>.*)$ /found/$by_rewrite;
    if ($arg_a ~ (?'By_If'x.)) { }
    location ~ ^/(?<by_location>[^/]+)/(?<none>-)? { return 204; }`;
  await withServer(directives, {}, async (_ask, { port }) => {
    const rows: [host: string, target: string, took: string][] = [
      ["a.example", "/l/", "[a|||l]"],
      ["c.example", "/re/%C3%A9?a=xy", "[c|\xc3\xa9|xy|found]"],
      ["b.example", "/re/x", "[b|x||found]"],
      // What one request for a host took is nothing to the next one.
      ["b.example", "/l/", "[b|||l]"],
    ];
    for (const [host, target, took] of rows) {
      const { fields } = await ask(
        port,
        `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
      );
      const value = fields.find(([name]) => name === "x-took")?.[1];
      assertEquals(value, took, host + target);
    }
  });
});

Deno.test("a pattern has PCRE's meaning everywhere", async () => {
  const directives = `
    server_name "~^adm[[:digit:]]+\\.a\\z";
    location ~ ^/adm[[:digit:]]+/ { return 200 "location"; }
    location ~* \\A/private { return 200 "any case"; }
    location /if/ {
      if ($arg_a ~ "^\\H\\d$") { return 200 "if"; }
      if ($arg_a ~* "^\\Qa.b\\E$") { return 200 "if any case"; }
      if ($arg_a !~ "[[:alpha:]]") { return 200 "if not"; }
      if ($arg_a !~* "[[:upper:]]") { return 200 "if not any case"; }
      return 200 "none";
    }
    location /re { rewrite ^/re/\\x{61}(\\d)$ /to/$1 last; return 200 "not"; }
    location /to { return 200 "$uri"; }
    location / { return 200 "other"; }`
    .replace("^/re/\\x{61}(\\d)$", '"^/re/\\x{61}(\\d)$"');
  await withServer(directives, {}, async (ask) => {
    const rows: [path: string, text: string][] = [
      ["/adm12/x", "location"],
      ["/adm:/x", "other"],
      ["/PRIVATE", "any case"],
      ["/A/private", "other"],
      ["/if/?a=x1", "if"],
      ["/if/?a=A.B", "if any case"],
      ["/if/?a=1", "if not"],
      ["/if/?a=x", "none"],
      ["/re/a1", "/to/1"],
      ["/re/b1", "not"],
    ];
    for (const [path, text] of rows) {
      assertEquals((await ask(path)).text, text, path);
    }
  });
});

Deno.test("a text that takes a pattern too long is 500, and others go on", async () => {
  const directives = `
    location ~ ^/(a*)*(a*)*\\2x$ { return 200 "location"; }
    location /if { if ($uri ~ "(a*)*(a*)*\\2x$") { return 200 "if"; } }
    location /re { rewrite "(a*)*(a*)*\\2x$" /x last; }
    location /gz {
      gzip on;
      gzip_types *;
      gzip_min_length 0;
      gzip_disable "(a*)*(a*)*\\2x$";
      return 200 "text";
    }
    location / { return 200 "other"; }`;
  const long = "a".repeat(4000);
  await withServer(directives, {}, async (ask) => {
    for (const path of [`/${long}!`, `/if/${long}!`, `/re/${long}!`]) {
      const start = performance.now();
      assertEquals((await ask(path)).status, 500);
      assert(performance.now() - start < 2000);
    }
    assertEquals((await ask("/other")).text, "other");
    // nginx does not compress either then.
    const gzip = "Accept-Encoding: gzip\r\n";
    const encoding = async (agent: string) =>
      (await ask("/gz", `${gzip}User-Agent: ${agent}\r\n`))
        .field("content-encoding");
    assertEquals(await encoding("b"), "gzip");
    assertEquals(await encoding(`${long}!`), undefined);
  });
});

Deno.test("names of groups are variables, wherever they stand", async () => {
  const directives = `
    add_header X-Tab $tab;
    location ~ ^/users/(?<id>[0-9]+)(?:/(?<tab>\\w+))?$ { return 200 "$id|$tab"; }
    location ~ ^/q/(?<what>.*)$ { rewrite ^ /to/$what?q=$what redirect; }
    location ~ ^/file/(?<name>.*)$ { alias www/$name.txt; }
    location / { if ($arg_x ~ "^(?<tab>é+)$") { return 200 "$tab"; } return 200 "-$tab"; }`;
  await withServer(directives, { "www/a.txt": "file a" }, async (ask) => {
    const rows: [path: string, text: string, tab?: string][] = [
      ["/users/12", "12|"],
      ["/users/12/posts", "12|posts", "posts"],
      ["/file/a", "file a"],
      ["/?x=\xc3\xa9", "\xc3\xa9", "\xc3\xa9"],
      ["/?x=e", "-"],
    ];
    for (const [path, text, tab] of rows) {
      const answer = await ask(path);
      assertEquals([answer.text, answer.field("x-tab")], [text, tab], path);
    }
    // What a path decodes to must not change the meaning of a URL.
    const redirect = await ask("/q/a%3Fb%26c");
    assertEquals(
      redirect.field("location")?.replace(/^http:..[^/]+/, ""),
      "/to/a%3Fb&c?q=a%3Fb%26c",
    );
  });
});

Deno.test("what doubles with each letter is answered at once", async () => {
  const directives = `
    location ~ ^/(a+)+$ { return 200 "letters"; }
    location ~* ^/img/(.*)/(.*)/(.*)\\.(png|jpg)$ { return 200 "image"; }
    location / { return 200 "other"; }`;
  await withServer(directives, {}, async (ask) => {
    const rows: [path: string, text: string][] = [
      [`/${"a".repeat(45)}`, "letters"],
      [`/${"a".repeat(45)}!`, "other"],
      [`/${"a".repeat(4000)}!`, "other"],
      [`/img/${"a/".repeat(2000)}x`, "other"],
      [`/img/${"a/".repeat(2000)}x.JPG`, "image"],
      [`/img/${"%0A/".repeat(1000)}x`, "other"],
    ];
    for (const [path, text] of rows) {
      const start = performance.now();
      assertEquals((await ask(path)).text, text);
      assert(performance.now() - start < 1000, path.slice(0, 20));
    }
  });
});

Deno.test("groups of server_name are in force until others are asked", async () => {
  const config = `
    access_log off;
    server {
      listen 127.0.0.1:0;
      server_name "~^(www\\.)?(.+)\\.example$";
      root sites/$2;
      location /say { return 200 "[$1][$2]"; }
      location ~ ^/re/(x)? { return 200 "[$1][$2]"; }
      location /rw { rewrite ^/none /x last; return 200 "[$1][$2]"; }
      location /if { if ($uri ~ x) { return 200 x; } return 200 "[$1][$2]"; }
      location /to { return 301 http://$2.test/; }
    }`;
  await using server = new InProcessServer({
    config,
    files: {
      "sites/a/index.html": "of a",
      "sites/b/index.html": "of b",
      "sites/index.html": "of all",
    },
  });
  const rows: [host: string, path: string, text: string][] = [
    ["www.a.example", "/", "of a"],
    ["a.example", "/", "of a"],
    ["B.EXAMPLE", "/", "of b"],
    ["www.a.example", "/say", "[www.][a]"],
    ["b.example", "/say", "[][b]"],
    ["www.a.example", "/re/x", "[x][]"],
    ["www.a.example", "/re/", "[][]"],
    ["www.a.example", "/rw", "[][]"],
    ["www.a.example", "/if", "[][]"],
  ];
  const get = (host: string, path: string) =>
    ask(
      server.port,
      `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    );
  for (const [host, path, text] of rows) {
    // Twice, since what a host leads to is remembered.
    for (let time = 0; time < 2; time++) {
      const answer = await get(host, path);
      assertEquals(answer.text, text, `${host} ${path}`);
    }
  }
  const redirect = await get("www.a.example", "/to");
  assertEquals(redirect.field("location"), "http://a.test/");
  const none = await get("c.example", "/");
  assertEquals(none.status, 404);
});
