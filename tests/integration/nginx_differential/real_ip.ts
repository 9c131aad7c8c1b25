/** Clients behind proxies: `set_real_ip_from`. */

const SHOWN =
  'return 200 "[$remote_addr][$realip_remote_addr][$proxy_add_x_forwarded_for]"';

/** The servers, to stand behind those of the site. */
export const REAL_IP_SERVERS = `
  server {
    listen 127.0.0.1:PORT;
    server_name forwarded.example;
    root ROOT/www;
    default_type text/plain;
    set_real_ip_from 127.0.0.0/8;
    set_real_ip_from 10.0.0.0/8;
    set_real_ip_from 2001:db8::/32;
    real_ip_header X-Forwarded-For;
    location / { ${SHOWN}; }
    location /denied/ { deny 192.0.2.1; deny 2001:db9::/32; alias ROOT/www/; }
    if ($remote_addr = 198.51.100.9) { return 403 "by the server"; }
  }
  server {
    listen 127.0.0.1:PORT;
    server_name recursive.example;
    default_type text/plain;
    set_real_ip_from 127.0.0.0/8;
    set_real_ip_from 10.0.0.0/8;
    real_ip_header X-Forwarded-For;
    real_ip_recursive on;
    location / { ${SHOWN}; }
  }
  server {
    listen 127.0.0.1:PORT;
    server_name named.example;
    root ROOT/www;
    default_type text/plain;
    set_real_ip_from 127.0.0.1;
    location / { ${SHOWN}; }
    location /other { set_real_ip_from 10.0.0.1; real_ip_header X-Other; ${SHOWN}; }
    location /access/ {
      real_ip_header X-Other;
      set_real_ip_from 127.0.0.1;
      deny 192.0.2.7;
      alias ROOT/www/;
      add_header X-Client $remote_addr;
    }
  }
  server {
    listen 127.0.0.1:PORT;
    server_name untrusted.example;
    root ROOT/www;
    default_type text/plain;
    set_real_ip_from 10.0.0.0/8;
    location / { ${SHOWN}; }
    location /trusted/ {
      set_real_ip_from 127.0.0.1;
      real_ip_header X-Other;
      deny 192.0.2.7;
      alias ROOT/www/;
      add_header X-Client $remote_addr;
    }
  }
`;

const LISTS = [
  "192.0.2.1",
  "192.0.2.1, 10.0.0.1",
  "192.0.2.1,10.0.0.1",
  "192.0.2.1   10.0.0.1",
  "10.0.0.2, 10.0.0.1",
  "192.0.2.1, 198.51.100.1, 10.0.0.1",
  "192.0.2.1:8080",
  "192.0.2.1:99999",
  "192.0.2.1:0",
  "[2001:db9::1]:443",
  "[2001:db9::1]",
  "2001:db9::1",
  "2001:db9::1, 2001:db8::1",
  "unknown",
  "unknown, 10.0.0.1",
  "10.0.0.1, unknown",
  "_secret, 10.0.0.1",
  "198.51.100.9",
  ", ,",
  "192.0.2.1,",
  "1.2.3",
  "192.0.2.1 | X-Forwarded-For: 10.0.0.1",
];

const SINGLE = [
  "X-Real-IP: 192.0.2.7",
  "X-Real-IP: 192.0.2.7:80",
  "X-Real-IP: 192.0.2.1, 192.0.2.7",
  "X-Real-IP: nobody",
  "x-real-ip: 2001:db8::1",
  "X-Other: 192.0.2.7",
  "X-Other: 192.0.2.8",
  "X-Other: 192.0.2.7 | X-Real-IP: 192.0.2.8",
];

/** The requests: a table for each host. */
export const REAL_IP_REQUESTS: Readonly<Record<string, string>> = {
  "forwarded.example": ["/", "/denied/a.txt"].flatMap((path) => [
    path,
    ...LISTS.map((list) => `${path} | X-Forwarded-For: ${list}`),
  ]).join("\n"),
  "recursive.example": LISTS.map((list) => `/ | X-Forwarded-For: ${list}`)
    .join("\n"),
  "named.example": ["/", "/other", "/access/a.txt"].flatMap((path) =>
    SINGLE.map((field) => `${path} | ${field}`)
  ).join("\n"),
  "untrusted.example": ["/", "/trusted/a.txt"].flatMap((path) =>
    SINGLE.map((field) => `${path} | ${field}`)
  ).join("\n"),
};
