import { assertEquals } from "@std/assert";
import { splitArgs } from "../../../src/features/static/try_files.ts";
import { serverError } from "../../support/config_support.ts";
import { assertAnswers, serve } from "../../support/serving.ts";

const FILES = {
  "www/index.html": "home",
  "www/a.txt": "a",
  "www/page.html": "page",
  "www/sub/index.html": "sub",
  "www/.env": "secret",
  "www/dir/.html": "hidden",
  "secret.txt": "secret",
};

Deno.test("try_files: files, folders, named locations, codes, URIs", async () => {
  await using server = serve(
    `
    location / { try_files $uri $uri.html $uri/ =404; }
    location /spa { try_files $uri /index.html; }
    location /code { try_files $uri =410; }
    location /nocontent { try_files $uri =204; }
    location /named { try_files $uri @named; }
    location /folder { try_files /sub/ =404; }
    location /onlyfile { try_files /sub =404; }
    location /onlyfolder { try_files /a.txt/ =404; }
    location /args { try_files $uri /echo?from=$uri&$args; }
    location /noargs { try_files $uri /echo; }
    location /noslash { try_files a.txt =404; }
    location /noslashlast { try_files $uri page.html; }
    location /byarg { try_files /$arg_f =404; }
    location /lastbyarg { try_files $uri /$arg_f; }
    location /nolocation { try_files $uri @missing; }
    location /circle { try_files $uri /circle; }
    location /al/ { alias www/sub/; try_files $uri /al/index.html; }
    location /al2/ { alias www/sub/; try_files /index.html =404; }
    location @named { return 200 "named $uri $args"; }
    location /echo { return 200 "$uri|$args"; }
    `,
    FILES,
  );
  await assertAnswers(server, [
    ["/a.txt", "200", "a"],
    ["/page", "200", "page", "content-type: text/html; charset=utf-8"],
    ["/sub", "301", "location: http://a.example:PORT/sub/"],
    ["/sub/", "200", "sub"],
    ["/page.html/", "404"],
    ["/missing", "404"],
    ["/a.txt/", "404"],
    ["/spa/route/x", "200", "home"],
    ["HEAD /spa/x", "200"],
    ["/code/x", "410"],
    ["/nocontent/x", "204", ""],
    ["/named/x?q=1", "200", "named /named/x q=1"],
    ["POST /named/x | Content-Length: 0", "200", "named /named/x "],
    ["/folder", "301", "location: http://a.example:PORT/sub/"],
    ["/onlyfile", "404"],
    ["/onlyfolder", "404"],
    ["/args/x?b=c", "200", "/echo|from=/args/x&b=c"],
    ["/noargs/x?b=c", "200", "/echo|"],
    ["/noslash", "404"],
    ["/noslashlast", "404"],
    ["/byarg?f=a.txt", "200", "a"],
    ["/byarg?f=../secret.txt", "404"],
    ["/byarg?f=sub/../a.txt", "404"],
    ["/byarg?f=.env", "404"],
    ["/lastbyarg?f=a.txt", "200", "a"],
    ["/lastbyarg?f=../secret.txt", "404"],
    ["/lastbyarg?f=.env", "404"],
    ["/dir/", "403"],
    ["/nolocation", "500"],
    ["/circle", "500"],
    ["/al/index.html", "200", "sub"],
    ["/al/other", "200", "sub"],
    ["/al2/other", "200", "sub"],
    ["POST /a.txt | Content-Length: 0", "405"],
  ]);
});

Deno.test("try_files of a server is for paths without location, and not inherited", async () => {
  await using server = serve(
    "try_files $uri /index.html; location /own/ { }",
    FILES,
  );
  await assertAnswers(server, [
    ["/anything", "200", "home"],
    ["/own/anything", "404"],
  ]);
});

Deno.test("try_files: names behind an alias that is a whole path", async () => {
  await using server = serve(
    `
    add_header X-File $uri;
    location ~ ^/in/([^/]+)/(.*)$ {
      alias www/$1/; try_files $2 $2/ /echo?not=$2;
    }
    location ~ ^/at/([^/]+)(.*)$ { alias www/$1; try_files $2 =404; }
    location ~ ^/beside/([^/]+)/(.*)$ { alias www/$1; try_files $2 =404; }
    location ~ ^/itself/(.*)$ { alias www/$1; try_files "" =404; }
    location ~ ^/byarg/ { alias www/; try_files $arg_f page.html =404; }
    location ~ ^/again/(.*)$ {
      alias www/; try_files $1 =404; error_page 404 /again/a.txt;
    }
    location ~ ^/outer/(.*)$ {
      alias www/; location ~ ([^/]*\\.txt)$ { try_files $1 =404; }
    }
    location /echo { return 200 "$uri|$args"; }
    `,
    { ...FILES, "www/subx": "neighbour" },
  );
  await assertAnswers(server, [
    ["/in/sub/index.html", "200", "sub", "x-file: index.html"],
    ["/in/sub/none", "200", "/echo|not=none"],
    ["/in/sub/", "200", "sub"],
    ["/in/sub/.env", "200", "/echo|not=.env"],
    ["/at/sub/index.html", "200", "sub", "x-file: /index.html"],
    ["/at/a.txt", "200", "a", "x-file: /at/a.txt"],
    ["/at/sub", "404"],
    ["/beside/sub/x", "404"],
    ["/beside/sub/index.html", "404"],
    ["/itself/sub/index.html", "200", "sub"],
    ["/itself/sub", "404"],
    ["/byarg/?f=a.txt", "200", "a"],
    ["/byarg/?f=/sub/index.html", "200", "sub"],
    ["/byarg/?f=../secret.txt", "200", "page"],
    ["/byarg/?f=sub/../a.txt", "200", "page"],
    ["/byarg/?f=.env", "200", "page"],
    ["/again/sub/index.html", "200", "sub"],
    ["/again/none", "404", "a"],
    ["/outer/a.txt", "200", "a"],
  ]);
});

Deno.test("splitArgs", () => {
  assertEquals(splitArgs("/a"), ["/a", ""]);
  assertEquals(splitArgs("/a?"), ["/a", ""]);
  assertEquals(splitArgs("/a?b?c"), ["/a", "b?c"]);
});

Deno.test("try_files refuses what makes no sense", () => {
  const rows: [directives: string, message: string][] = [
    ["try_files $uri;", 'invalid number of arguments in "try_files" directive'],
    ["try_files $uri =x;", 'invalid code "=x"'],
    ["try_files $uri =1000;", 'invalid code "=1000"'],
    [
      "try_files $uri =301;",
      'invalid code "=301", it must be 200 to 299 or 400 to 599',
    ],
    ["try_files $nope =404;", 'unknown "nope" variable'],
    ["try_files a b; try_files c d;", '"try_files" directive is duplicate'],
  ];
  for (const [directives, message] of rows) {
    assertEquals(serverError(directives), `${message} in x.conf:1`, directives);
  }
});
