import { assertEquals } from "@std/assert";
import { ask as askRaw } from "../../support/raw_client.ts";
import { serverError, withServer } from "../../support/config_support.ts";

const FILES = {
  "site/index.html": "index",
  "site/a.txt": "a",
  "site/b.txt": "b",
  "site/dir/c.txt": "c",
  "site/a b.txt": "spaced",
};

/** Where each of these requests leads: status, and text or `Location`. */
async function leads(
  directives: string,
  rows: readonly (readonly [path: string, status: number, what: string])[],
): Promise<void> {
  const config = `root site; absolute_redirect off; ${directives}`;
  await withServer(config, FILES, async (ask) => {
    for (const [path, status, what] of rows) {
      const response = await ask(path);
      assertEquals(
        [response.status, response.field("location") ?? response.text],
        [status, what],
        path,
      );
    }
  });
}

Deno.test("rewrite changes the URI before the location is found", async () => {
  await leads(
    `rewrite ^/old/(.*)$ /new/$1;
     rewrite ^/x$ /a.txt;
     location /new/ { return 200 "new $uri $args"; }
     location = /a.txt { return 200 "a $uri"; }`,
    [
      ["/old/1?q=2", 200, "new /new/1 q=2"],
      ["/x", 200, "a /a.txt"],
      ["/b.txt", 200, "b"],
    ],
  );
});

Deno.test("rewrite in a location finds another one, or with break does not", async () => {
  await leads(
    `location /last { rewrite ^/last/(.*)$ /$1 last; return 200 unreached; }
     location /none { rewrite ^/none/(.*)$ /two/$1; rewrite ^/two/(.*)$ /$1; }
     location /break { rewrite ^/break/(.*)$ /$1 break; return 200 unreached; }
     location /mixed { rewrite ^/mixed/(.*)$ /last/$1; break; return 200 no; }
     location = /a.txt { return 200 "location of a"; }`,
    [
      ["/last/a.txt", 200, "location of a"],
      ["/none/a.txt", 200, "location of a"],
      ["/break/a.txt", 200, "a"],
      ["/break/dir/c.txt", 200, "c"],
      ["/last/b.txt", 200, "b"],
      ["/mixed/a.txt", 404, await pageOf404()],
    ],
  );
});

/** The text of the default page. */
async function pageOf404(): Promise<string> {
  let text = "";
  await withServer("root site;", FILES, async (ask) => {
    text = (await ask("/none")).text;
  });
  return text;
}

Deno.test("rewrite puts queries together as nginx does", async () => {
  await leads(
    `rewrite ^/keep/(.*)$ /show/$1;
     rewrite ^/add/(.*)$ /show/x?p=$1;
     rewrite ^/drop/(.*)$ /show/$1?;
     rewrite ^/own/(.*)$ /show/x?p=$1?;
     location /show/ { return 200 "$uri?$args"; }`,
    [
      ["/keep/1?a=b", 200, "/show/1?a=b"],
      ["/add/1?a=b", 200, "/show/x?p=1&a=b"],
      ["/add/1", 200, "/show/x?p=1"],
      ["/add/a%26b%20c/d", 200, "/show/x?p=a%26b%20c/d"],
      ["/drop/1?a=b", 200, "/show/1?"],
      ["/own/1?a=b", 200, "/show/x?p=1"],
    ],
  );
});

Deno.test("rewrite redirects, and what a client sent stays a path", async () => {
  await leads(
    `rewrite ^/p/(.*)$ /to/$1 permanent;
     rewrite ^/r/(.*)$ /to?x=$1 redirect;
     rewrite ^/u/(.*)$ https://b.example/$1;
     rewrite ^/s/(.*)$ $scheme://b.example/$1? permanent;
     rewrite ^/d/(.*)$ /$1 permanent;`,
    [
      ["/p/a%20b?q=1", 301, "/to/a%20b?q=1"],
      ["/p/%09X:1", 301, "/to/%09X:1"],
      ["/p/%3Fa", 301, "/to/%3Fa"],
      ["/p/a+b&c", 301, "/to/a+b&c"],
      ["/r/a+b&c", 302, "/to?x=a%2Bb%26c"],
      ["/r/1?q=2", 302, "/to?x=1&q=2"],
      ["/u/x?q", 302, "https://b.example/x?q"],
      ["/s/x?q", 301, "http://b.example/x"],
      ["/d//evil.example", 301, "/evil.example"],
    ],
  );
});

Deno.test("rewrite does not lead out of the server, or round for ever", async () => {
  await withServer(
    `root site; error_page 404 500 =200 @why; location @why { return 200 no; }
     location /up/ { rewrite ^/up/(.*)$ /$arg_to break; }
     location /bare { rewrite ^/bare/(.*)$ $1 break; }
     location /round { rewrite ^/round(.*)$ /round$1x last; }`,
    FILES,
    async (ask) => {
      for (
        const path of ["/up/?to=../../etc/passwd", "/bare/a.txt"]
      ) {
        assertEquals((await ask(path)).text, "no", path);
      }
      assertEquals((await ask("/up/?to=a.txt")).text, "a");
      assertEquals((await ask("/round")).status, 500);
    },
  );
});

