/** The tree and the configuration that nginx and webserv both serve. */

import { nginxHead, nginxTempPaths } from "../../support/nginx.ts";
import { join } from "@std/path";
import { gzipSync } from "node:zlib";
import { BODIES_FILES, BODIES_SERVERS } from "./bodies.ts";
import { SSI_FILES, SSI_SERVERS } from "./ssi.ts";
import { ADDRESSES_HTTP, ADDRESSES_SERVERS } from "./addresses.ts";
import { PROTECTED_SERVERS } from "./protected.ts";
import { REAL_IP_SERVERS } from "./real_ip.ts";
import { USERS_FILES, USERS_SERVERS } from "./users.ts";
import { VARIABLES_HTTP, VARIABLES_SERVERS } from "./variables.ts";
import { IFS_SERVERS } from "./ifs.ts";
import { WAYS_SERVERS } from "./ways.ts";

/** A time that says something: 2024-02-29T12:34:56Z, in ms. */
const TIME = 1_709_210_096_000;

/** An hour earlier. */
const EARLIER = TIME - 3_600_000;

/** A whole second is no clock's time, and webserv does not believe it. */
const FRACTION_MS = 500;

const LINE = "The quick brown fox jumps over the lazy dog, again and again.\n";

/** Files by name; a name that ends with `/` is a folder. */
const FILES: Readonly<Record<string, string | Uint8Array>> = {
  "owned/own.txt": "own\n",
  ...BODIES_FILES,
  ...SSI_FILES,
  ...USERS_FILES,
  "www/index.html": "<h1>home</h1>\n",
  "www/a.txt": "0123456789abcdefghijklmnopqrstuvwxyz",
  "www/empty.txt": "",
  "www/one.txt": "x",
  "www/big.txt": LINE.repeat(4000),
  "www/large.bin": new Uint8Array(1_500_000).map((_, i) => (i * 31) % 251),
  "www/noext": "no extension\n",
  "www/page.html": "<p>page</p>\n",
  "www/old.txt": "from another age\n",
  "www/epoch.txt": "no time\n",
  "www/UPPER.TXT": "upper\n",
  "www/sp ace.txt": "space\n",
  "www/ümlaut.txt": "umlaut\n",
  "www/pct%41.txt": "percent\n",
  "www/q?mark.txt": "question\n",
  "www/plus+.txt": "plus\n",
  "www/semi;colon.txt": "semicolon\n",
  "www/back\\slash.txt": "backslash\n",
  "www/.hidden": "hidden\n",
  "www/.git/config": "secret\n",
  "www/.well-known/security.txt": "Contact: mailto:a@example.org\n",
  "www/sub/index.html": "<h1>sub</h1>\n",
  "www/sub/x.txt": "x of sub\n",
  "www/sub/deeper/index.htm": "<h1>deeper</h1>\n",
  "www/noindex/x.txt": "x of noindex\n",
  "www/emptydir/": "",
  "www/dirindex/index.html/": "",
  "www/sp ace/index.html": "<h1>space</h1>\n",
  "www/404.html": "<h1>not here</h1>\n",
  "www/50x.html": "<h1>broken</h1>\n",
  "www/css/site.css": "body { color: red }\n".repeat(20),
  "www/css/site.css.gz": gzipSync("body { color: red }\n".repeat(20)),
  "www/css/only.css.gz": gzipSync("p { margin: 0 }\n".repeat(20)),
  "www/css/stale.css": "a { color: new }\n".repeat(20),
  "www/css/stale.css.gz": gzipSync("a { color: old }\n".repeat(20)),
  "www/css/plain.css": "b { color: blue }\n".repeat(20),
  "data/img/pic.txt": "picture\n",
  "data/img/index.html": "<h1>images</h1>\n",
  "data/img/sub/pic.txt": "picture in sub\n",
  "data/secret.txt": "secret\n",
  "data/one.txt": "one file\n",
  "data/users/ann/www/page.txt": "ann's page\n",
  "sites/a.example/index.html": "<h1>a.example</h1>\n",
  "sites/b.example/index.html": "<h1>b.example</h1>\n",
};

/** Symbolic links, by name, and what they say. */
const LINKS: Readonly<Record<string, string>> = {
  "www/link.txt": "a.txt",
  "www/linkdir": "sub",
  "owned/file": "../www/sub/x.txt",
  "owned/folder": "../www/sub",
  "owned/nowhere": "nothing",
  "www/dangling.txt": "nowhere.txt",
  "www/loop.txt": "loop.txt",
  "current": "www",
};

