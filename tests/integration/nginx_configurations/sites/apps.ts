/** Sites that a framework, a generator of pages or an export has made. */

import { type Site, tree } from "./site.ts";

/** The sites. */
export const APP_SITES: readonly Site[] = [
  {
    name: "a single-page application with an API elsewhere",
    files: {
      ...tree("var/www/app"),
      "var/www/app/service-worker.js": "self;\n",
      "var/www/app/manifest.webmanifest": "{}\n",
      "etc/nginx/sites-enabled/app": String.raw`server {
    listen 80;
    server_name app.example.com;
    root /var/www/app;

    gzip on;
    gzip_static on;
    gzip_vary on;
    gzip_types text/css application/javascript image/svg+xml application/json;

    location / {
        try_files $uri /index.html;
    }
    location = /index.html {
        add_header Cache-Control "no-cache";
        add_header X-Frame-Options SAMEORIGIN;
    }
    location = /service-worker.js {
        expires off;
        add_header Cache-Control "no-cache, no-store, must-revalidate";
        add_header Service-Worker-Allowed "/";
    }
    location ~* \.webmanifest$ {
        types { application/manifest+json webmanifest; }
    }
    location ~* "\.[0-9a-f]{6}\.(js|css)$" {
        expires max;
        add_header Cache-Control "public, immutable";
    }
    location /api {
        return 307 https://api.example.com$request_uri;
    }
}
`,
    },
    requests: `
      app.example.com/
      app.example.com/index.html
      app.example.com/users/1
      app.example.com/service-worker.js
      app.example.com/manifest.webmanifest
      app.example.com/assets/app.3f2a1b.js
      app.example.com/assets/app.3f2a1b.js | Accept-Encoding: gzip
      app.example.com/api/v1?x=y
      POST app.example.com/api/v1
      app.example.com/blog
    `,
  },
  {
    name: "WordPress, exported to files",
    files: {
      ...tree("var/www/wp"),
      "var/www/wp/2024/05/hello/index.html": "<h1>hello</h1>\n",
      "var/www/wp/wp-content/uploads/a.jpg": "jpg",
      "var/www/wp/feed/index.xml": "<rss/>\n",
      "etc/nginx/sites-enabled/wp": String.raw`server {
    listen 80;
    server_name wp.example.com;
    root /var/www/wp;
    index index.html index.xml;

    # the old addresses of a dynamic site
    rewrite ^/index\.php/(.*)$ /$1 permanent;
    rewrite "^/([0-9]{4})/([0-9]{2})/([^/]+)\.html$" /$1/$2/$3/ permanent;
    if ($arg_p ~ "^[0-9]+$") {
        return 301 /archives/$arg_p/?;
    }
    location ~ ^/(wp-admin|wp-login\.php|xmlrpc\.php) {
        return 410;
    }
    location ~* ^/wp-content/uploads/.*\.(php|phps)$ { deny all; }
    location ~* \.(jpg|jpeg|png|gif|ico|css|js)$ {
        expires 365d;
        log_not_found off;
    }
    location / {
        try_files $uri $uri/ =404;
    }
    error_page 404 /404.html;
    error_page 410 /410.html;
    location = /404.html { internal; }
}
`,
    },
    requests: `
      wp.example.com/
      wp.example.com/2024/05/hello/
      wp.example.com/2024/05/hello
      wp.example.com/2024/05/hello.html
      wp.example.com/index.php/2024/05/hello/?a=b
      wp.example.com/?p=12
      wp.example.com/?p=x
      wp.example.com/wp-admin/
      wp.example.com/xmlrpc.php
      POST wp.example.com/xmlrpc.php
      wp.example.com/feed/
      wp.example.com/wp-content/uploads/a.jpg
      wp.example.com/wp-content/uploads/a.php
      wp.example.com/404.html
      wp.example.com/none
    `,
  },
  {
    name: "Jekyll, with addresses without .html",
    files: {
      ...tree("srv/jekyll/_site"),
      "etc/nginx/sites-enabled/jekyll": String.raw`server {
    listen 80;
    server_name blog.example.org;
    root /srv/jekyll/_site;
    index index.html;
    expires 1d;
    charset utf-8;

    location / {
        if ($request_uri ~ ^/(.*)\.html(\?|$)) {
            return 302 /$1$is_args$args;
        }
        try_files $uri $uri.html $uri/ =404;
    }
    location ~* \.(?:ico|css|js|gif|jpe?g|png|svg|woff2?)$ {
        expires 30d;
        add_header Vary Accept-Encoding;
        access_log off;
    }
    location /feed.xml { expires 1h; }
    error_page 404 /404.html;
}
`,
    },
    requests: `
      blog.example.org/
      blog.example.org/about
      blog.example.org/about.html
      blog.example.org/about.html?a=b
      blog.example.org/blog/
      blog.example.org/blog
      blog.example.org/assets/site.css
      blog.example.org/feed.xml
      blog.example.org/none
    `,
  },
  {
    name: "Hugo, in several languages",
    files: {
      "srv/hugo/public/index.html": "<h1>en</h1>\n",
      "srv/hugo/public/de/index.html": "<h1>de</h1>\n",
      "srv/hugo/public/fr/index.html": "<h1>fr</h1>\n",
      "srv/hugo/public/de/404.html": "<h1>nicht da</h1>\n",
      "srv/hugo/public/fr/404.html": "<h1>pas là</h1>\n",
      "srv/hugo/public/404.html": "<h1>not here</h1>\n",
      "etc/nginx/conf.d/lang.conf": String.raw`map $http_accept_language $lang {
    default en;
    ~^de    de;
    ~^fr    fr;
    ~*,\s*de de;
}
map $lang $lang_prefix {
    en      "";
    default /$lang;
}
`,
      "etc/nginx/sites-enabled/hugo": String.raw`server {
    listen 80;
    server_name docs.example.org;
    root /srv/hugo/public;

    location = / {
        add_header Vary Accept-Language always;
        if ($lang_prefix) { return 302 $lang_prefix/; }
        try_files /index.html =404;
    }
    location /de/ { error_page 404 /de/404.html; }
    location /fr/ { error_page 404 /fr/404.html; }
    error_page 404 /404.html;
}
`,
    },
    requests: `
      docs.example.org/
      docs.example.org/ | Accept-Language: de-DE,de;q=0.9
      docs.example.org/ | Accept-Language: fr
      docs.example.org/ | Accept-Language: en-GB, de;q=0.5
      docs.example.org/de/
      docs.example.org/de/none
      docs.example.org/fr/none
      docs.example.org/none
    `,
  },
  {
    name: "Docusaurus below a folder",
    files: {
      "srv/docs/build/index.html": "<h1>docs</h1>\n",
      "srv/docs/build/intro/index.html": "<h1>intro</h1>\n",
      "srv/docs/build/assets/js/main.0a1b2c3d.js": "1;\n",
      "etc/nginx/sites-enabled/docs": String.raw`server {
    listen 80;
    server_name example.net;
    absolute_redirect off;
    location = / { return 302 /docs/; }
    location /docs/ {
        alias /srv/docs/build/;
        try_files $uri $uri/ /docs/index.html;
    }
    location ~ ^/docs/assets/(.*)$ {
        alias /srv/docs/build/assets/$1;
        expires max;
        add_header Cache-Control "public, max-age=31536000, immutable";
    }
    location = /docs { return 301 /docs/; }
}
`,
    },
    requests: `
      example.net/
      example.net/docs
      example.net/docs/
      example.net/docs/intro
      example.net/docs/intro/
      example.net/docs/assets/js/main.0a1b2c3d.js
      example.net/docs/assets/js/none.js
      example.net/docs/none
      example.net/none
    `,
  },
  {
    name: "Next.js, exported",
    files: {
      "srv/next/out/index.html": "<h1>next</h1>\n",
      "srv/next/out/about.html": "<h1>about</h1>\n",
      "srv/next/out/blog/[slug].html": "<h1>any post</h1>\n",
      "srv/next/out/_next/static/chunks/main-abc.js": "1;\n",
      "srv/next/out/404.html": "<h1>404</h1>\n",
      "etc/nginx/sites-enabled/next": String.raw`server {
  listen 80;
  server_name acme.example;
  root /srv/next/out;

  location / {
      try_files $uri $uri.html $uri/ =404;
  }
  # This is necessary when trailingSlash is false
  location /blog/ {
      rewrite ^/blog/(.*)$ /blog/[slug].html break;
  }
  location /_next/static/ {
      expires 1y;
      add_header Cache-Control "public, immutable";
  }
  error_page 404 /404.html;
  location = /404.html {
      internal;
  }
}
`,
    },
    requests: `
      acme.example/
      acme.example/about
      acme.example/about/
      acme.example/blog/first-post
      acme.example/_next/static/chunks/main-abc.js
      acme.example/_next/static/none.js
      acme.example/404
      acme.example/404.html
      acme.example/none
    `,
  },
  {
    name: "a progressive application with headers of its own",
    files: {
      ...tree("srv/pwa"),
      "srv/pwa/sw.js": "self;\n",
      "srv/pwa/manifest.json": "{}\n",
      "srv/pwa/.well-known/assetlinks.json": "[]\n",
      "srv/pwa/.well-known/apple-app-site-association": "{}\n",
      "etc/nginx/sites-enabled/pwa": String.raw`server {
    listen 80;
    server_name pwa.example;
    root /srv/pwa;

    add_header Cross-Origin-Opener-Policy same-origin always;
    add_header Cross-Origin-Embedder-Policy require-corp always;
    add_header Content-Security-Policy "
        default-src 'self';
        img-src 'self' data: https:;
        style-src 'self' 'unsafe-inline';
        connect-src 'self' https://api.pwa.example wss://api.pwa.example
    " always;

    location / { try_files $uri $uri/ /index.html; }
    location = /sw.js { add_header Cache-Control "max-age=0"; }
    location = /manifest.json { default_type application/manifest+json; types { } }
    location = /.well-known/apple-app-site-association { default_type application/json; }
    location ~ /\.(?!well-known).* { deny all; return 404; }
}
`,
    },
    requests: `
      pwa.example/
      pwa.example/route
      pwa.example/sw.js
      pwa.example/manifest.json
      pwa.example/.well-known/assetlinks.json
      pwa.example/.well-known/apple-app-site-association
      pwa.example/.env
      pwa.example/assets/site.css
    `,
  },
  {
    name: "a game in WebAssembly, compressed beforehand",
    files: {
      "srv/game/index.html": "<canvas>\n",
      "srv/game/Build/game.wasm.gz": "not really",
      "srv/game/Build/game.data.gz": "not really",
      "srv/game/Build/game.framework.js.gz": "not really",
      "etc/nginx/sites-enabled/game": String.raw`server {
    listen 80;
    server_name game.example;
    root /srv/game;
    location ~ .+\.(data|symbols\.json)\.gz$ {
        gzip off;
        add_header Content-Encoding gzip;
        default_type application/octet-stream;
        types { }
    }
    location ~ .+\.js\.gz$ {
        gzip off;
        add_header Content-Encoding gzip;
        types { }
        default_type application/javascript;
    }
    location ~ .+\.wasm\.gz$ {
        gzip off;
        add_header Content-Encoding gzip;
        types { }
        default_type application/wasm;
    }
}
`,
    },
    requests: `
      game.example/
      game.example/Build/game.wasm.gz
      game.example/Build/game.data.gz
      game.example/Build/game.framework.js.gz
    `,
  },
];
