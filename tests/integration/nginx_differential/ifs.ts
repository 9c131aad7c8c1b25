/**
 * Blocks in locations: `if` with everything that nginx takes in it, with what
 * it has of the location around it and what it has not, and `limit_except`.
 */

/** The servers, to stand behind those of the site. */
export const IFS_SERVERS = `
  server {
    listen 127.0.0.1:PORT;
    server_name ifs.example;
    root ROOT/www;

    location /header/ {
      add_header X-Location outer;
      rewrite ^/header(/.*)$ $1 break;
    }
    location /ifheader/ {
      add_header X-Location outer;
      if ($arg_a) { add_header X-If a; }
      if ($arg_b) { add_header X-If b; }
      rewrite ^/ifheader(/.*)$ $1 break;
    }
    location /always/ {
      if ($arg_a) { add_header X-If a always; }
      if ($arg_b) { add_header X-If $arg_b; }
    }
    location /only-one-if {
      if ($uri) { add_header X-If 1; }
      if ($uri) { add_header X-Location 2; }
      return 204;
    }
    location /only-one-if-set/ {
      if ($uri) { add_header X-If 1; }
      if ($uri) { add_header X-Location 2; }
      if ($arg_third) { add_header Link 3; }
      rewrite ^ /a.txt break;
    }
    location /inherit/ {
      add_header X-Location outer;
      if ($arg_a) { }
      if ($arg_b) { add_header X-If b; }
      rewrite ^ /a.txt break;
    }
    location /if-try-files {
      try_files /a.txt @fallback;
      if ($arg_a) { }
    }
    location /if-try-files-return {
      try_files /a.txt @fallback;
      if ($arg_a) { return 200 "a\\n"; }
    }
    location @fallback { default_type text/plain; return 200 "fallback\\n"; }
    location /root/ {
      rewrite ^/root(/.*)$ $1 break;
    }
    location /ifroot/ {
      if ($arg_a) { root ROOT/data; }
      if ($arg_b) { root ROOT/sites; }
      rewrite ^/ifroot(/.*)$ $1 break;
    }
    location /ifrootvar/ {
      if ($arg_site) { root ROOT/sites/$arg_site; }
      rewrite ^/ifrootvar(/.*)$ $1 break;
    }
    location /ifalias/ {
      alias ROOT/data/img/;
      if ($arg_a) { add_header X-If a; }
    }
    location /ifaliasroot/ {
      alias ROOT/data/img/;
      if ($arg_a) { root ROOT/data; }
    }
    location ~ ^/re/(\\w+)/(.*)$ {
      alias ROOT/data/$1/$2;
      if ($arg_a) { add_header X-If a; }
    }
    location ~ ^/recap/(\\w+)/(.*)$ {
      add_header X-Location "$1 $2";
      if ($arg_a ~ ^(.)(.)) { add_header X-If "$1 $2"; }
      rewrite ^ /a.txt break;
    }
    location /capture {
      if ($arg_a ~ ^(..)(.*)$) { return 200 "$1 $2\\n"; }
      if ($arg_b ~ "x(.)") { return 302 /to/$1; }
      if ($arg_c ~* "X(.)") { rewrite ^ /echo/$1 last; }
      if ($arg_d !~ "x") { return 200 "no x\\n"; }
      return 200 "x\\n";
    }
    location /echo/ { default_type text/plain; return 200 "$uri $args\\n"; }

    location /break/ {
      if ($arg_a) { add_header X-If a; break; }
      add_header X-Location outer;
      rewrite ^/break(/.*)$ $1 break;
    }
    location /breakroot/ {
      if ($arg_a) { root ROOT/data; break; }
      if ($arg_a) { return 403; }
      return 200 "not a\\n";
    }
    location /breakrewrite/ {
      if ($arg_a) {
        root ROOT/data;
        rewrite ^/breakrewrite(/.*)$ $1 break;
      }
      return 200 "$uri\\n";
    }
    location /rewritelast/ {
      add_header X-Location outer;
      if ($arg_a) { add_header X-If a; rewrite ^ /echo/last last; }
      rewrite ^ /a.txt break;
    }
    location /rewriteplain/ {
      if ($arg_a) { add_header X-If a; rewrite ^ /echo/plain; }
      rewrite ^/echo /echo/more;
      if ($uri = /echo/more) { return 200 "here\\n"; }
      return 200 "$uri\\n";
    }
    location /order/ {
      if ($arg_a) { return 200 "a\\n"; }
      if ($arg_b) { return 403; }
      if ($arg_c) { return 301 /echo/c; }
      rewrite ^ /a.txt break;
      if ($arg_d) { return 200 "never\\n"; }
    }

    location /pages/ {
      error_page 404 /404.html;
      if ($arg_a) { error_page 404 = /echo/if; }
      if ($arg_b) { error_page 404 =410 /50x.html; }
      if ($arg_c) { error_page 403 /50x.html; }
      if ($arg_d) { error_page 404 @fallback; }
    }
    location /pagesreturn/ {
      error_page 404 /404.html;
      if ($arg_a) { error_page 403 /echo/403; return 403; }
      if ($arg_b) { return 404; }
      return 403;
    }
    location /codes/ {
      add_header X-Location outer always;
      if ($arg_a) { add_header X-If a; return 404; }
      if ($arg_b) { add_header X-If b always; return 404; }
      if ($arg_c) { return 404; }
      rewrite ^ /none break;
    }

    location /expires/ {
      if ($arg_a) { expires epoch; }
      if ($arg_b) { expires max; }
      if ($arg_c) { expires off; }
      if ($arg_d) { expires 1h; }
      rewrite ^ /a.txt break;
    }
    location /expiresouter/ {
      expires 1h;
      if ($arg_a) { add_header X-If a; }
      if ($arg_b) { expires off; }
      rewrite ^ /a.txt break;
    }
    location /gzip/ {
      gzip_min_length 1;
      gzip_types text/plain;
      if ($arg_a) { gzip on; }
      rewrite ^ /big.txt break;
    }
    location /gzipoff/ {
      gzip on;
      gzip_min_length 1;
      gzip_types text/plain;
      if ($arg_a) { gzip off; }
      rewrite ^ /big.txt break;
    }
    location /charset/ {
      charset utf-8;
      if ($arg_a) { charset koi8-r; }
      if ($arg_b) { charset off; }
      rewrite ^ /a.txt break;
    }
    location /rate/ {
      if ($arg_a) { limit_rate 1m; limit_rate_after 2k; }
      rewrite ^ /a.txt break;
    }
    location /log/ {
      if ($arg_a) { access_log off; }
      rewrite ^ /a.txt break;
    }
    location /gif { empty_gif; if ($arg_a) { add_header X-If a; } }
    location /gifreturn { empty_gif; if ($arg_a) { return 404; } }
    location /gifroot/ { empty_gif; if ($arg_a) { root ROOT/data; } }

    location /folders/ {
      autoindex on;
      if ($arg_a) { add_header X-If a; }
      rewrite ^/folders(/.*)$ $1 break;
    }
    location /index/ {
      index a.txt;
      if ($arg_a) { add_header X-If a; }
      rewrite ^/index(/.*)$ $1 break;
    }
    location /types/ {
      types { text/x-a txt; }
      if ($arg_a) { add_header X-If a; }
      rewrite ^ /a.txt break;
    }
    location /denied/ {
      deny all;
      if ($arg_a) { add_header X-If a always; }
      if ($arg_b) { return 200 "b\\n"; }
    }
    location /internal/ {
      internal;
      if ($arg_a) { return 200 "a\\n"; }
      return 200 "in\\n";
    }
    location /tointernal/ {
      if ($arg_a) { rewrite ^ /internal/x last; }
      error_page 404 = /internal/page;
    }
    location /nested/ {
      if ($arg_a) { add_header X-If outer; }
      location /nested/in/ {
        if ($arg_b) { add_header X-If inner; }
        rewrite ^ /a.txt break;
      }
      rewrite ^ /one.txt break;
    }
    location /file/ {
      if (-f $document_root/a.txt) { add_header X-If file; }
      if (!-e $request_filename) { rewrite ^ /echo/missing last; }
    }
    location /maintenance/ {
      if (-d $document_root/sub) { return 503; }
    }
    location /method/ {
      if ($request_method = POST) { return 405; }
      if ($request_method !~ ^(GET|HEAD)$) { return 403; }
      rewrite ^ /a.txt break;
    }
    location /named/ { try_files /none @named; }
    location @named {
      if ($arg_a) { add_header X-If a; }
      rewrite ^ /a.txt break;
    }
    location /set/ {
      set $v outer;
      if ($arg_a) { set $v a; add_header X-If "$v"; }
      if ($arg_b) { set $v "$v-b"; }
      set $w "$v-end";
      return 200 "$v $w\n";
    }
    location /crash {
      set $true 1;
      if ($true) { set $true 2; add_header X-If "$true"; }
      if ($true = 2) { return 200 "$true\n"; }
    }
    location /gifset {
      set $true 1;
      empty_gif;
      if ($true) { add_header X-If 1; }
    }
    location /both/conditions {
      set $n "";
      if ($arg_a) { set $n "A"; }
      if ($arg_b) { set $n "\${n}B"; }
      if ($n = AB) { return 200 "both\n"; }
      if ($n) { return 200 "one: $n\n"; }
      return 200 "none\n";
    }
    location ~ ^/recapalias/(\w+)/(.*)$ {
      alias ROOT/data/$1/$2;
      if ($arg_a ~ ^(.)(.)$) { add_header X-If "$1"; }
    }
    location ~ ^/keepalias/(?<dir>\w+)/(?<file>.*)$ {
      alias ROOT/data/$dir/$file;
      if ($arg_a ~ ^(.)(.)$) { add_header X-If "$1 $dir"; }
    }
    location /named-groups {
      if ($arg_a ~ ^(?<first>.)(?<rest>.*)$) { return 200 "$first $rest\n"; }
      return 200 "no $first\n";
    }
    location /site/ {
      if ($arg_site) { root ROOT/sites/$arg_site; }
      rewrite ^/site(/.*)$ $1 break;
    }
    location /listed/ {
      autoindex on;
      autoindex_format json;
      index none;
      if ($arg_a) { root ROOT/data; }
      rewrite ^/listed(/.*)$ $1 break;
    }
    location /lost/ {
      types { }
      default_type text/x-lost;
      if ($arg_a) { return 200 "typed\n"; }
      if ($arg_b) { rewrite ^ /a.txt break; }
    }
    location /recode/ {
      charset utf-8;
      if ($arg_a) { source_charset utf-8; charset utf-8; }
      rewrite ^ /a.txt break;
    }
    location /maps/ {
      if ($arg_a) { expires $arg_e; add_header X-If $arg_e; }
      rewrite ^ /a.txt break;
    }
    location /twice/ {
      if ($arg_a) { rewrite ^/twice/(.*)$ /twice/x$1; }
      if ($uri ~ ^/twice/x(.*)$) { return 200 "moved $1\n"; }
      return 200 "$uri\n";
    }
    location /loop/ {
      if ($arg_a) { rewrite ^ /loop/again last; }
      return 200 "out\n";
    }
    location /after/ {
      if ($arg_a) { return 204; }
      rewrite ^ /echo/after last;
      if ($arg_b) { return 403; }
    }
    location = /exact { if ($arg_a) { add_header X-If a; } try_files /a.txt =404; }
    location ^~ /strong/ {
      if ($arg_a) { root ROOT/data; }
      location ~ \.txt$ { if ($arg_b) { add_header X-If txt; } }
      rewrite ^/strong(/.*)$ $1 break;
    }
    location /auth/ {
      allow 127.0.0.1;
      deny all;
      if ($arg_a) { add_header X-If a; }
      rewrite ^ /a.txt break;
    }
    location /satisfied/ {
      allow 192.0.2.1;
      deny all;
      error_page 403 = @fallback;
      if ($arg_a) { add_header X-If a; }
    }
    location /posted/ {
      client_max_body_size 4;
      if ($request_method = POST) { return 200 "post\n"; }
    }
    location /recursive/ {
      error_page 404 /recursive/none;
      recursive_error_pages on;
      if ($arg_a) { error_page 404 /echo/rec; }
    }
    location /etag/ {
      etag off;
      if ($arg_a) { add_header X-If a; }
      rewrite ^ /a.txt break;
    }
  }

  server {
    listen 127.0.0.1:PORT;
    server_name serverif.example;
    root ROOT/www;
    if ($arg_a) { return 200 "a\\n"; }
    if ($arg_b ~ ^(.)) { rewrite ^ /echo/$1; }
    if ($arg_c) { rewrite ^ /echo/c break; }
    if ($arg_d) { break; }
    rewrite ^/was$ /a.txt;
    if ($uri = /sub/x.txt) { rewrite ^ http://other.example$uri; }
    location /echo/ { default_type text/plain; return 200 "$uri\\n"; }
  }

  server {
    listen 127.0.0.1:PORT;
    server_name except.example;
    root ROOT/www;
    location / { limit_except GET { deny all; } }
    location /post/ {
      limit_except POST { deny all; }
      return 200 "posted\\n";
    }
    location /both/ {
      limit_except get post { deny all; }
      return 200 "both\\n";
    }
    location /return/ {
      limit_except GET { allow all; }
      return 200 "got\\n";
    }
    location /allow/ {
      deny all;
      limit_except GET { allow 127.0.0.1; deny all; }
      return 200 "got\\n";
    }
    location /denied/ {
      deny all;
      limit_except GET { }
    }
    location /ifs/ {
      limit_except GET { deny all; }
      if ($arg_a) { add_header X-If a; }
      rewrite ^ /a.txt break;
    }
    location /tries/ {
      try_files /a.txt =404;
      limit_except GET { allow all; }
    }
    location /gif { empty_gif; limit_except POST { allow all; } }
    location /headers/ {
      add_header X-Location outer always;
      limit_except GET { deny all; }
      error_page 403 /404.html;
      rewrite ^ /a.txt break;
    }
    location /page/ {
      limit_except GET { deny all; }
      error_page 403 = @denied;
    }
    location @denied {
      limit_except GET { deny all; }
      return 200 "denied $request_method\\n";
    }
    location /size/ {
      client_max_body_size 3;
      limit_except GET { deny all; }
    }
    location /outer/ {
      limit_except GET { deny all; }
      location /outer/inner/ { return 200 "inner\\n"; }
    }
    location /relocated/ {
      limit_except GET { deny all; }
      rewrite ^ /return/ last;
    }
    location /toexcept/ { rewrite ^/toexcept(/.*)$ $1 last; }
    location /errors/ { return 403; error_page 403 /post/; }
    location /files/ {
      alias ROOT/data/img/;
      limit_except GET { allow all; }
      index pic.txt;
    }
    location /listing/ {
      alias ROOT/data/;
      autoindex on;
      autoindex_format json;
      limit_except HEAD { allow all; }
    }
    location ~ ^/cap/(.*)$ {
      limit_except POST { allow all; }
      return 200 "$1\\n";
    }
    location ~ \\.bin$ { limit_except HEAD OPTIONS { deny all; } }
    location /dav/ { limit_except PROPFIND OPTIONS LOCK UNLOCK PATCH MKCOL { deny all; } }
  }
`;

