import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError } from "../../../src/config/errors.ts";
import { groupFor } from "../../../src/server/client_addresses.ts";
import type { ListenerPlan } from "../../../src/server/setup/listener_plan.ts";

/** Compiles `text`; every server has `access_log off`. */
import { compile, listenersOf, served, server } from "./plan_support.ts";

Deno.test("servers of one address are told apart by host", () => {
  const { plan } = compile(
    server("a.example", "8080") + server("b.example *.b.example", "8080") +
      server("c.example", "8080", "8081"),
  );
  assertEquals(listenersOf(plan), ["0.0.0.0 8080", "0.0.0.0 8081"]);
  const rows: [string, string][] = [
    ["a.example", "a.example"],
    ["b.example", "b.example"],
    ["x.b.example", "b.example"],
    ["c.example", "c.example"],
    ["other", "a.example"], // the first one is the default
    ["", "a.example"],
  ];
  for (const [host, expected] of rows) {
    assertEquals(served(plan, "127.0.0.1", host), expected, host);
  }
  assertEquals(served(plan, "127.0.0.1", "a.example", 1), "c.example");
});

Deno.test("default_server takes the hosts nobody claims", () => {
  const { plan } = compile(
    server("a.example", "8080") +
      server("b.example", "8080 default_server"),
  );
  assertEquals(served(plan, "127.0.0.1", "other"), "b.example");
  assertEquals(served(plan, "127.0.0.1", "a.example"), "a.example");
});

Deno.test("one listen of an address says how its socket is set up", () => {
  const { plan } = compile(
    server("a", "80") + server("b", "80 backlog=20 so_keepalive=on"),
  );
  const [{ backlog, keepAlive }] = plan.listeners as [ListenerPlan];
  assertEquals([backlog, keepAlive], [20, true]);
  const options = ["bind", "backlog=9", "deferred", "ipv6only=on", "reuseport"];
  for (const option of options) {
    assertThrows(
      () => compile(server("a", "80 rcvbuf=1k") + server("b", `80 ${option}`)),
      ConfigError,
      "duplicate listen options for 0.0.0.0:80 in x.conf:1",
    );
  }
});

Deno.test("one proxy_protocol is enough for all of an address", () => {
  const rows: [listens: string[], proxied: boolean, warning?: string][] = [
    [["80", "80"], false],
    [["80 proxy_protocol", "80 proxy_protocol"], true],
    [["80", "80 proxy_protocol"], true, "0.0.0.0:80"],
    [["unix:/x proxy_protocol", "unix:/x"], true, "unix:/x"],
  ];
  for (const [[one, two], proxied, warning] of rows) {
    const { plan, warnings } = compile(server("a", one!) + server("b", two!));
    assertEquals(plan.listeners.length, 1);
    assertEquals(plan.listeners[0]!.group!.proxyProtocol, proxied);
    assertEquals(
      warnings,
      warning === undefined ? [] : [
        `protocol options redefined for ${warning}: every client of it has ` +
        "to use the PROXY protocol in x.conf:1",
      ],
    );
  }
  // Another address has a say of its own, also through the same socket.
  const { plan } = compile(
    server("a", "80 proxy_protocol") + server("b", "127.0.0.1:80"),
  );
  const [all] = plan.listeners as [ListenerPlan];
  assertEquals(groupFor(all, "127.0.0.1")?.proxyProtocol, false);
  assertEquals(groupFor(all, "127.0.0.2")?.proxyProtocol, true);
});

Deno.test("names that two servers claim stay with the first", () => {
  const { plan, warnings } = compile(
    server("a.example", "80") + server("A.example", "80"),
  );
  assertEquals(served(plan, "127.0.0.1", "a.example"), "a.example");
  assertEquals(plan.servers.length, 2);
  assertEquals(warnings, [
    'conflicting server name "a.example" on 0.0.0.0:80, ignored in x.conf:1',
  ]);
});

Deno.test("servers without a name have the empty one", () => {
  const { plan, warnings } = compile(
    server("a", "80 default_server") + "server { listen 80; }" +
      'server { listen 80; server_name ""; }',
  );
  assertEquals(served(plan, "127.0.0.1", "other"), "a");
  const group = groupFor(plan.listeners[0]!, "127.0.0.1")!;
  assertEquals(group.hosts.match(""), plan.servers[1]);
  assertEquals(warnings, [
    'conflicting server name "" on 0.0.0.0:80, ignored in x.conf:1',
  ]);
});

Deno.test("a server that is alone has no conflicts", () => {
  assertEquals(compile(server("a a .a", "80")).warnings, []);
});

Deno.test("each address has conflicts of its own", () => {
  const { warnings } = compile(
    server("a", "81", "82") + server("b .a", "82", "81"),
  );
  assertEquals(
    warnings,
    [81, 82].map((port) =>
      `conflicting server name ".a" on 0.0.0.0:${port}, ignored in x.conf:1`
    ),
  );
});
