/** Sites that let not everybody in, or not at all times. */

import { type Site, tree } from "./site.ts";

/** The sites. */
export const PROTECTED_SITES: readonly Site[] = [
  {
    name: "a switch for maintenance, by a file",
    files: {
      ...tree("srv/up"),
      ...tree("srv/down"),
      "srv/down/maintenance.on": "",
      "srv/down/maintenance.html": "<h1>back soon</h1>\n",
      "srv/up/maintenance.html": "<h1>back soon</h1>\n",
      "etc/nginx/snippets/maintenance.conf": String.raw`
if (-f $document_root/maintenance.on) {
    return 503;
}
error_page 503 @maintenance;
location @maintenance {
    rewrite ^(.*)$ /maintenance.html break;
}
`,
      "etc/nginx/sites-enabled/up": String.raw`server {
    listen 80; server_name up.example; root /srv/up;
    include snippets/maintenance.conf;
}
server {
    listen 80; server_name down.example; root /srv/down;
    include snippets/maintenance.conf;
    add_header Retry-After 3600 always;
}
`,
    },
    requests: `
      up.example/
      up.example/none
      down.example/
      down.example/none
      down.example/assets/site.css
      POST down.example/
    `,
  },
  {
    name: "maintenance but for the team, by set",
    files: {
      ...tree("srv/team"),
      "srv/team/503.html": "<h1>503</h1>\n",
      "etc/nginx/sites-enabled/team": String.raw`server {
    listen 80;
    server_name team.example;
    root /srv/team;
    set $maintenance on;
    if ($remote_addr ~ (192\.0\.2\.1|198\.51\.100\.7)) {
        set $maintenance off;
    }
    if ($arg_preview = "yes") {
        set $maintenance off;
    }
    if ($uri = /503.html) { set $maintenance off; }
    if ($maintenance = on) { return 503; }
    error_page 503 /503.html;
}
`,
    },
    requests: `
      team.example/
      team.example/?preview=yes
      team.example/503.html
    `,
  },
  {
    name: "a password for one folder",
    files: {
      ...tree("srv/auth"),
      "srv/auth/private/index.html": "<h1>private</h1>\n",
      // openssl passwd -apr1 -salt abcdefgh secret
      "etc/nginx/.htpasswd":
        "alice:$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/\nbob:{PLAIN}secret\n",
      "etc/nginx/sites-enabled/auth": String.raw`server {
    listen 80;
    server_name auth.example;
    root /srv/auth;
    location /private/ {
        auth_basic "Private area";
        auth_basic_user_file /etc/nginx/.htpasswd;
    }
    location /blog/ {
        satisfy any;
        allow 192.0.2.0/24;
        deny all;
        auth_basic "Blog";
        auth_basic_user_file .htpasswd;
    }
}
`,
    },
    requests: `
      auth.example/
      auth.example/private/
      auth.example/private/ | Authorization: Basic Ym9iOnNlY3JldA==
      auth.example/private/ | Authorization: Basic Ym9iOndyb25n
      auth.example/blog/
      auth.example/blog/ | Authorization: Basic Ym9iOnNlY3JldA==
    `,
  },
  {
    name: "addresses that may come in",
    files: {
      ...tree("srv/acl"),
      "etc/nginx/conf.d/office.conf": String.raw`geo $office {
    default 0;
    127.0.0.0/8 1;
    192.0.2.0/24 1;
    10.1.0.0/16 2;
}
`,
      "etc/nginx/sites-enabled/acl": String.raw`server {
    listen 80;
    server_name acl.example;
    root /srv/acl;
    location /blog/ { allow 127.0.0.1; deny all; }
    location /assets/ { deny 127.0.0.0/8; allow all; }
    location /office { if ($office = 0) { return 403; } return 200 "office $office\n"; }
    location = /data.json { deny all; error_page 403 =404 /404.html; }
}
`,
    },
    requests: `
      acl.example/blog/
      acl.example/assets/site.css
      acl.example/office
      acl.example/data.json
    `,
  },
  {
    name: "behind a load balancer",
    files: {
      ...tree("srv/real"),
      "etc/nginx/sites-enabled/real": String.raw`
set_real_ip_from 127.0.0.1;
set_real_ip_from 10.0.0.0/8;
real_ip_header X-Forwarded-For;
real_ip_recursive on;
server {
    listen 80;
    server_name real.example;
    root /srv/real;
    if ($http_x_forwarded_proto = "http") { return 301 https://$host$request_uri; }
    location = /ip { default_type text/plain; return 200 "$remote_addr $realip_remote_addr\n"; }
    location /blog/ { deny 192.0.2.1; allow all; }
}
`,
    },
    requests: `
      real.example/ip
      real.example/ip | X-Forwarded-For: 192.0.2.1, 10.0.0.1
      real.example/ | X-Forwarded-Proto: http
      real.example/ | X-Forwarded-Proto: https
      real.example/blog/ | X-Forwarded-For: 192.0.2.1
      real.example/blog/ | X-Forwarded-For: 192.0.2.2
    `,
  },
  {
    name: "limits of requests and connections",
    files: {
      ...tree("srv/limits"),
      "etc/nginx/conf.d/limits.conf": String.raw`
limit_req_zone $binary_remote_addr zone=perip:10m rate=50r/s;
limit_conn_zone $binary_remote_addr zone=conn:10m;
limit_req_status 429;
limit_conn_status 429;
`,
      "etc/nginx/sites-enabled/limits": String.raw`server {
    listen 80;
    server_name limits.example;
    root /srv/limits;
    limit_conn conn 20;
    location / { limit_req zone=perip burst=20 nodelay; }
    location /blog/ { limit_rate 500k; limit_rate_after 1m; }
}
`,
    },
    requests: `
      limits.example/
      limits.example/blog/
      limits.example/none
    `,
  },
  {
    name: "pictures that others must not use",
    files: {
      ...tree("srv/hot"),
      "etc/nginx/sites-enabled/hot": String.raw`server {
    listen 80;
    server_name hot.example;
    root /srv/hot;
    location ~* \.(gif|jpe?g|png|svg)$ {
        valid_referers none blocked hot.example *.hot.example ~\.google\.;
        if ($invalid_referer) { return 403; }
    }
}
`,
    },
    requests: `
      hot.example/assets/logo.svg
      hot.example/assets/logo.svg | Referer: http://hot.example/page
      hot.example/assets/logo.svg | Referer: https://www.hot.example/
      hot.example/assets/logo.svg | Referer: http://evil.example/
      hot.example/assets/logo.svg | Referer: https://images.google.com/x
    `,
  },
  {
    name: "only reading",
    files: {
      ...tree("srv/read"),
      "etc/nginx/sites-enabled/read": String.raw`server {
    listen 80;
    server_name read.example;
    root /srv/read;
    if ($request_method !~ ^(GET|HEAD)$) { return 405; }
    location /blog/ { limit_except GET { deny all; } }
    if ($http_user_agent ~* (scrapy|curl|wget|nikto)) { return 403; }
    if ($query_string ~ "concat.*\(") { return 444; }
}
`,
    },
    requests: `
      read.example/
      POST read.example/
      DELETE read.example/
      read.example/blog/
      read.example/ | User-Agent: curl/8
      read.example/?a=concat(1)
    `,
  },
  {
    name: "robots that are not wanted, by map",
    files: {
      ...tree("srv/bots"),
      "etc/nginx/sites-enabled/bots": String.raw`map $http_user_agent $bad_bot {
    default     0;
    "~*ahrefs"  1;
    ~*semrush   1;
    ""          1;
}
map $request_uri $loggable {
    /healthz 0;
    default 1;
}
server {
    listen 80;
    server_name bots.example;
    root /srv/bots;
    access_log /var/log/nginx/bots.log combined if=$loggable;
    if ($bad_bot) { return 403; }
    location = /healthz { return 200; }
}
`,
    },
    requests: `
      bots.example/ | User-Agent: Mozilla/5.0
      bots.example/ | User-Agent: AhrefsBot
      bots.example/
      bots.example/healthz | User-Agent: kube-probe
    `,
  },
  {
    name: "two versions of a page, by chance and by cookie",
    files: {
      "srv/split/a/index.html": "a\n",
      "srv/split/b/index.html": "b\n",
      "etc/nginx/sites-enabled/split": String
        .raw`split_clients "${"$"}{remote_addr}AAA" $variant {
    0.01% a;
    *     b;
}
map $cookie_variant $chosen {
    a a;
    b b;
    default $variant;
}
server {
    listen 80;
    server_name split.example;
    root /srv/split/$chosen;
    add_header Set-Cookie "variant=$chosen; Path=/; Max-Age=86400";
}
`,
    },
    requests: `
      split.example/
      split.example/ | Cookie: variant=a
      split.example/ | Cookie: variant=c
    `,
  },
  {
    name: "nothing for hosts that nobody knows",
    files: {
      ...tree("srv/known"),
      "etc/nginx/sites-enabled/known": String.raw`server {
    listen 80 default_server;
    server_name _;
    return 444;
}
server {
    listen 443 ssl default_server;
    server_name _;
    ssl_reject_handshake on;
}
server {
    listen 80;
    server_name known.example;
    root /srv/known;
    client_max_body_size 1k;
    client_body_buffer_size 1k;
    client_header_buffer_size 1k;
    large_client_header_buffers 4 8k;
    client_body_timeout 10s;
    client_header_timeout 10s;
    send_timeout 10s;
    keepalive_timeout 5 5;
    reset_timedout_connection on;
}
`,
    },
    requests: `
      none.example/
      known.example/
    `,
  },
];
