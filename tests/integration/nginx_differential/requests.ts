/** The requests that nginx and webserv are compared by. */

import { ADDRESSES_REQUESTS } from "./addresses.ts";
import { USERS_REQUESTS } from "./users.ts";
import { PROTECTED_REQUESTS } from "./protected.ts";
import { SSI_REQUESTS } from "./ssi.ts";
import { BODIES_REQUESTS } from "./bodies.ts";
import { REAL_IP_REQUESTS } from "./real_ip.ts";
import { VARIABLES_REQUESTS } from "./variables.ts";
import { IFS_REQUESTS } from "./ifs.ts";
import { WAYS_REQUESTS } from "./ways.ts";

/** One request. */
export interface DifferentialRequest {
  /** Names it in messages and in the list of differences. */
  readonly name: string;
  /** The method. */
  readonly method: string;
  /** The request target. */
  readonly target: string;
  /** `HTTP/1.0` or `HTTP/1.1`. */
  readonly version: string;
  /** The fields, `Host` first. */
  readonly fields: readonly string[];
  /** How many bytes of body it has, if it has one. */
  readonly body:
    | { readonly bytes: number; readonly chunked: boolean }
    | undefined;
}

const ETAG = '"65e079f0-24"';
const DATE = "Thu, 29 Feb 2024 12:34:56 GMT";
const LATER = "Fri, 01 Mar 2024 12:34:56 GMT";
const SOONER = "Wed, 28 Feb 2024 12:34:56 GMT";

const BODY = /^(body|chunked)=(\d+)$/;

/**
 * A line of the table: `[method] target [HTTP/1.0] [| field ...]`. Among the
 * fields `body=N` or `chunked=N` stands for a body of N bytes.
 */
function requests(host: string, table: string): DifferentialRequest[] {
  return table.trim().split("\n").map((line) => {
    const [first = "", ...rest] = line.trim().split(/\s*\|\s*/);
    const fields = rest.filter((field) => !BODY.test(field));
    const [, kind, bytes] = rest.map((field) => BODY.exec(field))
      .find((found) => found !== null) ?? [];
    const words = first.split(" ");
    const version = words.at(-1) === "HTTP/1.0" ? words.pop()! : "HTTP/1.1";
    const method = /^[A-Z]+$/.test(words[0]!) ? words.shift()! : "GET";
    const target = words.join(" ");
    return {
      name: `${host} ${line.trim()}`,
      method,
      target,
      version,
      fields: [`Host: ${host}`, ...fields],
      body: kind === undefined
        ? undefined
        : { bytes: Number(bytes), chunked: kind === "chunked" },
    };
  });
}

const PATHS = `
/
/index.html
/a.txt
/a.txt?query=1
/empty.txt
/one.txt
/big.txt
/large.bin
/noext
/page.html
/old.txt
/epoch.txt
/UPPER.TXT
/upper.txt
/sp%20ace.txt
/%C3%BCmlaut.txt
/pct%2541.txt
/pct%41.txt
/q%3Fmark.txt
/plus+.txt
/plus%2B.txt
/semi;colon.txt
/back%5Cslash.txt
/.hidden
/.git/config
/.git
/.git/
/.well-known/security.txt
/.well-known
/sub
/sub?a=b&c=d
/sub/
/sub/index.html
/sub/x.txt
/sub/x.txt/
/sub/deeper
/sub/deeper/
/noindex
/noindex/
/noindex/x.txt
/emptydir/
/dirindex/
/sp%20ace
/sp%20ace/
/missing
/missing/
/missing/x
/a.txt/x
/link.txt
/linkdir/
/linkdir/x.txt
/dangling.txt
/loop.txt
//a.txt
///sub//x.txt
/sub/../a.txt
/sub/./x.txt
/sub/%2e%2e/a.txt
/sub/..%2fa.txt
/%61.txt
/./a.txt
/sub/..
/..
/../a.txt
/sub/../../a.txt
/%00
/a.txt%00
/a.txt%
/a%zz.txt
/%2e%2e/a.txt
/%2fa.txt
`;

