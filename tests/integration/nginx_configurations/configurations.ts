/**
 * Configurations as people have them for static sites: Debian's, those of
 * generators, guides and container images, in short. `@` is the folder they
 * stand in; `ca.crt` and `ca.key` are there.
 */

/** One configuration, and what `-t` says of it. */
export interface NginxConfiguration {
  /** Whose it is like. */
  readonly name: string;
  /** The files; `nginx.conf` is the main one. */
  readonly files: Readonly<Record<string, string>>;
  /** The directives that are not supported, where they stand. */
  readonly refused?: readonly string[];
  /** The directives that a warning is about. */
  readonly warned?: readonly string[];
  /** Whether nginx has to have modules of others for it. */
  readonly needsModules?: boolean;
}

const EVENTS = "events { worker_connections 768; multi_accept on; }\n";

const DEBIAN = `user www-data;
worker_processes auto;
pid @/run.pid;
error_log @/error.log;
include @/modules-enabled/*.conf;
${EVENTS}
http {
  sendfile on;
  tcp_nopush on;
  types_hash_max_size 2048;
  # server_tokens off;
  include @/mime.types;
  default_type application/octet-stream;
  ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; # Dropping SSLv3, ref: POODLE
  ssl_prefer_server_ciphers on;
  access_log @/access.log;
  gzip on;
  include @/conf.d/*.conf;
  include @/sites-enabled/*;
}
`;

const MIME_TYPES = `types {
    text/html                             html htm shtml;
    text/css                              css;
    application/javascript                js;
    image/svg+xml                         svg svgz;
}
`;

const PROXY_PARAMS = `proxy_set_header Host $http_host;
proxy_set_header X-Real-IP $remote_addr;
proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
proxy_set_header X-Forwarded-Proto $scheme;
`;

const FASTCGI_PHP = `fastcgi_split_path_info ^(.+?\\.php)(/.*)$;
try_files $fastcgi_script_name =404;
set $path_info $fastcgi_path_info;
fastcgi_param PATH_INFO $path_info;
fastcgi_index index.php;
`;

/** certbot's `options-ssl-nginx.conf`. */
const CERTBOT = `ssl_session_cache shared:le_nginx_SSL:10m;
ssl_session_timeout 1440m;
ssl_session_tickets off;
ssl_protocols TLSv1.2 TLSv1.3;
ssl_prefer_server_ciphers off;
ssl_ciphers "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256";
`;

