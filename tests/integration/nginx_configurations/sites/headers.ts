/** Sites that are about fields: caches, scripts of others, safety. */

import { type Site, tree } from "./site.ts";

/** The sites. */
export const HEADER_SITES: readonly Site[] = [
  {
    name: "the origin of a CDN, for scripts of some hosts",
    files: {
      ...tree("srv/cdn"),
      "etc/nginx/sites-enabled/cdn": String.raw`map $http_origin $cors_origin {
    default "";
    "~^https://([a-z0-9-]+\.)?example\.(com|org)$" $http_origin;
    "https://partner.example" $http_origin;
}
map $cors_origin $cors_credentials {
    ""      "";
    default "true";
}
server {
    listen 80;
    server_name cdn.example.com;
    root /srv/cdn;
    add_header Access-Control-Allow-Origin $cors_origin always;
    add_header Access-Control-Allow-Credentials $cors_credentials always;
    add_header Vary Origin always;
    add_header Timing-Allow-Origin "*";
    expires 30d;
    etag on;
    location / {
        if ($request_method = OPTIONS) { return 204; }
        try_files $uri =404;
    }
}
`,
    },
    requests: `
      cdn.example.com/assets/site.css
      cdn.example.com/assets/site.css | Origin: https://www.example.com
      cdn.example.com/assets/site.css | Origin: https://partner.example
      cdn.example.com/assets/site.css | Origin: https://evil.example
      cdn.example.com/none | Origin: https://example.org
      OPTIONS cdn.example.com/assets/site.css | Origin: https://example.org
    `,
  },
  {
    name: "CORS in an if, as everybody copies it",
    files: {
      ...tree("srv/cors"),
      "etc/nginx/sites-enabled/cors": String.raw`server {
    listen 80;
    server_name cors.example;
    root /srv/cors;
    location / {
        if ($request_method = 'OPTIONS') {
            add_header 'Access-Control-Allow-Origin' '*';
            add_header 'Access-Control-Allow-Methods' 'GET, POST, OPTIONS';
            add_header 'Access-Control-Allow-Headers' 'DNT,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range';
            add_header 'Access-Control-Max-Age' 1728000;
            add_header 'Content-Type' 'text/plain; charset=utf-8';
            add_header 'Content-Length' 0;
            return 204;
        }
        if ($request_method = 'GET') {
            add_header 'Access-Control-Allow-Origin' '*' always;
            add_header 'Access-Control-Expose-Headers' 'Content-Length,Content-Range' always;
        }
    }
}
`,
    },
    requests: `
      cors.example/
      cors.example/none
      HEAD cors.example/
    `,
  },
  {
    name: "fields by headers-more",
    modules: ["ngx_http_headers_more_filter_module"],
    files: {
      ...tree("srv/more"),
      "etc/nginx/modules-enabled/50-mod-http-headers-more-filter.conf":
        "load_module modules/ngx_http_headers_more_filter_module.so;\n",
      "etc/nginx/sites-enabled/more": String.raw`server {
    listen 80;
    server_name more.example;
    root /srv/more;
    more_clear_headers Server;
    more_set_headers "X-Frame-Options: DENY" "Referrer-Policy: no-referrer";
    more_set_headers -s "404 410" "Cache-Control: no-store";
    more_set_headers -t "text/css application/javascript" "Cache-Control: public, max-age=600";
    error_page 404 /404.html;
    location /assets/ {
        more_set_headers "X-Asset: $uri";
        more_clear_headers "X-Frame-*";
    }
}
`,
    },
    requests: `
      more.example/
      more.example/none
      more.example/assets/site.css
      more.example/assets/logo.svg
      more.example/assets/none.css
    `,
  },
  {
    name: "security headers, and locations that lose them",
    files: {
      ...tree("srv/sec"),
      "etc/nginx/snippets/headers.conf": String.raw`
add_header X-Frame-Options "SAMEORIGIN" always;
add_header X-Content-Type-Options "nosniff" always;
add_header Referrer-Policy "strict-origin-when-cross-origin" always;
add_header Permissions-Policy "accelerometer=(), camera=(), geolocation=()" always;
`,
      "etc/nginx/sites-enabled/sec": String.raw`server {
    listen 80;
    server_name sec.example;
    root /srv/sec;
    server_tokens off;
    include snippets/headers.conf;
    add_header Content-Security-Policy "default-src 'none'; style-src 'self'; img-src 'self'" always;
    location /assets/ {
        add_header Cache-Control "public";
    }
    location /blog/ {
        include snippets/headers.conf;
        add_header X-Robots-Tag "noindex, nofollow";
    }
    location ~ /\.(?!well-known) { deny all; access_log off; log_not_found off; }
    location = /favicon.ico { access_log off; log_not_found off; }
    location = /robots.txt { access_log off; log_not_found off; allow all; }
}
`,
    },
    requests: `
      sec.example/
      sec.example/none
      sec.example/assets/site.css
      sec.example/blog/
      sec.example/.env
      sec.example/.git/config
      sec.example/favicon.ico
      sec.example/robots.txt
    `,
  },
  {
    name: "how long things are fresh, by type",
    files: {
      ...tree("srv/fresh"),
      "etc/nginx/sites-enabled/fresh": String
        .raw`map $sent_http_content_type $expires {
    default                    off;
    text/html                  epoch;
    text/css                   max;
    application/javascript     max;
    ~image/                    30d;
    ~font/                     @23h59m;
    application/json           -1;
}
server {
    listen 80;
    server_name fresh.example;
    root /srv/fresh;
    expires $expires;
    location /blog/ { expires modified +24h; }
    location = /robots.txt { expires -1; }
    location = /about.html { expires 0; }
}
`,
    },
    requests: `
      fresh.example/
      fresh.example/assets/site.css
      fresh.example/assets/app.3f2a1b.js
      fresh.example/assets/logo.svg
      fresh.example/data.json
      fresh.example/blog/
      fresh.example/robots.txt
      fresh.example/about.html
      fresh.example/favicon.ico
    `,
  },
  {
    name: "gzip as most have it",
    files: {
      ...tree("srv/gz"),
      "srv/gz/big.txt": "0123456789abcdef\n".repeat(5000),
      "srv/gz/pre.js": "plain\n",
      "srv/gz/pre.js.gz": "packed\n",
      "etc/nginx/sites-enabled/gz": String.raw`
gzip_disable "msie6";
gzip_vary on;
gzip_proxied expired no-cache no-store private auth;
gzip_comp_level 6;
gzip_buffers 16 8k;
gzip_http_version 1.1;
gzip_min_length 1000;
gzip_types text/plain text/css application/json application/javascript text/xml image/svg+xml;
server {
    listen 80;
    server_name gz.example;
    root /srv/gz;
    location = /pre.js { gzip_static on; }
    location /blog/ { gzip off; }
}
`,
    },
    requests: `
      gz.example/ | Accept-Encoding: gzip, deflate, br
      gz.example/
      gz.example/big.txt | Accept-Encoding: gzip
      gz.example/big.txt | Accept-Encoding: gzip | Via: 1.1 proxy
      gz.example/big.txt | Accept-Encoding: gzip | User-Agent: Mozilla/4.0 (compatible; MSIE 6.0; Windows)
      gz.example/big.txt | Accept-Encoding: identity
      gz.example/data.json | Accept-Encoding: gzip
      gz.example/pre.js
      gz.example/blog/ | Accept-Encoding: gzip
    `,
  },
  {
    name: "brotli by a module",
    modules: ["ngx_http_brotli_filter_module", "ngx_http_brotli_static_module"],
    files: {
      ...tree("srv/br"),
      "etc/nginx/modules-enabled/50-brotli.conf": String
        .raw`load_module modules/ngx_http_brotli_filter_module.so;
load_module modules/ngx_http_brotli_static_module.so;
`,
      "etc/nginx/conf.d/brotli.conf": String.raw`brotli on;
brotli_static on;
brotli_comp_level 6;
brotli_buffers 16 8k;
brotli_min_length 20;
brotli_types text/plain text/css application/json application/javascript image/svg+xml;
`,
      "etc/nginx/sites-enabled/br": String.raw`server {
    listen 80;
    server_name br.example;
    root /srv/br;
}
`,
    },
    requests: `
      br.example/
      br.example/assets/site.css
      br.example/ | Accept-Encoding: gzip
    `,
  },
  {
    name: "old pages in another encoding",
    files: {
      "srv/old/index.html": "<p>caf\xe9</p>\n",
      "srv/old/new/index.html": "<p>new</p>\n",
      "srv/old/a.txt": "text\n",
      "etc/nginx/sites-enabled/old": String.raw`server {
    listen 80;
    server_name old.example;
    root /srv/old;
    charset windows-1252;
    charset_types text/plain text/css;
    location /new/ { charset utf-8; }
    location = /a.txt { charset off; }
}
`,
    },
    requests: `
      old.example/
      old.example/new/
      old.example/a.txt
      old.example/none
    `,
  },
  {
    name: "pages in KOI8-R, sent as UTF-8",
    files: {
      "srv/koi/index.html": "<p>\xf0\xd2\xc9\xd7\xc5\xd4</p>\n",
      "etc/nginx/koi-utf": String.raw`
charset_map  koi8-r  utf-8 {
    C9  D0B8 ; # small i
    D2  D180 ; # small r
    D7  D0B2 ; # small v
    C5  D0B5 ; # small ye
    D4  D182 ; # small t
    F0  D09F ; # capital P
}
`,
      "etc/nginx/sites-enabled/koi": String.raw`
include koi-utf;
server {
    listen 80;
    server_name koi.example;
    root /srv/koi;
    source_charset koi8-r;
    charset utf-8;
    location /raw/ { charset koi8-r; alias /srv/koi/; }
}
`,
    },
    requests: `
      koi.example/
      koi.example/raw/
      HEAD koi.example/
    `,
  },
];
