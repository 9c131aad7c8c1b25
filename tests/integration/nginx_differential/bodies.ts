/** Bodies that are made on the way: `sub_filter`, `add_before_body`. */

/** The tree in `bodies/`. */
export const BODIES_FILES: Readonly<Record<string, string>> = {
  "bodies/sub.html":
    "<head></head>\n<p>Foo foo FOO fo foobar foob aab aaab</p>\n<h1>é É</h1>\n",
  "bodies/sub.txt": "foo in a text\n",
  "bodies/sub.css": "a { foo: foo }\n",
  "bodies/sub.none": "foo of no type\n",
  "bodies/fo.html": "fo",
  "bodies/before.html": "<before>\n",
  "bodies/after.txt": "<after>\n",
  "bodies/empty.html": "",
  "bodies/long.html": "<p>foo and bar</p>\n".repeat(9000),
};

/** The servers, to stand behind those of the site. */
export const BODIES_SERVERS = `
  server {
    listen 127.0.0.1:PORT;
    server_name sub.example;
    root ROOT/bodies;
    sub_filter foo <$host>;
    sub_filter bar BAR;
    location / { }
    location /all/ { alias ROOT/bodies/; sub_filter_once off; }
    location /own/ { alias ROOT/bodies/; sub_filter aab X; }
    location /own/in/ { alias ROOT/bodies/; sub_filter_once off; }
    location /order/ {
      alias ROOT/bodies/;
      sub_filter_once off;
      sub_filter foo 1;
      sub_filter foobar 2;
      sub_filter foob 3;
      sub_filter ab 4;
      sub_filter aab 5;
      sub_filter é e;
    }
    location /longer/ {
      alias ROOT/bodies/;
      sub_filter_once off;
      sub_filter foobar 2;
      sub_filter foo 1;
    }
    location /types/ {
      alias ROOT/bodies/;
      sub_filter_types text/css text/plain;
    }
    location /any/ { alias ROOT/bodies/; sub_filter_types *; }
    location /kept/ {
      alias ROOT/bodies/;
      sub_filter_last_modified on;
    }
    location /variable/ {
      alias ROOT/bodies/;
      sub_filter_once off;
      sub_filter $arg_a "[$arg_b]";
      sub_filter $arg_c "{$uri}";
    }
    location /empty/ {
      alias ROOT/bodies/;
      sub_filter_once off;
      sub_filter foo "";
    }
    location /gz/ {
      alias ROOT/bodies/;
      sub_filter_once off;
      gzip on;
      gzip_min_length 1;
    }
    location /said { default_type text/html; return 200 "foo said $uri\\n"; }
    location /moved { return 301 /foo; }
    location /nothing { default_type text/html; return 204; }
    location /page/ { error_page 404 /sub.html; alias ROOT/www/none/; }
    location /page2/ { error_page 404 =200 /sub.html; alias ROOT/www/none/; }
    location /list/ {
      alias ROOT/www/noindex/;
      autoindex on;
      sub_filter x.txt Y;
      sub_filter_once off;
    }
    location /recode/ {
      alias ROOT/bodies/;
      charset utf-8;
      sub_filter foo é;
    }
    location /if/ {
      alias ROOT/bodies/;
      if ($arg_a) { add_header X-If a; }
    }
  }

  server {
    listen 127.0.0.1:PORT;
    server_name add.example;
    root ROOT/bodies;
    add_before_body /before.html;
    add_after_body /after.txt;
    location / { }
    location /none/ { alias ROOT/bodies/; add_before_body ""; add_after_body ""; }
    location /before/ { alias ROOT/bodies/; add_after_body ""; }
    location /after/ { alias ROOT/bodies/; add_before_body ""; }
    location /missing/ { alias ROOT/bodies/; add_before_body /no/such; add_after_body /page; }
    location /page { error_page 404 /fo.html; return 404; }
    location /types/ { alias ROOT/bodies/; addition_types text/css; }
    location /any/ { alias ROOT/bodies/; addition_types *; }
    location /denied/ { alias ROOT/bodies/; deny all; }
    location /internal/ { alias ROOT/bodies/; internal; }
    location /parts/ {
      alias ROOT/bodies/;
      add_before_body /denied/fo.html;
      add_after_body /internal/fo.html;
    }
    location /query/ { alias ROOT/bodies/; add_before_body /says?x=1; add_after_body /says; }
    location /says {
      default_type text/html;
      return 200 "[$uri|$args|$arg_x|$request_uri|$request_method|$request|$host|$document_uri]";
    }
    location /sub/ {
      alias ROOT/bodies/;
      sub_filter_once off;
      sub_filter foo page;
      add_before_body /says/foo;
      add_after_body /subbed/fo.html;
    }
    location /subbed/ { alias ROOT/bodies/; sub_filter fo FOO; }
    location /dir/ { alias ROOT/bodies/; add_before_body /in; add_after_body /in/; }
    location /in { alias ROOT/www/sub; }
    location /moved { alias ROOT/bodies/; add_before_body /to; }
    location /to { return 302 /elsewhere; }
    location /gz/ { alias ROOT/bodies/; gzip on; gzip_min_length 1; }
    location /named/ { alias ROOT/bodies/; add_before_body /try/x; add_after_body /rw/x; }
    location /try/ { try_files $uri @named; }
    location @named { return 200 "named $uri\n"; }
    location /rw/ { rewrite ^ /fo.html last; }
    location /set/ {
      alias ROOT/bodies/;
      set $v main;
      add_before_body /setin;
      add_after_body /setout;
    }
    location /setin { set $v in; return 200 "in $v\n"; }
    location /setout { return 200 "out $v\n"; }
    location /said { default_type text/html; return 200 "said\n"; }
    location /nothing { default_type text/html; return 200 ""; }
    location /204 { default_type text/html; return 204; }
    location /404 { default_type text/html; return 404 "no\n"; }
    location /list/ { alias ROOT/www/noindex/; autoindex on; }
    location /self { default_type text/html; add_before_body /self; return 200 "self\n"; }
  }

  charset_map koi8-x utf-8 { C1 D0B0; C2 D0B1; 80 E28082; }
  charset_map koi8-x win-x { C1 E0; C2 E1; }
  server {
    listen 127.0.0.1:PORT;
    server_name charset.example;
    root ROOT/bodies;
    source_charset koi8-x;
    charset utf-8;
    location / { }
    location /says { default_type text/html; return 200 "$uri"; }
    location /typed { default_type "text/html; charset=koi8-x"; return 200 "typed\n"; }
    location /overridden { override_charset on; default_type "text/html; charset=koi8-x"; return 200 "typed\n"; }
    location /win/ { alias ROOT/bodies/; charset win-x; }
    location /same/ { alias ROOT/bodies/; charset koi8-x; }
    location /SAME/ { alias ROOT/bodies/; charset KOI8-X; }
    location /off/ { alias ROOT/bodies/; charset off; }
    location /variable/ { alias ROOT/bodies/; charset $arg_c; }
    location /types/ { alias ROOT/bodies/; charset_types text/css; }
    location /back/ { alias ROOT/bodies/; source_charset utf-8; charset koi8-x; }
    location /error { error_page 404 /sub.html; return 404; }
    location /etag/ { alias ROOT/bodies/; etag off; }
    location /since/ { alias ROOT/bodies/; if_modified_since off; }
    location /before/ { alias ROOT/bodies/; if_modified_since before; }
  }
  server {
    listen 127.0.0.1:PORT;
    server_name errors.example;
    root ROOT/bodies;
    location / { error_page 404 $arg_p; }
    location /mixed/ { error_page 404 /x/$arg_p; }
    location /as/ { error_page 404 =200 $arg_p; }
    location /own/ { error_page 404 = $arg_p; }
    location /url/ { error_page 404 http://$host/$arg_p; }
    location /url2/ { error_page 404 =301 $scheme://$host$uri; }
    location /named/ { error_page 404 =203 @named; }
    location @named { default_type text/html; return 200 "$uri $args $status\n"; }
    location /x/ { default_type text/html; return 200 "x $uri|$args|$request_uri\n"; }
    location /chain/ { recursive_error_pages on; error_page 404 /again/$arg_p; }
    location /again/ { error_page 404 /x/again; }
  }
`;

