/** Bodies that are made on the way: `sub_filter`. */

/** The tree in `bodies/`. */
export const BODIES_FILES: Readonly<Record<string, string>> = {
  "bodies/sub.html":
    "<head></head>\n<p>Foo foo FOO fo foobar foob aab aaab</p>\n<h1>é É</h1>\n",
  "bodies/sub.txt": "foo in a text\n",
  "bodies/sub.css": "a { foo: foo }\n",
  "bodies/sub.none": "foo of no type\n",
  "bodies/fo.html": "fo",
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
};
