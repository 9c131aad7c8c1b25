import { assertAnswers, serve, setTimes, TIME } from "../../support/serving.ts";

const ETAG = `"${TIME.toString(16)}-5"`;
const DATE = new Date(TIME * 1000).toUTCString();

Deno.test("static: validators of a file", async () => {
  await using server = serve(
    "location /noetag/ { alias www/; etag off; }",
    { "www/a.txt": "hello" },
  );
  setTimes(server, { "www/a.txt": TIME });
  await assertAnswers(server, [
    [
      "/a.txt",
      "200",
      `etag: ${ETAG}`,
      `last-modified: ${DATE}`,
      "accept-ranges: bytes",
      "content-length: 5",
    ],
    ["HEAD /a.txt", "200", `etag: ${ETAG}`, "content-length: 5", ""],
    [`/a.txt | If-None-Match: ${ETAG}`, "304", `etag: ${ETAG}`, ""],
    ["/noetag/a.txt", "200", "etag: -", `last-modified: ${DATE}`],
    ["/noetag/a.txt | If-None-Match: *", "304"],
    [`/noetag/a.txt | If-Modified-Since: ${DATE}`, "304"],
  ]);
});

Deno.test("static: what is no file", async () => {
  await using server = serve(
    "location /all/ { alias www/; dotfiles allow; }",
    {
      "www/a.txt": "a",
      "www/sub/x.txt": "x",
      "www/.hidden": "hidden",
      "www/.git/config": "config",
      "www/.well-known/x.txt": "known",
      "www/.well-known/.hidden": "hidden",
      "www/sub/.git/config": "config",
    },
  );
  const { folder } = server;
  await new Deno.Command("mkfifo", { args: [`${folder}/www/fifo`] }).output();
  Deno.symlinkSync("/dev/zero", `${folder}/www/device`);
  Deno.symlinkSync("nowhere", `${folder}/www/dangling`);
  Deno.symlinkSync("loop", `${folder}/www/loop`);
  await assertAnswers(server, [
    ["/missing", "404"],
    ["/a.txt/x", "404"],
    [`/${"x".repeat(300)}`, "404"],
    ["/fifo", "404"],
    ["/device", "404"],
    ["/dangling", "404"],
    ["/loop", "403"],
    ["/sub", "301", "location: http://a.example:PORT/sub/"],
    ["/sub?a=b", "301", "location: http://a.example:PORT/sub/?a=b"],
    ["/.hidden", "404"],
    ["/.git", "404"],
    ["/.git/", "404"],
    ["/.git/config", "404"],
    ["/sub/.git/config", "404"],
    ["/%2egit/config", "404"],
    ["/.well-known", "301"],
    ["/.well-known/x.txt", "200", "known"],
    ["/.well-known/.hidden", "404"],
    ["/all/.hidden", "200", "hidden"],
    ["/all/.git/config", "200", "config"],
    ["POST /a.txt | Content-Length: 0", "405", "allow: GET, HEAD, OPTIONS"],
    ["POST /missing | Content-Length: 0", "404"],
    ["POST /sub | Content-Length: 0", "301"],
    ["DELETE /missing", "405"],
    ["OPTIONS /a.txt", "204", "allow: GET, HEAD, OPTIONS"],
    ["BREW /a.txt", "501"],
  ]);
});

Deno.test("static: disable_symlinks", async () => {
  await using server = serve(
    `
    location / { root current; disable_symlinks on from=$document_root; }
    location /strict/ { alias current/; disable_symlinks on; }
    location /free/ { alias current/; }
    location /tried/ {
      root current; disable_symlinks on from=$document_root;
      try_files /link /linkdir/index.html /a.txt =404;
    }
    location /asked/ {
      root current; disable_symlinks on from=$document_root;
      if (-f $document_root/link) { return 200 there; }
      if (-f $document_root/a.txt) { return 200 "only the file"; }
    }
    location /named/ {
      alias current/; disable_symlinks on from=$document_root;
      index link a.txt;
    }
    `,
    { "www/a.txt": "a", "www/sub/index.html": "sub", "secret": "secret" },
  );
  const { folder } = server;
  Deno.symlinkSync("www", `${folder}/current`);
  Deno.symlinkSync("../secret", `${folder}/www/link`);
  Deno.symlinkSync("sub", `${folder}/www/linkdir`);
  await assertAnswers(server, [
    ["/a.txt", "200", "a"],
    ["/sub/", "200", "sub"],
    ["/link", "403"],
    ["/linkdir/", "403"],
    ["/linkdir", "403"],
    ["/strict/a.txt", "403"],
    ["/tried/x", "200", "a"],
    ["/named/", "403"],
    ["/asked/", "200", "only the file"],
    ["/free/link", "200", "secret"],
    ["/free/linkdir/", "200", "sub"],
    ["/missing", "404"],
  ]);
});

Deno.test("static: the type is that of the URI, as in nginx", async () => {
  await using server = serve(
    `
    default_type application/x-default;
    location = /bare { alias www/a.txt; }
    location ~ ^/any\\.(\\w+)$ { alias www/a.txt; }
    `,
    { "www/a.txt": "a" },
  );
  await assertAnswers(server, [
    ["/a.txt", "content-type: text/plain; charset=utf-8"],
    ["/bare", "content-type: application/x-default"],
    ["/any.css", "content-type: text/css; charset=utf-8"],
    ["/any.png", "content-type: image/png"],
    ["/any.css", "content-type: text/css; charset=utf-8"],
  ]);
});

Deno.test("static and return: a default_type that is empty is none, as in nginx", async () => {
  await using server = serve(
    'default_type ""; location = /text { return 200 a; }',
    { "www/a": "abc" },
  );
  await assertAnswers(server, [
    ["/a", "200", "content-type: -", "abc"],
    ["/text", "200", "content-type: -", "a"],
  ]);
});

Deno.test("static: a deploy that switches a link is picked up", async () => {
  await using server = serve(
    "location / { root current; open_file_cache_valid 0; }",
    { "one/a.txt": "one", "two/a.txt": "two" },
  );
  const { folder } = server;
  setTimes(server, { "one/a.txt": TIME, "two/a.txt": TIME });
  Deno.symlinkSync("one", `${folder}/current`);
  await assertAnswers(server, [["/a.txt", "one"]]);
  Deno.symlinkSync("two", `${folder}/next`);
  Deno.renameSync(`${folder}/next`, `${folder}/current`);
  await assertAnswers(server, [["/a.txt", "two"]]);
});
