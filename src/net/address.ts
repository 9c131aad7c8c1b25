/**
 * Addresses as people write them. A socket of IPv6 knows an IPv4 client by an
 * IPv4-mapped address (RFC 4291 §2.5.5.2): `::ffff:192.0.2.1`.
 */

import { UNIX_CLIENT } from "../http/addresses/forwarded_address.ts";

const MAPPED_PREFIX = "::ffff:";

/** Whether an address is IPv4-mapped, as the system writes them. */
export function isMappedAddress(hostname: string): boolean {
  return hostname.startsWith(MAPPED_PREFIX) && hostname.includes(".");
}

/** An IPv4-mapped IPv6 address as the IPv4 address it stands for. */
export function plainAddress(hostname: string): string {
  return isMappedAddress(hostname)
    ? hostname.slice(MAPPED_PREFIX.length)
    : hostname;
}

/** Both ends of a connection, as they are logged. */
export interface ConnectionAddresses {
  /** The client's address, without brackets; `unix:` of a Unix socket. */
  readonly remoteAddress: string;
  /** The client's port; 0 of a Unix socket. */
  readonly remotePort: number;
  /** The address the client connected to, or `unix:` and a path. */
  readonly localAddress: string;
  /** The port the client connected to; 0 of a Unix socket. */
  readonly localPort: number;
}

/** Both ends of a TCP connection; IPv4-mapped if `keepsMapped`. */
export function tcpAddresses(
  { remoteAddr, localAddr }: {
    readonly remoteAddr: Deno.Addr;
    readonly localAddr: Deno.Addr;
  },
  keepsMapped = false,
): ConnectionAddresses {
  const remote = remoteAddr as Deno.NetAddr;
  const local = localAddr as Deno.NetAddr;
  return {
    remoteAddress: keepsMapped
      ? remote.hostname
      : plainAddress(remote.hostname),
    remotePort: remote.port,
    localAddress: keepsMapped ? local.hostname : plainAddress(local.hostname),
    localPort: local.port,
  };
}

/** Both ends of a connection to the Unix socket at `unix:/path`. */
export function unixAddresses(localAddress: string): ConnectionAddresses {
  return {
    remoteAddress: UNIX_CLIENT,
    remotePort: 0,
    localAddress,
    localPort: 0,
  };
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
