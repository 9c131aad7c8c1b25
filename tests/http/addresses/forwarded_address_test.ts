import { assertEquals } from "@std/assert";
import {
  forwardedAddress,
  parseAddressAndPort,
  TrustedProxies,
} from "../../../src/http/addresses/forwarded_address.ts";
import { NetworkRange } from "../../../src/http/addresses/network_range.ts";

const NETWORKS = ["127.0.0.1", "10.0.0.0/8", "2001:db8::/32"]
  .map((text) => NetworkRange.parse(text)!);

function found(peer: string, value: string, recursive = false) {
  const proxies = new TrustedProxies(NETWORKS);
  return forwardedAddress(peer, value, proxies, recursive)?.address;
}

Deno.test("TrustedProxies knows its networks, and Unix sockets if it shall", () => {
  const rows: [address: string, trusted: boolean][] = [
    ["127.0.0.1", true],
    ["127.0.0.2", false],
    ["10.255.255.255", true],
    ["2001:db8::9", true],
    ["::ffff:10.1.1.1", true],
    ["::ffff:11.1.1.1", false],
    ["::1", false],
    ["", false],
    ["host", false],
  ];
  for (const unix of [false, true]) {
    const proxies = new TrustedProxies(NETWORKS, unix);
    for (const [address, trusted] of [...rows, ["unix:", unix] as const]) {
      assertEquals(proxies.has(address), trusted, `${address} ${unix}`);
    }
  }
});

Deno.test("as in nginx no network of IPv6 has an IPv4-mapped address", () => {
  const proxies = new TrustedProxies([NetworkRange.parse("::/0")!]);
  assertEquals(proxies.has("::1"), true);
  assertEquals(proxies.has("::ffff:10.1.1.1"), false);
});

Deno.test("forwardedAddress() believes what trusted proxies say", () => {
  const rows: [
    peer: string,
    value: string,
    last: string | undefined,
    recursive: string | undefined,
  ][] = [
    ["127.0.0.1", "192.0.2.1", "192.0.2.1", "192.0.2.1"],
    ["192.0.2.9", "192.0.2.1", undefined, undefined],
    ["127.0.0.1", "", undefined, undefined],
    ["127.0.0.1", " , ", undefined, undefined],
    ["127.0.0.1", "192.0.2.1, 10.1.1.1", "10.1.1.1", "192.0.2.1"],
    ["127.0.0.1", "192.0.2.1,10.1.1.1 , ", "10.1.1.1", "192.0.2.1"],
    ["127.0.0.1", "10.2.2.2 10.1.1.1", "10.1.1.1", "10.2.2.2"],
    ["127.0.0.1", "198.51.100.1, 192.0.2.1, 10.1.1.1", "10.1.1.1", "192.0.2.1"],
    ["127.0.0.1", "unknown, 10.1.1.1", "10.1.1.1", "10.1.1.1"],
    ["127.0.0.1", "10.1.1.1, unknown", undefined, undefined],
    ["127.0.0.1", "192.0.2.1:8080", "192.0.2.1", "192.0.2.1"],
    [
      "127.0.0.1",
      "[2001:db9::1]:443, 2001:db8::2",
      "2001:db8::2",
      "2001:db9::1",
    ],
    ["127.0.0.1", "_hidden", undefined, undefined],
    ["unix:", "192.0.2.1", undefined, undefined],
  ];
  for (const [peer, value, last, recursive] of rows) {
    assertEquals(found(peer, value), last, `${peer} ${value}`);
    assertEquals(found(peer, value, true), recursive, `${peer} ${value} r`);
  }
});

Deno.test("parseAddressAndPort() takes addresses with and without a port", () => {
  const rows: [string, [string, number?] | undefined][] = [
    ["192.0.2.1", ["192.0.2.1"]],
    ["192.0.2.1:80", ["192.0.2.1", 80]],
    ["2001:db8::1", ["2001:db8::1"]],
    ["[2001:db8::1]", undefined],
    ["[2001:db8::1]:65535", ["2001:db8::1", 65535]],
    ["[192.0.2.1]:80", undefined],
    ["192.0.2.1:0", undefined],
    ["192.0.2.1:65536", undefined],
    ["192.0.2.1:", undefined],
    ["192.0.2.1:8a", undefined],
    ["[2001:db8::1", undefined],
    ["host:80", undefined],
    ["", undefined],
  ];
  for (const [text, expected] of rows) {
    const read = parseAddressAndPort(text);
    const wanted = expected && { address: expected[0], port: expected[1] };
    assertEquals(read, wanted, text);
  }
});
