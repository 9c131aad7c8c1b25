/**
 * The ways a request may take through its locations: `try_files`, error pages,
 * methods, and what a location allows of a body that comes to it by a detour.
 */

/** The servers, to stand behind those of the site. */
export const WAYS_SERVERS = `
  server {
    listen 127.0.0.1:PORT;
    server_name tries.example;
    root ROOT/www;
    location / { try_files $uri $uri/ /index.html; }
    location /html/ {
      rewrite ^/html(/.*)$ $1 break;
      try_files $uri $uri.html $uri/ =404;
    }
    location /only/ { rewrite ^/only(/.*)$ $1 break; try_files $uri =404; }
    location /folder/ { rewrite ^/folder(/.*)$ $1 break; try_files $uri/ =404; }
    location /nolinks/ {
      disable_symlinks on;
      rewrite ^/nolinks(/.*)$ $1 break;
      try_files $uri $uri/ /index.html;
    }
    location /nolast { try_files $uri page.html; }
    location /nomiddle { try_files page.html a.txt =404; }
    location /lastarg { try_files $uri $arg_f; }
    location /middlearg { try_files $arg_f /index.html; }
    location /middlefolder { try_files $arg_f/ =404; }
    location /slash { try_files / =404; }
    location /slashes { try_files // =404; }
    location /two { try_files /sub /a.txt =404; }
    location /two/folder { try_files /sub/ /a.txt =404; }
    location /two/file { try_files /a.txt/ /page.html; }
    location /two/slashes { try_files /sub// =404; }
    location /two/first { try_files //a.txt =404; }
    location /query { try_files /page.html?x=1 =404; }
    location /fragment { try_files $uri /page.html#x; }
    location /code/403 { try_files $uri =403; }
    location /code/400 { try_files $uri =400; }
    location /code/405 { try_files $uri =405; }
    location /code/444 { try_files $uri =444; }
    location /code/500 { try_files $uri =500; }
    location /named { try_files $uri @named; }
    location @named { default_type text/plain; return 200 "named $uri\n"; }
    location /denied { deny all; try_files /page.html =404; }
    location /returned { return 403; try_files /page.html =404; }
    location /regex { try_files $uri x.expression; }
    location ~ \\.expression$ { default_type text/plain; return 200 "by expression\n"; }
    location /al/ { alias ROOT/data/img/; try_files $uri $uri/ =404; }
    location /al/name/ { alias ROOT/data/img/; try_files index.html =404; }
    location /al/slash/ { alias ROOT/data/img/; try_files /index.html =404; }
    location /al/prefix/ {
      alias ROOT/data/img/;
      try_files /al/prefix/index.html =404;
    }
    location /al/arg/ { alias ROOT/data/img/; try_files /al/arg/$arg_f =404; }
    location /al/plain/ { alias ROOT/data/img/; try_files $arg_f =404; }
    location /al/last/ { alias ROOT/data/img/; try_files $uri index.html; }
    location ~ ^/whole/(.*)$ { alias ROOT/data/$1; }
    location ~ ^/listed/(.*)$ { alias ROOT/data/$1; autoindex on; }
    location ~ ^/named/(.*)$ { alias ROOT/data/$1; index pic.txt none.html; }
    location ~ ^/other/(.*)$ { alias ROOT/data/$1; index none.html a/pic.txt; }
    location /al/noslash { alias ROOT/data/img; try_files $uri $uri/ =404; }
    location /al/noslash/name { alias ROOT/data/img; try_files pic.txt =404; }
    location ~ ^/al/in/([^/]+)/(.*)$ {
      alias ROOT/data/$1/;
      try_files $2 $2/ /page.html;
    }
    location ~ ^/al/at/([^/]+)(.*)$ { alias ROOT/data/$1; try_files $2 =404; }
    location ~ ^/al/itself/(.*)$ { alias ROOT/data/$1; try_files "" =404; }
    location = /al/exact { alias ROOT/data/one.txt; try_files $uri =404; }
  }

  server {
    listen 127.0.0.1:PORT;
    server_name pages.example;
    root ROOT/www;
    error_page 404 /404.html;
    location @error { return 403; }
    location @text { default_type text/plain; return 403 "text of 403\n"; }
    location @page { default_type text/plain; return 200 "$uri $request_method\n"; }
    location @redirect { return 302 /there; }
    location @nothing { return 204; }
    location @created { default_type text/plain; return 201 "created\n"; }
    location @closed { return 444; }
    location @broken { return 500; }
    location @file { try_files /a.txt =404; }
    location @folder { try_files /sub/ =404; }
    location @static { }
    location @denied { deny all; }
    location @rewritten { rewrite ^ /a.txt last; }
    location @tried { try_files /none @page; }
    location @code { try_files /none =410; }
    location @afile { rewrite ^ /a.txt break; }
    location @next { recursive_error_pages on; error_page 403 = @page; return 403; }
    location @last { error_page 403 @page; return 403; }
    location @circle { recursive_error_pages on; error_page 403 = @circle; return 403; }
    location /own/error { error_page 418 = @error; return 418; }
    location /own/text { error_page 418 = @text; return 418; }
    location /own/page { error_page 418 = @page; return 418; }
    location /own/redirect { error_page 418 = @redirect; return 418; }
    location /own/nothing { error_page 418 = @nothing; return 418; }
    location /own/created { error_page 418 = @created; return 418; }
    location /own/closed { error_page 418 = @closed; return 418; }
    location /own/broken { error_page 418 = @broken; return 418; }
    location /own/file { error_page 418 = @file; return 418; }
    location /own/folder { error_page 418 = @folder; return 418; }
    location /own/static { error_page 418 = @static; return 418; }
    location /own/denied { error_page 418 = @denied; return 418; }
    location /own/rewritten { error_page 418 = @rewritten; return 418; }
    location /own/tried { error_page 418 = @tried; return 418; }
    location /own/code { error_page 418 = @code; return 418; }
    location /own/missing { error_page 418 = @missing; return 418; }
    location /own/afile/ { error_page 404 = @afile; }
    location /kept/error { error_page 418 @error; return 418; }
    location /kept/text { error_page 418 @text; return 418; }
    location /kept/page { error_page 418 @page; return 418; }
    location /kept/redirect { error_page 418 @redirect; return 418; }
    location /kept/nothing { error_page 418 @nothing; return 418; }
    location /kept/created { error_page 418 @created; return 418; }
    location /kept/closed { error_page 418 @closed; return 418; }
    location /kept/broken { error_page 418 @broken; return 418; }
    location /kept/file { error_page 418 @file; return 418; }
    location /kept/folder { error_page 418 @folder; return 418; }
    location /kept/static { error_page 418 @static; return 418; }
    location /kept/denied { error_page 418 @denied; return 418; }
    location /kept/rewritten { error_page 418 @rewritten; return 418; }
    location /kept/tried { error_page 418 @tried; return 418; }
    location /kept/code { error_page 418 @code; return 418; }
    location /kept/missing { error_page 418 @missing; return 418; }
    location /kept/afile/ { error_page 404 @afile; }
    location /set/error { error_page 418 =202 @error; return 418; }
    location /set/text { error_page 418 =202 @text; return 418; }
    location /set/page { error_page 418 =202 @page; return 418; }
    location /set/redirect { error_page 418 =202 @redirect; return 418; }
    location /set/file { error_page 418 =200 @file; return 418; }
    location /set/afile/ { error_page 404 =200 @afile; }
    location /chain/next { recursive_error_pages on; error_page 418 = @next; return 418; }
    location /chain/last { recursive_error_pages on; error_page 418 @last; return 418; }
    location /chain/off { error_page 418 @next; return 418; }
    location /chain/circle { recursive_error_pages on; error_page 418 = @circle; return 418; }
    location /chain/tried { error_page 418 = @totried; return 418; }
    location @totried { try_files /none /chain/gone; }
    location /chain/gone { return 410; }
    location /page/none { error_page 418 /none.html; return 418; }
    location /page/folder { error_page 418 /sub/; return 418; }
    location /page/noslash { error_page 418 /sub; return 418; }
    location /page/noindex { error_page 418 /noindex/; return 418; }
    location /page/404 { error_page 418 =404 /a.txt; return 418; }
    location /page/500 { error_page 418 =500 /a.txt; return 418; }
    location /page/204 { error_page 418 =204 /a.txt; return 418; }
    location /page/302 { error_page 418 =302 /a.txt; return 418; }
    location /page/444 { error_page 418 =444 /a.txt; return 418; }
    location /page/arg { error_page 418 /$arg_p; return 418; }
    location /page/all { error_page 418 $arg_p; return 418; }
    location /page/query { error_page 418 = /echo?p=$arg_p; return 418; }
    location /page/relative { error_page 418 a.txt; return 418; }
    location /echo { default_type text/plain; return 200 "$uri|$args|$request_method\n"; }
    location /away { error_page 418 http://other.example/; return 418; }
    location /away/301 { error_page 418 =301 http://other.example/; return 418; }
    location /away/307 { error_page 418 =307 http://other.example$request_uri; return 418; }
    location /away/200 { error_page 418 =200 http://other.example/; return 418; }
    location /away/own { error_page 418 = http://other.example/; return 418; }
    location /status/444 { error_page 444 = /a.txt; return 444; }
    location /status/444text { default_type text/plain; return 444 "text\n"; }
    location /status/494 { error_page 494 =200 /a.txt; return 494; }
    location /status/494plain { return 494; }
    location /status/497plain { return 497; }
    location /status/300 { error_page 300 =200 /a.txt; return 300; }
    location /status/304 { error_page 304 =200 /a.txt; return 304; }
    location /status/305 { error_page 305 =200 /a.txt; return 305; }
    location /status/text { default_type text/plain; return 404 "text\n"; }
    location /moved/200 { error_page 301 =200 /a.txt; return 301 /x; }
    location /moved/kept { error_page 301 /a.txt; return 301 /x; }
    location /moved/named { error_page 302 = @page; return 302 http://other.example/; }
    location /moved/away { error_page 302 =307 http://third.example/; return 302 /x; }
    location /moved/rewrite { error_page 302 =200 /a.txt; rewrite ^ /x redirect; }
    location /moved/folder/ {
      error_page 301 =200 /a.txt;
      rewrite ^/moved/folder(/.*)$ $1 break;
    }
    location /circle/rewrite { error_page 500 =200 /a.txt; rewrite ^ /circle/rewrite last; }
    location /circle/try { error_page 500 =200 /a.txt; try_files /none /circle/try; }
    location /circle/page { recursive_error_pages on; error_page 404 /circle/page/x; return 404; }
    location /denied/ { deny all; error_page 403 =404 /a.txt; }
    location /post/page/ { error_page 405 =200 $uri; rewrite ^/post/page(/.*)$ $1 break; }
    location /post/named/ { error_page 405 @static; rewrite ^/post/named(/.*)$ $1 break; }
    location /two { error_page 418 /a.txt; error_page 418 /page.html; return 418; }
  }

  server {
    listen 127.0.0.1:PORT;
    server_name methods.example;
    root ROOT/www;
    error_page 405 = /notallowed;
    location = /notallowed { default_type text/plain; return 200 "$request_method\n"; }
    location /plain/ { error_page 599 /x; alias ROOT/www/; }
    location /listed/ { error_page 599 /x; alias ROOT/www/; autoindex on; autoindex_format json; }
    location /variants/ { error_page 599 /x; alias ROOT/www/css/; gzip_static on; }
    location /gif { error_page 599 /x; empty_gif; }
    location /text { error_page 599 /x; default_type text/plain; return 200 "$request_method\n"; }
    location /denied { error_page 599 /x; deny all; }
    location /try { error_page 599 /x; try_files /a.txt =404; }
    location /index/ { error_page 599 /x; alias ROOT/www/sub/; index /text; }
  }

  server {
    listen 127.0.0.1:PORT;
    server_name limits.example;
    root ROOT/www;
    client_max_body_size 4k;
    rewrite ^/up$ /small last;
    rewrite ^/up/break$ /small break;
    rewrite ^/up/roomy$ /roomy last;
    rewrite ^(/internal/same)$ $1 last;
    rewrite ^/up/301$ http://other.example/ permanent;
    if ($arg_answer) { return 200 "by the server\n"; }
    if ($arg_small) { rewrite ^ /small last; }
    location /small { client_max_body_size 1k; default_type text/plain; return 200 "small\n"; }
    location /roomy { client_max_body_size 10k; default_type text/plain; return 200 "roomy\n"; }
    location /any { client_max_body_size 0; default_type text/plain; return 200 "any\n"; }
    location /small/roomy { client_max_body_size 1k; rewrite ^ /roomy last; }
    location /roomy/small { client_max_body_size 10k; rewrite ^ /small last; }
    location /if {
      client_max_body_size 10k;
      if ($request_method = POST) { rewrite ^ /small last; }
      return 204;
    }
    location /if/answer {
      client_max_body_size 1k;
      if ($request_method = POST) { return 200 "if\n"; }
    }
    location /try { client_max_body_size 10k; try_files /none /small; }
    location /try/roomy { client_max_body_size 1k; try_files /none /roomy; }
    location /try/named { client_max_body_size 10k; try_files /none @roomy; }
    location @roomy { client_max_body_size 20k; default_type text/plain; return 200 "named\n"; }
    location /page { client_max_body_size 10k; error_page 402 = /small; return 402; }
    location /page/413 { client_max_body_size 1k; error_page 413 = /small; return 402; }
    location /page/kept { client_max_body_size 1k; error_page 413 /small; return 402; }
    location /index/ { client_max_body_size 10k; alias ROOT/www/sub/; index /small; }
    location /own/ {
      client_max_body_size 10k;
      alias ROOT/www/sub/;
      location /own/index.html { client_max_body_size 1k; alias ROOT/www/sub/index.html; }
    }
    location /denied { client_max_body_size 1k; deny all; }
    location /internal { client_max_body_size 1k; internal; }
    location = /internal/same { internal; return 204; }
    location /nested/ {
      client_max_body_size 10k;
      default_type text/plain;
      location /nested/in { client_max_body_size 1k; return 200 "in\n"; }
      return 200 "out\n";
    }
    location /closed { client_max_body_size 1k; return 444; }
    location ~ /expression { client_max_body_size 1k; return 204; }
  }
`;

