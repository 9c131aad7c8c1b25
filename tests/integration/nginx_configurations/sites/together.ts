/** Sites that use much at once: who may, how much, and what is sent. */

import { createHash } from "node:crypto";
import { type Site, tree } from "./site.ts";

/** Passwords by apr1, in the open and by SHA-1: all of them are `secret`. */
const USERS = String.raw`alice:$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/
bob:{PLAIN}secret
carol:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=
`;

const ALICE = `Authorization: Basic ${btoa("alice:secret")}`;
const BOB = `Authorization: Basic ${btoa("bob:secret")}`;
const CAROL = `Authorization: Basic ${btoa("carol:secret")}`;
const WRONG = `Authorization: Basic ${btoa("bob:wrong")}`;

function md5(text: string): string {
  return createHash("md5").update(text).digest("base64url");
}

function signed(path: string, expires: number): string {
  return `${path}?md5=${md5(`${expires}${path} key`)}&expires=${expires}`;
}

/** The sites. */
export const COMBINED_SITES: readonly Site[] = [
  {
    name: "downloads for those who have paid",
    files: {
      ...tree("srv/paid"),
      "srv/paid/files/big.iso": "iso\n".repeat(4000),
      "srv/paid/files/a b.zip": "zip\n",
      "srv/paid/members/list.html": "<h1>members</h1>\n",
      "srv/paid/402.html": "<h1>pay</h1>\n",
      "etc/nginx/users": USERS,
      "etc/nginx/conf.d/zones.conf": String.raw`
map $http_x_plan $speed { default 100k; gold 0; silver 5m; odd x; }
limit_req_zone $arg_client zone=downloads:1m rate=1r/m;
limit_req_zone $remote_user zone=members:1m rate=1r/m;
limit_conn_zone $binary_remote_addr zone=addresses:1m;
limit_req_status 429;
limit_conn_status 429;
limit_req_log_level warn;
auth_delay 10ms;
log_format paid '$remote_addr $remote_user "$request" $status $secure_link_expires $limit_req_status';
open_log_file_cache max=10 inactive=20s valid=1m min_uses=1;
`,
      "etc/nginx/sites-enabled/paid": String.raw`server {
    listen 80;
    server_name paid.example;
    root /srv/paid;
    access_log /var/log/nginx/$host.log paid;
    error_page 402 /402.html;
    error_page 410 =410 @gone;
    error_page 429 @slow;
    location /files/ {
        secure_link $arg_md5,$arg_expires;
        secure_link_md5 "$secure_link_expires$uri key";
        if ($secure_link = "") { return 402; }
        if ($secure_link = "0") { return 410; }
        limit_req zone=downloads burst=2 nodelay;
        limit_conn addresses 4;
        limit_rate $speed;
        limit_rate_after 1m;
        add_header Content-Disposition attachment;
        add_header X-Expires $secure_link_expires;
    }
    location /members/ {
        auth_basic "Members of $host";
        auth_basic_user_file /etc/nginx/users;
        limit_req zone=members burst=1 nodelay;
        add_header X-User $remote_user always;
        location /members/open/ { auth_basic off; return 200 "open [$remote_user]\n"; }
    }
    location @gone { default_type text/plain; return 410 "gone: $uri\n"; }
    location @slow { add_header Retry-After 60 always; default_type text/plain; return 429 "slow: $limit_req_status\n"; }
}
`,
    },
    requests: `
      paid.example/
      paid.example/files/big.iso
      paid.example${signed("/files/big.iso", 4000000000)}
      paid.example${signed("/files/big.iso", 1000000000)}
      paid.example${signed("/files/big.iso", 4000000000)}x
      paid.example${signed("/files/none.iso", 4000000000)}
      paid.example${signed("/files/a b.zip", 4000000000).replace(" ", "%20")}
      paid.example${signed("/files/big.iso", 4000000000)} | Range: bytes=0-3
      HEAD paid.example${signed("/files/big.iso", 4000000000)}
      paid.example${signed("/files/big.iso", 4000000000)} | X-Plan: gold
      paid.example${signed("/files/big.iso", 4000000000)} | X-Plan: odd
      paid.example${signed("/files/big.iso", 4000000000)}&client=1
      paid.example${signed("/files/big.iso", 4000000000)}&client=1
      paid.example${signed("/files/big.iso", 4000000000)}&client=1
      paid.example${signed("/files/big.iso", 4000000000)}&client=1
      HEAD paid.example${signed("/files/big.iso", 4000000000)}&client=1
      paid.example/files/big.iso?client=1
      paid.example/members/list.html
      paid.example/members/list.html | ${WRONG}
      paid.example/members/list.html | ${ALICE}
      paid.example/members/list.html | ${ALICE}
      paid.example/members/list.html | ${ALICE}
      paid.example/members/list.html | ${CAROL}
      paid.example/members/none.html | ${CAROL}
      paid.example/members/ | ${BOB}
      POST paid.example/members/list.html | ${BOB}
      paid.example/members/open/ | ${BOB}
      paid.example/members/open/
      paid.example/members/list.html | Authorization: Bearer x
      paid.example/members/list.html | Authorization: basic ${
      btoa("bob:secret")
    }
      paid.example/members/list.html | Authorization: Basic
      paid.example/members/list.html | Authorization: Basic !!!
    `,
  },
  {
    name: "a site before it is published, behind a proxy",
    files: {
      ...tree("srv/staging"),
      "srv/staging/denied/403.html": "<h1>not for you</h1>\n",
      "srv/staging/denied/503.html": "<h1>later</h1>\n",
      "srv/staging/upload/index.html": "<h1>upload</h1>\n",
      "etc/nginx/users": USERS,
      "etc/nginx/snippets/proxies.conf": String.raw`
set_real_ip_from 127.0.0.1;
set_real_ip_from 10.0.0.0/8;
set_real_ip_from unix:;
real_ip_header X-Forwarded-For;
real_ip_recursive on;
`,
      "etc/nginx/conf.d/zones.conf": String.raw`
limit_req_zone $binary_remote_addr zone=clients:1m rate=1r/m;
limit_req_zone $realip_remote_addr$arg_proxy zone=proxies:1m rate=1r/m;
map $remote_addr $error_folder { default /denied; 198.51.100.9 /blog; }
`,
      "etc/nginx/sites-enabled/staging": String.raw`server {
    listen 80;
    server_name staging.example;
    root /srv/staging;
    include snippets/proxies.conf;
    satisfy any;
    allow 192.0.2.0/24;
    allow 2001:db8::/32;
    allow unix:;
    deny all;
    auth_basic Staging;
    auth_basic_user_file users;
    add_header X-Robots-Tag "noindex, nofollow" always;
    add_header X-Client "$remote_addr" always;
    error_page 403 $error_folder/403.html;
    error_page 503 =429 $error_folder/503.html;
    error_page 404 =200 /about.html;
    location /denied/ { internal; }
    location /health { satisfy all; allow all; auth_basic off; access_log off; return 200 ok; }
    location /late/ { alias /srv/staging/; limit_req zone=clients burst=1 nodelay; }
    location /upload/ {
        limit_except GET { deny 192.0.2.7; allow 192.0.2.0/28; deny all; }
        limit_req zone=clients burst=1 nodelay;
        error_page 405 =200 $uri/index.html;
    }
    location /all/ { alias /srv/staging/; satisfy all; }
    location /nobody/ { alias /srv/staging/; deny all; auth_basic off; }
    location /old/ { error_page 404 =301 https://$host/new$uri?from=$remote_addr; }
    location /named/ { error_page 404 = @named; }
    location @named { allow all; add_header X-At "$uri by $remote_addr"; rewrite ^ /about.html break; }
}
`,
    },
    requests: `
      staging.example/
      staging.example/ | X-Forwarded-For: 192.0.2.1
      staging.example/ | X-Forwarded-For: 192.0.2.1, 10.0.0.1
      staging.example/ | X-Forwarded-For: 192.0.2.1, 198.51.100.1
      staging.example/ | X-Forwarded-For: 2001:db8::1
      staging.example/ | X-Forwarded-For: [2001:db8::1]:443
      staging.example/ | X-Forwarded-For: 192.0.2.1:8080
      staging.example/ | X-Forwarded-For: unknown
      staging.example/ | X-Forwarded-For: 198.51.100.1 | ${BOB}
      staging.example/ | X-Forwarded-For: 198.51.100.1 | ${WRONG}
      staging.example/none | X-Forwarded-For: 192.0.2.1
      staging.example/none | ${ALICE}
      staging.example/none
      staging.example/health
      staging.example/health | X-Forwarded-For: 198.51.100.1
      staging.example/denied/403.html | X-Forwarded-For: 192.0.2.1
      staging.example/late/ | X-Forwarded-For: 192.0.2.2
      staging.example/late/ | X-Forwarded-For: 192.0.2.2
      staging.example/late/ | X-Forwarded-For: 192.0.2.2
      staging.example/late/ | X-Forwarded-For: 192.0.2.3
      staging.example/late/
      staging.example/late/ | X-Forwarded-For: 198.51.100.2
      staging.example/late/ | X-Forwarded-For: 198.51.100.2 | ${BOB}
      staging.example/late/ | X-Forwarded-For: 198.51.100.2 | ${BOB}
      staging.example/late/ | X-Forwarded-For: 198.51.100.2 | ${BOB}
      staging.example/upload/ | X-Forwarded-For: 192.0.2.4
      POST staging.example/upload/ | X-Forwarded-For: 192.0.2.4
      POST staging.example/upload/ | X-Forwarded-For: 192.0.2.7
      POST staging.example/upload/ | X-Forwarded-For: 192.0.2.99
      DELETE staging.example/upload/ | X-Forwarded-For: 192.0.2.99 | ${BOB}
      POST staging.example/upload/ | X-Forwarded-For: 198.51.100.9
      HEAD staging.example/upload/ | X-Forwarded-For: 192.0.2.5
      staging.example/all/ | X-Forwarded-For: 192.0.2.6
      staging.example/all/ | X-Forwarded-For: 192.0.2.6 | ${BOB}
      staging.example/all/ | X-Forwarded-For: 198.51.100.6 | ${BOB}
      staging.example/nobody/ | X-Forwarded-For: 192.0.2.6
      staging.example/nobody/ | X-Forwarded-For: 198.51.100.9 | ${BOB}
      staging.example/old/x | X-Forwarded-For: 192.0.2.6
      staging.example/old/x%20y?a=b | X-Forwarded-For: 192.0.2.6
      staging.example/named/x | X-Forwarded-For: 192.0.2.6
      staging.example/named/x
    `,
    differs: [{
      told:
        "In every redirect blanks, control characters and backslashes are escaped",
      requests: [
        "staging.example/old/x%20y?a=b | X-Forwarded-For: 192.0.2.6 ⇒ + location: https://staging.example/new/old/x%20y?from=192.0.2.6",
        "staging.example/old/x%20y?a=b | X-Forwarded-For: 192.0.2.6 ⇒ - location: https://staging.example/new/old/x y?from=192.0.2.6",
      ],
    }],
  },
  {
    name: "parts, texts replaced, compressed, for members",
    files: {
      ...tree("srv/parts"),
      "etc/nginx/users": USERS,
      "srv/parts/page.html":
        '<title>TITLE</title><!--# set var="who" value="$remote_user" -->' +
        '<!--# include virtual="/inc/head.html" stub="empty" -->' +
        '<!--# if expr="$who = bob" -->hello bob<!--# else -->hello other<!--# endif -->' +
        '<!--# include virtual="/inc/none.html" -->' +
        '<!--# include virtual="/closed/x.html" -->' +
        '<!--# echo var="remote_user" default="nobody" --><p>TITLE</p>\n' +
        "filler TITLE\n".repeat(100),
      "srv/parts/inc/head.html": '<h1>TITLE of <!--# echo var="host" --></h1>',
      "srv/parts/inc/before.html": "<header>TITLE</header>\n",
      "srv/parts/inc/after.html": "<footer>TITLE</footer>\n",
      "srv/parts/inc/error.html":
        'no <!--# echo var="uri" --> for <!--# echo var="remote_user" -->\n',
      "srv/parts/closed/x.html": "closed\n",
      "srv/parts/page.txt": "TITLE TITLE\n",
      "etc/nginx/sites-enabled/parts": String.raw`server {
    listen 80;
    server_name parts.example;
    root /srv/parts;
    gzip on; gzip_min_length 1; gzip_types text/plain;
    ssi on; ssi_last_modified on;
    sub_filter TITLE "the title for $remote_user";
    sub_filter_once off;
    sub_filter_last_modified on;
    auth_basic Parts;
    auth_basic_user_file users;
    error_page 403 404 /inc/error.html;
    location /closed/ { deny all; }
    location /once/ { alias /srv/parts/; sub_filter_once on; }
    location /own/ { alias /srv/parts/; sub_filter TITLE own; sub_filter_types text/plain; ssi off; }
    location /around/ { alias /srv/parts/; add_before_body /inc/before.html; add_after_body /inc/after.html; }
    location /plain/ { alias /srv/parts/; addition_types *; sub_filter_types *; add_after_body /inc/after.html; }
    location /open/ { alias /srv/parts/; auth_basic off; }
}
`,
    },
    requests: `
      parts.example/page.html
      parts.example/page.html | ${BOB}
      parts.example/page.html | ${BOB} | Accept-Encoding: gzip
      parts.example/page.html | ${ALICE} | Accept-Encoding: gzip
      HEAD parts.example/page.html | ${BOB}
      parts.example/page.html | ${BOB} | Range: bytes=0-9
      parts.example/page.html | ${BOB} | If-Modified-Since: Thu, 29 Feb 2024 12:21:36 GMT
      parts.example/once/page.html | ${BOB}
      parts.example/own/page.html | ${BOB}
      parts.example/own/page.txt | ${BOB} | Accept-Encoding: gzip
      parts.example/around/page.html | ${BOB}
      parts.example/around/page.txt | ${BOB}
      parts.example/around/none.html | ${BOB}
      parts.example/around/about.html | ${BOB} | Accept-Encoding: gzip
      parts.example/plain/page.txt | ${BOB}
      parts.example/open/page.html
      parts.example/open/page.txt | Accept-Encoding: gzip
      parts.example/closed/x.html | ${BOB}
    `,
  },
  {
    name: "manuals in a container, by version",
    files: {
      ...tree("usr/share/nginx/html"),
      "usr/share/nginx/html/v1/index.html": "<h1>v1</h1>\n",
      "usr/share/nginx/html/v2/index.html": "<h1>v2</h1>\n",
      "usr/share/nginx/html/v2/api.html": "<h1>api</h1>\n",
      "usr/share/nginx/html/v2/404.html": "<h1>not in v2</h1>\n",
      "usr/share/nginx/html/v1/old.html": "<h1>\xc4</h1>\n",
      "etc/nginx/nginx.conf": String.raw`worker_processes auto;
error_log /dev/stderr notice;
pid /run/nginx.pid;
events { worker_connections 1024; }
http {
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    types_hash_max_size 4096;
    types_hash_bucket_size 128;
    access_log /dev/stdout;
    server_tokens off;
    sendfile on;
    keepalive_timeout 65;
    msie_padding off;
    msie_refresh on;
    map $uri $version { default v2; ~^/(?<v>v\d+)/ $v; }
    map $sent_http_content_type $lifetime { default off; ~html epoch; ~css max; ~javascript 30d; }
    expires $lifetime;
    include /etc/nginx/conf.d/*.conf;
}
`,
      "etc/nginx/conf.d/default.conf": String.raw`server {
    listen 8080;
    server_name _;
    root /usr/share/nginx/html;
    absolute_redirect off;
    port_in_redirect off;
    error_page 404 /$version/404.html;
    charset utf-8;
    location = / { return 302 /v2/; }
    location = /healthz { access_log off; default_type text/plain; return 200 "ok\n"; }
    location = /latest { return 301 /v2/; }
    location / { try_files $uri $uri.html $uri/ =404; if_modified_since before; }
    location /v1/ { etag off; if_modified_since off; charset off; try_files $uri $uri.html $uri/ =404; log_not_found off; }
    location /assets/ { if ($arg_v) { add_header Cache-Control immutable; } }
    location /if/ { alias /usr/share/nginx/html/; if ($arg_x) { charset koi8-r; } }
}
`,
    },
    requests: `
      docs.example:8080/
      docs.example:8080/healthz
      docs.example:8080/latest
      docs.example:8080/v2
      docs.example:8080/v2/
      docs.example:8080/v2/api
      docs.example:8080/v2/api.html
      docs.example:8080/v2/none
      docs.example:8080/v1/none
      docs.example:8080/v3/none
      docs.example:8080/none
      docs.example:8080/v1/old
      docs.example:8080/v1/ | If-Modified-Since: Thu, 29 Feb 2024 12:21:36 GMT
      docs.example:8080/v1/ | If-None-Match: *
      docs.example:8080/v2/ | If-Modified-Since: Thu, 29 Feb 2025 12:21:36 GMT
      docs.example:8080/v2/ | If-Modified-Since: Thu, 29 Feb 2024 12:21:36 GMT
      docs.example:8080/v2/ | If-Modified-Since: Sat, 01 Mar 2025 12:21:36 GMT
      docs.example:8080/assets/site.css
      docs.example:8080/assets/site.css?v=1
      docs.example:8080/assets/app.3f2a1b.js
      docs.example:8080/assets
      docs.example:8080/if/v2/ | If-Modified-Since: Sat, 01 Mar 2025 12:21:36 GMT
      docs.example:8080/if/v2/?x=1 | If-Modified-Since: Sat, 01 Mar 2025 12:21:36 GMT
      docs.example:8080/if/assets/logo.svg?x=1
      HEAD docs.example:8080/v2/api
      POST docs.example:8080/v2/api
    `,
    differs: [{
      told:
        "A 304 has the `ETag`, `Vary`, `Cache-Control` and `Expires` that the 200 would have",
      requests: [
        "docs.example:8080/v1/ | If-None-Match: *",
        "docs.example:8080/v2/ | If-Modified-Since: Sat, 01 Mar 2025 12:21:36 GMT",
      ].flatMap((line) => [
        `${line} ⇒ + cache-control: no-cache`,
        `${line} ⇒ + expires: Thu, 01 Jan 1970 00:00:01 GMT`,
      ]),
    }],
  },
  {
    name: "a mirror with listings of its own look",
    files: {
      ...tree("srv/pkgs"),
      "srv/pkgs/pool/a_1.0_amd64.deb": "!<arch>\n",
      "srv/pkgs/pool/HEADER.html": "<h1>pool</h1>\n",
      "srv/pkgs/pool/a & b <c>.tar.gz": "tar\n".repeat(700),
      "srv/pkgs/pool/\xc3\xa4.txt": "a\n",
      "srv/pkgs/dists/InRelease": "Origin: Example\n",
      "etc/nginx/conf.d/zones.conf": String.raw`
limit_req_zone $http_x_client zone=apt:1m rate=1r/m;
map $http_user_agent $is_apt { default 0; ~^Debian\ APT 1; }
map $is_apt $speed { 0 2m; 1 0; }
`,
      "etc/nginx/sites-enabled/pkgs": String.raw`server {
    listen 80;
    server_name pkgs.example;
    root /srv/pkgs;
    index none;
    autoindex on;
    autoindex_exact_size off;
    autoindex_localtime off;
    limit_rate $speed;
    limit_req zone=apt burst=4 nodelay;
    limit_req_status 429;
    location /pool/ { add_before_body /pool/HEADER.html; }
    location /json/ { alias /srv/pkgs/pool/; autoindex_format json; }
    location /jsonp/ { alias /srv/pkgs/pool/; autoindex_format jsonp; }
    location /xml/ { alias /srv/pkgs/pool/; autoindex_format xml; }
    location /exact/ { alias /srv/pkgs/pool/; autoindex_exact_size on; autoindex_format html; }
    location /off/ { alias /srv/pkgs/; autoindex off; }
    location ~ \.deb$ { types { application/vnd.debian.binary-package deb; } expires 30d; }
    location = /dists/InRelease { add_header Cache-Control "no-cache, must-revalidate"; default_type text/plain; etag off; }
    location ~ ^/by-hash/(?<kind>\w+)/(?<sum>\w+)$ { return 404; error_page 404 /by/$kind/$sum; }
    location ~ ^/by/ { internal; default_type text/plain; return 200 "$uri\n"; }
}
`,
    },
    requests: `
      pkgs.example/pool/a_1.0_amd64.deb | User-Agent: Debian APT-HTTP/1.3
      pkgs.example/pool/a_1.0_amd64.deb | Range: bytes=2-
      pkgs.example/pool/a%20&%20b%20%3Cc%3E.tar.gz
      pkgs.example/pool/HEADER.html
      pkgs.example/dists/InRelease
      pkgs.example/dists/InRelease | If-Modified-Since: Thu, 29 Feb 2024 12:21:36 GMT
      pkgs.example/dists
      pkgs.example/off/
      pkgs.example/off/dists/
      pkgs.example/json/
      pkgs.example/jsonp/?callback=f
      pkgs.example/jsonp/?callback=f.g[0]
      pkgs.example/jsonp/
      pkgs.example/xml/
      pkgs.example/by-hash/SHA256/abc
      pkgs.example/by/SHA256/abc
      pkgs.example/index.html | X-Client: 1
      pkgs.example/none | X-Client: 1
      pkgs.example/index.html | X-Client: 1
      pkgs.example/index.html | X-Client: 1
      pkgs.example/index.html | X-Client: 1
      pkgs.example/index.html | X-Client: 1
      HEAD pkgs.example/index.html | X-Client: 1
    `,
  },
  {
    name: "the origin of a CDN, shielded and with languages",
    files: {
      ...tree("srv/origin"),
      "srv/origin/fonts/a.woff2": "font\n",
      "etc/nginx/sites-enabled/origin": String.raw`
map $http_origin $cors { default ""; ~^https://([\w-]+\.)*shop\.example$ $http_origin; }
map "$request_method:$http_access_control_request_method" $preflight { default 0; ~^OPTIONS:[A-Z]+$ 1; }
map $sent_http_content_type $cache { default "public, max-age=60"; ~^font/ "public, max-age=31536000, immutable"; ~^image/ "public, max-age=86400"; }
geo $realip_remote_addr $edge { default 0; 127.0.0.0/8 1; }
server {
    listen 80;
    server_name origin.example;
    root /srv/origin;
    set_real_ip_from 127.0.0.0/8;
    real_ip_header X-Real-IP;
    if ($edge = 0) { return 421; }
    add_header Cache-Control $cache;
    add_header Vary "Origin";
    add_header Access-Control-Allow-Origin $cors;
    gzip on; gzip_min_length 10; gzip_proxied any; gzip_types text/css application/javascript image/svg+xml application/json;
    location / {
        if ($preflight) {
            add_header Access-Control-Allow-Origin $cors;
            add_header Access-Control-Allow-Methods "GET, HEAD";
            add_header Access-Control-Max-Age 600;
            return 204;
        }
        try_files $uri =404;
    }
    location /fonts/ { valid_referers none server_names *.shop.example; if ($invalid_referer) { return 403; } }
    location /purge/ { limit_except GET HEAD { allow 192.0.2.1; deny all; } return 200 "$remote_addr\n"; }
    location /who { default_type text/plain; return 200 "$remote_addr $realip_remote_addr $edge\n"; }
    error_page 404 403 =404 /404.html;
}
`,
    },
    requests: `
      origin.example/assets/site.css
      origin.example/assets/site.css | Origin: https://www.shop.example
      origin.example/assets/site.css | Origin: https://www.shop.example | Accept-Encoding: gzip
      origin.example/assets/site.css | Origin: https://shop.example.evil
      origin.example/assets/logo.svg | Via: 1.1 cdn | Accept-Encoding: gzip
      origin.example/fonts/a.woff2
      origin.example/fonts/a.woff2 | Referer: https://www.shop.example/x
      origin.example/fonts/a.woff2 | Referer: https://evil.example/x
      origin.example/none | Origin: https://shop.example
      OPTIONS origin.example/data.json | Origin: https://shop.example | Access-Control-Request-Method: GET
      origin.example/who
      origin.example/who | X-Real-IP: 192.0.2.1
      origin.example/who | X-Real-IP: 192.0.2.1, 192.0.2.2
      origin.example/who | X-Real-IP: nonsense
      DELETE origin.example/purge/x | X-Real-IP: 192.0.2.1
      DELETE origin.example/purge/x | X-Real-IP: 192.0.2.2
      origin.example/purge/x | X-Real-IP: 192.0.2.2
    `,
  },
];
