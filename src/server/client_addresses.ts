/**
 * The addresses of clients: which sockets have them, which servers they have
 * come to, and how both ends are logged. A socket of IPv6 knows an IPv4 client
 * by an IPv4-mapped address (RFC 4291 §2.5.5.2): `::ffff:192.0.2.1`.
 */

import { UNIX_CLIENT } from "../http/addresses/forwarded_address.ts";
import type { ConnectionAddresses } from "../net/connection_options.ts";
import type { AcceptedSocket } from "../net/listener.ts";
import type { HostGroup } from "./setup/host_group.ts";
import type { ListenerPlan } from "./setup/listener_plan.ts";

const MAPPED_PREFIX = "::ffff:";

/** An IPv4-mapped IPv6 address as the IPv4 address it stands for. */
export function plainAddress(hostname: string): string {
  return hostname.startsWith(MAPPED_PREFIX) && hostname.includes(".")
    ? hostname.slice(MAPPED_PREFIX.length)
    : hostname;
}

/**
 * Whether a socket that is bound to `wide` has the clients of the address
 * `narrow`. That of `::` has those of IPv4 too: Deno cannot set
 * `IPV6_V6ONLY`.
 */
export function addressCovers(wide: string, narrow: string): boolean {
  if (narrow.startsWith(UNIX_CLIENT)) return wide === narrow;
  const plain = plainAddress(narrow);
  return wide === "::" || plainAddress(wide) === plain ||
    (wide === "0.0.0.0" && !plain.includes(":"));
}

/**
 * The address that `socket` was accepted on, as the socket has it; that of a
 * Unix socket is `bound`, the address that it is bound to.
 */
export function localAddressOf(
  { localAddr }: AcceptedSocket,
  bound: string,
): string {
  return "hostname" in localAddr ? localAddr.hostname : bound;
}

/**
 * The servers that a connection to `localAddress`, as its socket has it, may be
 * for; `undefined` if it is for none.
 */
export function groupFor(
  plan: ListenerPlan,
  localAddress: string,
): HostGroup | undefined {
  if (plan.path !== undefined) return plan.group;
  const plain = plainAddress(localAddress);
  return plan.groups.get(plain) ??
    (plain.includes(":") ? plan.group : plan.ipv4);
}

/**
 * Whether a connection to a local address keeps IPv4-mapped addresses: with
 * nginx it would have come to a socket of IPv6. One that an IPv4 `listen` is
 * for would have come to a socket of IPv4.
 */
export function keepsMapped(plan: ListenerPlan, localAddress: string): boolean {
  return plan.keepsMapped && !plan.groups.has(plainAddress(localAddress));
}

/** Both ends of a connection to `localAddress` of a plan, as they are logged. */
export function connectionAddresses(
  { remoteAddr, localAddr }: AcceptedSocket,
  localAddress: string,
  plan: ListenerPlan,
): ConnectionAddresses {
  if (!("port" in remoteAddr && "port" in localAddr)) {
    return {
      remoteAddress: UNIX_CLIENT,
      remotePort: 0,
      localAddress,
      localPort: 0,
    };
  }
  const isAsItIs = keepsMapped(plan, localAddress);
  const { hostname } = remoteAddr;
  return {
    remoteAddress: isAsItIs ? hostname : plainAddress(hostname),
    remotePort: remoteAddr.port,
    localAddress: isAsItIs ? localAddress : plainAddress(localAddress),
    localPort: localAddr.port,
  };
}
