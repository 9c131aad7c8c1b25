/** Real requests, and fragments that have broken servers before. */

import { bytesOf } from "../tests/support/latin1.ts";

/** Whole requests as clients send them. */
export const REQUESTS: readonly string[] = [
  "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
  "GET /a/b.html?x=1&y=%20 HTTP/1.1\r\nHost: www.example.org:8080\r\n" +
  "User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n" +
  "Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8\r\n" +
  "Accept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en\r\n" +
  'If-None-Match: "6b04a063-1301"\r\nConnection: keep-alive\r\n\r\n',
  "HEAD /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
  "POST /f HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
  "POST /f HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
  "5;x=y\r\nhello\r\n0\r\nA: b\r\n\r\n",
  "PUT /f HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n" +
  "Content-Length: 3\r\n\r\nabc",
  "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
  "GET http://example.org/x HTTP/1.1\r\nHost: a\r\n\r\n",
  "CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n",
  "GET /big HTTP/1.1\r\nHost: [::1]:80\r\nRange: bytes=0-1,5-,-3\r\n\r\n",
  "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nCookie: a=b; c=d\r\n\r\n",
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
];

/** What a mutation may put in. */
export const FRAGMENTS: readonly string[] = [
  "\r\n",
  "\n",
  "\r",
  "\0",
  " ",
  "\t",
  ":",
  "\r\n ",
  "\r\n\r\n",
  "\x80",
  "\xff",
  "%00",
  "%2e%2e/",
  "/../",
  "//",
  "#",
  "?",
  "*",
  "HTTP/1.1",
  "HTTP/9.9",
  "Host: b\r\n",
  "Content-Length: 5\r\n",
  "Content-Length: +5\r\n",
  "Content-Length: 99999999999999999999\r\n",
  "Transfer-Encoding: chunked\r\n",
  "Transfer-Encoding: gzip, chunked\r\n",
  "Transfer-Encoding : chunked\r\n",
  "Connection: close\r\n",
  "Expect: 100-continue\r\n",
  "_x: y\r\n",
  "0\r\n\r\n",
  "FFFFFFFFFFFFFFFF\r\n",
  "-1\r\n",
  "0x5\r\n",
  "A".repeat(300),
];

/** {@linkcode REQUESTS} as bytes. */
export const REQUEST_BYTES: readonly Uint8Array[] = REQUESTS.map((text) =>
  bytesOf(text)
);
