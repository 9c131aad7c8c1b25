/** Every form of return. */

import { type Site, WEB_TREE } from "./site.ts";

/** The sites. */
export const RETURN_SITES: readonly Site[] = [
  {
    name: "every form of return",
    files: {
      ...WEB_TREE,
      "etc/nginx/sites-enabled/returns": String.raw`server {
    listen 80;
    server_name ret.x;
    root /srv/www;
    error_page 404 /404.html;
    error_page 410 =200 /t.txt;
    location /200 { return 200; }
    location /204 { return 204; }
    location /200e { return 200 ""; }
    location /301 { return 301; }
    location /301t { return 301 "text"; }
    location /301u { return 301 /x?y=1; }
    location /302 { return 302 http://$host/a; }
    location /307 { return 307 /q; }
    location /308 { return 308 /q; }
    location /303 { return 303 /q; }
    location /300 { return 300 "three"; }
    location /304 { return 304; }
    location /304t { return 304 /x; }
    location /400 { return 400; }
    location /404 { return 404; }
    location /404t { return 404 "mine"; }
    location /405 { return 405; }
    location /410 { return 410; }
    location /444 { return 444; }
    location /418 { return 418 "teapot"; }
    location /418n { return 418; }
    location /500 { return 500; }
    location /503t { return 503 "down"; }
    location /599 { return 599; }
    location /http { return http://e.example/; }
    location /https { return https://e.example/$uri; }
    location /sch { return $scheme://e.example$request_uri; }
    location /206 { return 206 "partial"; }
    location /205 { return 205 x; }
    location /204t { return 204 body; }
    location /401 { return 401; }
    location /416 { return 416; }
    location /413 { return 413; }
    location /429 { return 429 "slow"; }
    location /json {
        default_type application/json;
        return 200 '{"a":"$arg_a","b":$status}';
    }
    location /301e { return 301 ""; }
    location /nl { return 200 "a\nb\tc\\d\"e\n"; }
    location /sp { return 301 "/a b"; }
    location /uml { return 200 "ümlaut €\n"; }
    location /long { return 301 https://example.com/$arg_a/$request_uri; }
    location /ct {
        types { }
        default_type "text/x; charset=foo";
        return 200 x;
    }
    location /pct.css { return 200 "css"; }
}
`,
    },
    requests: String.raw`
      ret.x/200
      ret.x/204
      ret.x/200e
      ret.x/301
      ret.x/301t
      ret.x/301u
      ret.x/302
      ret.x/307
      ret.x/308
      ret.x/303
      ret.x/300
      ret.x/304
      ret.x/304t
      ret.x/400
      ret.x/404
      ret.x/404t
      ret.x/405
      ret.x/410
      ret.x/418
      ret.x/500
      ret.x/503t
      ret.x/http
      ret.x/https
      ret.x/sch
      ret.x/206
      ret.x/205
      ret.x/204t
      ret.x/401
      ret.x/416
      ret.x/413
      ret.x/429
      ret.x/json?a=1
      ret.x/301e
      ret.x/nl
      ret.x/uml
      ret.x/long?a=b%20c
      ret.x/ct
      ret.x/pct.css
      POST ret.x/200
      HEAD ret.x/404t
      HEAD ret.x/200
      PUT ret.x/404
      ret.x/206 | Range: bytes=1-2
      ret.x/418 | Range: bytes=1-2
      ret.x/uml | Range: bytes=0-3
    `,
    differs: [{
      told: "and no `Content-Length`.",
      requests: [
        "ret.x/304 ⇒ - content-length: 0",
        "ret.x/304t ⇒ - content-length: 2",
      ],
    }],
  },
];
