/** A site for the details in which the two servers differ on purpose. */

import { type Site, WEB_TREE } from "./site.ts";

const CONFIGURATION = String.raw`
map $http_accept $webp {
    default "";
    ~*image/webp .webp;
}
map $sent_http_content_type $policy {
    ~text/html "default-src 'self'";
}
server {
    listen 80;
    server_name details.x;
    root /srv/www;
    add_header X-Plain 1;
    add_header X-Always 1 always;
    add_header X-Policy $policy;
    expires 1h;

    location /undated/ {
        alias /srv/www/;
        add_header Last-Modified "";
    }
    location = /teapot { return 418; }
    location = /late { return 408; }
    location ~ ^/images/(.+)\.gif$ {
        try_files /images/$1$webp /images/$1.gif =404;
    }
}
`;

const TIME = "Thu, 29 Feb 2024 12:34:56 GMT";

/** The sites, and what they are asked. */
export const DETAIL_SITES: readonly Site[] = [{
  name: "fields of errors, no date, a group beside a map",
  files: {
    ...WEB_TREE,
    "srv/www/images/a.webp": "webp\n",
    "etc/nginx/sites-enabled/details": CONFIGURATION,
  },
  requests: `
    details.x/t.txt
    details.x/t.txt | Range: bytes=0-1
    details.x/t.txt | Range: bytes=99-
    details.x/t.txt | If-Match: "x"
    details.x/about.html | If-Modified-Since: ${TIME}
    details.x/undated/t.txt
    details.x/undated/t.txt | If-Modified-Since: ${TIME}
    details.x/images/a.gif
    details.x/images/a.gif | Accept: image/webp
    details.x/images/none.gif | Accept: image/webp
    details.x/teapot
    details.x/late
  `,
  differs: [{
    told: "A `map` of `$sent_http_content_type` sees the type of the 200, too",
    requests: [
      `details.x/about.html | If-Modified-Since: ${TIME} ⇒ + x-policy: default-src 'self'`,
    ],
  }, {
    told: "A 416 has the fields of an error",
    requests: [
      "cache-control: max-age=3600",
      "expires: date + 3600",
      "x-plain: 1",
    ].map((field) => `details.x/t.txt | Range: bytes=99- ⇒ - ${field}`),
  }, {
    told: "takes away, is what conditions are compared with",
    requests: [
      "+ accept-ranges: bytes",
      "+ body: plain\n",
      "+ content-type: text/plain; charset=utf-8",
      "+ status: 200",
      "- body: ",
      "- status: 304",
    ].map((line) =>
      `details.x/undated/t.txt | If-Modified-Since: ${TIME} ⇒ ${line}`
    ),
  }, {
    told: "so `$1$webp_suffix` is what it looks like",
    requests: [
      "+ accept-ranges: bytes",
      "+ body: webp\n",
      "+ cache-control: max-age=3600",
      "+ content-type: image/webp",
      '+ etag: "65e079f0-5"',
      "+ expires: date + 3600",
      `+ last-modified: ${TIME}`,
      "+ status: 200",
      "+ x-plain: 1",
      "- body: (a page of the server)",
      "- status: 404",
    ].map((line) => `details.x/images/a.gif | Accept: image/webp ⇒ ${line}`),
  }, {
    told: "Every error has one",
    requests: [
      "late ⇒ + body: (a page of the server)",
      "late ⇒ + status: 408",
      "late ⇒ + x-always: 1",
      "late ⇒ - nothing",
      "teapot ⇒ + body: (a page of the server)",
      "teapot ⇒ - body: ",
      "teapot ⇒ - content-length: 0",
    ].map((line) => `details.x/${line}`),
  }],
}];
