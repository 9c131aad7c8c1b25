/** What nginx's guide and its wiki show, and what everybody copies from there. */

import { type Site, WEB_TREE } from "./site.ts";

/** The sites. */
export const GUIDE_SITES: readonly Site[] = [
  {
    name: "the beginner's guide, the wiki and its pitfalls",
    files: {
      ...WEB_TREE,
      "etc/nginx/sites-enabled/guides": String.raw`server {
    listen 80 default_server;
    server_name bg.x;
    location / { root /srv/www; }
    location /images/ { root /srv/www; }
    location ~ \.(gif|jpg|png)$ { root /srv/www/; }
}
server {
    listen 80;
    server_name php.x example.org www.example.org;
    root /srv/www;
    location / { index index.html index.php; }
    location ~* \.(gif|jpg|png)$ { expires 30d; }
    location ~ \.php$ { return 200 "php $uri"; }
}
server {
    listen 80;
    server_name example.net;
    return 301 http://www.example.net$request_uri;
}
server {
    listen 80;
    server_name www.example.net;
    root /srv/www;
    location / {
        try_files /system/maintenance.html $uri $uri/index.html $uri.html @mongrel;
    }
    location @mongrel { return 200 "mongrel $uri"; }
}
server {
    listen 80;
    server_name www.wild.net wild.net;
    if ($http_host !~* ^(www\.)?wild\.net) {
        rewrite ^(.*)$ http://www.wild.net$1 redirect;
    }
    root /srv/www;
}
server {
    listen 80;
    server_name pit.x *.pit.x;
    if ($host ~* ^www\.(.+)) {
        set $raw $1;
        rewrite ^/(.*)$ http://$raw/$1 permanent;
    }
    root /srv/www;
    location ~ /\.ht { deny all; }
    location ~ ^/(status|ping)$ { access_log off; return 200 ok; }
    location = /robots.txt { allow all; log_not_found off; access_log off; }
    location = /favicon.ico { log_not_found off; access_log off; }
    location ~* \.(js|css|png|jpg|jpeg|gif|ico)$ {
        expires max;
        log_not_found off;
    }
    location ~* ^/wp-content/.*\.(txt|md|exe)$ { deny all; }
    location ~* /(?:uploads|files)/.*\.php$ { deny all; }
    rewrite /wp-admin$ $scheme://$host$uri/ permanent;
    location / { try_files $uri $uri/ /index.php?$args; }
    location ~ [^/]\.php(/|$) { return 200 "PHP $uri $args"; }
}
server {
    listen 80;
    server_name dr.x;
    root /srv/www;
    location ~ \..*/.*\.php$ { return 403; }
    location ~ ^/sites/.*/private/ { return 403; }
    location ~ (^|/)\. { return 403; }
    location / { try_files $uri /index.php?$query_string; }
    location @rewrite { rewrite ^ /index.php; }
    location ~ '\.php$|^/update.php' { return 200 "I $uri $args"; }
    location ~ ^/sites/.*/files/styles/ { try_files $uri @rewrite; }
    location ~ ^(/[a-z\-]+)?/system/files/ {
        try_files $uri /index.php?$query_string;
    }
    if ($request_uri ~* "^(.*/)index\.php/(.*)") { return 307 $1$2; }
}
server {
    listen 80;
    server_name mw.x;
    root /srv/www;
    location /wiki/ { rewrite ^/wiki/(?<pagename>.*)$ /w/index.php; }
    location /w/ { return 200 "[$pagename] $uri"; }
    location ^~ /maintenance/ { return 403; }
    location /w/images/deleted { deny all; }
    location = /_.gif { expires max; empty_gif; }
    location ^~ /cache/ { deny all; }
    location /old/ {
        rewrite ^/old/([^/]+)/([^/]+)/?$ /new.php?a=$1&b=$2 last;
        rewrite ^/old/(.+)$ /w/$1? permanent;
        return 410;
    }
    location = /new.php { return 200 "$args"; }
}
`,
    },
    requests: String.raw`
      bg.x/
      bg.x/images/a.gif
      bg.x/images/none.gif
      bg.x/s.css | Accept-Encoding: gzip
      bg.x/s.css | Accept-Encoding: gzip | User-Agent: Mozilla/4.0 (compatible; MSIE 6.0; X)
      bg.x/s.css | Accept-Encoding: gzip | User-Agent: Mozilla/4.0 (compatible; MSIE 6.0; SV1)
      bg.x/s.css | Accept-Encoding: gzip;q=0
      bg.x/t.txt | Accept-Encoding: gzip
      php.x/
      php.x/index.php?user=john&page=1
      php.x/images/a.gif
      php.x/about.html
      example.net/x?y
      www.example.net/about
      www.example.net/zz
      www.wild.net/
      other.wild.net/
      pit.x/
      www.pit.x/a/b?c=d
      pit.x/.htaccess
      pit.x/status
      pit.x/robots.txt
      pit.x/favicon.ico
      pit.x/a.js
      pit.x/none.js
      pit.x/wp-content/a.txt
      pit.x/uploads/x.php
      pit.x/wp-admin
      pit.x/wp-admin?x
      pit.x/nope?x=1
      pit.x/x.php/foo
      pit.x/sub
      dr.x/a.b/x.php
      dr.x/sites/x/private/y
      dr.x/.git
      dr.x/node/1?x=2
      dr.x/index.php/foo
      dr.x/index.php/foo?x
      dr.x/sites/x/files/styles/z
      dr.x/de/system/files/x
      dr.x/update.php
      mw.x/wiki/Main_Page
      mw.x/wiki/A%26B
      mw.x/maintenance/x
      mw.x/_.gif
      mw.x/old/a/b
      mw.x/old/a/b/?z=1
      mw.x/old/a
      mw.x/old/a?q
      mw.x/old/
      mw.x/w/images/deleted
    `,
  },
  {
    name: "rules that everybody copies",
    files: {
      ...WEB_TREE,
      "etc/nginx/sites-enabled/copied": String.raw`server {
    listen 80;
    server_name mt.x;
    root /srv/www;
    error_page 503 @maintenance;
    set $maint 0;
    if (-f $document_root/maintenance.html) { set $maint 1; }
    if ($remote_addr ~ "^10\.") { set $maint 0; }
    if ($uri ~ ^/images/) { set $maint 0; }
    if ($maint) { return 503; }
    location @maintenance { rewrite ^(.*)$ /maintenance.html break; }
    location / { }
}
server {
    listen 80;
    server_name mt2.x;
    root /srv/www;
    location / { if (-f $document_root/maintenance.html) { return 503; } }
    error_page 503 /maintenance.html;
    location = /maintenance.html {
        internal;
        add_header Retry-After 3600 always;
    }
}
server {
    listen 80;
    server_name ts.x;
    root /srv/www;
    rewrite ^/(.*)/$ /$1 permanent;
    location / { try_files $uri $uri.html $uri/index.html =404; }
}
server {
    listen 80;
    server_name ts2.x;
    root /srv/www;
    if ($request_uri ~ ^/(.*)\.html(\?|$)) { return 302 /$1; }
    location / { try_files $uri $uri.html $uri/ =404; }
}
server {
    listen 80;
    server_name ts3.x;
    root /srv/www;
    rewrite ^([^.]*[^/])$ $1/ permanent;
    location / { try_files $uri $uri/ =404; }
}
server {
    listen 80;
    server_name case.x;
    root /srv/www;
    location ~ [A-Z] { rewrite ^ /lower$uri permanent; }
    location ~* ^/(?<l>en|de)(?<rest>/.*)?$ {
        try_files /$l$rest /$l/index.html =404;
    }
    location = / {
        if ($http_accept_language ~* ^de) { return 302 /de/; }
        return 302 /en/;
    }
}
server {
    listen 80;
    server_name block.x;
    root /srv/www;
    if ($http_user_agent ~* (wget|curl|LWP::Simple|BBBike) ) { return 403; }
    if ($request_method !~ ^(GET|HEAD)$ ) { return 444; }
    if ($query_string ~ "[a-zA-Z0-9_]=http://") { return 403; }
    if ($query_string ~* "(<|%3C).*script.*(>|%3E)") { return 403; }
    location ~* \.(engine|inc|info|install|make|module|profile|test|po|sh|.*sql|theme|tpl(\.php)?|xtmpl)$|^(\..*|Entries.*|Repository|Root|Tag|Template)$|\.php_ {
        deny all;
    }
}
server {
    listen 80;
    server_name webp.x;
    root /srv/www;
    location ~* ^(?<base>/images/.+)\.(?<ext>gif|png)$ {
        add_header Vary Accept;
        try_files $base$webp.$ext $base.$ext =404;
    }
    set $webp "";
    if ($http_accept ~* "webp") { set $webp .webp; }
}
server {
    listen 80;
    server_name cors.x;
    root /srv/www;
    location / {
        if ($request_method = 'OPTIONS') {
            add_header 'Access-Control-Allow-Origin' '*';
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
server {
    listen 80;
    server_name ~^(?<sub>[a-z]+)\.sites\.x$;
    root /srv/hosts/$sub;
    access_log logs/sub.log;
    location / { try_files $uri $uri/ =404; }
    error_page 404 = @n;
    location @n { return 404 "no $sub"; }
}
server {
    listen 80;
    server_name dl.x;
    root /srv/www;
    location ~ ^/dl/(?<f>[^/]+)$ {
        alias /srv/www/$f;
        add_header Content-Disposition "attachment; filename=\"$f\"";
    }
    location /get {
        if ($arg_file ~ "^[a-z]+\.txt$") { rewrite ^ /$arg_file? last; }
        return 400;
    }
}
`,
    },
    requests: String.raw`
      mt.x/
      mt.x/images/a.gif
      POST mt.x/x
      mt2.x/
      mt2.x/t.txt
      mt2.x/maintenance.html
      ts.x/sub/
      ts.x/sub
      ts.x/about/
      ts.x/about
      ts.x/
      ts.x//
      ts2.x/about.html
      ts2.x/about.html?x
      ts2.x/about
      ts2.x/sub
      ts2.x/index.html
      ts3.x/sub
      ts3.x/sub?x=1
      ts3.x/about.html
      case.x/Foo
      case.x/en
      case.x/en/
      case.x/DE/
      case.x/
      case.x/ | Accept-Language: de
      block.x/ | User-Agent: Wget/1
      block.x/ | User-Agent: LWP::Simple/6
      POST block.x/
      block.x/?a=http://x
      block.x/x.inc
      block.x/a.sql
      block.x/x.php_
      block.x/
      webp.x/images/a.gif
      webp.x/images/a.gif | Accept: image/webp
      OPTIONS cors.x/t.txt
      cors.x/t.txt
      cors.x/none
      HEAD cors.x/t.txt
      alice.sites.x/
      bob.sites.x/
      carol.sites.x/
      carol.sites.x/x
      1.sites.x/
      dl.x/dl/t.txt
      dl.x/dl/none.txt
      dl.x/get?file=t.txt
      dl.x/get?file=../t.txt
    `,
    differs: [{
      told: "`add_header Content-Length` has no effect but a warning.",
      requests: ["OPTIONS cors.x/t.txt ⇒ - content-length: 0"],
    }],
  },
];