/** The methods that are asked for of each path. */
const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "TRACE"];

const METHOD_PATHS = [
  "/a.txt",
  "/plain/a.txt",
  "/plain/",
  "/plain/sub",
  "/plain/sub/",
  "/plain/noindex/",
  "/plain/missing",
  "/plain/missing/",
  "/plain/a.txt/",
  "/listed/emptydir/",
  "/listed/missing/",
  "/variants/site.css",
  "/variants/only.css",
  "/gif",
  "/text",
  "/denied",
  "/try",
  "/index/",
];

/** The requests: a table for each host. */
export const WAYS_REQUESTS: Readonly<Record<string, string>> = {
  "tries.example": `
    /whole/img/
    /whole/img
    /whole/img/pic.txt
    /whole/img/sub/
    /whole/img/sub
    /whole/users/
    /whole/none/
    /whole/one.txt/
    /whole/
    /listed/img/
    /listed/img/sub/
    /listed/img/sub
    /listed/users/ann/
    /named/img/
    /named/img/sub/
    /named/users/
    /other/img/
    /
    /a.txt
    /a.txt/
    /a.txt/x
    /page
    /page.html/
    /sub
    /sub/
    /sub//
    /noindex
    /noindex/
    /dirindex/
    /emptydir/
    /loop.txt
    /dangling.txt
    /fifo
    /fifo/
    /missing
    /missing/
    /html/page
    /html/page/
    /html/page.html/
    /html/sub
    /html/sub/
    /html/missing
    /html/fifo
    /only/a.txt
    /only/a.txt/
    /only/sub
    /only/sub/
    /only/loop.txt
    /only/fifo
    /folder/sub
    /folder/sub/
    /folder/a.txt
    /folder/a.txt/
    /nolinks/a.txt
    /nolinks/link.txt
    /nolinks/linkdir
    /nolinks/linkdir/
    /nolinks/linkdir/x.txt
    /nolast
    /nomiddle
    /lastarg
    /lastarg?f=page.html
    /lastarg?f=/page.html
    /lastarg?f=@named
    /lastarg?f=/page.html?x
    /middlearg
    /middlearg?f=/a.txt
    /middlearg?f=a.txt
    /middlearg?f=@named
    /middlefolder
    /middlefolder?f=/sub
    /slash
    /slashes
    /two
    /two/folder
    /two/file
    /two/slashes
    /two/first
    /query
    /fragment
    /code/403
    /code/400
    /code/405
    /code/444
    /code/500
    /named/x
    POST /named/x | body=3
    /denied
    /returned
    /regex
    /al/
    /al/pic.txt
    /al/pic.txt/
    /al/sub
    /al/sub/
    /al/missing
    /al/name/x
    /al/slash/x
    /al/prefix/x
    /al/in/img/pic.txt
    /al/in/img/
    /al/in/img/missing
    /al/in/none/pic.txt
    /al/at/img/pic.txt
    /al/at/one.txt
    /al/at/img
    /al/itself/one.txt
    /al/itself/img/pic.txt
    /al/itself/img
    /al/arg/x?f=index.html
    /al/arg/x?f=pic.txt
    /al/plain/?f=pic.txt
    /al/plain/?f=/pic.txt
    /al/plain/?f=/al/plain/pic.txt
    /al/plain/?f=al
    /al/last/pic.txt
    /al/last/missing
    /al/noslash
    /al/noslash/
    /al/noslash/pic.txt
    /al/noslash/sub
    /al/noslash/name
    /al/exact
    POST /missing | body=3
    POST /sub
    POST /sub/
    PUT /a.txt
    HEAD /html/page
  `,
  "pages.example": `
    ${
    ["own", "kept"].flatMap((kind) =>
      [
        "error",
        "text",
        "page",
        "redirect",
        "nothing",
        "created",
        "closed",
        "broken",
        "file",
        "folder",
        "static",
        "denied",
        "rewritten",
        "tried",
        "code",
        "missing",
        "afile/x",
      ].flatMap((name) => [`/${kind}/${name}`, `POST /${kind}/${name}`])
    ).join("\n")
  }
    PUT /kept/afile/x
    PUT /own/afile/x
    /set/error
    /set/text
    /set/page
    /set/redirect
    /set/file
    /set/file | Range: bytes=0-1
    /set/afile/x
    POST /set/afile/x
    /chain/next
    /chain/last
    /chain/off
    /chain/circle
    /chain/tried
    /page/none
    /page/folder
    /page/noslash
    /page/noindex
    /page/404
    /page/500
    /page/204
    /page/302
    /page/444
    /page/arg?p=a.txt
    /page/arg?p=missing
    /page/arg
    /page/all?p=/a.txt
    /page/all?p=@page
    /page/all?p=http://other.example/
    /page/all?p=a.txt
    /page/query?p=5
    POST /page/query?p=5
    HEAD /page/query?p=5
    /page/relative
    /away
    /away/301
    /away/307?x=y
    /away/200
    /away/own
    /status/444
    /status/444text
    /status/494
    /status/494plain
    /status/497plain
    /status/300
    /status/304
    /status/305
    /status/text
    /moved/200
    /moved/kept
    /moved/named
    /moved/away
    /moved/rewrite
    /moved/folder/sub
    /circle/rewrite
    /circle/try
    /circle/page
    /denied/x
    POST /post/page/a.txt
    PUT /post/page/a.txt
    POST /post/named/a.txt
    PUT /post/named/a.txt
    PUT /missing
    /two
  `,
  "methods.example": METHODS.flatMap((method) =>
    METHOD_PATHS.map((path) => `${method} ${path}`)
  ).join("\n"),
  "limits.example": `
    POST /up | body=2000
    POST /up | body=200
    POST /up | chunked=200
    POST /up/break | body=2000
    POST /up/roomy | body=8000
    POST /up/roomy | chunked=8000
    POST /up/301 | body=8000
    POST /a.txt?answer=1 | body=8000
    POST /a.txt?small=1 | body=2000
    POST /a.txt | body=8000
    POST /a.txt | body=2000
    POST /small | body=2000
    POST /roomy | body=8000
    POST /any | body=200000
    POST /small/roomy | body=2000
    POST /roomy/small | body=2000
    POST /if | body=2000
    POST /if | body=200
    POST /if/answer | body=2000
    POST /try | body=2000
    POST /try/roomy | body=2000
    POST /try/named | body=8000
    POST /page | body=2000
    POST /page | body=200
    POST /page/413 | body=2000
    POST /page/kept | body=2000
    POST /index/ | body=2000
    GET /index/ | body=2000
    GET /index/ | body=200
    POST /own/ | body=2000
    GET /own/ | body=2000
    POST /own/ | body=200
    POST /denied | body=2000
    POST /denied | body=200
    POST /internal | body=2000
    GET /internal/same
    POST /nested/in | body=2000
    POST /nested/out | body=2000
    POST /closed | body=200
    POST /closed | body=2000
    POST /expression | body=2000
    GET /expression | body=2000
    GET /a.txt | body=8000
    TRACE /a.txt | body=8000
    POST /up | body=2000 | Expect: 100-continue
    POST /up/301 | body=8000 | Expect: unknown
  `,
};
