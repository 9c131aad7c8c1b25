/**
 * Addresses as people write them. A socket of IPv6 knows an IPv4 client by an
 * IPv4-mapped address (RFC 4291 §2.5.5.2): `::ffff:192.0.2.1`.
 */

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

/**
 * Whether a socket that is bound to `wide` has the clients of the address
 * `narrow`. That of `::` has those of IPv4 too: Deno cannot set
 * `IPV6_V6ONLY`.
 */
export function addressCovers(wide: string, narrow: string): boolean {
  const plain = plainAddress(narrow);
  return wide === "::" || plainAddress(wide) === plain ||
    (wide === "0.0.0.0" && !plain.includes(":"));
}
