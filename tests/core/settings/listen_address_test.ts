import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError } from "../../../src/config/errors.ts";
import {
  addressText,
  parseAddress,
  parseAddresses,
  socketPath,
} from "../../../src/core/settings/listen_address.ts";

const PLACE = { file: "x.conf", line: 1 };

Deno.test("parseAddress() reads ports and addresses", () => {
  const rows: [string, string, number][] = [
    ["8080", "0.0.0.0", 8080],
    ["0", "0.0.0.0", 0],
    ["65535", "0.0.0.0", 65535],
    ["*:81", "0.0.0.0", 81],
    ["127.0.0.1", "127.0.0.1", 80],
    ["127.0.0.1:8080", "127.0.0.1", 8080],
    ["localhost:1", "127.0.0.1", 1],
    ["localhost", "127.0.0.1", 80],
    ["[::]:80", "::", 80],
    ["[::1]", "::1", 80],
    ["[2001:DB8:0:0:0:0:0:1]:443", "2001:db8::1", 443],
    ["[::ffff:192.0.2.1]:80", "::ffff:c000:201", 80],
    ["unix:/run/x.sock", "unix:/run/x.sock", 0],
    ["UNIX:/Run/x:80", "unix:/Run/x:80", 0],
    ["unix:x", "unix:x", 0],
    [`unix:/${"x".repeat(106)}`, `unix:/${"x".repeat(106)}`, 0],
  ];
  for (const [text, hostname, port] of rows) {
    assertEquals(parseAddress(text, PLACE), { hostname, port }, text);
  }
});

Deno.test("parseAddress() refuses other texts", () => {
  const notFound = (text: string) =>
    `host not found in "${text}" of the "listen" directive in x.conf:1`;
  const port = (text: string) =>
    `invalid port in "${text}" of the "listen" directive in x.conf:1`;
  const rows: [string, string][] = [
    ["65536", port("65536")],
    ["127.0.0.1:", port("127.0.0.1:")],
    ["127.0.0.1:x", port("127.0.0.1:x")],
    ["127.0.0.1:-1", port("127.0.0.1:-1")],
    ["[::1]:", port("[::1]:")],
    ["[::1]:99999", port("[::1]:99999")],
    ["1.2.3", notFound("1.2.3")],
    ["1.2.3.256", notFound("1.2.3.256")],
    ["1.2.3.04", notFound("1.2.3.04")],
    ["example.org:80", notFound("example.org:80")],
    ["::1", notFound("::1")],
    [
      "[::1",
      'invalid host in "[::1" of the "listen" directive in x.conf:1',
    ],
    [
      "[:::]:80",
      'invalid IPv6 address in "[:::]:80" of the "listen" directive in x.conf:1',
    ],
    [
      "[::zz]:80",
      'invalid IPv6 address in "[::zz]:80" of the "listen" directive in x.conf:1',
    ],
    ["", notFound("")],
    [
      "unix:",
      'no path in the unix domain socket in "unix:" of the "listen" directive ' +
      "in x.conf:1",
    ],
    [
      `unix:/${"x".repeat(107)}`,
      `too long path in the unix domain socket in "unix:/${"x".repeat(107)}" ` +
      'of the "listen" directive in x.conf:1',
    ],
    [
      `unix:/${"ä".repeat(54)}`,
      `too long path in the unix domain socket in "unix:/${"ä".repeat(54)}" ` +
      'of the "listen" directive in x.conf:1',
    ],
  ];
  for (const [text, message] of rows) {
    const error = assertThrows(() => parseAddress(text, PLACE), ConfigError);
    assertEquals(error.message, message);
  }
});

Deno.test("addressText() is how addresses are written", () => {
  assertEquals(addressText({ hostname: "::1", port: 80 }), "[::1]:80");
  assertEquals(addressText({ hostname: "1.2.3.4", port: 8 }), "1.2.3.4:8");
  assertEquals(addressText({ hostname: "unix:/x", port: 0 }), "unix:/x");
  assertEquals(socketPath("unix:/x"), "/x");
  assertEquals(socketPath("::1"), undefined);
});

Deno.test("parseAddresses() reads ranges of ports", () => {
  const ports = (text: string) => {
    const { hostname, ports } = parseAddresses(text, PLACE);
    return ports.map((port) => addressText({ hostname, port }));
  };
  assertEquals(ports("8080-8082"), [
    "0.0.0.0:8080",
    "0.0.0.0:8081",
    "0.0.0.0:8082",
  ]);
  assertEquals(ports("127.0.0.1:81-81"), ["127.0.0.1:81"]);
  assertEquals(ports("[::1]:81-82"), ["[::1]:81", "[::1]:82"]);
  const rows: [string, string][] = [
    ["82-81", "invalid port range"],
    ["81-65536", "invalid port"],
    ["1-2-3", "host not found"],
    ["127.0.0.1:1-2-3", "invalid port"],
    ["127.0.0.1:-2", "invalid port"],
  ];
  for (const [text, what] of rows) {
    assertThrows(
      () => parseAddresses(text, PLACE),
      ConfigError,
      `${what} in "${text}" of the "listen" directive in x.conf:1`,
    );
  }
  assertThrows(
    () => parseAddress("81-82", PLACE),
    ConfigError,
    'invalid port in "81-82"',
  );
});
