import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError } from "../../../src/config/errors.ts";
import {
  type AddressGroup,
  listenerPlans,
} from "../../../src/server/setup/listener_plan.ts";
import { groupFor } from "../../../src/server/client_addresses.ts";

/** Compiles `text`; every server has `access_log off`. */
import { compile, listenersOf, served, server } from "./plan_support.ts";

Deno.test("a wildcard serves the other addresses of its port", () => {
  const { plan } = compile(
    server("any", "80") + server("one", "192.0.2.1:80") +
      server("two", "192.0.2.2:80"),
  );
  assertEquals(listenersOf(plan), ["0.0.0.0 80"]);
  const rows: [string, string][] = [
    ["192.0.2.1", "one"],
    ["192.0.2.2", "two"],
    ["192.0.2.3", "any"],
  ];
  for (const [local, expected] of rows) {
    assertEquals(served(plan, local, "x"), expected, local);
  }
});

Deno.test("an IPv6 wildcard stands in for an IPv4 one", () => {
  const { plan } = compile(
    server("four", "80") + server("six", "[::]:80") +
      server("one", "192.0.2.1:80") + server("own", "[2001:db8::1]:80"),
  );
  assertEquals(listenersOf(plan), [":: 80"]);
  const rows: [string, string][] = [
    ["127.0.0.1", "four"],
    ["::1", "six"],
    ["192.0.2.1", "one"],
    ["2001:db8::1", "own"],
  ];
  for (const [local, expected] of rows) {
    assertEquals(served(plan, local, "x"), expected, local);
  }
});

Deno.test("an IPv6 wildcard alone takes IPv4 only with ipv6only=off", () => {
  const rows: [string, string][] = [
    ["[::]:80", "none"],
    ["[::]:80 ipv6only=on", "none"],
    ["[::]:80 ipv6only=off", "six"],
    ["[::]:0", "none"],
    ["[::]:0 ipv6only=off", "six"],
  ];
  for (const [listen, expected] of rows) {
    const { plan } = compile(server("six", listen));
    assertEquals(served(plan, "192.0.2.1", "x"), expected, listen);
    assertEquals(served(plan, "2001:db8::1", "x"), "six", listen);
  }
  const { plan } = compile(
    server("six", "[::]:80") + server("one", "192.0.2.1:80"),
  );
  assertEquals(served(plan, "192.0.2.1", "x"), "one");
  assertEquals(served(plan, "192.0.2.2", "x"), "none");
});

Deno.test("an IPv4-mapped address of listen is the one of its clients", () => {
  const { plan } = compile(
    server("any", "[::]:80") + server("one", "[::ffff:192.0.2.1]:80"),
  );
  assertEquals(served(plan, "::ffff:192.0.2.1", "x"), "one");
  assertEquals(served(plan, "192.0.2.1", "x"), "one");
  assertEquals(served(plan, "::ffff:192.0.2.2", "x"), "none");
});

Deno.test("an IPv4 wildcard leaves IPv6 addresses alone", () => {
  const { plan } = compile(
    server("four", "80") + server("own", "[2001:db8::1]:80"),
  );
  assertEquals(listenersOf(plan), ["0.0.0.0 80", "2001:db8::1 80"]);
});

Deno.test("spellings of one address are one address", () => {
  const { plan } = compile(
    server("a", "[2001:DB8:0:0::1]:80") + server("b", "[2001:db8::1]:80"),
  );
  assertEquals(listenersOf(plan), ["2001:db8::1 80"]);
});

Deno.test("port 0 is a port of its own each time", () => {
  const { plan } = compile(
    server("a", "127.0.0.1:0", "127.0.0.1:0") + server("b", "127.0.0.1:0"),
  );
  assertEquals(plan.listeners.length, 3);
});