const METHODS = `
HEAD /a.txt
HEAD /
HEAD /sub
HEAD /missing
HEAD /noindex/
HEAD /large.bin
POST /a.txt
POST /
POST /sub
POST /missing
PUT /a.txt
DELETE /a.txt
PATCH /a.txt
OPTIONS /a.txt
TRACE /a.txt
FOO /a.txt
GET /a.txt HTTP/1.0
GET /sub HTTP/1.0
HEAD /a.txt HTTP/1.0
`;

const RANGES = `
/a.txt | Range: bytes=0-0
/a.txt | Range: bytes=0-9
/a.txt | Range: bytes=10-
/a.txt | Range: bytes=-5
/a.txt | Range: bytes=-100
/a.txt | Range: bytes=-0
/a.txt | Range: bytes=0-1000
/a.txt | Range: bytes=35-35
/a.txt | Range: bytes=36-
/a.txt | Range: bytes=36-40
/a.txt | Range: bytes=5-4
/a.txt | Range: bytes=abc
/a.txt | Range: bytes=
/a.txt | Range: bytes=-
/a.txt | Range: bytes=1-2,
/a.txt | Range: bytes= 1-2
/a.txt | Range: BYTES=1-2
/a.txt | Range: items=1-2
/a.txt | Range: bytes=1-2;3
/a.txt | Range: bytes=0-1,3-4
/a.txt | Range: bytes=0-1, 3-4 , -2
/a.txt | Range: bytes=0-1,100-
/a.txt | Range: bytes=100-,200-
/a.txt | Range: bytes=0-20,10-30
/a.txt | Range: bytes=0-,0-
/a.txt | Range: bytes=18446744073709551615-
/a.txt | Range: bytes=0-18446744073709551615
/a.txt | Range: bytes=99999999999999999999-
/empty.txt | Range: bytes=0-
/empty.txt | Range: bytes=-1
/empty.txt | Range: bytes=1-
/large.bin | Range: bytes=1000000-1000099
/large.bin | Range: bytes=-100
/large.bin | Range: bytes=0-9,1499990-
/large.bin | Range: bytes=1500000-
HEAD /a.txt | Range: bytes=0-9
/a.txt | Range: bytes=0-9 | If-Range: ${ETAG}
/a.txt | Range: bytes=0-9 | If-Range: W/${ETAG}
/a.txt | Range: bytes=0-9 | If-Range: "other"
/a.txt | Range: bytes=0-9 | If-Range: ${DATE}
/a.txt | Range: bytes=0-9 | If-Range: ${LATER}
/a.txt | Range: bytes=0-9 | If-Range: nonsense
/missing | Range: bytes=0-9
/sub | Range: bytes=0-9
/a.txt | Range: bytes=0-9 | If-None-Match: ${ETAG}
/a.txt | Range: bytes=100- | If-None-Match: ${ETAG}
/a.txt | Range: bytes=0-9 | If-Match: "other"
`;

