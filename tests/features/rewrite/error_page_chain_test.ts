import { assertAnswers, serve, setTimes, TIME } from "../../support/serving.ts";

const FILES = { "www/404.html": "not here", "www/a.txt": "a" };

Deno.test("recursive_error_pages: whether the error of a page has a page", async () => {
  await using server = serve(
    `
    location /echo { return 200 "$uri|$args|$request_method"; }
    location /second { error_page 403 = /echo; return 403; }
    location /plain { error_page 404 = /second; return 404; }
    location /chain {
      recursive_error_pages on;
      error_page 404 = /second;
      return 404;
    }
    location /circle {
      recursive_error_pages on;
      error_page 404 /circle/again;
      return 404;
    }
    location /self { error_page 404 /self/again; return 404; }
    location /nonamed { error_page 404 @missing; return 404; }
    location /nonamedchain {
      recursive_error_pages on;
      error_page 404 500 @missing;
      return 404;
    }
    location /outside { error_page 404 /$arg_page; return 404; }
    `,
    FILES,
  );
  await assertAnswers(server, [
    // As in nginx the last error is told.
    ["/plain", "403"],
    ["/chain", "200", "/echo||GET"],
    ["/circle", "500"],
    ["/self", "404"],
    ["/nonamed", "500"],
    ["/nonamedchain", "500"],
    ["/outside?page=404.html", "404", "not here"],
    ["/outside?page=../404.html", "404"],
  ]);
});

Deno.test("error_page: methods, queries, statuses of pages", async () => {
  await using server = serve(
    `
    error_page 403 = /echo?code=403;
    error_page 405 =200 /404.html;
    error_page 418 @named;
    error_page 419 = @named;
    error_page 420 =202 @named;
    error_page 421 @redirect;
    error_page 404 =200 /404.html;
    location /echo { return 200 "$uri|$args|$request_method"; }
    location @named { return 203 "named $uri $request_method"; }
    location @redirect { return 302 http://b.example/; }
    location /r403 { return 403; }
    location /r418 { return 418; }
    location /r419 { return 419; }
    location /r420 { return 420; }
    location /r421 { return 421; }
    location /inner { internal; alias www/a.txt; }
    location /toinner { error_page 404 =200 /inner; return 404; }
    `,
    FILES,
  );
  const post = "| Content-Length: 0";
  await assertAnswers(server, [
    ["/r403?own=1", "200", "/echo|code=403|GET"],
    [`POST /r403 ${post}`, "200", "/echo|code=403|GET"],
    // A named location is told the method as it was.
    ["/r418", "418", "named /r418 GET"],
    [`POST /r418 ${post}`, "418", "named /r418 POST"],
    ["/r419", "203", "named /r419 GET"],
    ["/r420", "202", "named /r420 GET"],
    ["/r421", "302", "location: http://b.example/"],
    [`POST /a.txt ${post}`, "200", "not here"],
    ["/inner", "200", "not here"],
    ["/toinner", "200", "a"],
  ]);
});

Deno.test("error_page: a page sent as a 200 can be revalidated, one sent as an error not", async () => {
  await using server = serve(
    `
    error_page 404 /404.html;
    location /app/ { error_page 404 =200 /404.html; }
    `,
    FILES,
  );
  setTimes(server, { "www/404.html": TIME });
  const etag = `"${TIME.toString(16)}-8"`;
  await assertAnswers(server, [
    ["/x", "404", "etag: -", "last-modified: -", "accept-ranges: -"],
    ["/app/x", "200", `etag: ${etag}`],
    [`/app/x | If-None-Match: ${etag}`, "304"],
    [`/x | If-None-Match: ${etag}`, "404", "not here"],
    ["/x | Range: bytes=0-1", "404", "not here"],
  ]);
});