Deno.test("servers share a Unix socket, with one default server", () => {
  const { plan, warnings } = compile(
    server("a", "unix:/x") + server("b", "unix:/x default_server", "unix:/y") +
      server("a", "UNIX:/x"),
  );
  assertEquals(plan.listeners.map(({ path }) => path), ["/x", "/y"]);
  const [group] = plan.listeners.map((each) => groupFor(each, "unix:/x"));
  assertEquals(group?.fallback.name, "b");
  assertEquals(warnings, [
    'conflicting server name "a" on unix:/x, ignored in x.conf:1',
  ]);
  const rows: [text: string, message: string][] = [
    [server("a", "unix:/x", "unix:/x"), "a duplicate listen unix:/x"],
    [
      server("a", "unix:/x default_server") +
      server("b", "unix:/x default_server"),
      "a duplicate default server for unix:/x",
    ],
  ];
  for (const [text, message] of rows) {
    assertThrows(() => compile(text), ConfigError, message);
  }
});

/** Listens with `use epoll`, and the sockets they are bound as. */
const APART: readonly (readonly [listens: string[], sockets: string[]])[] = [
  [["80", "[::]:80"], ["0.0.0.0 80", ":: 80"]],
  [["80", "[::]:80 ipv6only=off"], [":: 80"]],
  [["[::]:80", "127.0.0.1:80", "127.0.0.2:80"], [
    "127.0.0.1 80",
    "127.0.0.2 80",
    ":: 80",
  ]],
  [["80", "127.0.0.1:80", "[::]:80", "[::1]:80"], ["0.0.0.0 80", ":: 80"]],
  [["80", "[::1]:80"], ["0.0.0.0 80", "::1 80"]],
  [["[::]:80", "[::ffff:127.0.0.1]:80", "80"], [":: 80"]],
  [["80", "[::]:80", "[::]:81", "unix:/x"], [
    "0.0.0.0 80",
    ":: 80",
    ":: 81",
    "unix:/x 0",
  ]],
];

Deno.test({
  name: "with use epoll both families have sockets of their own",
  ignore: Deno.build.os !== "linux" ||
    Deno.permissions.querySync({ name: "ffi" }).state !== "granted",
  fn() {
    for (const [listens, sockets] of APART) {
      const { plan } = compile(server("a", ...listens), "use epoll;");
      assertEquals(listenersOf(plan), sockets, listens.join(" "));
    }
    const { plan, warnings } = compile(
      server("a", "80 deferred") + server("b", "[::]:80 deferred sndbuf=64k"),
      "use epoll;",
    );
    assertEquals(warnings, []);
    assertEquals(
      plan.listeners.map(({ native }) => native?.deferSeconds),
      [60, 60],
    );
    assertEquals([served(plan, "192.0.2.1", "x", 0)], ["a"]);
    assertEquals([served(plan, "2001:db8::1", "x", 1)], ["b"]);
    assertEquals([served(plan, "192.0.2.1", "x", 1)], ["none"]);
  },
});

Deno.test("one wildcard has both families where there is no other way", () => {
  const group = (hostname: string) =>
    ({
      addresses: [{ hostname, port: 80, ipv6Only: true, probes: {} }],
      group: { fallback: { root: { client: { timeouts: { headerMs: 1 } } } } },
    }) as unknown as AddressGroup;
  const rows: [handed: string[], hasIpv6: boolean, sockets: string[]][] = [
    [[], true, ["0.0.0.0", "::"]],
    [[], false, ["::"]],
    [["::"], true, ["::"]],
    [["0.0.0.0"], true, ["0.0.0.0", "::"]],
    [["::", "0.0.0.0"], true, ["0.0.0.0", "::"]],
  ];
  for (const [handed, hasIpv6, sockets] of rows) {
    const plans = listenerPlans(
      [group("0.0.0.0"), group("::")],
      "epoll",
      {
        hasIpv6: () => hasIpv6,
        isHandedOver: ({ hostname }) => handed.includes(hostname),
      },
    );
    assertEquals(plans.map(({ hostname }) => hostname), sockets);
  }
});