/** Files whose time is not {@linkcode TIME}, in ms. */
const TIMES: Readonly<Record<string, number>> = {
  "www/old.txt": 86_400_000 + FRACTION_MS,
  "www/epoch.txt": 0,
  "www/css/stale.css.gz": EARLIER + FRACTION_MS,
};

/** Writes the tree under `folder`. */
export function writeSite(folder: string): void {
  for (const [name, content] of Object.entries(FILES)) {
    const path = join(folder, name);
    const isFolder = name.endsWith("/");
    Deno.mkdirSync(isFolder ? path : join(path, ".."), { recursive: true });
    if (isFolder) continue;
    if (typeof content === "string") Deno.writeTextFileSync(path, content);
    else Deno.writeFileSync(path, content);
    const seconds = (TIMES[name] ?? TIME + FRACTION_MS) / 1000;
    Deno.utimeSync(path, seconds, seconds);
  }
  for (const [name, target] of Object.entries(LINKS)) {
    Deno.symlinkSync(target, join(folder, name));
  }
  new Deno.Command("mkfifo", { args: [join(folder, "www/fifo")] })
    .outputSync();
}

/**
 * The servers. `PORT` and `ROOT` stand for where they are; what is around
 * them differs, because nginx wants `events` and its logs named.
 */
const SERVERS = `
  server {
    listen 127.0.0.1:PORT default_server;
    server_name a.example;
    root ROOT/www;
    index index.html index.htm;
  }

  server {
    listen 127.0.0.1:PORT;
    server_name try.example;
    root ROOT/www;
    location / { try_files $uri $uri/ =404; }
    location /spa/ { try_files $uri /index.html; }
    location /clean/ { try_files /nothing /page.html?from=clean; }
    location /pages { try_files $uri $uri.html /sub$uri =410; }
    location /named { try_files $uri @fallback; }
    location /coded { try_files $uri =403; }
    location /nocontent { try_files $uri =204; }
    location /folder { try_files /sub/ =404; }
    location /folderfile { try_files /sub /a.txt =404; }
    location /args { try_files $uri /echo?uri=$uri&$args; }
    location /argless { try_files $uri /echo; }
    location /echo { default_type text/plain; return 200 "$uri|$args\n"; }
    location @fallback { default_type text/plain; return 200 "fallback $uri\n"; }
    location /nonamed { try_files $uri @missing; }
    location /loop { try_files /nothing /loop; }
    location /inal/ { alias ROOT/data/img/; try_files $uri /inal/pic.txt; }
  }

  server {
    listen 127.0.0.1:PORT;
    server_name alias.example;
    root ROOT/www;
    location /img/ { alias ROOT/data/img/; }
    location /noslash { alias ROOT/data/img; }
    location /mixed { alias ROOT/data/img/; }
    location = /exact { alias ROOT/data/one.txt; }
    location /single.txt { alias ROOT/data/one.txt; }
    location ~ ^/u/([a-z]+)/(.+)$ { alias ROOT/data/users/$1/www/$2; }
    location /outer/ {
      alias ROOT/data/;
      location /outer/img/ { index index.html; }
      location ~ \\.nothing$ { return 404; }
    }
    location /rooted/ { root ROOT/www/sub; }
  }

  server {
    listen 127.0.0.1:PORT;
    server_name vhost.example one.vhost two.vhost;
    root ROOT/sites/$arg_site;
  }

  server {
    listen 127.0.0.1:PORT;
    server_name gz.example;
    root ROOT/www;
    gzip_static on;
    gzip_vary on;
    location /always/ { alias ROOT/www/css/; gzip_static always; gunzip on; }
    location /forced/ { alias ROOT/www/css/; gzip_static always; }
    location /novary/ { alias ROOT/www/css/; gzip_vary off; }
    location /old/ { alias ROOT/www/css/; gzip_http_version 1.0; gzip_proxied any; }
  }

  server {
    listen 127.0.0.1:PORT;
    server_name fly.example;
    root ROOT/www;
    gzip on;
    gzip_types text/plain text/css;
    gzip_vary on;
    gzip_comp_level 6;
    gzip_min_length 100;
    gzip_disable "Ancient/1\\.";
    location /proxied/ { alias ROOT/www/; gzip_proxied any; }
    location /http10/ { alias ROOT/www/; gzip_http_version 1.0; }
    location /all/ { alias ROOT/www/; gzip_types *; gzip_min_length 0; }
    location /text { default_type text/plain; return 200 "a text that is long enough to be compressed, a text that is long enough to be compressed, yes\n"; }
  }

  server {
    listen 127.0.0.1:PORT;
    server_name cond.example;
    root ROOT/www;
    location /off/ { alias ROOT/www/; if_modified_since off; }
    location /before/ { alias ROOT/www/; if_modified_since before; }
    location /noetag/ { alias ROOT/www/; etag off; }
    location /noranges/ { alias ROOT/www/; max_ranges 0; }
    location /tworanges/ { alias ROOT/www/; max_ranges 2; }
  }

  server {
    listen 127.0.0.1:PORT;
    server_name err.example;
    root ROOT/www;
    error_page 404 /404.html;
    error_page 500 502 503 /50x.html;
    error_page 403 = /echo?code=403;
    error_page 405 =200 /a.txt;
    error_page 410 http://other.example/gone;
    error_page 411 =301 http://other.example/moved;
    error_page 418 @named;
    error_page 419 = @named;
    error_page 420 =202 @named;
    location /echo { default_type text/plain; return 200 "$uri|$args|$request_method\n"; }
    location @named { default_type text/plain; return 203 "named $uri $request_method\n"; }
    location = /r403 { return 403; }
    location = /r410 { return 410; }
    location = /r411 { return 411; }
    location = /r418 { return 418; }
    location = /r419 { return 419; }
    location = /r420 { return 420; }
    location = /r500 { return 500; }
    location = /r503 { return 503; }
    location = /internal.html { internal; alias ROOT/www/page.html; }
    location = /tointernal { error_page 404 =200 /internal.html; return 404; }
    location /plain/ { error_page 404 /missing.html; }
    location /first/ {
      recursive_error_pages on;
      error_page 404 = /second/x;
      return 404;
    }
    location /second/ {
      recursive_error_pages on;
      error_page 403 = /echo;
      return 403;
    }
    location /norecurse/ { error_page 404 = /second/x; return 404; }
    location /circle/ { recursive_error_pages on; error_page 404 /circle/x; return 404; }
  }

  server {
    listen 127.0.0.1:PORT;
    server_name redir.example also.example;
    root ROOT/www;
    location /rel { absolute_redirect off; location /rel/to { return 302 /there?x=1; } }
    location /sub { absolute_redirect off; }
    location /noport { port_in_redirect off; return 301 /there; }
    location /name { server_name_in_redirect on; return 308 /there; }
    location /abs { return 302 http://other.example/$uri; }
    location /schemed { return 307 $scheme://other.example$request_uri; }
    location /both { port_in_redirect off; server_name_in_redirect on; return 303 /there; }
    location /body { default_type text/plain; return 201 "created\n"; }
    location /none { return 204; }
  }

  server {
    listen 127.0.0.1:PORT;
    server_name slashes.example;
    root ROOT/www;
    merge_slashes off;
    location /sub/ { }
    location ~ ^//double { default_type text/plain; return 200 "double\n"; }
  }

  server {
    listen 127.0.0.1:PORT;
    server_name links.example;
    root ROOT/current;
    disable_symlinks on from=$document_root;
    location /all/ { alias ROOT/current/; disable_symlinks on; }
    location /ownlist/ { alias ROOT/owned/; disable_symlinks if_not_owner; index none; autoindex on; autoindex_format json; }
    location /owner/ { alias ROOT/current/; disable_symlinks if_not_owner; }
    location /free/ { alias ROOT/current/; disable_symlinks off; }
  }

  server {
    listen 127.0.0.1:PORT;
    server_name bytes.example;
    root ROOT/www;
    default_type text/plain;
    add_header Link "ü €";
    location /if/ {
      if ($arg_q = "ü") { return 200 "query"; }
      if ($http_x = "ü") { return 200 "field"; }
      if ($cookie_c = "ü") { return 200 "cookie"; }
      if ($uri = "/if/ü") { return 200 "path"; }
      if ($arg_q ~ "^(ö.*)x") { return 200 "matched $1"; }
      return 200 "none";
    }
    location /say/ { return 200 "ü|$arg_q|$http_x|$cookie_c|$uri|$args|$request_uri"; }
    location /to/ { return 301 /ü/$arg_q?$args; }
    location /away/ { return 302 http://b.example/ü/$arg_q; }
    location /rewrite/ { rewrite ^/rewrite/ /ü/$arg_q?ö=$arg_q redirect; }
    location /inside/ { rewrite ^/inside/ /say/$arg_q?ö=$arg_q last; }
    location /try/ { try_files /$arg_f /say/x?t=$arg_q; }
    location /page/ { error_page 404 =200 /say/x?e=$arg_q; return 404; }
    location /pageaway/ { error_page 404 http://b.example/ü/$arg_q; return 404; }
    location /file { alias ROOT/www/$arg_f; }
    location /match/ { location ~ ^/match/(ä.*)$ { return 200 "match $1"; } }
    location /prefix/ü { return 200 "prefix"; }
  }

  server {
    listen 127.0.0.1:PORT;
    server_name types.example;
    root ROOT/www;
    location /outer/ {
      alias ROOT/www/;
      types { a/text txt; a/page HTML; }
      default_type a/outer;
      location /outer/inner/ { alias ROOT/www/; types { a/inner htm; } }
      location /outer/default/ { alias ROOT/www/; default_type a/default; }
      location /outer/none/ { alias ROOT/www/; types { } }
    }
    location /charset/ {
      alias ROOT/www/;
      charset utf-8;
      types { text/xml txt; application/rss+xml bin; }
      default_type application/javascript;
      location /charset/wml/ { alias ROOT/www/; default_type text/vnd.wap.wml; }
      location /charset/types/ { alias ROOT/www/; charset_types a/b; default_type a/b; }
    }
  }

  server {
    listen 127.0.0.1:PORT;
    server_name index.example;
    root ROOT/www;
    index none.html $arg_index.txt index.htm index.html;
    location /abs/ { index none.html /sub/x.txt; }
    location /noindex/ { index x.txt; }
    location /sub/ { index index.htm; autoindex off; }
  }

  server {
    listen 127.0.0.1:PORT;
    server_name list.example;
    root ROOT/www;
    index none.html;
    autoindex on;
    autoindex_format json;
    charset utf-8;
    location /html/ { alias ROOT/www/; autoindex_format html; }
    location /round/ { alias ROOT/www/; autoindex_format html; autoindex_exact_size off; }
    location /local/ { alias ROOT/www/; autoindex_format html; autoindex_localtime on; }
    location /json/ { alias ROOT/www/; autoindex_exact_size off; }
    location /jsonp/ { alias ROOT/www/; autoindex_format jsonp; }
    location /xml/ { alias ROOT/www/; autoindex_format xml; autoindex_localtime on; }
  }

  server {
    listen 127.0.0.1:PORT;
    server_name .dom.example Dom2.Example trailing.*;
    return 200 "dom $server_name $host";
  }

  server {
    listen 127.0.0.1:PORT;
    server_name *.sub.dom.example *.wild.example www.trailing.* [::1] _;
    return 200 "wild $server_name $host";
  }

  server {
    listen 127.0.0.1:PORT;
    server_name x.dom.example .other.dom.example "" ~^re[0-9]+ ~[.]re$;
    return 200 "x $server_name $host";
  }

  server {
    listen 127.0.0.1:PORT;
    server_name regex.example;
    default_type text/plain;
    location ~ ^/adm[[:digit:]]+/ { return 200 "digits"; }
    location ~ \\A/start { return 200 "start"; }
    location ~ /end\\z { return 200 "end"; }
    location ~ ^/dollar$ { return 200 "dollar"; }
    location ~ ^/dot.$ { return 200 "dot"; }
    location ~ ^/set[]x]$ { return 200 "set"; }
    location ~ "^/space\\s$" { return 200 "space"; }
    location ~ ^/\\Qa.b\\E$ { return 200 "quoted"; }
    location ~ "^/\\x{68}ex$" { return 200 "hex"; }
    location ~* ^/fold/[k-s]+$ { return 200 "fold"; }
    location ~ ^/(?i)flag(?-i)S$ { return 200 "flag"; }
    location ~ ^/loop/(?:(a)|b)*$ { return 200 "loop [$1]"; }
    location ~ ^/unset/(a)?\\1b$ { return 200 "unset [$1]"; }
    location ~ ^/atom/(?>a+)a { return 200 "atom"; }
    location ~ ^/(?|v(1)|w(2))$ { return 200 "reset [$1]"; }
    location ~ ^/byte/(..)$ { return 200 "byte [$1]"; }
    location ~ ^/slow/(.*)/(.*)/(.*)[.](png|jpg)$ { return 200 "slow [$4]"; }
    location /if/ {
      if ($args ~ "^x(.)(.)?$") { return 200 "args [$1][$2]"; }
      if ($uri ~* "^/IF/(k+)$") { return 200 "uri [$1]"; }
      if ($http_user_agent !~ "[[:lower:]]") { return 200 "agent"; }
      return 200 "none [$1]";
    }
    location ~ ^/names/(?<Foo>x)?(?'bar'y)?$ { return 200 "[$foo][$bar][$1][$2][$baz]"; }
    location ~ ^/renamed/(?P<foo>.)(?<baz>.)?$ {
      rewrite ^/renamed/(?<bar>.)$ /c/$bar$foo;
      rewrite nothing /x;
      return 200 "[$foo][$bar][$1][$uri]";
    }
    location ~ ^/argument/(?<arg_q>.*)$ { return 200 "[$arg_q]"; }
    location ~ ^/redirected/(?<foo>.*)$ { rewrite ^ /to/$foo redirect; }
    location ~ ^/named/(?<foo>.*)$ { error_page 404 = @named; return 404; }
    location @named { return 200 "named [$foo][$1]"; }
    location /conditions {
      if ($arg_v ~ "^(?<bar>\\d+)$") { return 200 "if [$bar]"; }
      return 200 "none [$bar]";
    }
    location ~ ^/forget/(a)(b) {
      if ($args ~ "x") { return 200 "if [$1]"; }
      return 200 "forgotten [$1][$2]";
    }
    location ~ ^/keep/(a)(b) { return 200 "kept [$1][$2]"; }
    location /rw/ {
      rewrite ^/rw/([[:alpha:]]+)/(\\d+)$ /rw-to/$2/$1 last;
      rewrite ^/rw/\\h+$ /rw-to/blank last;
      return 200 "not rewritten [$1]";
    }
    location /rw-to/ { return 200 "rewritten $uri"; }
    location / { return 200 "other"; }
  }

  server {
    listen 127.0.0.1:PORT;
    server_name ~^(?<start>www\\.)?(?<rest>.+)\\.groups\\.example$;
    default_type text/plain;
    location / { return 200 "name [$1][$2]"; }
    location ~ ^/re/(x)? { return 200 "location [$1][$2]"; }
    location /rw { rewrite ^/rw/none /x last; return 200 "rewrite [$1][$2]"; }
    location /rd { rewrite ^/rd/(.) http://$1.example/$2 redirect; }
    location /e { error_page 404 = @named; return 404; }
    location @named { return 200 "named [$1][$2]"; }
    location ~ ^/n/(?<rest>.) { return 200 "names [$start][$rest]"; }
    location ~ ^/o/(.) { return 200 "names [$start][$rest][$1]"; }
  }

  server {
    listen 127.0.0.1:PORT;
    server_name nested.example;
    root ROOT/www;
    location / {
      location = /one.txt { deny all; }
      location /sub/ {
        add_header X-Location sub;
        location ~ deeper { add_header X-Location deeper; }
      }
    }
    location /css/ { location ^~ /css/site { add_header X-Location site; } }
    location ^~ /noindex/ { location ~ [.]txt$ { add_header X-Location within; } }
    location /in/ {
      internal;
      alias ROOT/www/;
      location /in/sub/ { add_header X-Location in; }
      location = /in/a.txt { add_header X-Location exact; }
    }
    location /to/ { rewrite ^/to/(.*)$ /in/$1 last; }
    location ~ [.](txt|css)$ {
      add_header X-Location outer;
      location ~ ^/a { add_header X-Location inner; }
    }
  }
`;

const HTTP = `
http {
  access_log off;
  charset off;
  default_type application/octet-stream;
  types {
    text/html html htm;
    text/plain txt;
    text/css css;
  }
${VARIABLES_HTTP}
${ADDRESSES_HTTP}
${SERVERS}
${WAYS_SERVERS}
${VARIABLES_SERVERS}
${IFS_SERVERS}
${ADDRESSES_SERVERS}
${REAL_IP_SERVERS}
${PROTECTED_SERVERS}
${BODIES_SERVERS}
${SSI_SERVERS}
${USERS_SERVERS}
}
`;

/** The configuration for webserv. */
export function webservConfig(port: number, root: string): string {
  return fill(HTTP, port, root);
}

/** The configuration for nginx. */
export function nginxConfig(port: number, root: string): string {
  const temp = nginxTempPaths(root);
  return fill(
    nginxHead(root) + HTTP.replace("http {\n", `http {\n${temp}`),
    port,
    root,
  );
}

function fill(text: string, port: number, root: string): string {
  return text.replaceAll("PORT", String(port)).replaceAll("ROOT", root);
}
