/** Variables made of addresses and of shares: `geo`, `split_clients`. */

/** What stands in `http`. */
export const ADDRESSES_HTTP = `
  geo $arg_a $net {
    default none;
    10.0.0.0/8 ten;
    10.1.0.0/16 "ten one";
    10.1.2.0/24 third;
    10.1.2.3 host;
    10.1.2.4/31 pair;
    10.9.0.0/16 gone;
    delete 10.9.0.0/16;
    192.0.2.1 first;
    192.0.2.1/32 second;
    127.0.0.0/8 loop;
    2001:db8::/32 six;
    2001:db8:1::/48 "six one";
    ::1 self;
    255.255.255.255 nobody;
  }
  geo $arg_a $range {
    ranges;
    default none;
    10.0.0.0-10.255.255.255 ten;
    10.1.0.0-10.1.255.255 one;
    10.1.2.3-10.1.2.3 host;
    10.2.0.0-10.3.0.255 over;
    0.0.0.0-0.0.0.0 zero;
    255.255.255.0-255.255.255.254 last;
  }
  geo $arg_a $undefaulted { 10.0.0.0/8 ten; }
  geo $arg_a $everything { 0.0.0.0/0 four; ::/0 six; default d; }
  geo $own { 127.0.0.0/8 local; default far; }
  geo $proxied {
    proxy 127.0.0.1;
    proxy 10.0.0.0/8;
    default far;
    10.0.0.0/8 near;
    192.0.2.0/24 client;
    127.0.0.0/8 local;
  }
  geo $recursive {
    proxy 127.0.0.1;
    proxy 10.0.0.0/8;
    proxy_recursive;
    default far;
    10.0.0.0/8 near;
    192.0.2.0/24 client;
    127.0.0.0/8 local;
  }
  split_clients $arg_c $third { 33.33% a; 33.33% b; * c; }
  split_clients "$arg_c-x" $tiny { 0.01% never; 0.5% seldom; * ""; }
  split_clients $arg_c $some { 50% half; }
  split_clients $arg_c $all { * all; }
`;

/** The server. */
export const ADDRESSES_SERVERS = `
  server {
    listen 127.0.0.1:PORT;
    server_name addresses.example;
    root ROOT/www;
    default_type text/plain;
    location / { return 200 "[$net][$range][$undefaulted][$everything][$own]"; }
    location /proxied { return 200 "[$proxied][$recursive]"; }
    location /split { return 200 "[$third][$tiny][$some][$all]"; }
  }
`;

const ADDRESSES = `
  10.0.0.0 10.0.0.1 10.1.0.1 10.1.2.2 10.1.2.3 10.1.2.4 10.1.2.5 10.1.2.6
  10.2.0.0 10.3.0.255 10.3.1.0 10.9.1.1 10.255.255.255 11.0.0.0 9.255.255.255
  192.0.2.1 192.0.2.2 127.0.0.1 0.0.0.0 255.255.255.255 255.255.255.0
  255.255.254.255 2001:db8::1 2001:db8:1::1 2001:db9::1 ::1 :: ::2
  ::ffff:10.1.2.3 ::ffff:127.0.0.1 x 10.0.0 10.0.0.256
`.trim().split(/\s+/);

const LISTS = [
  "192.0.2.1",
  "192.0.2.1, 10.0.0.1",
  "192.0.2.1,10.0.0.1",
  "192.0.2.1 10.0.0.1",
  "10.0.0.2, 10.0.0.1",
  "192.0.2.1, 198.51.100.1, 10.0.0.1",
  "unknown, 10.0.0.1",
  "10.0.0.1, unknown",
  "192.0.2.1:80",
  "127.0.0.1, 127.0.0.1",
  ", ",
];

/** The requests: a table for each host. */
export const ADDRESSES_REQUESTS: Readonly<Record<string, string>> = {
  "addresses.example": [
    "/",
    ...ADDRESSES.map((address) => `/?a=${address}`),
    "/proxied",
    ...LISTS.map((list) => `/proxied | X-Forwarded-For: ${list}`),
    ...Array.from({ length: 40 }, (_, i) => `/split?c=client${i}`),
    "/split",
    "/split?c=%C3%A9",
  ].join("\n"),
};
