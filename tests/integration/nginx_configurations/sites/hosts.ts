/** Sites of many names, and what redirects between them. */

import { type Site, tree } from "./site.ts";

/** A table of ten thousand redirects. */
const REDIRECTS = Array.from(
  { length: 10_000 },
  (_, n) => `/old/page-${n}.html /new/${n}/;\n`,
).join("");

/** The sites. */
export const HOST_SITES: readonly Site[] = [
  {
    name: "from http to https, from www to the bare name",
    files: {
      ...tree("var/www/bare"),
      "etc/nginx/sites-enabled/bare": String.raw`server {
    listen 80;
    listen [::]:80;
    server_name example.com www.example.com;
    return 301 https://example.com$request_uri;
}
server {
    listen 443 ssl http2;
    listen [::]:443 ssl http2;
    server_name www.example.com;
    include snippets/ssl.conf;
    return 301 https://example.com$request_uri;
}
server {
    listen 443 ssl http2;
    listen [::]:443 ssl http2;
    server_name example.com;
    include snippets/ssl.conf;
    root /var/www/bare;
    add_header Strict-Transport-Security "max-age=63072000; includeSubDomains; preload" always;
}
`,
      "etc/nginx/snippets/ssl.conf": String.raw`
ssl_certificate /etc/ssl/certs/example.pem;
ssl_certificate_key /etc/ssl/private/example.key;
ssl_session_timeout 1d;
ssl_session_cache shared:MozSSL:10m;
ssl_session_tickets off;
ssl_protocols TLSv1.3;
ssl_ecdh_curve X25519:prime256v1:secp384r1;
ssl_prefer_server_ciphers off;
`,
    },
    requests: `
      example.com/a/b?c=d
      www.example.com/
      https://www.example.com/x
      https://example.com/
      https://example.com/none
    `,
  },
  {
    name: "subdomains to folders, by a group with a name",
    files: {
      "srv/sites/alice/index.html": "<h1>alice</h1>\n",
      "srv/sites/bob/index.html": "<h1>bob</h1>\n",
      "srv/sites/bob/b.txt": "b\n",
      "etc/nginx/sites-enabled/users": String.raw`server {
    listen 80 default_server;
    server_name _;
    return 404;
}
server {
    listen 80;
    server_name ~^(?<sub>[a-z0-9-]+)\.users\.example$;
    root /srv/sites/$sub;
    access_log /var/log/nginx/users.log;
    location / { try_files $uri $uri/ =404; }
    add_header X-User $sub always;
}
server {
    listen 80;
    server_name users.example;
    return 302 http://alice.users.example/;
}
`,
    },
    requests: `
      alice.users.example/
      bob.users.example/
      bob.users.example/b.txt
      carol.users.example/
      users.example/
      ALICE.users.example/
      a.b.users.example/
    `,
  },
  {
    name: "a folder for each host",
    files: {
      "srv/vhosts/one.example/index.html": "<h1>one</h1>\n",
      "srv/vhosts/two.example/index.html": "<h1>two</h1>\n",
      "etc/nginx/sites-enabled/vhosts": String.raw`server {
    listen 80 default_server;
    root /srv/vhosts/$host;
    if (!-d $document_root) { return 404; }
    index index.html;
}
`,
    },
    requests: `
      one.example/
      two.example/
      three.example/
      two.example/none
    `,
  },
  {
    name: "a table of redirects, included",
    files: {
      ...tree("var/www/moved"),
      "etc/nginx/redirects.map": REDIRECTS,
      "etc/nginx/conf.d/redirects.conf": String.raw`map_hash_max_size 32768;
map_hash_bucket_size 128;
map $uri $new_uri {
    include /etc/nginx/redirects.map;
    "~^/blog/(?<year>\d{4})/(?<slug>.+)$" /posts/$slug/;
}
`,
      "etc/nginx/sites-enabled/moved": String.raw`server {
    listen 80;
    server_name moved.example;
    root /var/www/moved;
    if ($new_uri) {
        return 301 $new_uri;
    }
}
`,
    },
    requests: `
      moved.example/old/page-0.html
      moved.example/old/page-9999.html
      moved.example/old/page-10000.html
      moved.example/blog/2020/first
      moved.example/
    `,
  },
  {
    name: "redirects one by one",
    files: {
      ...tree("var/www/one"),
      "etc/nginx/sites-enabled/one": String.raw`server {
    listen 80;
    server_name one.example;
    root /var/www/one;
    location = /start { return 301 /; }
    location = /about-us { return 302 /about.html?from=$uri; }
    location ~ ^/article/(\d+)$ { return 308 /blog/?id=$1; }
    location /shop { rewrite ^/shop/?(.*)$ https://shop.example/$1 permanent; }
    location /tmp { return 307 $scheme://$host/assets/; }
    rewrite ^/team/(.*)$ /about.html?who=$1 last;
    rewrite ^/people$ /about.html redirect;
    rewrite (?i)^/IMPRINT$ /about.html? last;
    location /gone { return 410 "gone for good\n"; }
    location /away { return https://other.example/; }
}
`,
    },
    requests: `
      one.example/start
      one.example/about-us
      one.example/article/12
      one.example/article/x
      one.example/shop
      one.example/shop/a/b?c=d
      one.example/tmp
      one.example/team/alice
      one.example/people?a=b
      one.example/imprint?x=y
      one.example/gone
      one.example/away
    `,
  },
  {
    name: "one server for several kinds of names",
    files: {
      "srv/a/index.html": "a\n",
      "srv/b/index.html": "b\n",
      "srv/c/index.html": "c\n",
      "srv/d/index.html": "d\n",
      "etc/nginx/sites-enabled/names": String.raw`
server { listen 80; server_name exact.example; root /srv/a; }
server { listen 80; server_name *.wild.example .dotted.example; root /srv/b; }
server { listen 80; server_name mail.*; root /srv/c; }
server { listen 80 default_server; server_name ""; root /srv/d; }
`,
    },
    requests: `
      exact.example/
      EXACT.example./
      a.wild.example/
      a.b.wild.example/
      wild.example/
      dotted.example/
      x.dotted.example/
      mail.example.net/
      none.example/
    `,
  },
  {
    name: "the language a browser asks for, by folder",
    files: {
      "srv/lang/en/index.html": "<h1>en</h1>\n",
      "srv/lang/de/index.html": "<h1>de</h1>\n",
      "srv/lang/en/only.html": "<h1>only</h1>\n",
      "etc/nginx/sites-enabled/lang": String
        .raw`map $cookie_lang $cookie_choice {
    de de;
    en en;
}
map $http_accept_language $header_choice {
    default en;
    ~*^de   de;
}
map $cookie_choice $language {
    default $cookie_choice;
    ""      $header_choice;
}
server {
    listen 80;
    server_name lang.example;
    root /srv/lang;
    location / {
        add_header Content-Language $language;
        add_header Vary "Accept-Language, Cookie";
        try_files /$language$uri /$language$uri/index.html /en$uri =404;
    }
}
`,
    },
    requests: `
      lang.example/
      lang.example/ | Accept-Language: de
      lang.example/ | Accept-Language: de | Cookie: lang=en
      lang.example/ | Cookie: a=b; lang=de
      lang.example/only.html | Accept-Language: de
      lang.example/none
    `,
  },
  {
    name: "an old address that stays, by alias",
    files: {
      ...tree("var/www/alias"),
      "srv/files/report.pdf": "pdf",
      "etc/nginx/sites-enabled/alias": String.raw`server {
    listen 80;
    server_name alias.example;
    root /var/www/alias;
    location /download/ { alias /srv/files/; }
    location = /report { alias /srv/files/report.pdf; add_header Content-Disposition 'attachment; filename="report.pdf"'; }
    location ~ ^/f/(?<name>[a-z]+)$ { alias /srv/files/$name.pdf; }
    location /i/ { alias /var/www/alias/assets/; autoindex off; }
}
`,
    },
    requests: `
      alias.example/download/report.pdf
      alias.example/download/
      alias.example/download
      alias.example/report
      alias.example/f/report
      alias.example/f/none
      alias.example/i/logo.svg
      alias.example/i/
    `,
  },
];