const CONDITIONS = `
/a.txt | If-None-Match: ${ETAG}
/a.txt | If-None-Match: W/${ETAG}
/a.txt | If-None-Match: "other"
/a.txt | If-None-Match: "x", ${ETAG}, "y"
/a.txt | If-None-Match: "x",W/${ETAG}
/a.txt | If-None-Match: *
/a.txt | If-None-Match: nonsense
/a.txt | If-Match: ${ETAG}
/a.txt | If-Match: W/${ETAG}
/a.txt | If-Match: "other"
/a.txt | If-Match: *
/a.txt | If-Match: "x", ${ETAG}
/a.txt | If-Modified-Since: ${DATE}
/a.txt | If-Modified-Since: ${LATER}
/a.txt | If-Modified-Since: ${SOONER}
/a.txt | If-Modified-Since: nonsense
/a.txt | If-Modified-Since: Thursday, 29-Feb-24 12:34:56 GMT
/a.txt | If-Modified-Since: Thu Feb 29 12:34:56 2024
/a.txt | If-Unmodified-Since: ${DATE}
/a.txt | If-Unmodified-Since: ${LATER}
/a.txt | If-Unmodified-Since: ${SOONER}
/a.txt | If-Unmodified-Since: nonsense
/a.txt | If-None-Match: "other" | If-Modified-Since: ${DATE}
/a.txt | If-None-Match: ${ETAG} | If-Modified-Since: ${SOONER}
/a.txt | If-Match: ${ETAG} | If-Unmodified-Since: ${SOONER}
/a.txt | If-Match: ${ETAG} | If-None-Match: ${ETAG}
HEAD /a.txt | If-None-Match: ${ETAG}
HEAD /a.txt | If-Match: "other"
/missing | If-None-Match: *
/missing | If-Match: "x"
/epoch.txt | If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT
/old.txt | If-Modified-Since: Fri, 02 Jan 1970 00:00:00 GMT
/off/a.txt | If-Modified-Since: ${DATE}
/off/a.txt | If-None-Match: ${ETAG}
/before/a.txt | If-Modified-Since: ${DATE}
/before/a.txt | If-Modified-Since: ${LATER}
/before/a.txt | If-Modified-Since: ${SOONER}
/noetag/a.txt
/noetag/a.txt | If-None-Match: ${ETAG}
/noetag/a.txt | If-None-Match: *
/noetag/a.txt | If-Modified-Since: ${DATE}
/noranges/a.txt
/noranges/a.txt | Range: bytes=0-9
/tworanges/a.txt | Range: bytes=0-0
/tworanges/a.txt | Range: bytes=0-0,2-2
/tworanges/a.txt | Range: bytes=0-0,2-2,4-4
/a.txt | If-Modified-Since: Thu, 29 Feb 2024 12:34:56 GMT | If-Modified-Since: Thu, 29 Feb 2024 12:34:56 GMT
/a.txt | If-Unmodified-Since: Thu, 29 Feb 2024 12:34:56 GMT | X: y | If-Unmodified-Since: Thu, 29 Feb 2024 12:34:56 GMT
/a.txt | Authorization: Basic YQ== | Authorization: Basic YQ==
/a.txt | Range: bytes=0-1 | If-Range: "a" | If-Range: "a"
`;

const TRY_FILES = `
/
/a.txt
/sub
/sub/
/sub/x.txt
/missing
/missing/
/noindex/
/spa/a.txt
/spa/some/route
/spa/
/clean/x
/pages
/pages.txt
/pages/x
/named/x
/named
/coded/x
/nocontent/x
/folder
/folder/x
/folderfile
/args/x
/args/x?y=1&z=2
/argless/x?y=1
/nonamed/x
/loop
/inal/pic.txt
/inal/sub/pic.txt
/inal/missing
/inal/
POST /named/x
POST /a.txt
HEAD /spa/x
/spa/x | Range: bytes=0-3
`;

const ALIASES = `
/img/pic.txt
/img/
/img
/img/sub
/img/sub/
/img/sub/pic.txt
/img/missing
/img../secret.txt
/img/../secret.txt
/img/%2e%2e/secret.txt
/noslash/pic.txt
/noslash/
/noslash
/noslash../secret.txt
/noslashpic.txt
/mixed/pic.txt
/mixed/
/mixed
/mixed../secret.txt
/mixedpic.txt
/exact
/exact/
/exact/x
/single.txt
/single.txtx
/single.txt/x
/u/ann/page.txt
/u/ann/missing
/u/ann/../x
/u/bob/page.txt
/outer/secret.txt
/outer/img/
/outer/img/pic.txt
/outer/img
/outer/x.nothing
/rooted/x.txt
/sub/x.txt
`;

