import { assert, assertEquals } from "@std/assert";
import { RawClient } from "../../support/raw_client.ts";
import { serverError, withServer } from "../../support/config_support.ts";

Deno.test("return answers with status, text and type", async () => {
  const directives = `
    root site;
    location = /text { return 200 "a b"; }
    location = /vars { return 200 "$request_method|$uri|$args|$arg_x"; }
    location = /page.html { return 200 "<p>"; }
    location = /typed { default_type application/x-y; return 201 z; }
    location = /none { return 204; }
    location = /empty { return 200; }
    location = /error { return 404; }
    location = /own { return 404 "mine"; }
    location = /teapot { return 418; }
    location = /status { return 201 "$status"; }
    location = /to_status { return 301 /$status; }
    location = /replaced { error_page 404 =410 @told; return 404; }
    location = /overwritten { error_page 404 = @told; return 404; }
    location @told { return 200 "$status"; }
    location = /first { return 200 one; return 200 two; }
    location = /moved { return 301 /to?$args; }
    location = /away { return 302 http://b.example/x; }
    location = /url { return http://b.example$request_uri; }
    location = /see { return 303 /see; }
    location = /temp { return 307 $scheme://$host/; }
    location = /perm { return 308 /perm; }
  `;
  await withServer(directives, {}, async (ask, { port }) => {
    const here = `http://a.example:${port}`;
    const rows: [string, number, string | undefined, string | undefined][] = [
      ["/text", 200, "a b", undefined],
      ["/vars?x=1&y", 200, "GET|/vars|x=1&y|1", undefined],
      ["/page.html", 200, "<p>", undefined],
      ["/typed", 201, "z", undefined],
      ["/none", 204, "", undefined],
      ["/empty", 200, "", undefined],
      ["/error", 404, undefined, undefined],
      ["/own", 404, "mine", undefined],
      ["/teapot", 418, undefined, undefined],
      ["/status", 201, "201", undefined],
      ["/to_status", 301, undefined, `${here}/301`],
      ["/replaced", 410, "410", undefined],
      ["/overwritten", 200, "200", undefined],
      ["/first", 200, "one", undefined],
      ["/moved?q", 301, undefined, `${here}/to?q`],
      ["/away", 302, undefined, "http://b.example/x"],
      ["/url?z", 302, undefined, "http://b.example/url?z"],
      ["/see", 303, undefined, `${here}/see`],
      ["/temp", 307, undefined, "http://a.example/"],
      ["/perm", 308, undefined, `${here}/perm`],
    ];
    for (const [path, status, text, location] of rows) {
      const response = await ask(path);
      assertEquals(response.status, status, path);
      if (text !== undefined) assertEquals(response.text, text, path);
      assertEquals(response.field("location"), location, path);
    }
    const typed = await ask("/typed");
    assert(typed.field("content-type")?.startsWith("application/x-y"));
    const page = await ask("/page.html");
    assert(page.field("content-type")?.startsWith("text/html"));
  });
});

Deno.test("return 444 closes without an answer", async () => {
  await withServer("return 444;", {}, async (_ask, { port }) => {
    using client = await RawClient.connect(port);
    await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assertEquals(await client.response(), undefined);
  });
});

Deno.test("return comes before files, and is not inherited", async () => {
  const directives = "root site; location /a/ { return 200 a; " +
    "location /a/b/ { } } location /c { return 200 c; }";
  const files = { "site/a/b/x.txt": "file", "site/c": "no" };
  await withServer(directives, files, async (ask) => {
    assertEquals((await ask("/a/")).text, "a");
    assertEquals((await ask("/a/b/x.txt")).text, "file");
    assertEquals((await ask("/c")).text, "c");
  });
});

Deno.test("return refuses what makes no sense", () => {
  const rows: [string, string][] = [
    ["return x;", 'invalid return code "x"'],
    ["return 1000;", 'invalid return code "1000"'],
    ["return 199;", 'invalid return code "199", it must be 200 to 599, or 444'],
    ["return 600;", 'invalid return code "600", it must be 200 to 599, or 444'],
    ["return /a;", 'invalid return code "/a"'],
    ["return;", 'invalid number of arguments in "return" directive'],
    ["return 200 a b;", 'invalid number of arguments in "return" directive'],
    ["return 200 $nope;", 'unknown "nope" variable'],
  ];
  for (const [text, message] of rows) {
    assertEquals(serverError(text), `${message} in x.conf:1`, text);
  }
});
