/** The addresses of this machine, for itself and for others of the network. */

/** The part of a network interface that matters here. */
export type Interface = Pick<
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

/** What listens on an address, as `Deno.listen` does. */
type Listen = (
  address: { readonly hostname: string; readonly port: number },
) => { readonly addr: { readonly port: number }; close(): void };

/**
 * Whether a socket on all IPv6 addresses takes the clients of IPv4 too, so
 * that one is enough for `localhost`, whichever address that is. It does not
 * where IPv6 is off, and where the system keeps the two apart (Windows, and
 * Linux with `net.ipv6.bindv6only=1`): then the IPv4 port is still free.
 */
export function ipv6TakesIpv4(listen: Listen = Deno.listen): boolean {
  let both: ReturnType<Listen>;
  try {
    both = listen({ hostname: "::", port: 0 });
  } catch {
    return false;
  }
  try {
    listen({ hostname: "0.0.0.0", port: both.addr.port }).close();
    return false;
  } catch {
    return true;
  } finally {
    both.close();
  }
}
