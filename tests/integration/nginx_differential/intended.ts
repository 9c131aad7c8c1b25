/**
 * Where webserv answers otherwise than nginx 1.22, on purpose. Every line is
 * found again by the test: one that no longer differs is an error too.
 */

/** One reason and the requests it makes a difference for. */
export interface IntendedDifference {
  /** What docs/differences.md says of it, word for word. */
  readonly told: string;
  /**
   * The change, as `field: nginx's → webserv's`. Where it is one of status,
   * the rest of the answer follows from it and is not looked at.
   */
  readonly changes: readonly string[];
  /** The names of the requests; "any" if it may be any of them. */
  readonly requests: readonly string[] | "any";
}

const ETAG = '"65e079f0-24"';
const SOONER = "Wed, 28 Feb 2024 12:34:56 GMT";
const TIME = "Thu, 29 Feb 2024 12:34:56 GMT";

const WRONG_PASSWORD = `Authorization: Basic ${btoa("plain:wrong")}`;

/** All of them. */
export const INTENDED: readonly IntendedDifference[] = [
  {
    told: "A 405 has an `Allow`.",
    changes: ["allow: - → GET, HEAD, OPTIONS"],
    requests: "any",
  },
  {
    told: "`OPTIONS` says what is allowed",
    changes: ["status: 405 → 204"],
    requests: ["a.example OPTIONS /a.txt"],
  },
  {
    told: "a method nobody knows is 501",
    changes: ["status: 405 → 501"],
    requests: ["a.example FOO /a.txt"],
  },
  {
    told:
      "A listing, and whatever else is made at once, has a `Content-Length`",
    changes: ["content-length: - → 4"],
    requests: ["list.example /emptydir/"],
  },
  {
    told:
      "A listing, and whatever else is made at once, has a `Content-Length`",
    changes: ["content-length: - → 91"],
    requests: ["list.example /noindex/"],
  },
  {
    told:
      "A listing, and whatever else is made at once, has a `Content-Length`",
    changes: ["content-length: - → 341"],
    requests: ["links.example /ownlist/"],
  },
  {
    told:
      "A listing, and whatever else is made at once, has a `Content-Length`",
    changes: ["content-length: - → 163"],
    requests: ["list.example /html/emptydir/"],
  },
  {
    told:
      "A listing, and whatever else is made at once, has a `Content-Length`",
    changes: ["content-length: - → 271"],
    requests: ["list.example /html/noindex/"],
  },
  {
    told:
      "A listing, and whatever else is made at once, has a `Content-Length`",
    changes: ["content-length: - → 490"],
    requests: ["list.example /html/sub/"],
  },
  {
    told:
      "A listing, and whatever else is made at once, has a `Content-Length`",
    changes: ["content-length: - → 266"],
    requests: [
      "list.example /json/sub/",
      "list.example /jsonp/sub/",
      "list.example /jsonp/sub/?callback=",
    ],
  },
  {
    told:
      "A listing, and whatever else is made at once, has a `Content-Length`",
    changes: ["content-length: - → 288"],
    requests: ["list.example /jsonp/sub/?callback=f.g"],
  },
  {
    told:
      "A listing, and whatever else is made at once, has a `Content-Length`",
    changes: ["content-length: - → 492"],
    requests: ["list.example /local/sub/"],
  },
  {
    told:
      "A listing, and whatever else is made at once, has a `Content-Length`",
    changes: ["content-length: - → 456"],
    requests: ["list.example /round/sub/"],
  },
  {
    told:
      "A listing, and whatever else is made at once, has a `Content-Length`",
    changes: ["content-length: - → 99"],
    requests: ["list.example /xml/noindex/"],
  },
  {
    told:
      "A listing, and whatever else is made at once, has a `Content-Length`",
    changes: ["content-length: - → 222"],
    requests: ["list.example /xml/sub/"],
  },
  {
    told: "An error has no `ETag` of the file that is its page",
    changes: ['etag: "65e079f0-c" → -'],
    requests: ["/page/a.txt", "/page/any/a.txt", "/page/forbidden/a.txt"]
      .flatMap((path) => [
        `users.example ${path}`,
        `users.example ${path} | ${WRONG_PASSWORD}`,
        `users.example HEAD ${path} | ${WRONG_PASSWORD}`,
        `users.example POST ${path}`,
      ]),
  },
  {
    told: "Names that begin with a dot are 404",
    changes: ["status: 200 → 404"],
    requests: ["a.example /.hidden", "a.example /.git/config"],
  },
  {
    told: "Names that begin with a dot are 404",
    changes: ["status: 301 → 404"],
    requests: ["a.example /.git"],
  },
  {
    told: "Names that begin with a dot are 404",
    changes: ["status: 403 → 404"],
    requests: ["a.example /.git/"],
  },
  {
    told: "A file of a whole second has a tag of its content",
    changes: [
      'etag: "0-8" → "ce35b336d2170ddd-8"',
      "last-modified: Thu, 01 Jan 1970 00:00:00 GMT → -",
    ],
    requests: ["a.example /epoch.txt"],
  },
  {
    told: "but for dates before 1990",
    changes: ["status: 304 → 200"],
    requests: [
      "cond.example /epoch.txt | " +
      "If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT",
    ],
  },
  {
    told: "A malformed one is ignored",
    changes: ["status: 416 → 200"],
    requests: [
      "a.example /a.txt | Range: bytes=5-4",
      "a.example /a.txt | Range: bytes=abc",
      "a.example /a.txt | Range: bytes=-",
      "a.example /a.txt | Range: bytes=1-2;3",
    ],
  },
  {
    told:
      "empty members of its list are passed over, and a position may have any number of digits",
    changes: ["status: 416 → 206"],
    requests: [
      "a.example /a.txt | Range: bytes=1-2,",
      "a.example /a.txt | Range: bytes=0-18446744073709551615",
    ],
  },
  {
    told: "A `Range` is for `GET` alone: a `HEAD` is 200.",
    changes: ["status: 206 → 200"],
    requests: ["a.example HEAD /a.txt | Range: bytes=0-9"],
  },
  {
    told:
      "`If-Match` replaces `If-Unmodified-Since`. A date that cannot be read is ignored",
    changes: ["status: 412 → 200"],
    requests: [
      "cond.example /a.txt | If-Unmodified-Since: nonsense",
      `cond.example /a.txt | If-Match: ${ETAG} | ` +
      `If-Unmodified-Since: ${SOONER}`,
    ],
  },
  {
    told: "`If-None-Match` replaces `If-Modified-Since`",
    changes: ["status: 200 → 304"],
    requests: [
      `cond.example /a.txt | If-None-Match: ${ETAG} | ` +
      `If-Modified-Since: ${SOONER}`,
    ],
  },
  {
    told: "An `alias` maps whole path segments",
    changes: ["status: 200 → 404"],
    requests: [
      "alias.example /mixed../secret.txt",
      "alias.example /mixedpic.txt",
    ],
  },
  {
    told: "What a variable brings along as a `..` segment leads nowhere",
    changes: ["status: 200 → 404"],
    requests: [
      "vhost.example /index.html?site=../www",
      "vhost.example /a.txt?site=../www",
      "vhost.example /one.txt?site=a.example/../../data",
    ],
  },
  {
    told: "not in `root`, `alias` and `index`",
    changes: [
      "content-length: 7 → 14",
      "content-type: text/plain → text/html",
      'etag: "65e079f0-7" → "65e079f0-e"',
      "body: secret\n → <h1>home</h1>\n",
    ],
    requests: ["index.example /?index=../data/secret"],
  },
  {
    told: "A precompressed file has ranges of its own",
    changes: ["accept-ranges: - → bytes"],
    requests: [
      "gz.example /css/site.css | Accept-Encoding: gzip",
      "gz.example /css/site.css | Accept-Encoding: gzip, br",
      "gz.example /css/site.css | Accept-Encoding: gzip;q=0.5",
      "gz.example /css/site.css | Accept-Encoding: GZIP",
      "gz.example HEAD /css/site.css | Accept-Encoding: gzip",
      "gz.example /css/site.css | Accept-Encoding: gzip | " +
      `If-Modified-Since: ${SOONER}`,
      "gz.example /css/only.css | Accept-Encoding: gzip",
      "gz.example /always/site.css | Accept-Encoding: gzip",
      "gz.example /always/only.css | Accept-Encoding: gzip",
      "gz.example /forced/site.css",
      "gz.example /forced/site.css | Accept-Encoding: gzip",
      "gz.example /forced/only.css",
      "gz.example /novary/site.css | Accept-Encoding: gzip",
      "gz.example /old/site.css HTTP/1.0 | Accept-Encoding: gzip",
      "gz.example /old/site.css | Accept-Encoding: gzip | Via: 1.1 proxy",
    ],
  },
  {
    told: "A precompressed file has ranges of its own",
    changes: ["status: 200 → 206"],
    requests: [
      "gz.example /css/site.css | Accept-Encoding: gzip | Range: bytes=0-9",
    ],
  },
  {
    told: "`x-gzip` is gzip, and `*` in `Accept-Encoding` any coding.",
    changes: [
      "content-length: 400 → 47",
      'etag: "65e079f0-190" → "65e079f0-2f"',
      "content-encoding: - → gzip",
    ],
    requests: [
      "gz.example /css/site.css | Accept-Encoding: x-gzip",
      "gz.example /css/site.css | Accept-Encoding: *",
    ],
  },
  {
    told: "A precompressed file that is older than its original is not sent",
    changes: [
      "content-encoding: gzip → -",
      "content-length: 43 → 340",
      'etag: "65e06be0-2b" → "65e079f0-154"',
      `last-modified: Thu, 29 Feb 2024 11:34:56 GMT → ${TIME}`,
      "vary: Accept-Encoding → -",
      `body: ${"a { color: old }\n".repeat(20)} → ${
        "a { color: new }\n".repeat(20)
      }`,
      "accept-ranges: - → bytes",
    ],
    requests: ["gz.example /css/stale.css | Accept-Encoding: gzip"],
  },
  {
    told: "there is a `Vary` only where there is something to choose from",
    changes: ["vary: Accept-Encoding → -"],
    requests: ["gz.example /css/stale.css"],
  },
  {
    told:
      "A 304 has the `ETag`, `Vary`, `Cache-Control` and `Expires` that the 200 would have",
    changes: [
      'etag: "65e079f0-3c8c0" → W/"65e079f0-3c8c0"',
      "vary: - → Accept-Encoding",
    ],
    requests: [
      `fly.example /big.txt | Accept-Encoding: gzip | If-Modified-Since: ${TIME}`,
    ],
  },
  {
    told: "An error has no `ETag` of the file that is its page",
    changes: ['etag: "65e079f0-12" → -'],
    requests: [
      "err.example /missing",
      "err.example HEAD /missing",
      "err.example /missing?x=1",
      "err.example POST /missing",
      "err.example /internal.html",
      "err.example /missing | Range: bytes=0-3",
      "err.example /missing | If-None-Match: *",
      `err.example /missing | If-Modified-Since: ${TIME}`,
      "except.example POST /headers/ | body=2",
      "ifs.example /pages/",
      "ifs.example /pages/none",
      "ifs.example /pagesreturn/?b=1",
    ],
  },
  {
    told: "An error has no `ETag` of the file that is its page",
    changes: ['etag: "65e079f0-10" → -'],
    requests: [
      "err.example /r500",
      "err.example /r503",
      "ifs.example /pages/?b=1",
      "ifs.example /pages/?a=1&b=1",
      "ifs.example /pages/none?b=1",
      "ifs.example /pages/none?a=1&b=1",
    ],
  },
  {
    told: "An error has no `ETag` of the file that is its page",
    changes: ['etag: "65e079f0-24" → -'],
    requests: [
      "pages.example /denied/x",
      "pages.example /kept/afile/x",
      "pages.example /kept/file",
      "pages.example /kept/rewritten",
      "pages.example /moved/kept",
      "pages.example /page/302",
      "pages.example /page/404",
      "pages.example /page/444",
      "pages.example /page/500",
      "pages.example /page/all?p=/a.txt",
      "pages.example /page/arg?p=a.txt",
      "pages.example /two",
    ],
  },
  {
    told: "An error has no `ETag` of the file that is its page",
    changes: ['etag: "65e079f0-e" → -'],
    requests: ["pages.example /page/arg"],
  },
  {
    told: "An error has no `ETag` of the file that is its page",
    changes: ['etag: "65e079f0-d" → -'],
    requests: ["pages.example /page/folder"],
  },
  {
    told: "nor has a 204",
    changes: ["content-type: - → text/plain", 'etag: "65e079f0-24" → -'],
    requests: ["pages.example /page/204"],
  },
  {
    told: "a `return` without a text has no `Content-Type`",
    changes: ["content-type: application/octet-stream → -"],
    requests: [
      "pages.example /kept/nothing",
      "pages.example POST /kept/nothing",
    ],
  },
  {
    told: "and no `Content-Length`.",
    changes: ["content-length: 0 → -"],
    requests: ["pages.example /status/304"],
  },
  {
    told:
      "A listing, and whatever else is made at once, has a `Content-Length`",
    changes: ["content-length: - → 265"],
    requests: ["ifs.example /listed/img/?a=1"],
  },
  {
    told:
      "A listing, and whatever else is made at once, has a `Content-Length`",
    changes: ["content-length: - → 93"],
    requests: ["ifs.example /listed/img/sub/?a=1"],
  },
  {
    told:
      "A listing, and whatever else is made at once, has a `Content-Length`",
    changes: ["content-length: - → 266"],
    requests: ["ifs.example /listed/sub/"],
  },
  {
    told:
      "A listing, and whatever else is made at once, has a `Content-Length`",
    changes: ["content-length: - → 4"],
    requests: ["methods.example GET /listed/emptydir/"],
  },
  {
    told: "`gzip_vary` is on by default.",
    changes: ["vary: - → Accept-Encoding"],
    requests: [
      "ifs.example /gzip/?a=1 | Accept-Encoding: gzip",
      "ifs.example /gzipoff/ | Accept-Encoding: gzip",
      "methods.example GET /variants/site.css",
      "methods.example HEAD /variants/site.css",
      "methods.example GET /variants/only.css",
      "methods.example HEAD /variants/only.css",
    ],
  },
  {
    told: "`merge_slashes` is that of the server that a request is for",
    changes: ["status: 404 → 200"],
    requests: ["slashes.example //double"],
  },
  {
    told:
      "A symbolic link that `disable_symlinks` refuses is 403 wherever it stands",
    changes: ["status: 404 → 403"],
    requests: [
      "links.example /linkdir/x.txt",
      "links.example /linkdir/",
      "links.example /all/a.txt",
    ],
  },
  {
    told:
      "A 304 has the `ETag`, `Vary`, `Cache-Control` and `Expires` that the 200 would have",
    changes: ['etag: "65e079f0-48" → W/"65e079f0-48"'],
    requests: [
      'sub.example /kept/sub.html | If-None-Match: "65e079f0-48"',
      'sub.example /kept/sub.html | If-None-Match: W/"65e079f0-48"',
      `sub.example /kept/sub.html | If-Modified-Since: ${TIME}`,
    ],
  },
  {
    told:
      "A 304 has the `ETag`, `Vary`, `Cache-Control` and `Expires` that the 200 would have",
    changes: ['etag: "65e079f0-2" → W/"65e079f0-2"'],
    requests: [
      'add.example /fo.html | If-None-Match: "65e079f0-2"',
      `add.example /fo.html | If-Modified-Since: ${TIME}`,
    ],
  },
  {
    told: "`gzip_vary` is on by default.",
    changes: ["vary: - → Accept-Encoding"],
    requests: [
      "sub.example /gz/sub.html | Accept-Encoding: gzip",
      "sub.example /gz/long.html | Accept-Encoding: gzip",
      "sub.example /gz/sub.html",
      "add.example /gz/fo.html | Accept-Encoding: gzip",
      "add.example /gz/long.html | Accept-Encoding: gzip",
      "add.example /gz/fo.html",
      "ssi.example /gz/line2.html | Accept-Encoding: gzip",
      "ssi.example /gz/large.html | Accept-Encoding: gzip",
    ],
  },
  {
    told: "What an empty name finds keeps its URI, and so its type",
    requests: [
      "tries.example /al/at/one.txt",
      "tries.example /al/itself/one.txt",
      "tries.example /al/itself/img/pic.txt",
    ],
    changes: ["content-type: application/octet-stream → text/plain"],
  },
  {
    told: "A listing says its charset.",
    changes: ["content-type: text/html → text/html; charset=utf-8"],
    requests: [
      "sub.example /list/",
      "add.example /list/",
      "tries.example /listed/img/sub/",
      "tries.example /listed/users/ann/",
    ],
  },
  {
    told:
      "A listing, and whatever else is made at once, has a `Content-Length`",
    changes: ["content-length: - → 277"],
    requests: ["tries.example /listed/img/sub/"],
  },
  {
    told:
      "A listing, and whatever else is made at once, has a `Content-Length`",
    changes: ["content-length: - → 278"],
    requests: ["tries.example /listed/users/ann/"],
  },
  {
    told: "and all other `text/*` have it",
    changes: ["content-type: text/css → text/css; charset=utf-8"],
    requests: ["sub.example /recode/sub.css"],
  },
  {
    told:
      "Of an empty file the date is sent where `sub_filter` finds nothing to replace.",
    changes: [
      'etag: - → W/"65e079f0-0"',
      "last-modified: - → Thu, 29 Feb 2024 12:34:56 GMT",
    ],
    requests: ["add.example /sub/empty.html"],
  },
  {
    told: "An `errmsg` of `ssi` may be empty",
    changes: ["status: none → 200"],
    requests: ["ssi.example /line32.html"],
  },
  {
    told: "What `source_charset` recodes has no ranges",
    changes: ["accept-ranges: bytes → -"],
    requests: ["charset.example /win/long.html"],
  },
  {
    told: "An error has no `ETag` of the file that is its page",
    changes: ['etag: "65e079f0-48" → -'],
    requests: [
      "errors.example /none?p=/sub.html",
      "errors.example /none?p=/sub.html?a=b",
      "errors.example HEAD /none?p=/sub.html",
      "errors.example POST /none?p=/sub.html | body=2",
    ],
  },
];
