import { assertEquals } from "@std/assert";
import {
  brokenHeader,
  findTlv,
  MAX_PROXY_HEADER_BYTES,
  readProxyHeader,
} from "../../../src/http/addresses/proxy_protocol.ts";
import { bytesOf, concat, textOf } from "../../support/latin1.ts";

const SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";

/** A header of version 2. */
function binary(
  versionAndCommand: number,
  family: number,
  body: string,
): string {
  return SIGNATURE + String.fromCharCode(
    versionAndCommand,
    family,
    body.length >> 8,
    body.length & 0xff,
  ) + body;
}

/** 192.0.2.1:4711 to 198.51.100.2:80. */
const IPV4 = "\xc0\x00\x02\x01\xc6\x33\x64\x02\x12\x67\x00\x50";

/** 2001:db8::1 to ::ffff:192.0.2.1, both at port 443. */
const IPV6 = "\x20\x01\x0d\xb8" + "\0".repeat(11) + "\x01" +
  "\0".repeat(10) + "\xff\xff\xc0\x00\x02\x01" + "\x01\xbb\x01\xbb";

/** Headers, and what they say: `from port to port`, or nothing. */
const HEADERS: readonly [header: string, says: string, tlvs?: string][] = [
  [
    "PROXY TCP4 192.0.2.1 198.51.100.2 4711 80\r\n",
    "192.0.2.1 4711 198.51.100.2 80",
  ],
  [
    "PROXY TCP4 0.0.0.0 255.255.255.255 0 65535\r\n",
    "0.0.0.0 0 255.255.255.255 65535",
  ],
  ["PROXY TCP6 ::1 2001:DB8::5 1 2\r\n", "::1 1 2001:DB8::5 2"],
  [
    "PROXY TCP6 " + "ffff:".repeat(7) + "ffff " + "ffff:".repeat(7) +
    "ffff 65535 65535\r\n",
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 " +
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535",
  ],
  ["PROXY UNKNOWN\r\n", ""],
  ["PROXY UNKNOWN ffff:f...f:ffff x 65535 65535\r\n", ""],
  [`PROXY UNKNOWN ${"x".repeat(91)}\r\n`, ""],
  [binary(0x21, 0x11, IPV4), "192.0.2.1 4711 198.51.100.2 80"],
  [binary(0x21, 0x21, IPV6), "2001:db8::1 443 ::ffff:192.0.2.1 443"],
  [
    binary(0x21, 0x11, IPV4 + "\x04\0\x03abc"),
    "192.0.2.1 4711 198.51.100.2 80",
    "\x04\0\x03abc",
  ],
  [
    binary(0x21, 0x11, IPV4 + "x".repeat(4096 - 28)),
    "192.0.2.1 4711 198.51.100.2 80",
    "x".repeat(4096 - 28),
  ],
  // LOCAL: whatever stands there means nothing.
  [binary(0x20, 0x11, IPV4), ""],
  [binary(0x20, 0x00, ""), ""],
  // UNSPEC, UDP and Unix sockets.
  [binary(0x21, 0x00, ""), ""],
  [binary(0x21, 0x00, "\x04\0\x03abc"), ""],
  [binary(0x21, 0x12, IPV4), ""],
  [binary(0x21, 0x31, "\0".repeat(216)), ""],
];

Deno.test("readProxyHeader() reads headers whole, in pieces, and no more", () => {
  for (const [text, says, tlvs = ""] of HEADERS) {
    const header = bytesOf(text);
    for (let length = 0; length < header.length; length++) {
      const { kind } = readProxyHeader(header.subarray(0, length));
      assertEquals(kind, "incomplete", `${length} of ${JSON.stringify(text)}`);
    }
    for (const rest of ["", "GET / HTTP/1.1\r\n\r\n", "\r\n", text]) {
      const result = readProxyHeader(concat([header, bytesOf(rest)]));
      if (result.kind !== "complete") throw new Error(JSON.stringify(text));
      const { client, server } = result.header;
      assertEquals(
        [client, server].filter((end) => end !== undefined)
          .map(({ address, port }) => `${address} ${port}`).join(" "),
        says,
      );
      assertEquals(textOf(result.header.tlvs), tlvs);
      assertEquals(result.length, header.length);
    }
  }
});

Deno.test("readProxyHeader() takes a header that stands anywhere", () => {
  const all = bytesOf("xxx" + binary(0x21, 0x11, IPV4));
  const result = readProxyHeader(all.subarray(3));
  assertEquals(result.kind === "complete" ? result.header.client : undefined, {
    address: "192.0.2.1",
    port: 4711,
  });
});