const VARIANTS = `
/css/site.css
/css/site.css | Accept-Encoding: gzip
/css/site.css | Accept-Encoding: gzip, br
/css/site.css | Accept-Encoding: x-gzip
/css/site.css | Accept-Encoding: gzip;q=0
/css/site.css | Accept-Encoding: gzip;q=0.5
/css/site.css | Accept-Encoding: identity
/css/site.css | Accept-Encoding: *
/css/site.css | Accept-Encoding: br
/css/site.css | Accept-Encoding: GZIP
/css/site.css | Accept-Encoding: gzip | Via: 1.1 proxy
/css/site.css HTTP/1.0 | Accept-Encoding: gzip
HEAD /css/site.css | Accept-Encoding: gzip
POST /css/site.css | Accept-Encoding: gzip
/css/site.css | Accept-Encoding: gzip | Range: bytes=0-9
/css/site.css | Accept-Encoding: gzip | If-Modified-Since: ${DATE}
/css/site.css | Accept-Encoding: gzip | If-Modified-Since: ${SOONER}
/css/only.css
/css/only.css | Accept-Encoding: gzip
/css/only.css.gz
/css/stale.css | Accept-Encoding: gzip
/css/stale.css
/css/plain.css | Accept-Encoding: gzip
/css/missing.css | Accept-Encoding: gzip
/always/site.css
/always/site.css | Accept-Encoding: gzip
/always/only.css
/always/only.css | Accept-Encoding: gzip
/always/only.css | Accept-Encoding: gzip;q=0
/always/plain.css
/always/missing.css
HEAD /always/only.css
/always/only.css | Range: bytes=0-9
/forced/site.css
/forced/site.css | Accept-Encoding: gzip
/forced/only.css
/novary/site.css
/novary/site.css | Accept-Encoding: gzip
/old/site.css HTTP/1.0 | Accept-Encoding: gzip
/old/site.css | Accept-Encoding: gzip | Via: 1.1 proxy
`;

const ON_THE_FLY = `
/big.txt
/big.txt | Accept-Encoding: gzip
/big.txt | Accept-Encoding: gzip, deflate, br, zstd
/big.txt | Accept-Encoding: gzip;q=0
/big.txt | Accept-Encoding: identity
/big.txt | Accept-Encoding: gzip | Via: 1.1 proxy
/big.txt | Accept-Encoding: gzip | User-Agent: Ancient/1.0
/big.txt | Accept-Encoding: gzip | User-Agent: Modern/2.0
/big.txt HTTP/1.0 | Accept-Encoding: gzip
HEAD /big.txt | Accept-Encoding: gzip
/css/plain.css | Accept-Encoding: gzip
/css/plain.css
/a.txt | Accept-Encoding: gzip
/large.bin | Accept-Encoding: gzip
/large.bin
/missing | Accept-Encoding: gzip
/noindex/ | Accept-Encoding: gzip
/sub | Accept-Encoding: gzip
/empty.txt | Accept-Encoding: gzip
/text | Accept-Encoding: gzip
/text
/big.txt | Accept-Encoding: gzip | Range: bytes=0-9
/big.txt | Range: bytes=0-9
/big.txt | Accept-Encoding: gzip | If-Modified-Since: ${DATE}
/big.txt | Accept-Encoding: gzip | If-None-Match: "nothing"
/proxied/big.txt | Accept-Encoding: gzip | Via: 1.1 proxy
/http10/big.txt HTTP/1.0 | Accept-Encoding: gzip
/all/large.bin | Accept-Encoding: gzip
/all/a.txt | Accept-Encoding: gzip
/all/one.txt | Accept-Encoding: gzip
/all/css/site.css.gz | Accept-Encoding: gzip
`;

const ERRORS = `
/missing
HEAD /missing
/missing?x=1
POST /missing
POST /a.txt
/noindex/
/r403
/r403?x=1
POST /r403
/r410
/r411
/r418
POST /r418
/r419
/r420
/r500
/r503
/404.html
/internal.html
/tointernal
/plain/x
/first/x
/second/x
/norecurse/x
/circle/x
/missing | Range: bytes=0-3
/missing | If-None-Match: *
/missing | If-Modified-Since: ${DATE}
`;

const REDIRECTS = `
/sub
/sub?x=1
/sp%20ace
/linkdir
/rel/to
/noport
/name
/abs
/schemed?x=1
/both
/body
/none
POST /body
HEAD /body
/noindex | Accept: */*
`;