/** The paths with and without each argument. */
function each(paths: string, args: string): string {
  return paths.trim().split(/\s+/).flatMap((path) =>
    ["", ...args.trim().split(/\s+/).map((arg) => `?${arg}`)]
      .map((query) => path + query)
  ).join("\n");
}

/** The requests: a table for each host. */
export const IFS_REQUESTS: Readonly<Record<string, string>> = {
  "ifs.example": `
    /header/a.txt
    ${each("/ifheader/a.txt /ifheader/none /inherit/", "a=1 b=1 a=1&b=1 a=0")}
    ${each("/always/none", "a=1 b=1 b=1&a=1")}
    /only-one-if
    ${each("/only-one-if-set/", "third=1")}
    ${each("/if-try-files /if-try-files-return", "a=1")}
    ${each("/root/a.txt", "a=1")}
    ${
    each("/ifroot/a.txt /ifroot/one.txt /ifroot/secret.txt", "a=1 b=1 a=1&b=1")
  }
    /ifroot/a.example/index.html?b=1
    /ifroot/a.example/?b=1
    /ifroot/a.example?b=1
    /ifrootvar/index.html?site=a.example
    /ifrootvar/?site=b.example
    /ifrootvar/index.html?site=none
    ${each("/ifalias/pic.txt /ifalias/ /ifalias/none /ifalias/sub", "a=1")}
    ${each("/ifaliasroot/pic.txt /ifaliasroot/", "a=1")}
    ${each("/re/img/pic.txt /re/img/none", "a=1")}
    ${each("/recap/x/y", "a=pq a=p")}
    ${each("/capture", "a=pqrs b=xy b=y c=axb d=y d=x a=p&b=xz")}
    ${each("/break/a.txt /breakroot/one.txt /breakroot/breakroot/", "a=1")}
    ${each("/breakrewrite/one.txt /breakrewrite/none", "a=1")}
    ${each("/rewritelast/ /rewriteplain/", "a=1")}
    ${each("/order/", "a=1 b=1 c=1 d=1 b=1&a=1 c=1&b=1")}
    ${each("/pages/none /pages/", "a=1 b=1 c=1 d=1 a=1&b=1 a=1&d=1")}
    ${each("/pagesreturn/", "a=1 b=1")}
    ${each("/codes/", "a=1 b=1 c=1 a=1&b=1")}
    ${each("/expires/", "a=1 b=1 c=1 d=1 a=1&c=1")}
    ${each("/expiresouter/", "a=1 b=1")}
    /gzip/ | Accept-Encoding: gzip
    /gzip/?a=1 | Accept-Encoding: gzip
    /gzipoff/ | Accept-Encoding: gzip
    /gzipoff/?a=1 | Accept-Encoding: gzip
    ${each("/charset/", "a=1 b=1")}
    ${each("/rate/ /log/", "a=1")}
    ${each("/gif /gifreturn /gifroot/one.txt", "a=1")}
    HEAD /gif?a=1
    ${each("/index/ /index/sub/ /index/none/", "a=1")}
    ${each("/folders/sub/ /folders/sub /types/", "a=1")}
    ${each("/denied/ /denied/x", "a=1 b=1")}
    ${each("/internal/", "a=1")}
    ${each("/tointernal/x", "a=1 b=1")}
    ${each("/nested/ /nested/in/", "a=1 b=1 a=1&b=1")}
    /file/
    /file/none
    /maintenance/
    /method/
    HEAD /method/
    POST /method/ | body=2
    PUT /method/ | body=2
    DELETE /method/
    ${each("/named/ /etag/", "a=1")}
    ${each("/set/ /both/conditions", "a=1 b=1 a=1&b=1")}
    /crash
    /gifset
    ${each("/recapalias/img/pic.txt /keepalias/img/pic.txt", "a=xy a=x a=img")}
    ${each("/named-groups", "a=xyz a=")}
    ${
    each("/site/ /site/index.html", "site=a.example site=none site=b.example")
  }
    ${each("/listed/sub/ /listed/img/ /listed/img/sub/", "a=1")}
    ${each("/lost/ /lost/x", "a=1 b=1")}
    ${each("/recode/", "a=1")}
    ${each("/maps/", "a=1&e=epoch a=1&e=max a=1&e=off a=1&e=x a=1")}
    ${each("/twice/ /twice/y", "a=1")}
    ${each("/loop/ /after/", "a=1 b=1")}
    ${each("/exact", "a=1")}
    ${each("/strong/one.txt /strong/a.txt", "a=1 b=1 a=1&b=1")}
    ${each("/auth/ /satisfied/", "a=1")}
    POST /posted/ | body=3
    POST /posted/ | body=9
    ${each("/recursive/x", "a=1")}
    /etag/?a=1 | Range: bytes=0-3
    /ifheader/a.txt?a=1 | Range: bytes=2-5
    /ifheader/a.txt?a=1 | If-None-Match: "65e079f0-24"
    HEAD /ifheader/a.txt?b=1
    POST /ifheader/a.txt?b=1 | body=3
  `,
  "serverif.example": `
    ${each("/ /was /a.txt /sub/x.txt", "a=1 b=xy c=1 d=1 b=q&a=1 c=1&d=1")}
  `,
  "except.example": `
    /a.txt
    HEAD /a.txt
    POST /a.txt | body=2
    PUT /a.txt | body=2
    DELETE /a.txt
    OPTIONS /a.txt
    PROPFIND /a.txt
    /post/
    HEAD /post/
    POST /post/ | body=2
    /both/
    HEAD /both/
    POST /both/ | body=2
    PUT /both/ | body=2
    /return/
    HEAD /return/
    POST /return/ | body=2
    /allow/
    POST /allow/ | body=2
    /denied/
    POST /denied/ | body=2
    /ifs/
    /ifs/?a=1
    POST /ifs/?a=1 | body=2
    DELETE /ifs/?a=1
    /tries/
    POST /tries/ | body=2
    DELETE /tries/
    /gif
    HEAD /gif
    POST /gif | body=2
    /headers/
    POST /headers/ | body=2
    /page/a.txt
    POST /page/a.txt | body=2
    DELETE /page/a.txt
    POST /size/ | body=2
    POST /size/ | body=9
    /outer/
    POST /outer/ | body=2
    POST /outer/inner/ | body=2
    /large.bin
    HEAD /large.bin
    POST /large.bin | body=2
    /relocated/
    POST /relocated/ | body=2
    /toexcept/a.txt
    POST /toexcept/a.txt | body=2
    POST /toexcept/post/ | body=2
    /toexcept/post/
    /errors/
    POST /errors/ | body=2
    /files/
    /files/pic.txt
    POST /files/ | body=2
    POST /files/pic.txt | body=2
    /listing/img/
    HEAD /listing/img/
    POST /cap/x | body=2
    /cap/x
    /dav/
    DELETE /dav/
    PATCH /dav/ | body=2
    MKCOL /dav/
  `,
};
