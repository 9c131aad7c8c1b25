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