Deno.test("if follows its block when its condition holds", async () => {
  await leads(
    `if ($arg_a) { return 200 "truthy"; }
     if ($arg_b = one) { return 200 "equal"; }
     if ($arg_c != "") { return 200 "unlike"; }
     if ($arg_d ~ ^(x+)y$) { return 200 "matched $1"; }
     if ($arg_e ~* ^X$) { return 200 "any case"; }
     if ( $arg_f !~ "^[0-9]*$" ) { return 200 "no digits"; }
     if ($arg_g) { }
     if (-f $document_root$arg_file) { return 200 "file"; }
     if (!-e $document_root/$arg_gone) { return 200 "gone"; }
     if (-d $document_root$arg_dir/dir) { break; }
     location / { return 200 "none"; }`,
    [
      ["/", 200, "none"],
      ["/?a=1", 200, "truthy"],
      ["/?a=0", 200, "none"],
      ["/?b=one", 200, "equal"],
      ["/?b=One", 200, "none"],
      ["/?c=x", 200, "unlike"],
      ["/?d=xxy", 200, "matched xx"],
      ["/?e=x", 200, "any case"],
      ["/?f=a", 200, "no digits"],
      ["/?g=1", 200, "none"],
      ["/?file=/a.txt", 200, "file"],
      ["/?file=/dir", 200, "none"],
      ["/?gone=none", 200, "gone"],
    ],
  );
});

Deno.test("if stands in locations, in itself, and among the others in order", async () => {
  await leads(
    `location /one {
       if ($arg_go) { rewrite ^ /two last; }
       return 200 "stayed";
     }
     location /two { return 200 "two"; }
     location /nested {
       if ($arg_a) { if ($arg_b) { return 200 "both"; } return 200 "a"; }
       return 200 "neither";
     }
     location /broken { if ($arg_a) { break; } return 200 "went on"; }
     location /moved { if ($request_method = GET) { return 301 /x; } }`,
    [
      ["/one", 200, "stayed"],
      ["/one?go=1", 200, "two"],
      ["/nested?a=1&b=1", 200, "both"],
      ["/nested?a=1", 200, "a"],
      ["/nested?b=1", 200, "neither"],
      ["/broken", 200, "went on"],
      ["/broken?a=1", 404, await pageOf404()],
      ["/moved", 301, "/x"],
    ],
  );
});

Deno.test("return of a server is for all of its locations", async () => {
  await withServer(
    "root site; return 301 https://$host$request_uri; " +
      "location / { return 200 no; } location = /a.txt { }",
    FILES,
    async (ask, { port }) => {
      for (const path of ["/", "/a.txt", "/none?x=1"]) {
        const response = await ask(path);
        assertEquals(response.status, 301, path);
        assertEquals(
          response.field("location"),
          `https://a.example${path}`,
        );
      }
      const posted = await askRaw(
        port,
        "POST /a.txt HTTP/1.1\r\nHost: a.example\r\nContent-Length: 2\r\n\r\nab",
      );
      assertEquals(posted.status, 301);
    },
  );
});

Deno.test("what certbot writes works", async () => {
  await leads(
    `server_name a.example;
     if ($host = a.example) { return 301 https://$host$request_uri; }
     return 404;`,
    [["/x?y", 301, "https://a.example/x?y"]],
  );
});

Deno.test("error pages and internal redirects meet the server's rules again", async () => {
  await leads(
    `error_page 404 /404.html;
     if ($uri = /404.html) { return 200 "page by rule"; }
     location = /hidden { internal; return 200 "hidden"; }
     rewrite ^/shown$ /hidden;`,
    [
      ["/none", 404, "page by rule"],
      ["/shown", 200, "hidden"],
      ["/hidden", 404, "page by rule"],
    ],
  );
});

Deno.test("rewrite and if refuse what makes no sense", () => {
  const rows: [string, string][] = [
    ["rewrite ^/a;", 'invalid number of arguments in "rewrite" directive'],
    ["rewrite ^/a /b now;", 'invalid parameter "now"'],
    ["rewrite ^/a /b constructor;", 'invalid parameter "constructor"'],
    ["rewrite ( /b;", 'invalid regular expression "(": '],
    ["rewrite ^/a /$none;", 'unknown "none" variable'],
    ["if ($host) return;", 'directive "if" has no opening "{"'],
    ["if $host { }", 'invalid condition "$host"'],
    ["if ($host { }", 'invalid condition "($host"'],
    ["if ($host == a) { }", 'unexpected "==" in condition'],
    ["if ($host=a) { }", 'unknown "host=a" variable'],
    ["if ($host$uri) { }", 'unknown "host$uri" variable'],
    ["if (${host} = a) { }", 'unknown "{host}" variable'],
    ["if ($host =) { }", 'invalid condition "$host ="'],
    ["if (host = a) { }", 'invalid condition "host = a"'],
    ["if (-z /a) { }", 'invalid condition "-z /a"'],
    ["if ($none) { }", 'unknown "none" variable'],
    ["if ($host) { root x; }", '"root" directive is not allowed here'],
    ["if ($host) { index x; }", '"index" directive is not allowed here'],
    ["break now;", 'invalid number of arguments in "break" directive'],
  ];
  for (const [text, message] of rows) {
    const error = serverError(text);
    assertEquals(
      error.startsWith(message) && error.endsWith(" in x.conf:1"),
      true,
      `${text}: ${error}`,
    );
  }
});
