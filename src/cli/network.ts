/** The addresses under which other machines of the network find this one. */

/** The part of a network interface that matters here. */
type Interface = Pick<
  Deno.NetworkInterfaceInfo,
  "name" | "family" | "address" | "mac"
>;

/** Whether other machines can use an address: no loopback, no link-local. */
function isReachable({ address, family }: Interface): boolean {
  return family === "IPv4"
    ? !address.startsWith("127.") && !address.startsWith("169.254.")
    : address !== "::1" && !/^fe[89ab]/i.test(address);
}

/** The addresses of `interfaces` that others can use, IPv4 first. */
export function reachableAddresses(
  interfaces: readonly Interface[],
): string[] {
  const reachable = interfaces.filter(isReachable);
  const of = (family: Interface["family"]) =>
    reachable.filter((each) => each.family === family)
      .map(({ address }) => address);
  return [...new Set([...of("IPv4"), ...of("IPv6")])];
}

/**
 * The addresses of this machine. None without the permission `--allow-sys`:
 * they are a convenience, and nobody is asked for it.
 */
export function networkAddresses(): string[] {
  const { state } = Deno.permissions.querySync({
    name: "sys",
    kind: "networkInterfaces",
  });
  if (state !== "granted") return [];
  try {
    return reachableAddresses(Deno.networkInterfaces());
  } catch {
    return []; // The system does not tell.
  }
}
