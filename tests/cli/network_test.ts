import { assertEquals } from "@std/assert";
import { reachableAddresses } from "../../src/cli/network.ts";

function of(address: string) {
  const family = address.includes(":") ? "IPv6" as const : "IPv4" as const;
  return { name: "x", mac: "", family, address };
}

/** Addresses of a machine, and those that others can use. */
const ROWS: readonly (readonly [
  addresses: readonly string[],
  reachable: readonly string[],
])[] = [
  [[], []],
  [["127.0.0.1", "::1"], []],
  [["127.0.0.1", "127.9.9.9", "192.168.1.7"], ["192.168.1.7"]],
  [["169.254.10.1", "10.0.0.1"], ["10.0.0.1"]],
  [["2001:db8::1", "192.0.2.1"], ["192.0.2.1", "2001:db8::1"]],
  [["fe80::1", "FE9F::1", "feb0::2", "fec0::1", "fd00::1"], [
    "fec0::1",
    "fd00::1",
  ]],
  [["192.0.2.1", "192.0.2.1"], ["192.0.2.1"]],
];

Deno.test("reachableAddresses() leaves out what only this machine can use", () => {
  for (const [addresses, reachable] of ROWS) {
    assertEquals(
      reachableAddresses(addresses.map(of)),
      reachable,
      addresses.join(" "),
    );
  }
});