const OTHER: readonly DifferentialRequest[] = [
  ...Object.entries({
    ...WAYS_REQUESTS,
    ...VARIABLES_REQUESTS,
    ...IFS_REQUESTS,
    ...ADDRESSES_REQUESTS,
    ...REAL_IP_REQUESTS,
    ...PROTECTED_REQUESTS,
    ...BODIES_REQUESTS,
    ...SSI_REQUESTS,
    ...USERS_REQUESTS,
  }).flatMap((
    [host, table],
  ) => requests(host, table)),
  ...requests("also.example", "/name\n/noport\n/both\n/css"),
  ...requests("also.example:8080", "/css\n/name"),
  ...requests("A.EXAMPLE", "/\n/sub"),
  ...requests("unknown.example", "/\n/sub"),
  ...requests(
    "vhost.example",
    `
    /?site=a.example
    /?site=b.example
    /?site=c.example
    /index.html?site=a.example
    /index.html?site=../www
    /a.txt?site=../www
    /one.txt?site=a.example/../../data
    /secret.txt?site=x/../../data
    `,
  ),
  ...requests(
    "slashes.example",
    "//a.txt\n/sub//x.txt\n//sub/x.txt\n//double\n/double\n/sub/\n//",
  ),
  ...requests(
    "links.example",
    `
    /a.txt
    /link.txt
    /linkdir/x.txt
    /linkdir/
    /sub/x.txt
    /sub
    /all/a.txt
    /owner/a.txt
    /owner/link.txt
    /ownlist/
    HEAD /ownlist/
    /free/link.txt
    /free/linkdir/x.txt
    `,
  ),
  ...requests(
    "index.example",
    `
    /
    /?index=a
    /?index=/a
    /?index=../data/secret
    /sub/
    /sub/deeper/
    /abs/
    /noindex/
    /dirindex/
    /emptydir/
    /missing/
    `,
  ),
  ...requests(
    "list.example",
    `
    /noindex/
    /noindex
    /emptydir/
    /missing/
    /a.txt/
    HEAD /noindex/
    HEAD /noindex
    HEAD /emptydir/
    HEAD /missing/
    HEAD /a.txt/
    /html/sub/
    /html/noindex/
    /html/emptydir/
    /round/sub/
    /local/sub/
    /json/sub/
    /jsonp/sub/
    /jsonp/sub/?callback=f.g
    /jsonp/sub/?callback=f(
    /jsonp/sub/?callback=
    /xml/sub/
    /xml/noindex/
    `,
  ),
  ...[
    "dom.example",
    "DOM2.example:8080",
    "dom.example.",
    "dom.example.:81",
    "a.dom.example",
    "a.b.dom.example",
    "adom.example",
    "sub.dom.example",
    "a.sub.dom.example",
    "x.dom.example",
    "other.dom.example",
    "y.other.dom.example",
    "wild.example",
    "a.wild.example",
    "trailing.example",
    "trailing.a.b",
    "trailing",
    "www.trailing.a",
    "www.trailing.wild.example",
    "[::1]",
    "[::1]:80",
    "[::2]",
    "_",
    "re12",
    "RE3.x",
    "x.re",
    "re",
    "127.0.0.1",
  ].flatMap((host) => requests(host, "/index.html")),
  ...requests(
    "nested.example",
    `
    /
    /a.txt
    /one.txt
    /page.html
    /sub/x.txt
    /sub/index.html
    /sub/deeper/index.htm
    /css/site.css
    /css/plain.css
    /noindex/x.txt
    /in/a.txt
    /in/sub/x.txt
    /in/one.txt
    /to/a.txt
    /to/sub/x.txt
    `,
  ),
];

