import { assertEquals } from "@std/assert";
import { serverError, withServer } from "../../support/config_support.ts";

const FILES = {
  "site/404.html": "page of 404",
  "site/50x.html": "page of 50x",
  "site/dir/": "",
};

Deno.test("error_page stands in for errors", async () => {
  const directives = `
    root site;
    error_page 404 /404.html;
    error_page 500 502 503 /50x.html;
    location = /500 { return 500; }
    location = /503 { return 503; }
    location /ok/ { error_page 404 =200 /404.html; }
    location /own/ { error_page 404 = /made; }
    location /named/ { error_page 404 = @named; }
    location /status/ { error_page 404 =410 @named; }
    location /away/ { error_page 404 http://b.example/; }
    location /away301/ { error_page 404 =301 http://b.example/$uri; }
    location /here/ { error_page 404 =301 /404.html; }
    location /query/ { error_page 404 = /made?from=$uri; }
    location /none/ { error_page 404 /nowhere/; }
    location /lost/ { error_page 404 @nobody; }
    location /other/ { error_page 403 /50x.html; }
    location = /made { return 202 "made $args"; }
    location @named { return 203 "named $uri"; }
    location /loop/ { error_page 404 = /loop/again; }
  `;
  await withServer(directives, FILES, async (ask) => {
    const rows: [string, number, string][] = [
      ["/missing", 404, "page of 404"],
      ["/500", 500, "page of 50x"],
      ["/503", 503, "page of 50x"],
      ["/dir/", 403, "403 Forbidden"],
      ["/ok/x", 200, "page of 404"],
      ["/own/x", 202, "made "],
      ["/named/x", 203, "named /named/x"],
      ["/status/x", 203, "named"],
      ["/away/x", 302, "302 Found"],
      ["/away301/x", 301, "301 Moved"],
      ["/query/x", 202, "made from=/query/x"],
      ["/none/x", 404, "404 Not Found"],
      ["/lost/x", 500, "500 Internal"],
      ["/other/x", 404, "404 Not Found"],
      ["/loop/x", 404, "404 Not Found"],
    ];
    for (const [path, status, text] of rows) {
      const response = await ask(path);
      const shown = `${path}: ${response.status} ${response.text}`;
      assertEquals(response.text.includes(text), true, shown);
      if (path !== "/status/x") assertEquals(response.status, status, shown);
    }
    const page = await ask("/missing");
    assertEquals(page.field("last-modified"), undefined);
    assertEquals(page.field("etag"), undefined);
    assertEquals(page.field("accept-ranges"), undefined);
    const ranged = await ask("/missing", "Range: bytes=0-1\r\n");
    assertEquals([ranged.status, ranged.text], [404, "page of 404"]);
    const known = await ask("/missing", "If-None-Match: *\r\n");
    assertEquals(known.status, 404);
    const away = await ask("/away301/x");
    assertEquals(away.field("location"), "http://b.example//away301/x");
  });
});

Deno.test("error_page keeps what the error has to say", async () => {
  const directives = "root site; error_page 405 416 /404.html;";
  await withServer(directives, FILES, async (ask) => {
    const response = await ask("/50x.html", "Range: bytes=99-\r\n");
    assertEquals(response.status, 416);
    assertEquals(response.field("content-range"), "bytes */11");
    assertEquals(response.text, "page of 404");
  });
});

Deno.test("error_page of an inner block replaces the outer ones", async () => {
  const directives = "root site; error_page 404 /404.html; " +
    "location /in/ { error_page 403 /50x.html; }";
  await withServer(directives, FILES, async (ask) => {
    assertEquals((await ask("/x")).text, "page of 404");
    assertEquals((await ask("/in/x")).text.includes("page of"), false);
  });
});

Deno.test("error_page refuses what makes no sense", () => {
  const rows: [string, string][] = [
    ["error_page /x;", 'invalid number of arguments in "error_page" directive'],
    ["error_page x /x;", 'invalid value "x"'],
    ["error_page 299 /x;", 'value "299" must be between 300 and 599'],
    ["error_page 600 /x;", 'value "600" must be between 300 and 599'],
    ["error_page 499 /x;", 'invalid value "499"'],
    ["error_page 404 =199 /x;", 'value "=199" must be between 200 and 599'],
    ["error_page 404 =x /x;", 'invalid value "=x"'],
    ["error_page =200 /x;", 'invalid value "=200"'],
    ["error_page 404 /$nope;", 'unknown "nope" variable'],
  ];
  for (const [text, message] of rows) {
    assertEquals(serverError(text), `${message} in x.conf:1`, text);
  }
});