/** The configurations. */
export const CONFIGURATIONS: readonly NginxConfiguration[] = [
  {
    name: "Debian's package",
    files: {
      "nginx.conf": DEBIAN,
      "mime.types": MIME_TYPES,
      "modules-enabled/50-mod-x.conf": "# load_module modules/x.so;\n",
      "sites-enabled/default": `server {
  listen 127.0.0.1:0 default_server;
  root @;
  index index.html index.htm index.nginx-debian.html;
  server_name _;
  location / {
    # First attempt to serve request as file, then
    # as directory, then fall back to displaying a 404.
    try_files $uri $uri/ =404;
  }
  #location ~ \\.php$ { include snippets/fastcgi-php.conf; }
}
`,
    },
    warned: ["ssl_prefer_server_ciphers", "ssl_protocols"],
  },
  {
    name: "Debian's package, with PHP and a proxy behind it",
    files: {
      "nginx.conf": DEBIAN,
      "mime.types": MIME_TYPES,
      "modules-enabled/": "",
      "conf.d/proxy.conf": PROXY_PARAMS,
      "fastcgi-php.conf": FASTCGI_PHP,
      "sites-enabled/default": `server {
  listen 127.0.0.1:0;
  root @;
  location ~ \\.php$ {
    include @/fastcgi-php.conf;
    fastcgi_pass unix:/run/php/php7.4-fpm.sock;
  }
  location /api/ { proxy_pass http://127.0.0.1:3000; }
}
`,
    },
    refused: [
      "fastcgi_script_name fastcgi-php.conf:2",
      "fastcgi_path_info fastcgi-php.conf:3",
      "fastcgi_pass sites-enabled/default:6",
      "proxy_pass sites-enabled/default:8",
    ],
    warned: ["ssl_prefer_server_ciphers", "ssl_protocols"],
  },
  {
    name: "the official container image",
    files: {
      "nginx.conf": `user  root;
worker_processes  auto;
error_log  @/error.log notice;
pid        @/nginx.pid;
events {
    worker_connections  1024;
}
http {
    include       @/mime.types;
    default_type  application/octet-stream;
    log_format  main  '$remote_addr - $remote_user [$time_local] "$request" '
                      '$status $body_bytes_sent "$http_referer" '
                      '"$http_user_agent" "$http_x_forwarded_for"';
    access_log  @/access.log  main;
    sendfile        on;
    #tcp_nopush     on;
    keepalive_timeout  65;
    #gzip  on;
    include @/conf.d/*.conf;
}
`,
      "mime.types": MIME_TYPES,
      "conf.d/default.conf": `server {
    listen       127.0.0.1:0;
    server_name  localhost;
    location / {
        root   @;
        index  index.html index.htm;
    }
    #error_page  404              /404.html;
    # redirect server error pages to the static page /50x.html
    error_page   500 502 503 504  /50x.html;
    location = /50x.html {
        root   @;
    }
}
`,
    },
  },
  {
    name: "a generator of configurations",
    files: {
      "nginx.conf": `user                 root;
pid                  @/nginx.pid;
worker_processes     auto;
worker_rlimit_nofile 65535;
include              @/modules-enabled/*.conf;
events {
    multi_accept       on;
    worker_connections 65535;
}
http {
    charset                utf-8;
    sendfile               on;
    tcp_nopush             on;
    tcp_nodelay            on;
    server_tokens          off;
    log_not_found          off;
    types_hash_max_size    2048;
    types_hash_bucket_size 64;
    client_max_body_size   16M;
    include                @/mime.types;
    default_type           application/octet-stream;
    access_log             off;
    error_log              /dev/null;
    ssl_session_timeout    1d;
    ssl_session_cache      shared:SSL:10m;
    ssl_session_tickets    off;
    ssl_protocols          TLSv1.2 TLSv1.3;
    ssl_ciphers            ECDHE-ECDSA-AES128-GCM-SHA256;
    resolver               127.0.0.1 valid=60s;
    resolver_timeout       2s;
    map $http_upgrade $connection_upgrade {
        default upgrade;
        ""      close;
    }
    map $remote_addr $proxy_forwarded_elem {
        ~^[0-9.]+$        "for=$remote_addr";
        ~^[0-9A-Fa-f:.]+$ "for=\\"[$remote_addr]\\"";
        default           "for=unknown";
    }
    include @/sites-enabled/*;
}
`,
      "mime.types": MIME_TYPES,
      "modules-enabled/": "",
      "security.conf": `# security headers
add_header X-XSS-Protection        "1; mode=block" always;
add_header X-Content-Type-Options  "nosniff" always;
add_header Referrer-Policy         "no-referrer-when-downgrade" always;
add_header Content-Security-Policy "default-src 'self' http: https: ws: wss: data: blob: 'unsafe-inline'; frame-ancestors 'self';" always;
add_header Permissions-Policy      "interest-cohort=()" always;
add_header Strict-Transport-Security "max-age=31536000; includeSubDomains" always;
# . files
location ~ /\\.(?!well-known) {
    deny all;
}
`,
      "general.conf": `# favicon.ico
location = /favicon.ico {
    log_not_found off;
}
# assets, media
location ~* \\.(?:css(\\.map)?|js(\\.map)?|jpe?g|png|gif|ico|webp|mp4)$ {
    expires 7d;
}
# svg, fonts
location ~* \\.(?:svgz?|ttf|ttc|otf|eot|woff2?)$ {
    add_header Access-Control-Allow-Origin "*";
    expires    7d;
}
# gzip
gzip            on;
gzip_vary       on;
gzip_proxied    any;
gzip_comp_level 6;
gzip_types      text/plain text/css text/xml application/json application/javascript application/rss+xml application/atom+xml image/svg+xml;
`,
      "sites-enabled/example.com.conf": `server {
    listen                  127.0.0.1:0 ssl;
    server_name             example.com;
    root                    @;
    ssl_certificate         @/ca.crt;
    ssl_certificate_key     @/ca.key;
    ssl_trusted_certificate @/ca.crt;
    include                 @/security.conf;
    access_log              @/access.log combined buffer=512k flush=1m;
    error_log               @/error.log warn;
    index                   index.html;
    location / {
        try_files $uri $uri/ /index.html;
    }
    include @/general.conf;
}
server {
    listen      127.0.0.1:0;
    server_name .example.com;
    location ^~ /.well-known/acme-challenge/ { root @; }
    location / { return 301 https://example.com$request_uri; }
}
`,
    },
    warned: [
      "worker_rlimit_nofile",
      "ssl_ciphers",
      "ssl_session_tickets",
    ],
  },
  {
    name: "certbot",
    files: {
      "nginx.conf": `pid @/nginx.pid; error_log @/error.log; ${EVENTS}
http {
  access_log @/access.log;
  server {
    server_name example.org www.example.org;
    root @;
    index index.html;
    location / { try_files $uri $uri/ =404; }
    listen 127.0.0.1:0 ssl; # managed by Certbot
    ssl_certificate @/ca.crt; # managed by Certbot
    ssl_certificate_key @/ca.key; # managed by Certbot
    include @/options-ssl-nginx.conf; # managed by Certbot
  }
  server {
    if ($host = www.example.org) {
        return 301 https://$host$request_uri;
    } # managed by Certbot
    if ($host = example.org) {
        return 301 https://$host$request_uri;
    } # managed by Certbot
    listen 127.0.0.1:0;
    server_name example.org www.example.org;
    return 404; # managed by Certbot
  }
}
`,
      "options-ssl-nginx.conf": CERTBOT,
    },
    warned: ["ssl_ciphers", "ssl_session_tickets"],
  },
  {
    name: "Mozilla's generator",
    files: {
      "nginx.conf": `pid @/nginx.pid; error_log @/error.log; ${EVENTS}
http {
  access_log @/access.log;
  server {
    listen 127.0.0.1:0 ssl;
    root @;
    ssl_certificate @/ca.crt;
    ssl_certificate_key @/ca.key;
    # HSTS (ngx_http_headers_module is required) (63072000 seconds)
    add_header Strict-Transport-Security "max-age=63072000" always;
  }
  # intermediate configuration
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_ecdh_curve X25519:prime256v1:secp384r1;
  ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256;
  ssl_prefer_server_ciphers off;
  # see also ssl_session_ticket_key alternative to stateful session cache
  ssl_session_timeout 1d;
  ssl_session_cache shared:MozSSL:10m; # about 40000 sessions
  ssl_session_tickets off;
  # OCSP stapling
  ssl_stapling on;
  ssl_stapling_verify on;
  ssl_trusted_certificate @/ca.crt;
  resolver 127.0.0.1;
}
`,
    },
    warned: [
      "ssl_ciphers",
      "ssl_ecdh_curve",
      "ssl_session_tickets",
      "ssl_stapling",
    ],
  },
  {
    name: "a boilerplate whose headers are made by map",
    files: {
      "nginx.conf": `pid @/nginx.pid; error_log @/error.log warn; ${EVENTS}
worker_rlimit_nofile 8192;
http {
  server_tokens off;
  types {
    application/atom+xml atom;
    text/html html htm shtml;
  }
  default_type application/octet-stream;
  charset utf-8;
  charset_types text/css text/plain text/vnd.wap.wml application/javascript;
  access_log @/access.log;
  keepalive_timeout 20s;
  sendfile on;
  gzip on;
  gzip_comp_level 5;
  gzip_min_length 256;
  gzip_proxied any;
  gzip_vary on;
  map $sent_http_content_type $expires {
    default 1y;
    "" off;
    ~*text/html off;
  }
  expires $expires;
  map $sent_http_content_type $x_frame_options {
    ~*text/html DENY;
  }
  add_header X-Frame-Options $x_frame_options always;
  add_header X-Content-Type-Options nosniff always;
  server {
    listen 127.0.0.1:0 default_server deferred;
    server_name _;
    return 444;
  }
  server {
    listen 127.0.0.1:0;
    server_name example.com;
    root @;
    error_page 404 /404.html;
    location ~* /\\.(?!well-known\\/) { deny all; }
    location ~* (?:#.*#|\\.(?:bak|conf|dist|fla|in[ci]|log|orig|psd|sh|sql|sw[op])|~)$ {
      deny all;
    }
    location ~* (.+)\\.(?:\\w+)\\.(avifs?|bmp|css|cur|gif|ico|jpe?g|m?js|svgz?|webmanifest)$ {
      try_files $uri $1.$2;
    }
  }
}
`,
    },
    warned: ["deferred", "worker_rlimit_nofile"],
  },
  {
    name: "an application of one page, in a container",
    files: {
      "nginx.conf": `pid @/nginx.pid; error_log stderr; ${EVENTS}
http {
  client_body_temp_path @/client_temp;
  proxy_temp_path       @/proxy_temp_path;
  fastcgi_temp_path     @/fastcgi_temp;
  uwsgi_temp_path       @/uwsgi_temp;
  scgi_temp_path        @/scgi_temp;
  access_log /dev/stdout;
  server {
    listen 127.0.0.1:0;
    root @;
    location / {
      index index.html;
      try_files $uri $uri/ /index.html;
      add_header Cache-Control "no-store, no-cache, must-revalidate";
    }
    location ~* \\.(?:js|css|woff2?)$ { expires 1y; access_log off; add_header Cache-Control "public, immutable"; }
    location = /healthz { access_log off; return 200 "ok\\n"; default_type text/plain; }
    location ~ /\\.ht { deny all; }
  }
}
`,
    },
    warned: ["proxy_temp_path"],
  },
  {
    name: "a blog made of files",
    files: {
      "nginx.conf": `pid @/nginx.pid; error_log @/error.log; ${EVENTS}
http {
  access_log off;
  limit_req_zone $binary_remote_addr zone=one:10m rate=1r/s;
  limit_conn_zone $binary_remote_addr zone=addr:10m;
  auth_basic off;
  upstream backend { server 127.0.0.1:8081; keepalive 16; }
  server {
    listen 127.0.0.1:0;
    server_name blog.example.org;
    root @;
    index index.html;
    error_page 404 /404.html;
    location = /404.html { internal; }
    rewrite ^/posts/(.*)/$ /blog/$1 permanent;
    location / { try_files $uri $uri.html $uri/ =404; }
    location ~* ^/(?:css|js)/ { expires max; log_not_found off; satisfy any; }
    location /private/ { allow 192.0.2.0/24; deny all; }
  }
}
`,
    },
    warned: ["upstream"],
  },
  {
    name: "a shop of modules of others",
    needsModules: true,
    files: {
      "nginx.conf": `load_module modules/ngx_http_brotli_filter_module.so;
load_module modules/ngx_http_fancyindex_module.so;
load_module modules/ngx_http_lua_module.so;
pid @/nginx.pid; error_log @/error.log; ${EVENTS}
http {
  access_log off;
  lua_package_path "/usr/lib/lua/?.lua;;";
  geoip_country /usr/share/GeoIP/GeoIP.dat;
  vhost_traffic_status_zone;
  brotli on;
  brotli_comp_level 6;
  brotli_buffers 16 8k;
  brotli_types text/css application/javascript;
  more_set_headers "Server: mine";
  server {
    listen 127.0.0.1:0;
    root @;
    modsecurity off;
    pagespeed off;
    location /files/ {
      fancyindex on;
      fancyindex_exact_size off;
      fancyindex_header /header.html;
    }
    location /dav/ {
      dav_methods PUT DELETE;
      dav_ext_methods PROPFIND OPTIONS;
    }
    location /lua {
      content_by_lua_block {
        -- a comment with a }
        local s = "}" .. [[ } ]]
        if s then ngx.say({ "a", 'b}' }) end
      }
    }
    location /echo { echo "hello"; }
  }
}
stream { include @/stream.d/*.conf; }
`,
    },
    refused: [
      "fancyindex nginx.conf:22",
      "dav_methods nginx.conf:27",
      "dav_ext_methods nginx.conf:28",
      "content_by_lua_block nginx.conf:31",
      "echo nginx.conf:37",
    ],
    warned: ["load_module", "load_module", "geoip_country"],
  },
];
