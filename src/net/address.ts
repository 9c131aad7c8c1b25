/** Addresses as people write them. */

/** An IPv4-mapped IPv6 address is shown as the IPv4 address it is. */
export function plainAddress(hostname: string): string {
  return hostname.startsWith("::ffff:") && hostname.includes(".")
    ? hostname.slice("::ffff:".length)
    : hostname;
}
