import { assertEquals } from "@std/assert";
import type { AcceptedSocket } from "../../src/net/listener.ts";
import {
  addressCovers,
  connectionAddresses,
  keepsMapped,
  localAddressOf,
  plainAddress,
} from "../../src/server/client_addresses.ts";
import { compile, server } from "./setup/plan_support.ts";

/** An accepted socket with these ends; Unix sockets have no hosts. */
function socketOf(remoteAddr: object, localAddr: object): AcceptedSocket {
  return { remoteAddr, localAddr } as unknown as AcceptedSocket;
}

Deno.test("plainAddress() shows mapped addresses as IPv4", () => {
  const rows: [string, string][] = [
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["192.0.2.1", "192.0.2.1"],
    ["::1", "::1"],
    ["::ffff:c000:201", "::ffff:c000:201"],
    ["2001:db8::ffff:1", "2001:db8::ffff:1"],
  ];
  for (const [hostname, expected] of rows) {
    assertEquals(plainAddress(hostname), expected);
  }
});

Deno.test("addressCovers() knows whose clients a wider socket has", () => {
  const rows: [wide: string, narrow: string, covers: boolean][] = [
    ["0.0.0.0", "192.0.2.1", true],
    ["0.0.0.0", "::ffff:192.0.2.1", true],
    ["0.0.0.0", "2001:db8::1", false],
    ["::", "192.0.2.1", true],
    ["::", "2001:db8::1", true],
    ["192.0.2.1", "::ffff:192.0.2.1", true],
    ["::ffff:192.0.2.1", "192.0.2.1", true],
    ["192.0.2.1", "192.0.2.2", false],
    ["unix:/x", "unix:/x", true],
    ["::", "unix:/x", false],
  ];
  for (const [wide, narrow, covers] of rows) {
    assertEquals(addressCovers(wide, narrow), covers, `${wide} ${narrow}`);
  }
});

Deno.test("IPv4-mapped addresses are kept where a socket of IPv6 is meant", () => {
  const rows: [listens: string[], local: string, kept: boolean][] = [
    [["[::]:80 ipv6only=off"], "::ffff:192.0.2.2", true],
    [["[::]:80", "80"], "::ffff:192.0.2.2", false],
    [["[::]:80 ipv6only=off", "192.0.2.1:80"], "::ffff:192.0.2.1", false],
    [["[::]:80 ipv6only=off", "192.0.2.1:80"], "::ffff:192.0.2.2", true],
    [["80"], "192.0.2.2", false],
    [["[::ffff:192.0.2.1]:80"], "::ffff:192.0.2.1", true],
  ];
  for (const [listens, local, kept] of rows) {
    const { plan } = compile(server("a", ...listens));
    assertEquals(keepsMapped(plan.listeners[0]!, local), kept, `${listens}`);
  }
});

Deno.test("connectionAddresses() are both ends as they are logged", () => {
  const port = 1234;
  const rows: [
    listens: string[],
    remote: string,
    local: string,
    logged: [remote: string, local: string],
  ][] = [
    [["80"], "192.0.2.9", "192.0.2.1", ["192.0.2.9", "192.0.2.1"]],
    [["[::]:80"], "2001:db8::9", "2001:db8::1", ["2001:db8::9", "2001:db8::1"]],
    [
      ["[::]:80", "80"],
      "::ffff:192.0.2.9",
      "::ffff:192.0.2.1",
      ["192.0.2.9", "192.0.2.1"],
    ],
    [
      ["[::]:80 ipv6only=off"],
      "::ffff:192.0.2.9",
      "::ffff:192.0.2.1",
      ["::ffff:192.0.2.9", "::ffff:192.0.2.1"],
    ],
    [
      ["[::]:80 ipv6only=off", "192.0.2.1:80"],
      "::ffff:192.0.2.9",
      "::ffff:192.0.2.1",
      ["192.0.2.9", "192.0.2.1"],
    ],
  ];
  for (const [listens, remote, local, logged] of rows) {
    const { plan } = compile(server("a", ...listens));
    const socket = socketOf(
      { hostname: remote, port },
      { hostname: local, port: 80 },
    );
    assertEquals(localAddressOf(socket, "::"), local);
    assertEquals(
      connectionAddresses(socket, local, plan.listeners[0]!),
      {
        remoteAddress: logged[0],
        remotePort: port,
        localAddress: logged[1],
        localPort: 80,
      },
      `${listens}`,
    );
  }
});

Deno.test("a client of a Unix socket has no address and no port", () => {
  const { plan } = compile(server("a", "unix:/x"));
  const socket = socketOf({ path: undefined }, { path: "/x" });
  const local = localAddressOf(socket, "unix:/x");
  assertEquals(local, "unix:/x");
  assertEquals(connectionAddresses(socket, local, plan.listeners[0]!), {
    remoteAddress: "unix:",
    remotePort: 0,
    localAddress: "unix:/x",
    localPort: 0,
  });
});