/** A line for each of the files and each of the folders. */
function each(folders: string, files: string): string {
  return folders.trim().split(/\s+/).flatMap((folder) =>
    files.trim().split(/\s+/).map((file) => folder + file)
  ).join("\n");
}

const FILES = "sub.html sub.txt sub.css sub.none fo.html empty.html long.html";
const ETAG = '"65e079f0-48"';

/** The requests: a table for each host. */
export const BODIES_REQUESTS: Readonly<Record<string, string>> = {
  "sub.example": `
    ${
    each(
      "/ /all/ /own/ /own/in/ /order/ /longer/ /types/ /any/ /kept/ /empty/ /recode/",
      FILES,
    )
  }
    HEAD /sub.html
    HEAD /sub.txt
    HEAD /kept/sub.html
    /sub.html HTTP/1.0
    /sub.html | Range: bytes=0-3
    /sub.txt | Range: bytes=0-3
    /kept/sub.html | Range: bytes=0-3
    /kept/sub.html | If-None-Match: ${ETAG}
    /kept/sub.html | If-None-Match: W/${ETAG}
    /kept/sub.html | If-None-Match: "other"
    /kept/sub.html | If-Modified-Since: Thu, 29 Feb 2024 12:34:56 GMT
    /kept/sub.html | If-Match: "other"
    /sub.html | If-None-Match: "other"
    POST /sub.html | body=2
    /variable/sub.html
    /variable/sub.html?a=foo&b=x
    /variable/sub.html?a=FOO&b=x&c=bar
    /variable/sub.html?c=ab
    /variable/sub.html?a=fo&b=&c=o
    /gz/sub.html | Accept-Encoding: gzip
    /gz/long.html | Accept-Encoding: gzip
    /gz/sub.html
    /said
    HEAD /said
    /nothing
    /page/x
    /page2/x
    /list/
    /if/sub.html?a=1
  `,
  "charset.example": `
    ${each("/off/", FILES)}
    ${each("/ /win/ /same/ /types/ /back/", "sub.none long.html")}
    /typed
    /overridden
    /variable/sub.html?c=koi8-x
    /variable/sub.html?c=nosuch
    /etag/sub.none
    /etag/sub.none | If-None-Match: "65e079f0-f"
    /etag/sub.none | If-Modified-Since: Thu, 29 Feb 2024 12:34:56 GMT
    /etag/sub.none | If-Match: "65e079f0-f"
    /since/sub.none | If-Modified-Since: Thu, 29 Feb 2024 12:34:56 GMT
    /since/sub.none | If-None-Match: "65e079f0-f"
    /before/sub.none | If-Modified-Since: Fri, 01 Mar 2024 12:34:56 GMT
    /before/sub.none | If-Modified-Since: Wed, 28 Feb 2024 12:34:56 GMT
    /none | If-Modified-Since: Fri, 01 Mar 2024 12:34:56 GMT
  `,
  "errors.example": `
    ${
    each(
      "/none /mixed/none /as/none /own/none /url/none /url2/none /named/none /chain/none",
      "?p=/sub.html ?p=/none ?p=http://other.example/x ?p=https://o.example ?p=@named ?p=/sub.html?a=b ?p=/x/y%20z ?p= ?q ?p=sub.html ?p=$uri ?p=//other.example/",
    )
  }
    HEAD /none?p=/sub.html
    POST /none?p=/sub.html | body=2
  `,
  "add.example": `
    ${
    each(
      "/ /none/ /before/ /after/ /types/ /any/ /parts/ /query/ /sub/ /named/ /set/ /denied/ /internal/",
      FILES,
    )
  }
    /query/fo.html?x=2
    POST /query/fo.html | body=2
    HEAD /fo.html
    /fo.html HTTP/1.0
    /fo.html | Range: bytes=0-3
    /fo.html | If-None-Match: "65e079f0-2"
    /fo.html | If-None-Match: "other"
    /fo.html | If-Modified-Since: Thu, 29 Feb 2024 12:34:56 GMT
    /sub.txt | Range: bytes=0-3
    /fo.html | Accept-Encoding: gzip
    /gz/fo.html | Accept-Encoding: gzip
    /gz/long.html | Accept-Encoding: gzip
    /gz/fo.html
    /missing/none.html
    /said
    /nothing
    /204
    /404
    /list/
    /self
    /
  `,
};
