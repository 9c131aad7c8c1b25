/**
 * Requests as bytes against the running program: the statuses that come back,
 * and whether the connection goes on. Behind each case stands a further
 * request in the same segment, so that both sides must agree where the case
 * ends (RFC 9112 §11.2: request smuggling).
 */

import { assertEquals } from "@std/assert";
import { RawClient } from "../support/raw_client.ts";
import { ServerProcess } from "../support/server_process.ts";

const CONFIG = `
error_log logs/error.log info;
http {
    large_client_header_buffers 4 1k;
    max_headers 20;
    client_max_body_size 1000;
    lingering_timeout 500ms;
    lingering_time 2s;
    server {
        listen 127.0.0.1:0;
        server_name a.example;
        root site;
        location = /probe { return 202 probe; }
        location = /host { return 200 "$host|$uri|$args"; }
        location = /none { return 204; }
        location = /hush { return 444; }
        location = /once { keepalive_requests 1; return 200 once; }
        location /split/ { return 301 /x$uri$arg_to; }
        location = /in { internal; return 200 in; }
        location /list/ { autoindex on; }
    }
}
`;

const FILES = {
  "site/index.html": "<p>index</p>",
  "site/a.txt": "content of a\n",
  "site/list/b.txt": "b",
  "site/dir/index.html": "dir",
};

/** A request for `a` with these fields. */
function r(line: string, ...fields: string[]): string {
  return [line, "Host: a", ...fields, "", ""].join("\r\n");
}

const PROBE = r("GET /probe HTTP/1.1");
const CHUNKED = "Transfer-Encoding: chunked";
const CLOSE = "Connection: close";

/** Expected statuses, what becomes of the connection, and the raw request. */
type Case = readonly [expected: string, raw: string];

const VALID: readonly Case[] = [
  ["200 keep", r("GET / HTTP/1.1")],
  ["200 keep", r("GET /a.txt HTTP/1.1")],
  ["404 keep", r("GET /missing HTTP/1.1")],
  ["404 keep", r("GET /in HTTP/1.1")],
  ["301 keep", r("GET /dir HTTP/1.1")],
  ["204 keep", r("GET /none HTTP/1.1")],
  ["200 keep", r("GET /list/ HTTP/1.1")],
  ["200 200 keep", r("GET /list/ HTTP/1.1") + r("GET / HTTP/1.1")],
  ["200 close", r("GET /once HTTP/1.1")],
  ["close", r("GET /hush HTTP/1.1")],
  ["301 keep", r("GET /split/?to=%0d%0aA:%20b HTTP/1.1")], // not decoded
  ["500 keep", r("GET /split/%0d%0aA:%20b HTTP/1.1")], // 9110 §5.5 refused
  ["200 keep", `\r\n${r("GET / HTTP/1.1")}`], // 9112 §2.2 empty line
  ["200 keep", `\r\n\r\n${r("GET / HTTP/1.1")}`], // 9112 §2.2
  ["400 close", "\r\n".repeat(20) + r("GET / HTTP/1.1")], // bounded
  ["200 keep", r("GET / HTTP/1.9")], // 9110 §2.5 higher minor
  ["200 keep", r("GET / HTTP/1.1", "A:")], // 9110 §5.5 empty value
  ["200 keep", r("GET / HTTP/1.1", "A:\t b \t")], // 9112 §5.1 OWS
  ["200 keep", r("GET / HTTP/1.1", "A: \x80\xff")], // 9110 §5.5 obs-text
  ["200 keep", r("GET / HTTP/1.1", "A: b", "a: c")], // 9110 §5.3
  ["200 keep", r("GET / HTTP/1.1", "a_b: c")], // dropped, as nginx
  ["200 keep", r("GET / HTTP/1.1", "a!#$%&'*+.^`|~: c")], // dropped
  ["200 keep", r("GET /?a=b?c/../d HTTP/1.1")], // 3986 §3.4
  ["200 keep", r("GET /%61.txt HTTP/1.1")], // 3986 §6.2.2.2
  ["200 keep", r("GET /x/../a.txt HTTP/1.1")], // 3986 §5.2.4
  ["200 keep", r("GET //a.txt HTTP/1.1")], // merge_slashes
];