Deno.test("readProxyHeader() refuses what is none", () => {
  const line = (text: string) => `broken header: "${text}"`;
  const rows: [text: string, reason: string][] = [
    ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", line("GET / HTTP/1.1")],
    ["\x16\x03\x01", line("\x16\x03\x01")],
    ["\r\n\r\nG", line("")],
    ["P ", line("P ")],
    ["PROXYUNKNOWN\r\n", line("PROXYUNKNOWN")],
    ...[
      "PROXY ",
      "PROXY UNKNOWNx",
      "PROXY TCP4",
      "PROXY TCP9 192.0.2.1 192.0.2.2 1 2",
      "PROXY tcp4 192.0.2.1 192.0.2.2 1 2",
      "PROXY  TCP4 192.0.2.1 192.0.2.2 1 2",
      "PROXY TCP4 192.0.2.1  192.0.2.2 1 2",
      "PROXY TCP4 192.0.2.1 192.0.2.2 1",
      "PROXY TCP4 192.0.2.1 192.0.2.2 1 2 ",
      "PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3",
      "PROXY TCP4 192.0.2.1 192.0.2.2 1 65536",
      "PROXY TCP4 192.0.2.1 192.0.2.2 01 2",
      "PROXY TCP4 192.0.2.1 192.0.2.2 -1 2",
      "PROXY TCP4 192.0.2.1 192.0.2.2 1e3 2",
      "PROXY TCP4 192.0.2.256 192.0.2.2 1 2",
      "PROXY TCP4 ::1 ::2 1 2",
      "PROXY TCP6 192.0.2.1 192.0.2.2 1 2",
      "PROXY TCP6 [::1] [::2] 1 2",
      "PROXY TCP6 unix: unix: 1 2",
    ].map((text): [string, string] => [`${text}\r\n`, line(text)]),
    ["PROXY UNKNOWN\n", line("PROXY UNKNOWN")],
    [
      `PROXY UNKNOWN ${"x".repeat(92)}\r\n`,
      line(`PROXY UNKNOWN ${"x".repeat(92)}`),
    ],
    [`PROXY ${"x".repeat(101)}`, line(`PROXY ${"x".repeat(101)}`)],
    [binary(0x11, 0x11, IPV4), "unknown PROXY protocol version: 1"],
    [binary(0x31, 0x11, IPV4), "unknown PROXY protocol version: 3"],
    [binary(0x22, 0x11, IPV4), "unknown PROXY protocol command: 2"],
    [binary(0x21, 0x41, IPV4), "unknown PROXY protocol address family: 65"],
    [binary(0x21, 0x13, IPV4), "unknown PROXY protocol address family: 19"],
    [
      binary(0x21, 0x11, IPV4.slice(1)),
      "broken header: 11 bytes of addresses, expected 12",
    ],
    [
      binary(0x21, 0x21, IPV4),
      "broken header: 12 bytes of addresses, expected 36",
    ],
    [
      binary(0x21, 0x11, "x".repeat(MAX_PROXY_HEADER_BYTES - 15)).slice(0, 16),
      "header is too large",
    ],
  ];
  for (const [text, reason] of rows) {
    assertEquals(readProxyHeader(bytesOf(text)), { kind: "broken", reason });
  }
});

Deno.test("brokenHeader() shows the beginning of what came", () => {
  const rows: [came: string, shown: string][] = [
    ["", ""],
    ["PROXY TC", "PROXY TC"],
    ["a\nb", "a"],
    ["x".repeat(200), "x".repeat(107)],
  ];
  for (const [came, shown] of rows) {
    const { reason } = brokenHeader(bytesOf(came));
    assertEquals(reason, `broken header: "${shown}"`);
  }
});

Deno.test("findTlv() finds the first of a type", () => {
  const rows: [tlvs: string, found: string | undefined][] = [
    ["", undefined],
    ["\x02\0\x01a", "a"],
    ["\x02\0\0", ""],
    ["\x01\0\x02xy\x02\0\x01a\x02\0\x01b", "a"],
    [`\x01\x01\0${"x".repeat(256)}\x02\0\x01a`, "a"],
    ["\x01\0\x01x", undefined],
    ["\x02\0\x02a", undefined],
    ["\x01\0\x09x\x02\0\x01a", undefined],
    ["\x02\0", undefined],
  ];
  for (const [tlvs, found] of rows) {
    const value = findTlv(bytesOf(tlvs), 2);
    assertEquals(value && textOf(value), found, JSON.stringify(tlvs));
  }
});
