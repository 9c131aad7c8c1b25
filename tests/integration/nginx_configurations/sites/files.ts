/** Sites of files: downloads, mirrors, media, listings, parts of pages. */

import { type Site, tree } from "./site.ts";

/** The sites. */
export const FILE_SITES: readonly Site[] = [
  {
    name: "a mirror of packages",
    files: {
      "srv/mirror/debian/dists/stable/Release": "Release\n",
      "srv/mirror/debian/pool/main/a/a_1.0_all.deb": "!<arch>\n",
      "srv/mirror/HEADER.txt": "mirror\n",
      "etc/nginx/sites-enabled/mirror": String.raw`server {
    listen 80;
    server_name mirror.example;
    root /srv/mirror;
    autoindex on;
    autoindex_exact_size off;
    autoindex_localtime on;
    sendfile_max_chunk 1m;
    aio threads;
    directio 8m;
    output_buffers 2 512k;
    location ~ ^/debian/dists/ { expires 5m; }
    location ~ \.deb$ { expires max; default_type application/vnd.debian.binary-package; types { } }
    location /json/ { alias /srv/mirror/; autoindex_format json; }
}
`,
    },
    requests: `
      mirror.example/debian/dists/stable/Release
      mirror.example/debian/pool/main/a/a_1.0_all.deb
      mirror.example/debian
      mirror.example/debian/none
      HEAD mirror.example/debian/pool/main/a/a_1.0_all.deb
      mirror.example/debian/pool/main/a/a_1.0_all.deb | Range: bytes=2-
    `,
  },
  {
    name: "downloads, as attachments",
    files: {
      "srv/dl/setup.exe": "MZ\n".repeat(1000),
      "srv/dl/manual.pdf": "%PDF\n",
      "srv/dl/notes.txt": "notes\n",
      "etc/nginx/sites-enabled/dl": String.raw`server {
    listen 80;
    server_name dl.example;
    root /srv/dl;
    location ~ ^/(?<file>[^/]+)\.(exe|pdf)$ {
        add_header Content-Disposition "attachment; filename=$file.$2";
        add_header X-Robots-Tag noindex;
        max_ranges 1;
        limit_rate 5m;
    }
    location / { max_ranges 0; }
}
`,
    },
    requests: `
      dl.example/setup.exe
      dl.example/setup.exe | Range: bytes=0-1
      dl.example/setup.exe | Range: bytes=0-1,4-5
      dl.example/manual.pdf
      dl.example/notes.txt | Range: bytes=0-1
      dl.example/none.exe
    `,
  },
  {
    name: "films and music",
    files: {
      "srv/media/film.mp4": "mp4 mp4 mp4 mp4",
      "srv/media/song.mp3": "mp3",
      "srv/media/live.m3u8": "#EXTM3U\n",
      "srv/media/live0.ts": "ts",
      "etc/nginx/sites-enabled/media": String.raw`server {
    listen 80;
    server_name media.example;
    root /srv/media;
    types {
        application/vnd.apple.mpegurl m3u8;
        video/mp2t ts;
        video/mp4 mp4;
        audio/mpeg mp3;
    }
    add_header Accept-Ranges bytes;
    location ~ \.m3u8$ { add_header Cache-Control no-cache; add_header Access-Control-Allow-Origin *; }
    location ~ \.ts$ { expires 1h; add_header Access-Control-Allow-Origin *; }
    location ~ \.mp4$ { sendfile on; tcp_nopush on; directio 512k; }
}
`,
    },
    requests: `
      media.example/live.m3u8
      media.example/live0.ts
      media.example/film.mp4 | Range: bytes=4-7
    `,
    differs: [{
      told: "A part (206) has no `Accept-Ranges`.",
      requests: [
        "media.example/film.mp4 | Range: bytes=4-7 ⇒ - accept-ranges: bytes",
      ],
    }],
  },
  {
    name: "listings as data, for a page that shows them",
    files: {
      "srv/listing/a.txt": "a\n",
      "srv/listing/sub/b.txt": "b\n",
      "etc/nginx/sites-enabled/listing": String.raw`server {
    listen 80;
    server_name listing.example;
    root /srv/listing;
    location /sub/ { autoindex on; autoindex_format json; }
}
`,
    },
    requests: `
      listing.example/sub/b.txt
      listing.example/sub
      listing.example/
    `,
  },
  {
    name: "pages of parts, by SSI",
    files: {
      "srv/ssi/index.html":
        '<!--#include virtual="/head.html" --><p>text <!--#echo var="uri" --></p>\n',
      "srv/ssi/head.html": "<h1>head</h1>\n",
      "etc/nginx/sites-enabled/ssi": String.raw`server {
    listen 80;
    server_name ssi.example;
    root /srv/ssi;
    location / { ssi on; ssi_silent_errors on; }
}
`,
    },
    requests: `
      ssi.example/
      ssi.example/head.html
    `,
  },
  {
    name: "texts replaced on the way",
    files: {
      "srv/sub/index.html": "<head></head><p>__VERSION__ __VERSION__</p>\n",
      "etc/nginx/sites-enabled/sub": String.raw`server {
    listen 80;
    server_name sub.example;
    root /srv/sub;
    location / {
        sub_filter '__VERSION__' '1.2.3';
        sub_filter '</head>' '<script src="/x.js"></script></head>';
        sub_filter_once off;
        sub_filter_types text/html;
    }
}
`,
    },
    requests: `
      sub.example/
    `,
  },
  {
    name: "WebP where the browser takes it",
    files: {
      "srv/pics/a.jpg": "jpg",
      "srv/pics/a.jpg.webp": "webp",
      "srv/pics/b.png": "png",
      "etc/nginx/sites-enabled/pics": String.raw`map $http_accept $webp_suffix {
    default   "";
    "~*webp"  ".webp";
}
server {
    listen 80;
    server_name pics.example;
    root /srv/pics;
    location ~* ^.+\.(png|jpe?g)$ {
        add_header Vary Accept;
        add_header Cache-Control "public, no-transform";
        expires 30d;
        try_files $uri$webp_suffix $uri =404;
    }
}
`,
    },
    requests: `
      pics.example/a.jpg
      pics.example/a.jpg | Accept: image/avif,image/webp,*/*
      pics.example/b.png | Accept: image/webp
      pics.example/c.png
    `,
  },
  {
    name: "error pages of every kind",
    files: {
      ...tree("srv/errors"),
      "srv/errors/errors/404.html": "<h1>404</h1>\n",
      "srv/errors/errors/403.html": "<h1>403</h1>\n",
      "etc/nginx/sites-enabled/errors": String.raw`server {
    listen 80;
    server_name errors.example;
    root /srv/errors;
    error_page 404 /errors/404.html;
    error_page 403 /errors/403.html;
    error_page 500 502 503 504 /50x.html;
    error_page 410 =301 /about.html;
    error_page 418 = @teapot;
    location ^~ /errors/ { internal; }
    location = /50x.html { internal; }
    location /gone { return 410; }
    location /tea { return 418; }
    location /down { return 503; }
    location /closed/ { deny all; }
    location @teapot { default_type text/plain; return 200 "short and stout\n"; }
    location /fallback/ { error_page 404 = @fallback; }
    location @fallback { rewrite ^ /blog/index.html break; }
}
`,
    },
    requests: `
      errors.example/none
      errors.example/assets/
      errors.example/errors/404.html
      errors.example/gone
      errors.example/tea
      errors.example/down
      errors.example/closed/x
      errors.example/fallback/x
      POST errors.example/none
      HEAD errors.example/none
    `,
  },
  {
    name: "what others put in nginx.conf",
    files: {
      "etc/nginx/nginx.conf": String.raw`user nginx nginx;
worker_processes 4;
worker_cpu_affinity auto;
worker_priority -5;
worker_rlimit_core 500m;
working_directory /var/log/nginx;
timer_resolution 100ms;
pcre_jit on;
lock_file /var/run/nginx.lock;
pid /var/run/nginx.pid;
error_log /var/log/nginx/error.log crit;
env TZ;
events {
    use epoll;
    accept_mutex off;
    multi_accept on;
    worker_connections 4096;
    worker_aio_requests 32;
}
http {
    include mime.types;
    variables_hash_max_size 2048;
    variables_hash_bucket_size 128;
    server_names_hash_bucket_size 128;
    server_names_hash_max_size 1024;
    types_hash_bucket_size 128;
    client_body_in_file_only clean;
    client_body_in_single_buffer on;
    client_body_temp_path /var/cache/body 1 2;
    connection_pool_size 512;
    request_pool_size 4k;
    output_buffers 4 32k;
    postpone_output 1460;
    send_lowat 0;
    subrequest_output_buffer_size 8k;
    reset_timedout_connection on;
    keepalive_timeout 30s 25s;
    keepalive_requests 500;
    keepalive_time 1h;
    keepalive_disable msie6 safari;
    msie_padding on;
    msie_refresh off;
    recursive_error_pages on;
    log_subrequest off;
    ignore_invalid_headers on;
    underscores_in_headers off;
    chunked_transfer_encoding on;
    if_modified_since before;
    merge_slashes on;
    max_ranges 10;
    open_log_file_cache max=100 inactive=30s valid=60s min_uses=2;
    proxy_temp_path /var/cache/proxy 1 2;
    fastcgi_temp_path /var/cache/fastcgi;
    uwsgi_temp_path /var/cache/uwsgi;
    scgi_temp_path /var/cache/scgi;
    proxy_buffer_size 128k;
    proxy_buffers 4 256k;
    lingering_close on;
    lingering_time 30s;
    lingering_timeout 5s;
    resolver 127.0.0.1;
    access_log off;
    server {
        listen 80 default_server backlog=1024 so_keepalive=on;
        server_name tuned.example;
        root /srv/tuned;
        port_in_redirect off;
        server_name_in_redirect on;
        tcp_nodelay on;
        read_ahead 512k;
        location / { satisfy all; }
    }
}
`,
      ...tree("srv/tuned"),
    },
    requests: `
      tuned.example/
      tuned.example/blog
      tuned.example//assets//site.css
      tuned.example/none
    `,
  },
];
