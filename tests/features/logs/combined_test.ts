import { assertEquals } from "@std/assert";
import {
  type AccessRecord,
  appendCombined,
} from "../../../src/features/logs/combined.ts";
import { Field, type FieldId } from "../../../src/http/fields.ts";
import { formatTimeLocal } from "../../../src/logging/local_time.ts";
import { LogBuffer } from "../../../src/logging/log_buffer.ts";

const NOW_MS = 1_795_460_653_999;

/** A record as the parser would make it of what `head` says, a byte a char. */
function recordOf(
  head: string,
  changes: Partial<AccessRecord> = {},
): AccessRecord {
  const line = head.indexOf("\r\n");
  const spanOf = (field: FieldId): [start: number, end: number] => {
    const name = field === Field.Referer ? "Referer" : "User-Agent";
    const at = head.indexOf(`\r\n${name}: `);
    if (at < 0) return [-1, -1];
    const start = at + name.length + 4;
    return [start, head.indexOf("\r\n", start)];
  };
  return {
    remoteAddress: "127.0.0.1",
    remoteUser: undefined,
    status: 200,
    bodyBytesSent: 6,
    request: {
      bytes: Uint8Array.from(head, (character) => character.charCodeAt(0)),
      lineStart: line > 0 ? 0 : -1,
      lineEnd: line,
      valueStart: (field) => spanOf(field)[0],
      valueEnd: (field) => spanOf(field)[1],
    },
    ...changes,
  };
}

/** The expected lines are nginx 1.22.1's answers to the same bytes. */
const ROWS: [
  name: string,
  head: string,
  changes: Partial<AccessRecord>,
  expected: string,
][] = [
  [
    "a plain request",
    "GET /hello.txt HTTP/1.1\r\nHost: x\r\n\r\n",
    {},
    '127.0.0.1 - - [TIME] "GET /hello.txt HTTP/1.1" 200 6 "-" "-"\n',
  ],
  [
    "a hostile referer and an empty agent",
    'GET /hello.txt HTTP/1.1\r\nReferer: a"b\\c\x7f\xc3\xa9\x1b\r\n' +
    "User-Agent: \r\n\r\n",
    {},
    '127.0.0.1 - - [TIME] "GET /hello.txt HTTP/1.1" 200 6 ' +
    '"a\\x22b\\x5Cc\\x7F\\xC3\\xA9\\x1B" ""\n',
  ],
  [
    "a hostile request line and a tab in the agent",
    'GET /\xff"\\ HTTP/1.1\r\nReferer: \r\nUser-Agent: u\tv\r\n\r\n',
    { status: 404, bodyBytesSent: 153 },
    '127.0.0.1 - - [TIME] "GET /\\xFF\\x22\\x5C HTTP/1.1" 404 153 "" ' +
    '"u\\x09v"\n',
  ],
  [
    "TLS on a plain port",
    "\x16\x03\x01\x00\xa5\r\n\r\n",
    { status: 400, bodyBytesSent: 157 },
    '127.0.0.1 - - [TIME] "\\x16\\x03\\x01\\x00\\xA5" 400 157 "-" "-"\n',
  ],
  [
    "a user whose name is not ASCII",
    "HEAD /hello.txt HTTP/1.0\r\n\r\n",
    { remoteUser: "a\xc3\xa9", bodyBytesSent: 0 },
    '127.0.0.1 - a\\xC3\\xA9 [TIME] "HEAD /hello.txt HTTP/1.0" 200 0 "-" "-"\n',
  ],
  [
    "a user without a name",
    "GET /hello.txt HTTP/1.0\r\n\r\n",
    { remoteUser: "" },
    '127.0.0.1 - - [TIME] "GET /hello.txt HTTP/1.0" 200 6 "-" "-"\n',
  ],
  [
    "a connection without a request line",
    "\r\n",
    { status: 0, bodyBytesSent: 0 },
    '127.0.0.1 - - [TIME] "-" 000 0 "-" "-"\n',
  ],
  [
    "an IPv6 client and a body above 4 GiB",
    "GET / HTTP/1.1\r\n\r\n",
    { remoteAddress: "2001:db8::1", bodyBytesSent: 5_000_000_000 },
    '2001:db8::1 - - [TIME] "GET / HTTP/1.1" 200 5000000000 "-" "-"\n',
  ],
];

for (const [name, head, changes, expected] of ROWS) {
  Deno.test(`appendCombined writes ${name}`, () => {
    const out = new LogBuffer(10_000);
    appendCombined(out, recordOf(head, changes), NOW_MS);
    assertEquals(
      new TextDecoder().decode(out.bytes.subarray(0, out.length)),
      expected.replace("TIME", formatTimeLocal(NOW_MS)),
    );
  });
}

Deno.test("appendCombined follows the clock", () => {
  const out = new LogBuffer(10_000);
  const record = recordOf("GET / HTTP/1.1\r\n\r\n");
  for (const seconds of [0, 1, 3600]) {
    appendCombined(out, record, NOW_MS + seconds * 1000);
  }
  const text = new TextDecoder().decode(out.bytes.subarray(0, out.length));
  const times = text.trim().split("\n").map((line) => line.slice(15, 41));
  assertEquals(
    times,
    [0, 1, 3600].map((seconds) => formatTimeLocal(NOW_MS + seconds * 1000)),
  );
});
