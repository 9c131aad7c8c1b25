import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError } from "../../../src/config/errors.ts";
import {
  addressText,
  DEFAULT_BACKLOG,
  listenDirective,
  parseAddress,
} from "../../../src/core/settings/listen.ts";
import { serverError, serverScope } from "../../support/config_support.ts";

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
      "unix:/run/x",
      '"unix:/run/x": unix sockets are not supported by webserv in x.conf:1',
    ],
  ];
  for (const [text, message] of rows) {
    const error = assertThrows(() => parseAddress(text, PLACE), ConfigError);
    assertEquals(error.message, message);
  }
});

Deno.test("listen reads its parameters", () => {
  const address = (text: string) =>
    serverScope(`server { listen ${text}; }`).get(listenDirective)[0]!;
  assertEquals(address("80").isDefault, false);
  assertEquals(address("80 default_server").isDefault, true);
  assertEquals(address("80 default").isDefault, true);
  assertEquals(address("80").backlog, DEFAULT_BACKLOG);
  assertEquals(address("80 backlog=7").backlog, 7);
  assertEquals(address("[::]:80").ipv6Only, true);
  assertEquals(address("[::]:80 ipv6only=off").ipv6Only, false);
  assertEquals(address("80 reuseport deferred rcvbuf=8k").port, 80);
  assertEquals(address("80 so_keepalive=30m::10 default_server").port, 80);
});

Deno.test("listen refuses other parameters", () => {
  const rows: [string, string][] = [
    ["80 nope", 'invalid parameter "nope"'],
    ["80 ipv6only=maybe", 'invalid parameter "ipv6only=maybe"'],
    ["80 backlog=x", 'invalid backlog "backlog=x"'],
    ["80 backlog=0", 'invalid backlog "backlog=0"'],
    ["80 rcvbuf=x", 'invalid rcvbuf "rcvbuf=x"'],
    ["80 sndbuf=", 'invalid sndbuf "sndbuf="'],
    ["80 so_keepalive=maybe", 'invalid so_keepalive value: "maybe"'],
    [
      "80 proxy_protocol",
      'the "proxy_protocol" parameter of "listen" is not supported by webserv',
    ],
  ];
  for (const [text, message] of rows) {
    assertEquals(serverError(`listen ${text};`), `${message} in x.conf:1`);
  }
});

Deno.test("addressText() is how addresses are written", () => {
  assertEquals(addressText({ hostname: "::1", port: 80 }), "[::1]:80");
  assertEquals(addressText({ hostname: "1.2.3.4", port: 8 }), "1.2.3.4:8");
});

Deno.test("listen reads ranges of ports", () => {
  const ports = (text: string) =>
    serverScope(`server { listen ${text}; }`).get(listenDirective)
      .map(({ hostname, port }) => addressText({ hostname, port }));
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
    assertEquals(
      serverError(`listen ${text};`),
      `${what} in "${text}" of the "listen" directive in x.conf:1`,
    );
  }
  assertThrows(
    () => parseAddress("81-82", PLACE),
    ConfigError,
    'invalid port in "81-82"',
  );
});
