import { assertEquals } from "@std/assert";
import { MAX_HOST_LENGTH, parseHost } from "../../src/http/host.ts";

Deno.test("parseHost() reads names, addresses and ports", () => {
  const cases: [string, host: string, port: number | undefined][] = [
    ["example.com", "example.com", undefined],
    ["EXAMPLE.Com", "example.com", undefined],
    ["example.com.", "example.com", undefined],
    ["example.com.:80", "example.com", 80],
    ["localhost:8080", "localhost", 8080],
    ["a", "a", undefined],
    ["a_b-c~d", "a_b-c~d", undefined],
    ["!$&'()*+,;=", "!$&'()*+,;=", undefined],
    ["a%2Fb", "a%2fb", undefined],
    ["a%fAb%90", "a%fab%90", undefined],
    ["xn--mnchen-3ya.de", "xn--mnchen-3ya.de", undefined],
    // An empty port is no port.
    ["a:", "a", undefined],
    ["a:0", "a", 0],
    ["a:65535", "a", 65_535],
    ["a:00080", "a", 80],
    ["a:9099", "a", 9099],
    ["127.0.0.1", "127.0.0.1", undefined],
    ["127.0.0.1:80", "127.0.0.1", 80],
    ["[::]", "[::]", undefined],
    ["[::1]", "[::1]", undefined],
    ["[::1]:443", "[::1]", 443],
    ["[::1]:", "[::1]", undefined],
    ["[2001:DB8::1]", "[2001:db8::1]", undefined],
    ["[1:2:3:4:5:6:7:8]", "[1:2:3:4:5:6:7:8]", undefined],
    ["[::2:3:4:5:6:7:8]", "[::2:3:4:5:6:7:8]", undefined],
    ["[1:2:3:4:5:6:7::]", "[1:2:3:4:5:6:7::]", undefined],
    ["[1::8]", "[1::8]", undefined],
    ["[::ffff:1.2.3.4]", "[::ffff:1.2.3.4]", undefined],
    ["[abcd:ef01:2345:6789::]", "[abcd:ef01:2345:6789::]", undefined],
    ["[::192.168.100.255]", "[::192.168.100.255]", undefined],
    ["[::1.2.3.4]", "[::1.2.3.4]", undefined],
    ["[1:2:3:4:5:6:1.2.3.4]", "[1:2:3:4:5:6:1.2.3.4]", undefined],
  ];
  for (const [value, host, port] of cases) {
    assertEquals(parseHost(value), { host, port }, value);
  }
});

Deno.test("parseHost() rejects what is malformed", () => {
  const cases = [
    "",
    ":",
    ":80",
    // Dots that a path would follow.
    ".",
    "..",
    ".a",
    ".git",
    "a..b",
    "a..",
    "..:80",
    // Characters outside reg-name.
    "user@a",
    "user:pass@a",
    "a@",
    "a/b",
    "a\\b",
    "a?b",
    "a#b",
    "a b",
    " a",
    "a ",
    "a\t",
    "a\x00",
    "a\r\nb",
    "a\x7f",
    "a\xe4",
    "\u4f60",
    '"a"',
    "<a>",
    "a|b",
    "a^b",
    "{a}",
    "a`b",
    "a[b]",
    "http://a",
    "a, b",
    "%",
    "a%2",
    "a%zz",
    "a%z1",
    "a%1z",
    "a%2:80",
    // Ports.
    "a:65536",
    "a:99999999999999999999",
    "a:-1",
    "a:+80",
    "a:8o",
    "a: 80",
    "a:80 ",
    "a:80:80",
    "::1",
    "1::1:80",
    // IPv6 literals.
    "[",
    "]",
    "[]",
    "[:]",
    "[:::]",
    "[1]",
    "[::1",
    "::1]",
    "[::1]80",
    "[::1]a:80",
    "[::1].",
    "[[::1]]",
    "a[::1]",
    "[1:2:3:4:5:6:7]",
    "[1:2:3:4:5:6:7:8:9]",
    "[1:2:3:4:5:6:7:8::]",
    "[::1:2:3:4:5:6:7:8]",
    "[1::2::3]",
    "[:1:2:3:4:5:6:7]",
    "[1:2:3:4:5:6:7:]",
    "[::12345]",
    "[::g]",
    "[::1.2.3]",
    "[::1.2.3.4.5]",
    "[::1.2.3.256]",
    "[::1.2.3.04]",
    "[::1.2.3.]",
    "[1.2.3.4::]",
    "[1:2:3:4:5:6:7:1.2.3.4]",
    "[1.2.3.4]",
    "[fe80::1%25eth0]",
    "[fe80::1%eth0]",
    "[v1.a]",
  ];
  for (const value of cases) {
    assertEquals(parseHost(value), undefined, JSON.stringify(value));
  }
});

Deno.test("parseHost() limits the length of the host, not of the port", () => {
  const longest = "a".repeat(MAX_HOST_LENGTH);
  assertEquals(parseHost(`${longest}:00000080`)?.port, 80);
  assertEquals(parseHost(`${longest}a`), undefined);
});