const REQUEST_LINES: readonly Case[] = [
  ["400 close", r("GET  / HTTP/1.1")], // 9112 §3
  ["400 close", r("GET /  HTTP/1.1")],
  ["400 close", r("GET / HTTP/1.1 ")],
  ["400 close", r(" GET / HTTP/1.1")],
  ["400 close", r("GET\t/ HTTP/1.1")],
  ["400 close", r("GET /\tHTTP/1.1")],
  ["400 close", r("GET /a b HTTP/1.1")],
  ["400 close", r("GET HTTP/1.1")],
  ["400 close", r("GET /")], // HTTP/0.9
  ["400 close", "GET /\r\n\r\n"], // HTTP/0.9
  ["400 close", "GET / HTTP/1.1\nHost: a\n\n"], // 9112 §2.2 bare LF
  ["400 close", "GET / HTTP/1.1\rHost: a\r\r"], // bare CR
  ["400 close", "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n"],
  ["400 close", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["400 close", "\r\rGET / HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["400 close", r("G\x00T / HTTP/1.1")],
  ["400 close", r("G@T / HTTP/1.1")], // 9110 §9.1 token
  ["400 close", r("G\x80T / HTTP/1.1")],
  ["400 close", r("GET:/ HTTP/1.1")],
  ["400 close", r("GET /\x00 HTTP/1.1")],
  ["400 close", r("GET /\x01 HTTP/1.1")],
  ["400 close", r("GET /\x7f HTTP/1.1")],
  ["400 close", r("GET /a#b HTTP/1.1")], // 9110 §7.1 no fragment
  ["400 close", r("GET /%zz HTTP/1.1")], // 3986 §2.1
  ["400 close", r("GET /% HTTP/1.1")],
  ["400 close", r("GET /%00 HTTP/1.1")],
  ["400 close", r("GET /%ff HTTP/1.1")], // not UTF-8
  ["400 close", r("GET /.. HTTP/1.1")], // leaves the root
  ["400 close", r("GET /../a.txt HTTP/1.1")],
  ["400 close", r("GET /%2e%2e/a.txt HTTP/1.1")],
  ["400 close", r("GET a.txt HTTP/1.1")], // 9112 §3.2
  ["400 close", r("GET ?a HTTP/1.1")],
  ["400 close", r("GET / HTTP/1")],
  ["400 close", r("GET / HTTP/1.")],
  ["400 close", r("GET / HTTP/.1")],
  ["400 close", r("GET / HTTP/1.1.1")],
  ["400 close", r("GET / HTTP/1.11")],
  ["400 close", r("GET / HTTP/11.1")],
  ["400 close", r("GET / HTTP/+1.1")],
  ["400 close", r("GET / http/1.1")], // 9112 §2.3 case-sensitive
  ["400 close", r("GET / Http/1.1")],
  ["400 close", r("GET / HTTPS/1.1")],
  ["400 close", r("GET / ICY/1.1")],
  ["400 close", r("GET / HTTP 1.1")],
  ["400 close", r("GET / HTTP/0.9")],
  ["505 close", r("GET / HTTP/2.0")], // 9110 §15.6.6
  ["505 close", r("GET / HTTP/3.0")],
  ["505 close", r("GET / HTTP/9.9")],
  ["505 close", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"], // 9113 §3.4
  ["400 close", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"], // TLS hello
  ["400 close", "\x00\x00\x00\x00"],
  ["400 close", "{}\r\n\r\n"],
  ["414 close", r(`GET /${"a".repeat(1100)} HTTP/1.1`)], // 9110 §15.5.15
  ["414 close", r(`GET /?${"a".repeat(5000)} HTTP/1.1`)],
  ["404 keep", r(`GET /${"a".repeat(1010)} HTTP/1.1`)], // 1024 bytes
  ["414 close", r(`GET /${"a".repeat(1011)} HTTP/1.1`)], // 1025 bytes
  ["400 close", r(`${"A".repeat(33)} / HTTP/1.1`)],
];

const TARGETS: readonly Case[] = [
  ["200 keep", r("GET http://a.example/ HTTP/1.1")], // 9112 §3.2.2
  ["200 keep", r("GET HTTP://a.example:80/a.txt HTTP/1.1")],
  ["200 keep", r("GET http://a.example HTTP/1.1")],
  ["200 keep", r("GET http://a.example?x HTTP/1.1")],
  ["200 keep", r("GET https://a.example/ HTTP/1.1")],
  ["400 close", r("GET ftp://a.example/ HTTP/1.1")],
  ["400 close", r("GET http:///a.txt HTTP/1.1")], // 9110 §4.2.1 no host
  ["400 close", r("GET http://u@a.example/ HTTP/1.1")], // 9110 §4.2.4
  ["400 close", r("GET http://a..b/ HTTP/1.1")],
  ["400 close", r("GET http:/a.txt HTTP/1.1")],
  ["400 close", r("GET a.example:80 HTTP/1.1")], // 9112 §3.2.3
  ["400 close", r("GET * HTTP/1.1")], // 9112 §3.2.4
  ["204 keep", r("OPTIONS * HTTP/1.1")],
  ["204 keep", r("OPTIONS /a.txt HTTP/1.1")], // 9110 §9.3.7
  ["204 keep", r("OPTIONS http://a.example/a.txt HTTP/1.1")],
  ["204 keep", r("OPTIONS http://a.example HTTP/1.1")],
  ["405 close", r("CONNECT a.example:443 HTTP/1.1")], // 9110 §9.3.6
  ["400 close", r("CONNECT / HTTP/1.1")],
  ["400 close", r("CONNECT http://a.example/ HTTP/1.1")],
  ["400 close", r("CONNECT a.example HTTP/1.1")],
];

const METHODS: readonly Case[] = [
  ["405 keep", r("POST /a.txt HTTP/1.1", "Content-Length: 0")],
  ["405 keep", r("POST /a.txt HTTP/1.1")],
  ["405 keep", r("PUT /a.txt HTTP/1.1")], // 9110 §15.5.6
  ["405 keep", r("DELETE /a.txt HTTP/1.1")],
  ["405 keep", r("PATCH /a.txt HTTP/1.1")],
  ["405 keep", r("TRACE /a.txt HTTP/1.1")], // 9110 §9.3.8
  ["405 keep", r("PROPFIND /a.txt HTTP/1.1")],
  ["501 keep", r("BREW /a.txt HTTP/1.1")], // 9110 §15.6.2
  ["501 keep", r("get /a.txt HTTP/1.1")], // 9110 §9.1 case matters
  ["501 keep", r("GETT /a.txt HTTP/1.1")],
  ["501 keep", r("!#$%&'*+-.^_`|~ /a.txt HTTP/1.1")],
  ["405 keep", r("POST / HTTP/1.1")],
];

const FIELDS: readonly Case[] = [
  ["400 close", r("GET / HTTP/1.1", "A : b")], // 9112 §5.1
  ["400 close", r("GET / HTTP/1.1", "A\t: b")],
  ["400 close", r("GET / HTTP/1.1", " A: b")], // 9112 §5.2 obs-fold
  ["400 close", r("GET / HTTP/1.1", "A: b", " c")],
  ["400 close", r("GET / HTTP/1.1", "A: b", "\tc")],
  ["400 close", "GET / HTTP/1.1\r\n Host: a\r\n\r\n"], // 9112 §2.2
  ["400 close", r("GET / HTTP/1.1", ": b")],
  ["400 close", r("GET / HTTP/1.1", "A")],
  ["400 close", r("GET / HTTP/1.1", "A B: c")],
  ["400 close", r("GET / HTTP/1.1", "A(: c")],
  ["400 close", r("GET / HTTP/1.1", "A\x80: c")],
  ["400 close", r("GET / HTTP/1.1", "A\x00: c")],
  ["400 close", r("GET / HTTP/1.1", "A: b\x00c")], // 9110 §5.5
  ["400 close", r("GET / HTTP/1.1", "A: b\x01c")],
  ["400 close", r("GET / HTTP/1.1", "A: b\x7fc")],
  ["400 close", r("GET / HTTP/1.1", "A: b\rc")],
  ["400 close", r("GET / HTTP/1.1", "A: b\nc: d")],
  ["400 close", r("GET / HTTP/1.1", "A: b\r")],
  ["400 close", "GET / HTTP/1.1\r\nHost: a\r\n\n"],
  ["400 close", "GET / HTTP/1.1\r\nHost: a\r\n\r\r"],
  ["431 close", r("GET / HTTP/1.1", `A: ${"b".repeat(1100)}`)], // 6585 §5
  ["431 close", r("GET / HTTP/1.1", `${"b".repeat(1100)}: a`)],
  ["200 keep", r("GET / HTTP/1.1", `A: ${"b".repeat(1021)}`)], // 1024
  ["431 close", r("GET / HTTP/1.1", `A: ${"b".repeat(1022)}`)], // 1025
  ["431 close", r("GET / HTTP/1.1", ...Array(5).fill(`A: ${"b".repeat(999)}`))],
  ["200 keep", r("GET / HTTP/1.1", ...Array(19).fill("A: b"))],
  ["431 close", r("GET / HTTP/1.1", ...Array(20).fill("A: b"))],
];

const HOSTS: readonly Case[] = [
  ["400 close", "GET / HTTP/1.1\r\n\r\n"], // 9112 §3.2
  ["400 close", "GET http://a/ HTTP/1.1\r\n\r\n"],
  ["400 close", r("GET / HTTP/1.1", "Host: a")], // twice
  ["400 close", r("GET / HTTP/1.1", "HOST: b")],
  ["400 close", "GET / HTTP/1.1\r\nHost:\r\n\r\n"],
  ["400 close", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"],
  ["200 keep", "GET / HTTP/1.1\r\nHost: a,b\r\n\r\n"], // 3986 sub-delim
  ["400 close", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"],
  ["400 close", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"],
  ["400 close", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n"],
  ["400 close", "GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n"],
  ["400 close", "GET / HTTP/1.1\r\nHost: a:1:2\r\n\r\n"],
  ["400 close", "GET / HTTP/1.1\r\nHost: ..\r\n\r\n"],
  ["400 close", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"],
  ["200 keep", "GET / HTTP/1.1\r\nHost: a:\r\n\r\n"],
  ["200 keep", "GET / HTTP/1.1\r\nHost: a:8080\r\n\r\n"],
  ["200 keep", "GET / HTTP/1.1\r\nhOsT: A.EXAMPLE.\r\n\r\n"],
  ["200 keep", "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"],
  ["200 close", "GET / HTTP/1.0\r\n\r\n"], // HTTP/1.0 may omit it
  ["400 close", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"],
  ["400 close", "GET / HTTP/1.0\r\nHost: a b\r\n\r\n"],
];

const PERSISTENCE: readonly Case[] = [
  ["200 close", r("GET / HTTP/1.1", CLOSE)], // 9112 §9.3
  ["200 close", r("GET / HTTP/1.1", "Connection: CLOSE")],
  ["200 close", r("GET / HTTP/1.1", "Connection: a, Close ,b")],
  ["200 close", r("GET / HTTP/1.1", "Connection: a", CLOSE)],
  ["200 close", r("GET / HTTP/1.1", "Connection: close, keep-alive")],
  ["200 keep", r("GET / HTTP/1.1", "Connection: closed")],
  ["200 keep", r("GET / HTTP/1.1", "Connection: keep-alive")],
  ["200 keep", r("GET / HTTP/1.1", "Connection:")],
  ["200 close", r("GET / HTTP/1.0")],
  ["200 keep", r("GET / HTTP/1.0", "Connection: keep-alive")],
  ["200 keep", r("GET / HTTP/1.0", "Connection: Keep-Alive, a")],
  ["200 close", r("GET / HTTP/1.0", "Connection: keep-alive, close")],
  ["200 close", r("GET / HTTP/1.0", "Keep-Alive: 5")],
  ["404 close", r("GET /missing HTTP/1.1", CLOSE)],
];

/** A POST of `body` with these fields. */
function p(body: string, ...fields: string[]): string {
  return r("POST /a.txt HTTP/1.1", ...fields) + body;
}

const LENGTHS: readonly Case[] = [
  ["405 keep", p("12345", "Content-Length: 5")], // 9112 §6.3
  ["405 keep", p("12345", "Content-Length: 005")],
  ["405 keep", p("", "Content-Length: 0")],
  ["200 keep", r("GET / HTTP/1.1", "Content-Length: 3") + "abc"],
  ["200 close", r("GET / HTTP/1.0", "Content-Length: 3") + "abc"],
  ["204 keep", r("OPTIONS /a.txt HTTP/1.1", "Content-Length: 3") + "abc"],
  ["405 keep", p(r("GET / HTTP/1.1"), "Content-Length: 27")],
  ["405 405 keep", p("1", "Content-Length: 1") + p("2", "Content-Length: 1")],
  ["400 close", p("12345", "Content-Length: 5", "Content-Length: 5")],
  ["400 close", p("12345", "Content-Length: 5", "Content-Length: 6")],
  ["400 close", p("12345", "Content-Length: 5, 5")],
  ["400 close", p("12345", "Content-Length: +5")],
  ["400 close", p("12345", "Content-Length: -5")],
  ["400 close", p("12345", "Content-Length: 0x5")],
  ["400 close", p("12345", "Content-Length: 5.0")],
  ["400 close", p("12345", "Content-Length: 5a")],
  ["400 close", p("12345", "Content-Length: 1 2")],
  ["400 close", p("12345", "Content-Length:")],
  ["400 close", p("12345", 'Content-Length: "5"')],
  ["400 close", p("12345", "Content-Length: 5;")],
  ["400 close", p("", "Content-Length: 99999999999999999999")],
  ["400 close", p("", "Content-Length: 18446744073709551621")], // 2^64 + 5
  ["413 close", p("", "Content-Length: 1001")], // 9110 §15.5.14
  ["405 keep", p("x".repeat(1000), "Content-Length: 1000")],
  ["413 close", p("x".repeat(1001), "Content-Length: 1001")],
];

const CODINGS: readonly Case[] = [
  ["405 keep", p("0\r\n\r\n", CHUNKED)], // 9112 §7.1
  ["405 keep", p("3\r\nabc\r\n0\r\n\r\n", CHUNKED)],
  ["405 keep", p("A\r\n0123456789\r\n0\r\n\r\n", CHUNKED)],
  ["405 keep", p("003\r\nabc\r\n000\r\n\r\n", CHUNKED)],
  ["405 keep", p("3;a=b\r\nabc\r\n0;c\r\n\r\n", CHUNKED)], // §7.1.1
  ["405 keep", p("0\r\nA: b\r\n\r\n", CHUNKED)], // §7.1.2
  ["200 keep", r("GET / HTTP/1.1", CHUNKED) + "3\r\nabc\r\n0\r\n\r\n"],
  ["405 keep", p("0\r\n\r\n", "Transfer-Encoding: CHUNKED")],
  ["405 keep", p("0\r\n\r\n", "Transfer-Encoding:\tchunked ")],
  ["400 close", p("0\r\n\r\n", CHUNKED, "Content-Length: 5")], // 9112 §6.1
  ["400 close", p("0\r\n\r\n", "Content-Length: 5", CHUNKED)],
  ["400 close", p("0\r\n\r\n", CHUNKED, CHUNKED)],
  ["400 close", p("0\r\n\r\n", "Transfer-Encoding: chunked, chunked")],
  ["400 close", p("0\r\n\r\n", "Transfer-Encoding: chunked, gzip")],
  ["400 close", p("0\r\n\r\n", "Transfer-Encoding: , chunked")],
  ["400 close", p("0\r\n\r\n", "Transfer-Encoding:")],
  ["501 close", p("0\r\n\r\n", "Transfer-Encoding: gzip")],
  ["501 close", p("0\r\n\r\n", "Transfer-Encoding: gzip, chunked")],
  ["501 close", p("0\r\n\r\n", "Transfer-Encoding: identity")],
  ["501 close", p("0\r\n\r\n", "Transfer-Encoding: xchunked")],
  ["501 close", p("0\r\n\r\n", "Transfer-Encoding: chunked;a=b")],
  ["400 close", r("POST / HTTP/1.0", CHUNKED) + "0\r\n\r\n"], // 9112 §6.1
  ["400 close", p("0\r\n\r\n", "Transfer-Encoding : chunked")],
];

/** Bodies that are broken: who sends them bit by bit has an answer before. */
const BROKEN_BODIES: readonly Case[] = [
  ["400 close", p("g\r\n\r\n", CHUNKED)],
  ["400 close", p("\r\n\r\n", CHUNKED)],
  ["400 close", p("-1\r\n\r\n", CHUNKED)],
  ["400 close", p("0x3\r\nabc\r\n0\r\n\r\n", CHUNKED)],
  ["400 close", p(" 3\r\nabc\r\n0\r\n\r\n", CHUNKED)],
  ["400 close", p("3\nabc\r\n0\r\n\r\n", CHUNKED)],
  ["400 close", p("3\r\nabcd\r\n0\r\n\r\n", CHUNKED)],
  ["400 close", p("3\r\nabc0\r\n\r\n", CHUNKED)],
  ["400 close", p("3\r\nabc\n0\r\n\r\n", CHUNKED)],
  ["400 close", p("10000000000000000\r\n", CHUNKED)], // 2^64
  ["400 close", p("0\r\nA : b\r\n\r\n", CHUNKED)],
  ["400 close", p("0\r\n A: b\r\n\r\n", CHUNKED)],
  ["400 close", p("0\r\nA: b\n\r\n", CHUNKED)],
  // It has had its answer before that can be known.
  ["405 close", p(`0\r\nA: ${"b".repeat(9000)}\r\n\r\n`, CHUNKED)],
  ["405 close", p(`0;${"b".repeat(17000)}\r\n\r\n`, CHUNKED)],
  ["413 close", p(`3e9\r\n${"x".repeat(1001)}\r\n0\r\n\r\n`, CHUNKED)],
  ["405 keep", p(`3e8\r\n${"x".repeat(1000)}\r\n0\r\n\r\n`, CHUNKED)],
];

const EXPECT = "Expect: 100-continue";

const EXPECTATIONS: readonly Case[] = [
  ["405 keep", p("abc", EXPECT, "Content-Length: 3")], // 9110 §10.1.1
  ["405 keep", p("abc", "Expect: 100-Continue", "Content-Length: 3")],
  ["200 keep", r("GET / HTTP/1.1", EXPECT)],
  ["417 close", p("abc", "Expect: 200-ok", "Content-Length: 3")],
  ["417 close", r("GET / HTTP/1.1", "Expect: a")],
  ["417 close", r("GET / HTTP/1.1", "Expect: 100-continue, a")],
  ["200 close", r("GET / HTTP/1.0", "Expect: a")], // ignored in 1.0
  ["413 close", p("", EXPECT, "Content-Length: 1001")],
];

const TABLES: Readonly<Record<string, readonly Case[]>> = {
  "requests that are in order": VALID,
  "request lines": REQUEST_LINES,
  "forms of targets": TARGETS,
  "methods": METHODS,
  "field lines": FIELDS,
  "Host": HOSTS,
  "persistence": PERSISTENCE,
  "Content-Length": LENGTHS,
  "Transfer-Encoding": CODINGS,
  "broken bodies": BROKEN_BODIES,
  "Expect": EXPECTATIONS,
};

/** Cases up to this many bytes are also sent byte by byte. */
const LONGEST_BY_BYTES = 200;

/** The statuses of all responses up to the probe's (202) or the close. */
async function outcome(client: RawClient): Promise<string> {
  const statuses: string[] = [];
  for (;;) {
    const response = await client.response();
    if (response === undefined) return [...statuses, "close"].join(" ");
    if (response.status === 202) return [...statuses, "keep"].join(" ");
    assertEquals(response.field("date")?.length, 29);
    statuses.push(String(response.status));
  }
}

Deno.test("the server answers raw requests", async (t) => {
  await using server = await ServerProcess.start({
    config: CONFIG,
    files: FILES,
  });
  const { port } = server;
  for (const [name, cases] of Object.entries(TABLES)) {
    await t.step(`${name}, in one segment`, async () => {
      for (const [expected, raw] of cases) {
        using client = await RawClient.connect(port);
        await client.send(raw + PROBE);
        assertEquals(await outcome(client), expected, JSON.stringify(raw));
      }
    });
  }
  for (const [name, cases] of Object.entries(TABLES)) {
    // Whether an expected body is there already decides what is answered.
    if (cases === EXPECTATIONS) continue;
    await t.step(`${name}, byte by byte`, async () => {
      for (const [expected, raw] of cases) {
        if (raw.length > LONGEST_BY_BYTES) continue;
        using client = await RawClient.connect(port);
        const sent = client.sendByteByByte(raw + PROBE).catch(() => {});
        const found = await outcome(client);
        const isEarly = cases === BROKEN_BODIES && found === "405 close";
        if (!isEarly) assertEquals(found, expected, JSON.stringify(raw));
        client.close();
        await sent;
      }
    });
  }
});