/** `ü` is C3 BC and `ä` C3 A4; FF is in no UTF-8. */
const BYTES = `
/sub?q=\xc3\xbc
/sub?q=\xff
/sub?q=%C3%BC
/if/?q=\xc3\xbc
/if/?q=\xc3
/if/?q=\xc3\xb6\xc3\xb6x
/if/ | X: \xc3\xbc
/if/ | Cookie: a=b; c=\xc3\xbc
/if/\xc3\xbc
/if/%C3%BC
/say/\xc3\xa4?q=\xc3\xbc | X: \xc3\xbc\xff | Cookie: c=\xa0\xfe
/say/%C3%A4?q=%C3%BC&\xff
/to/?q=\xc3\xbc
/to/?q=\xff
/away/?q=\xc3\xbc\xff
/rewrite/?q=\xc3\xbc
/inside/?q=\xc3\xbc
/inside/?q=\xff
/try/?f=\xc3\xbcmlaut.txt
/try/?f=none&q=\xc3\xbc\xff
/page/?q=\xc3\xbc\xff
/pageaway/?q=\xc3\xbc\xff
/file?f=\xc3\xbcmlaut.txt
/file?f=\xfcmlaut.txt
/match/\xc3\xa4\xc3\xb6
/match/%C3%A4%20x
/prefix/\xc3\xbc/x
`;

const TYPES = `
/a.txt
/page.html
/noext
/.well-known/security.txt
/UPPER.TXT
/outer/a.txt
/outer/UPPER.TXT
/outer/page.html
/outer/noext
/outer/css/site.css
/outer/inner/a.txt
/outer/inner/sub/deeper/index.htm
/outer/default/a.txt
/outer/default/noext
/outer/none/a.txt
/charset/a.txt
/charset/large.bin | Range: bytes=0-1
/charset/noext
/charset/wml/noext
/charset/types/noext
/charset/types/a.txt
`;

const REGEXES = `
/adm12/x
/adm/x
/adm:/x
/start
/A/start
/end
/end%0A
/dollar
/dollar%0A
/dollar%0A%0A
/dota
/dot%0D
/dot%0A
/dot%C3%A9
/dot%E2%80%A8
/set]
/setx
/set[]x]
/space%20
/space%C2%A0
/space%0B
/a.b
/axb
/hex
/fold/KS
/fold/%E2%84%AA
/fold/%C5%BF
/FLAGS
/flags
/loop/ab
/loop/ba
/loop/b
/unset/aab
/unset/b
/atom/aaa
/v1
/w2
/byte/%C3%A9
/byte/ab
/slow/a/b/c.png
/slow/a/b/c/d/e/f.jpg
/if/?xyz
/if/?xy
/if/?x
/if/kk
/if/KK
/if/%E2%84%AA
/if/ | User-Agent: ABC
/if/ | User-Agent: abc
/if/ | User-Agent: \xe9
/names/x
/names/y
/names/xy
/names/
/renamed/z
/renamed/zz
/argument/v?q=1
/argument/?q=1
/redirected/a-b?c
/named/w
/conditions?v=12
/conditions?v=x
/forget/ab
/forget/ab?x
/keep/ab?x
/rw/abc/12
/rw/abc/x
/rw/%C3%A9/1
/rw/%20%09
`;

const NAME_GROUPS = `
/
/re/x
/re/
/rw/a
/rd/a
/e
/n/x
/o/x
`;

/** All requests. */
export const REQUESTS: readonly DifferentialRequest[] = [
  ...requests("a.example", PATHS),
  ...requests("a.example", METHODS),
  ...requests("a.example", RANGES),
  ...requests("cond.example", CONDITIONS),
  ...requests("try.example", TRY_FILES),
  ...requests("alias.example", ALIASES),
  ...requests("gz.example", VARIANTS),
  ...requests("fly.example", ON_THE_FLY),
  ...requests("err.example", ERRORS),
  ...requests("redir.example", REDIRECTS),
  ...requests("bytes.example", BYTES),
  ...requests("types.example", TYPES),
  ...requests("regex.example", REGEXES),
  ...requests("www.a.groups.example", NAME_GROUPS),
  ...requests("A.groups.example", NAME_GROUPS),
  ...OTHER,
];
