/**
 * Which client a request came from when proxies passed it on, each of which
 * said in `X-Forwarded-For` whom it had it from.
 */

import {
  mappedIpv4,
  type NetworkRange,
  parseAddress,
} from "./network_range.ts";

/** The address of every client of a Unix socket. */
export const UNIX_CLIENT = "unix:";

/** A client's address. */
export interface ForwardedAddress {
  /** The address as text, without brackets. */
  readonly address: string;
  /** The port, if it was said. */
  readonly port: number | undefined;
}

/** Which addresses are those of proxies whose word is believed. */
export class TrustedProxies {
  readonly #networks: readonly NetworkRange[];
  readonly #unix: boolean;

  /** Those of `networks`, and with `unix` the clients of Unix sockets. */
  constructor(networks: readonly NetworkRange[], unix = false) {
    this.#networks = networks;
    this.#unix = unix;
  }

  /**
   * Whether `address`, a text, is that of one. As for nginx an IPv4-mapped one,
   * which a socket of IPv6 has of a client of IPv4, is an address of IPv4.
   */
  has(address: string): boolean {
    if (address === UNIX_CLIENT) return this.#unix;
    const parsed = parseAddress(address);
    if (parsed === undefined) return false;
    const bytes = mappedIpv4(parsed) ?? parsed;
    return this.#networks.some((network) => network.contains(bytes));
  }
}

/**
 * `ngx_http_get_forwarded_addr()`: the address that `value`, a list, says for
 * a request from `peer`; `undefined` if it says none that is believed. With
 * `recursive` the last one counts that is none of a proxy itself.
 */
export function forwardedAddress(
  peer: string,
  value: string,
  proxies: TrustedProxies,
  recursive: boolean,
): ForwardedAddress | undefined {
  const entries = value.split(/[ ,]+/).filter((entry) => entry !== "");
  let found: ForwardedAddress | undefined;
  let current = peer;
  while (proxies.has(current)) {
    const next = parseAddressAndPort(entries.pop() ?? "");
    if (next === undefined) break;
    found = next;
    if (!recursive) break;
    current = next.address;
  }
  return found;
}

/**
 * An address, perhaps with a port: `192.0.2.1`, `[2001:db8::1]:80`. As for
 * nginx there is a port behind a bracket.
 */
export function parseAddressAndPort(
  text: string,
): ForwardedAddress | undefined {
  if (parseAddress(text) !== undefined) {
    return { address: text, port: undefined };
  }
  const [, bracketed, plain, digits] =
    /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text) ?? [];
  const address = bracketed ?? plain ?? "";
  const port = Number(digits);
  const isIpv6 = address.includes(":");
  return parseAddress(address) === undefined ||
      isIpv6 !== (bracketed !== undefined) || port < 1 || port > 65535
    ? undefined
    : { address, port };
}
